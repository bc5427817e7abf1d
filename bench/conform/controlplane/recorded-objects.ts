/**
 * Turns recorded watch events into API objects as predicates read them.
 *
 * The fields of an event go back to their places; what a kind's event never holds comes from the declared objects, for pods from the template of
 * their owner. Owners are recorded by name and get their uid here. Always: a field that the event of its kind would hold and does not is absent.
 */
import { withDefaultTolerations } from '../../../core/api/admission/pods.ts';
import { daemonTolerations } from '../../../core/controllers/daemonset/placement.ts';
import type { POD_TEMPLATE_HASH } from '../../../core/controllers/deployment/replica-sets.ts';
import { ordinalOf, volumesOf } from '../../../core/controllers/statefulset/identity.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from '../../../core/types/object.ts';
import type { PodSpec, Volume } from '../../../core/types/pod.ts';
import { BUILT_IN_TYPES } from '../../../core/types/resource-type.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import { formatTime } from '../../../core/types/time.ts';
import type { DeclaredObjects } from './declared-objects.ts';
import type { TimelineEvent } from './recording.ts';

type Fields = Readonly<Record<string, unknown>>;

const NO_OWNERS: readonly OwnerReference[] = [];

/** Fields of an event that stand in `metadata`, with their name there. */
const METADATA = ['labels', 'annotations', 'finalizers', 'generation', 'deletionGracePeriodSeconds'] as const;
/** Fields that stand in `spec` or `status`, by kind. */
const IN_SPEC: Readonly<Record<string, readonly string[]>> = {
  Pod: ['nodeName', 'priority', 'terminationGracePeriodSeconds', 'schedulingGates'],
  Node: ['taints', 'podCIDR', 'unschedulable'],
  Service: ['type', 'clusterIP', 'selector'],
  Deployment: ['paused'],
  PersistentVolumeClaim: ['volumeName', 'storageClassName'],
  Lease: ['holderIdentity', 'leaseDurationSeconds', 'renewTime', 'leaseTransitions'],
};
const IN_STATUS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['phase', 'qosClass', 'podIP', 'conditions', 'nominatedNodeName', 'reason', 'message'],
  Node: ['conditions'],
  PersistentVolumeClaim: ['phase'],
  PersistentVolume: ['phase'],
};
const HASH: typeof POD_TEMPLATE_HASH = 'pod-template-hash';
/** Virtual wall time at which every recording begins, µs: 2025-01-01T00:00:00Z. */
const EPOCH_US = 1_735_689_600_000_000;
const RELATIVE_TIME = /^t([+-][\d.]+)s$/;

/** Recordings name kinds without their group. */
function builtInVersion(kind: string): string | undefined {
  return BUILT_IN_TYPES.find((type) => type.kind === kind)?.apiVersion;
}

/** What has to be known of other objects to fill one in. */
export interface Surroundings {
  /** The stored object of that name. */
  find(kind: string, namespace: string, name: string): KubeObject | undefined;
}

export class RecordedObjects {
  readonly #declared: DeclaredObjects;
  readonly #stored: Surroundings;
  /** Spec that a pod was created with and template of a ReplicaSet, by uid: later changes of the owner's template do not reach it. */
  readonly #podSpecs = new Map<string, Fields>();
  /** Owners of each object as last recorded, by its uid: who comes later under an owner's name is another one. */
  readonly #owners = new Map<string, readonly OwnerReference[]>();

  constructor(declared: DeclaredObjects, stored: Surroundings) {
    this.#declared = declared;
    this.#stored = stored;
  }

  /** The object as the event shows it. */
  objectOf(event: TimelineEvent): KubeObject {
    const { kind, ns = '', name, f } = event;
    const base = this.#declared.find(kind, ns, name) as (KubeObject & { readonly status?: Fields }) | undefined;
    const apiVersion = builtInVersion(kind) ?? base?.apiVersion ?? 'v1';
    const metadata = this.#metadataOf(event);
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    const spec = { ...this.#baseSpec(event, base, owner), ...picked(f, IN_SPEC[kind]), ...(f['spec'] as Fields) };
    const status = {
      ...without(base?.status, IN_STATUS[kind]),
      ...picked(f, IN_STATUS[kind]),
      ...(f['status'] as Fields),
      ...(kind === 'Pod' ? { containerStatuses: containersOf(f['containers']) } : {}),
    };
    return { apiVersion, kind, metadata, spec, status, ...this.#ownFields(event) } as KubeObject;
  }

  #metadataOf(event: TimelineEvent): ObjectMeta {
    const { rv, ns, name, uid, f } = event;
    const owners = this.#ownersOf(event);
    const deletion = f['deletionTimestamp'] as string | undefined;
    return {
      name,
      ...(ns === undefined ? {} : { namespace: ns }),
      uid,
      resourceVersion: String(rv),
      ...picked(f, METADATA),
      ...(deletion === undefined ? {} : { deletionTimestamp: absoluteTime(deletion) }),
      ...(owners === undefined ? {} : { ownerReferences: owners }),
    };
  }

  #ownersOf({ uid, ns = '', f, relisted }: TimelineEvent): readonly OwnerReference[] | undefined {
    const recorded = f['owners'] as readonly OwnerReference[] | undefined;
    const owners = recorded?.map((owner) => this.#withUid(owner, ns, this.#owners.get(uid)));
    // A list shows owners as they are now, which may be after what they own.
    if (relisted !== true) this.#owners.set(uid, owners ?? NO_OWNERS);
    return owners;
  }

  #withUid(owner: OwnerReference, namespace: string, before: readonly OwnerReference[] = NO_OWNERS): OwnerReference {
    const known = before.find(({ kind, name }) => kind === owner.kind && name === owner.name);
    if (known !== undefined) return { ...owner, apiVersion: known.apiVersion, uid: known.uid };
    const stored = this.#stored.find(owner.kind, owner.kind === 'Node' ? '' : namespace, owner.name);
    const apiVersion = stored?.apiVersion ?? builtInVersion(owner.kind) ?? '';
    return { ...owner, apiVersion, uid: stored?.metadata.uid ?? `gone-${owner.name}` };
  }

