/**
 * The sync of one service's slices.
 *
 * Keeps the packing of the last sync and the pods that changed since; only those are looked at. After an error, a change of the service
 * or a change of its slices by somebody else the packing is built anew from the informers, which costs all pods of the
 * namespace once. Source: Kubernetes 1.34 pkg/controller/endpointslice and staging/src/k8s.io/endpointslice.
 */
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Endpoint, EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Selector } from '../../types/label-selector.ts';
import type { ResourceKeys } from '../../types/names.ts';
import type { Node } from '../../types/node.ts';
import { isTerminating, namespaceOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { ENDPOINTSLICES } from '../../types/resource-type.ts';
import type { Service } from '../../types/service.ts';
import { StatusError } from '../../types/status-error.ts';
import {
  endpointOf,
  type Family,
  familiesOf,
  hasNamedTargets,
  mayBeEndpoint,
  type PortSet,
  podPorts,
} from './pod-endpoint.ts';
import { hasRightLabels, isOwned, sliceLabels, sliceObject } from './slice-objects.ts';
import { SliceSet, type SliceWrites, type WantedEndpoint } from './slice-set.ts';
import type { SliceTracker } from './slice-tracker.ts';
import { TriggerTimes } from './trigger-times.ts';

const BUG_KEEPS_NOT_READY = defineBug(
  'endpointslice-keeps-not-ready',
  'a pod that stops being ready stays a ready endpoint',
);
const BUG_FORGETS_HOSTNAMES = defineBug(
  'endpointslice-forgets-hostnames',
  'endpoints do not have the names that their pods have in the domain of the Service',
);
const BUG_KEEPS_LABELS = defineBug(
  'endpointslice-keeps-labels',
  'slices keep the labels that the Service had when they were created',
);
const MARK_REBUILT = defineMark('endpointslice-rebuilt', 'the packing of a service was built anew from its slices');
const MARK_NODE_MISSING = defineMark(
  'endpointslice-node-missing',
  'a pod was left out because its node does not exist',
);
const MARK_TERMINATING = defineMark('endpointslice-namespace-terminating', 'a slice could not be created any more');

/** What all services' syncs share. */
export interface SliceParts {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly podKeys: ResourceKeys;
  readonly tracker: SliceTracker;
  readonly endpointsMax: number;
}

export class ServiceSlices {
  readonly #parts: SliceParts;
  readonly #id: number;
  readonly #times = new TriggerTimes();
  #sets: SliceSet[] = [];
  /** Slices of families that the service has no longer, or of a service of its name that is gone. */
  #foreign: EndpointSlice[] = [];
  #dirty = new Set<number>();
  #rebuild = true;

  constructor(id: number, parts: SliceParts) {
    this.#id = id;
    this.#parts = parts;
  }

  /** A pod may have changed, come or gone. */
  touch(pod: number): void {
    if (!this.#rebuild) this.#dirty.add(pod);
  }

  /** The next sync starts from the informers. */
  forgetPacking(): void {
    this.#rebuild = true;
    this.#dirty.clear();
  }

  /**
   * One sync. `slices`: the service's slices in the informer; `candidates`: the pods of its namespace, read only when rebuilding. Throws
   * StatusError.
   */
  *sync(
    service: Service,
    selector: Selector,
    slices: readonly EndpointSlice[],
    candidates: () => readonly number[],
  ): Generator<Wait, void, unknown> {
    const labels = sliceLabels(service);
    if (this.#rebuild) this.#load(service, slices, selector, candidates());
    const dirty = this.#dirty;
    this.#dirty = new Set();
    this.#rebuild = false;
    const missing: string[] = [];
    this.#times.begin(service);
    const wanted = this.#wantedOf(service, selector, dirty, missing);
    try {
      for (let i = 0; i < this.#sets.length; i++) {
        const set = this.#sets[i] as SliceSet;
        yield* this.#write(service, set.family, labels, set.apply(wanted[i] as Map<number, WantedEndpoint | null>));
      }
      for (const slice of this.#foreign.splice(0)) yield* this.#delete(slice);
    } catch (error) {
      this.forgetPacking();
      throw error;
    }
    if (missing.length > 0) throw StatusError.internalError(missing.join(', '));
  }

  #load(service: Service, slices: readonly EndpointSlice[], selector: Selector, candidates: readonly number[]): void {
    if (this.#sets.length > 0) this.#parts.client.ctx.mark(MARK_REBUILT);
    this.#sets = familiesOf(service).map((family) => new SliceSet(family, this.#parts.endpointsMax));
    this.#foreign = [];
    this.#dirty = new Set();
    const namespace = namespaceOf(service);
    for (const slice of slices) {
      if (isTerminating(slice)) continue;
      const set = this.#sets.find(({ family }) => family === slice.addressType);
      if (set === undefined || !isOwned(slice, service)) {
        this.#foreign.push(slice);
        continue;
      }
      set.adopt(slice, (endpoint) => {
        const name = endpoint.targetRef?.name;
        return name === undefined ? -1 : this.#parts.podKeys.intern(namespace, name);
      });
      const adopted = set.slices[set.slices.length - 1];
      if (adopted === undefined || hasRightLabels(slice, service)) continue;
      if (!this.#parts.client.ctx.bug(BUG_KEEPS_LABELS)) adopted.changed = true;
    }
    for (const set of this.#sets) for (const pod of set.pods()) this.#dirty.add(pod);
    for (const id of candidates) {
      if (selector.matches((this.#parts.pods.get(id) as Pod).metadata.labels)) this.#dirty.add(id);
    }
  }

  /** What each dirty pod should be, for each family. */
  #wantedOf(
    service: Service,
    selector: Selector,
    dirty: ReadonlySet<number>,
    missing: string[],
  ): readonly ReadonlyMap<number, WantedEndpoint | null>[] {
    const maps = this.#sets.map(() => new Map<number, WantedEndpoint | null>());
    const named = hasNamedTargets(service);
    let ports: PortSet | null = null;
    for (const id of dirty) {
      const pod = this.#parts.pods.get(id);
      const selected = pod !== undefined && selector.matches(pod.metadata.labels) ? pod : undefined;
      this.#times.see(id, selected);
      const node = selected === undefined ? undefined : this.#nodeOf(selected);
      const counts = selected !== undefined && mayBeEndpoint(selected);
      const usable = counts && (node !== undefined || this.#mayLackNode(service, selected, id, missing));
      if (counts && (named || ports === null)) ports = podPorts(service, selected);
      for (let i = 0; i < maps.length; i++) {
        const endpoint = usable
          ? this.#endpointOf(selected, node, service, (this.#sets[i] as SliceSet).family)
          : undefined;
        maps[i]?.set(id, counts ? { endpoint: endpoint ?? null, ports: ports as PortSet } : null);
      }
    }
    return maps;
  }

  #endpointOf(pod: Pod, node: Node | undefined, service: Service, family: Family): Endpoint | undefined {
    const endpoint = endpointOf(pod, node, service, family);
    const { ctx } = this.#parts.client;
    if (endpoint?.hostname !== undefined && ctx.bug(BUG_FORGETS_HOSTNAMES)) return { ...endpoint, hostname: undefined };
    if (endpoint === undefined || !ctx.bug(BUG_KEEPS_NOT_READY)) return endpoint;
    return { ...endpoint, conditions: { ...endpoint.conditions, ready: true } };
  }

  #nodeOf(pod: Pod): Node | undefined {
    const { nodeName } = pod.spec;
    return nodeName === undefined || nodeName === '' ? undefined : this.#parts.nodes.find('', nodeName);
  }

  /** A pod without a node that exists is left out and looked at again, unless the service publishes whatever there is. */
  #mayLackNode(service: Service, pod: Pod, id: number, missing: string[]): boolean {
    const { nodeName = '' } = pod.spec;
    if (service.spec.publishNotReadyAddresses === true) return true;
    const { namespace, name } = service.metadata;
    this.#parts.client.ctx.mark(MARK_NODE_MISSING);
    this.#dirty.add(id);
    missing.push(`skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`);
    return false;
  }

  *#write(
    service: Service,
    family: Family,
    labels: Readonly<Record<string, string>>,
    writes: SliceWrites,
  ): Generator<Wait, void, unknown> {
    const { client, tracker } = this.#parts;
    const time = this.#times.oldest;
    if (!isTerminating(service)) {
      for (const slice of writes.creates) {
        const object = sliceObject(slice, service, family, labels, time);
        try {
          const created = yield* client.create<EndpointSlice>(ENDPOINTSLICES, object);
          slice.written(created);
          tracker.wrote(this.#id, created);
        } catch (error) {
          if (!(error instanceof StatusError) || !error.isNamespaceTerminating) throw error;
          client.ctx.mark(MARK_TERMINATING);
          this.forgetPacking();
          return;
        }
      }
    }
    for (const slice of writes.updates) {
      const object = sliceObject(slice, service, family, labels, time);
      const updated = yield* client.update<EndpointSlice>(ENDPOINTSLICES, object);
      slice.written(updated);
      tracker.wrote(this.#id, updated);
    }
    for (const slice of writes.deletes) yield* this.#delete(slice);
  }

  *#delete(slice: EndpointSlice): Generator<Wait, void, unknown> {
    const { namespace = '', name } = slice.metadata;
    try {
      yield* this.#parts.client.delete(ENDPOINTSLICES, namespace, name);
      this.#parts.tracker.expectDeletion(this.#id, slice);
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
    }
  }
}
