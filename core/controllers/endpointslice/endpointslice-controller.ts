/**
 * The EndpointSlice controller: hooks services, pods, nodes and slices up to the syncs of `service-slices.ts`.
 *
 * A pod event costs one look-up of the services that select its labels, and only when the change can matter. Failed syncs come back after
 * 1 s, doubling to 1,000 s, and are dropped after 15; a sync that a slice change asks for waits 1 s.
 * Source: Kubernetes 1.34 pkg/controller/endpointslice/endpointslice_controller.go.
 */
import { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import { type InformerIndex, NO_KEY } from '../../client/informer-index.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Node } from '../../types/node.ts';
import { namespaceOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { ENDPOINTSLICES, NAMESPACES, NODES, PODS, SERVICES } from '../../types/resource-type.ts';
import type { Service } from '../../types/service.ts';
import { StatusError } from '../../types/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { podsByNamespace } from '../pods-by-namespace.ts';
import { numberSetting } from '../settings.ts';
import { endpointsChanged } from './pod-endpoint.ts';
import { isSelecting, ServiceSelectors } from './service-selectors.ts';
import { ServiceSlices, type SliceParts } from './service-slices.ts';
import { MANAGED_BY, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from './slice-objects.ts';
import { SliceTracker } from './slice-tracker.ts';

const MARK_STALE = defineMark('endpointslice-stale-cache', 'a sync was put off because the informer was behind');
const MARK_DROPPED = defineMark('endpointslice-dropped', 'a service was given up after 15 failed syncs');

const S = 1_000_000;
const RETRIES_MAX = 15;
/** Wait before a sync that a change of a slice asks for. */
const SLICE_CHANGE_WAIT_US = S;
const BUG_TAKES_FOREIGN = defineBug(
  'endpointslice-takes-foreign-slices',
  'slices of a Service that somebody else manages are kept like its own',
);
const BUG_WAITS_WITH_REMOVALS = defineBug(
  'endpointslice-waits-with-removals',
  'a pod that is being deleted leaves its slices when something else changes',
);
const STALE = 'EndpointSlice informer cache is out of date';

/** The EndpointSlice controller. Settings (`endpointslice-controller`): `maxEndpointsPerSlice` 100, `batchPeriodMs` 0, `workers` 5. */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  register: (scope) => {
    new EndpointSlices(scope);
  },
};

class EndpointSlices {
  readonly #scope: ControllerScope;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #slicesOf: InformerIndex<EndpointSlice>;
  readonly #podsOf: InformerIndex<Pod>;
  readonly #parts: SliceParts;
  readonly #selectors = new ServiceSelectors();
  readonly #states = new Map<number, ServiceSlices>();
  readonly #tracker = new SliceTracker();
  /** Services one of whose slices looked changed by somebody else when its event came. */
  readonly #suspects = new Set<number>();
  readonly #recorder: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #batchUs: number;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#batchUs = numberSetting(scope, 'batchPeriodMs', 0) * 1000;
    const events = { component: 'endpoint-slice-controller', enabled: scope.manager.options.events ?? true };
    this.#recorder = new EventRecorder(scope.client.connection, events, scope.manager.library);
    this.#podsOf = podsByNamespace(scope.manager);
    this.#services = scope.informer<Service>(SERVICES);
    this.#slices = scope.informer<EndpointSlice>(ENDPOINTSLICES);
    this.#slicesOf = this.#slices.addIndex('service', (slice) => this.#serviceOf(slice));
    this.#parts = {
      client: scope.client,
      pods: scope.informer<Pod>(PODS),
      nodes: scope.informer<Node>(NODES),
      podKeys: scope.keys(PODS),
      tracker: this.#tracker,
      endpointsMax: numberSetting(scope, 'maxEndpointsPerSlice', 100),
    };
    this.#queue = scope.queue({
      name: 'endpointslice',
      type: SERVICES,
      workers: numberSetting(scope, 'workers', 5),
      reconcile: (id) => this.#sync(id),
      limiter: { backoffUsInitial: S, backoffUsMax: 1000 * S },
      onError: (id, error) => this.#failed(id, error),
    });
    this.#addHandlers();
  }

  #serviceOf(slice: EndpointSlice): number {
    const labels = slice.metadata.labels;
    const name = labels?.[SERVICE_NAME_LABEL];
    if (name === undefined || name === '') return NO_KEY;
    if (labels?.[MANAGED_BY_LABEL] !== MANAGED_BY && !this.#scope.ctx.bug(BUG_TAKES_FOREIGN)) return NO_KEY;
    return this.#scope.keys(SERVICES).intern(namespaceOf(slice), name);
  }

  #addHandlers(): void {
    this.#services.addHandler({
      onAdd: (id, service) => this.#serviceChanged(id, service),
      onUpdate: (id, old, service) => {
        if (
          old.spec === service.spec &&
          old.metadata.labels === service.metadata.labels &&
          old.metadata.uid === service.metadata.uid
        ) {
          if (old.metadata.deletionTimestamp === service.metadata.deletionTimestamp) return;
        }
        this.#serviceChanged(id, service);
      },
      onDelete: (id, service) => {
        this.#selectors.delete(id, namespaceOf(service));
        this.#queue.add(id);
      },
    });
    this.#parts.pods.addHandler({
      onAdd: (id, pod) => this.#podChanged(id, pod),
      onUpdate: (id, old, pod) => {
        const moved = old.metadata.labels !== pod.metadata.labels;
        if (!moved && old.metadata.uid === pod.metadata.uid && !endpointsChanged(old, pod)) return;
        this.#podChanged(id, pod);
        if (moved) this.#podChanged(id, old);
      },
      onDelete: (id, pod) => this.#podChanged(id, pod),
    });
    this.#slices.addHandler({
      onAdd: (_id, slice) => this.#sliceChanged(slice),
      onUpdate: (_id, old, slice) => {
        this.#sliceChanged(slice);
        if (this.#serviceOf(old) !== this.#serviceOf(slice)) this.#sliceMoved(old);
      },
      onDelete: (_id, slice) => {
        const service = this.#serviceOf(slice);
        if (service < 0 || !this.#tracker.deleted(service, slice)) return;
        this.#states.get(service)?.forgetPacking();
        this.#syncLater(service);
      },
    });
  }

  #serviceChanged(id: number, service: Service): void {
    this.#selectors.set(id, service);
    this.#states.get(id)?.forgetPacking();
    this.#queue.add(id);
  }

  #podChanged(id: number, pod: Pod): void {
    const services = this.#selectors.select(namespaceOf(pod), pod.metadata.labels);
    for (let i = 0; i < services.length; i++) {
      const service = services[i] as number;
      this.#states.get(service)?.touch(id);
      if (pod.metadata.deletionTimestamp !== undefined && this.#scope.ctx.bug(BUG_WAITS_WITH_REMOVALS)) continue;
      this.#queue.addAfter(service, this.#batchUs);
    }
  }

  #sliceChanged(slice: EndpointSlice): void {
    const service = this.#serviceOf(slice);
    if (service >= 0 && this.#tracker.isForeign(service, slice)) this.#syncLater(service);
  }

  #sliceMoved(old: EndpointSlice): void {
    const service = this.#serviceOf(old);
    if (service >= 0) this.#syncLater(service);
  }

  #syncLater(service: number): void {
    this.#suspects.add(service);
    this.#queue.addAfter(service, SLICE_CHANGE_WAIT_US);
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const service = this.#services.get(id);
    if (service === undefined) {
      this.#states.delete(id);
      this.#tracker.forget(id);
      return;
    }
    const namespace = namespaceOf(service);
    const selector = this.#selectors.selectorOf(id, namespace);
    if (selector === undefined || !isSelecting(service)) {
      this.#states.delete(id);
      return;
    }
    const slices = this.#slicesOf.ids(id).map((slice) => this.#slices.get(slice) as EndpointSlice);
    if (this.#tracker.isStale(id, slices)) {
      this.#scope.ctx.mark(MARK_STALE);
      throw StatusError.internalError(STALE);
    }
    let state = this.#states.get(id);
    if (state === undefined) {
      state = new ServiceSlices(id, this.#parts);
      this.#states.set(id, state);
    }
    // The event of an own write may come before its answer, which settles the suspicion.
    if (this.#suspects.delete(id) && slices.some((slice) => this.#tracker.isForeign(id, slice))) state.forgetPacking();
    const namespaceId = this.#scope.keys(NAMESPACES).intern('', namespace);
    try {
      yield* state.sync(service, selector, slices, () => this.#podsOf.ids(namespaceId));
    } catch (error) {
      if (error instanceof StatusError) {
        const what = `Error updating Endpoint Slices for Service ${namespace}/${service.metadata.name}`;
        this.#recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', `${what}: ${error.message}`);
      }
      throw error;
    }
  }

  #failed(id: number, _error: StatusError): void {
    if (this.#queue.failures(id) < RETRIES_MAX) {
      this.#queue.addRateLimited(id);
      return;
    }
    this.#scope.ctx.mark(MARK_DROPPED);
    this.#queue.forget(id);
  }
}