  #baseSpec(event: TimelineEvent, base: KubeObject | undefined, owner: OwnerReference | undefined): Fields {
    const { kind, ns = '', uid } = event;
    if (kind !== 'Pod' && kind !== 'ReplicaSet') return without(base?.spec as Fields, IN_SPEC[kind]);
    let spec = this.#podSpecs.get(uid);
    if (spec === undefined) {
      const stored = owner === undefined ? undefined : this.#stored.find(owner.kind, ns, owner.name);
      spec = newSpec(event, base, stored);
      this.#podSpecs.set(uid, spec);
    }
    return spec;
  }

  /** Fields that stand in no part of the object: addresses of slices, values of priority classes, texts of events. */
  #ownFields({ kind, ns = '', f }: TimelineEvent): Fields {
    if (kind !== 'EndpointSlice') {
      const { spec: _spec, status: _status, labels: _labels, owners: _owners, ...rest } = f;
      const placed = new Set<string>([...METADATA, ...(IN_SPEC[kind] ?? []), ...(IN_STATUS[kind] ?? [])]);
      return Object.fromEntries(Object.entries(rest).filter(([name]) => !placed.has(name)));
    }
    const endpoints = ((f['endpoints'] ?? []) as readonly Fields[]).map(({ target, node, zone, ...conditions }) => {
      const pod = this.#stored.find('Pod', ns, String(target)) as { readonly status?: { podIP?: string } } | undefined;
      return { addresses: [pod?.status?.podIP ?? ''], conditions, nodeName: node, zone };
    });
    return { endpoints, ports: ((f['ports'] ?? []) as readonly number[]).map((port) => ({ port })) };
  }
}

/** What a pod or ReplicaSet was created with: as declared, or by the template of its owner. */
function newSpec(
  { kind, name, f }: TimelineEvent,
  base: KubeObject | undefined,
  owner: KubeObject | undefined,
): Fields {
  const template = (owner?.spec as { readonly template?: Fields } | undefined)?.template;
  if (kind === 'ReplicaSet') return (base?.spec as Fields) ?? { template, selector: selectorOf(owner, f) };
  const spec = without((base?.spec ?? template?.['spec']) as Fields, IN_SPEC['Pod']);
  const pod = { containers: [], ...spec } as unknown as PodSpec;
  const tolerations = owner?.kind === 'DaemonSet' ? daemonTolerations(pod) : pod.tolerations;
  const volumes = owner?.kind === 'StatefulSet' ? volumesOfPod(owner as StatefulSet, name, pod) : pod.volumes;
  return { ...pod, ...(volumes !== undefined && { volumes }), tolerations: withDefaultTolerations(tolerations) };
}

/** That of a Deployment's ReplicaSet: the Deployment's own, and the hash of its template. */
function selectorOf(deployment: KubeObject | undefined, { labels }: Fields): object {
  const { selector } = (deployment?.spec ?? {}) as { readonly selector?: { readonly matchLabels?: Fields } };
  const hash = (labels as Fields | undefined)?.[HASH];
  return { ...selector, matchLabels: { ...selector?.matchLabels, ...(hash !== undefined && { [HASH]: hash }) } };
}

function volumesOfPod(set: StatefulSet, name: string, { volumes }: PodSpec): readonly Volume[] | undefined {
  return volumesOf(set, volumes, ordinalOf(set, { metadata: { name } }));
}

function picked(f: Fields, names: readonly string[] = []): Fields {
  return Object.fromEntries(names.flatMap((name) => (f[name] === undefined ? [] : [[name, f[name]]])));
}

function without(fields: Fields | undefined, names: readonly string[] = []): Fields {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => !names.includes(name)));
}

/** `[{name, ready, state: 'running'}]` as container statuses. */
function containersOf(containers: unknown): readonly Fields[] {
  return ((containers ?? []) as readonly Fields[]).map(({ name, ready, state }) => ({
    name,
    ready,
    state: { [String(state)]: {} },
  }));
}

/** `t+31s` as a time of the API; texts that are no recorded time stay as they are. */
function absoluteTime(text: string): string {
  const seconds = RELATIVE_TIME.exec(text)?.[1];
  return seconds === undefined ? text : formatTime(EPOCH_US + Math.round(Number(seconds) * 1_000_000));
}
