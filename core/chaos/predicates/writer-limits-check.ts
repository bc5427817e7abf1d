/**
 * X9: components touch only what is theirs: kinds and parts of objects that their role names, and of those only the objects of their own owner.
 *
 * Each account has a row; accounts without one (people, controllers of users) may do anything. Source: Kubernetes 1.34 bootstrap policy of the controllers'
 * roles (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go), the node authorizer, and the rely conditions of Anvil (OSDI 2024): nobody changes
 * or deletes an object whose controller is of another kind than the ones it serves.
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { CONTROLLER_MANAGER_USER, CONTROLLER_USER, KUBELET_USER, SCHEDULER_USER } from '../../types/user-names.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** What a write does to an object: the part of it that the request may change. */
type Deed = 'create' | 'change' | 'status' | 'delete' | 'bind';

/** What an account may do. */
interface Role {
  /** Deeds by kind. */
  readonly kinds: Readonly<Record<string, readonly Deed[]>>;
  /** Objects of these kinds must have a controller of the kind named, or none where it is taken over. */
  readonly owned?: Readonly<Record<string, string>>;
}

const ALL: readonly Deed[] = ['create', 'change', 'status', 'delete'];
const OBJECT: readonly Deed[] = ['create', 'change', 'delete'];

/** Controllers by the name of their account. The garbage and namespace controllers may delete anything and have no row. */
const CONTROLLERS: Readonly<Record<string, Role>> = {
  'deployment-controller': {
    kinds: { Deployment: ['change', 'status'], ReplicaSet: ALL },
    owned: { ReplicaSet: 'Deployment' },
  },
  'replicaset-controller': {
    kinds: { ReplicaSet: ['change', 'status'], Pod: OBJECT },
    owned: { Pod: 'ReplicaSet' },
  },
  'statefulset-controller': {
    kinds: {
      StatefulSet: ['change', 'status'],
      Pod: OBJECT,
      ControllerRevision: OBJECT,
      PersistentVolumeClaim: OBJECT,
    },
    owned: { Pod: 'StatefulSet', ControllerRevision: 'StatefulSet' },
  },
  'daemonset-controller': {
    kinds: { DaemonSet: ['change', 'status'], Pod: OBJECT, ControllerRevision: OBJECT },
    owned: { Pod: 'DaemonSet', ControllerRevision: 'DaemonSet' },
  },
  'job-controller': { kinds: { Job: ['change', 'status'], Pod: ALL }, owned: { Pod: 'Job' } },
  'endpointslice-controller': { kinds: { EndpointSlice: OBJECT }, owned: { EndpointSlice: 'Service' } },
  'disruption-controller': { kinds: { PodDisruptionBudget: ['status'], Pod: ['status'] } },
  'node-lifecycle-controller': { kinds: { Node: ['change', 'status'], Pod: ['status', 'delete'] } },
  'taint-eviction-controller': { kinds: { Pod: ['status', 'delete'] } },
  'device-taint-eviction-controller': { kinds: { Pod: ['status', 'delete'] } },
  'pod-garbage-collector-controller': { kinds: { Pod: ['status', 'delete'] } },
  'node-ipam-controller': { kinds: { Node: ['change', 'status'] } },
  'ttl-controller': { kinds: { Node: ['change'] } },
  'ttl-after-finished-controller': { kinds: { Job: ['delete'] } },
  'root-ca-certificate-publisher-controller': { kinds: { ConfigMap: ['create', 'change'] } },
  'service-account-controller': { kinds: { ServiceAccount: ['create'] } },
  'persistentvolume-binder-controller': {
    kinds: { PersistentVolume: ['change', 'status', 'delete'], PersistentVolumeClaim: ['change', 'status'] },
  },
  'volume-provisioner': { kinds: { PersistentVolume: ['create'], PersistentVolumeClaim: ['change'] } },
  'ephemeral-volume-controller': { kinds: { PersistentVolumeClaim: ['create'] } },
  'resourceclaim-controller': { kinds: { ResourceClaim: ALL, Pod: ['status'], PodGroup: ['status'] } },
};

const SCHEDULER: Role = {
  kinds: {
    Pod: ['bind', 'status', 'delete'],
    Lease: ['create', 'change'],
    PersistentVolume: ['change'],
    PersistentVolumeClaim: ['change'],
    // It makes and deletes those for extended resources.
    ResourceClaim: ALL,
  },
};
const CONTROLLER_MANAGER: Role = { kinds: { Lease: ['create', 'change'] } };
const KUBELET: Role = {
  kinds: { Node: ['create', 'change', 'status'], Pod: ['status', 'delete'], Lease: ['create', 'change'] },
};
const EVENTS: readonly Deed[] = ['create', 'change'];

/** A deletion by a copy from before a release takes so long at most, from the release or from when no fault acts any more, µs. */
const REQUEST_US = 60_000_000;

/** That an object has lost its controller. */
interface Release {
  /** Kind of the controller that let it go. */
  readonly by: string;
  readonly timeUs: number;
}

/** What one account may do: found once, as accounts do the same over and over. */
interface Limits {
  readonly role: Role;
  /** Name of the node whose kubelet it is, '' for none. */
  readonly node: string;
  /** By number of the kind, those that were looked up: what it may do, and the kind that has to control it. */
  readonly byKind: (KindLimits | undefined)[];
}

interface KindLimits {
  readonly deeds: readonly Deed[];
  readonly owner: string | undefined;
}

export function writerLimits(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'X9',
    about: 'no component changes or deletes what is not its own',
    evaluations: 0,
  };
  /** By account; null: it has no row. */
  const known = new Map<string, Limits | null>();
  /** By uid of the object. */
  const released = new Map<string, Release>();
  listen(judge, 'api.write', (_pid, subject, kind) => {
    const write = subject as CommittedWrite;
    noteRelease(released, write, judge.sim.now);
    const { user } = write.op.request;
    let limits = known.get(user);
    if (limits === undefined) {
      const role = roleOf(user);
      limits = role === undefined ? null : limitsOf(role, user);
      known.set(user, limits);
    }
    if (limits === null) return;
    predicate.evaluations++;
    const object = (write.before ?? write.after) as KubeObject;
    const deed = deedOf(write);
    const release = released.size === 0 ? undefined : released.get(object.metadata.uid ?? '');
    const isOnItsWay =
      release !== undefined && judge.sim.now - Math.max(release.timeUs, judge.calmSinceUs) <= REQUEST_US;
    const ofKind = kindLimitsOf(limits, kind, object.kind);
    const fault = whyNot(limits, ofKind, deed, object, isOnItsWay ? release.by : undefined);
    if (fault !== null)
      judge.violate(predicate, `${object.kind} ${keyOf(object)}: ${user} may not ${deed} it, ${fault}`);
  });
  return predicate;
}

function roleOf(user: string): Role | undefined {
  if (user.startsWith(CONTROLLER_USER)) return CONTROLLERS[user.slice(CONTROLLER_USER.length)];
  if (user.startsWith(KUBELET_USER)) return KUBELET;
  if (user === SCHEDULER_USER) return SCHEDULER;
  return user === CONTROLLER_MANAGER_USER ? CONTROLLER_MANAGER : undefined;
}

function limitsOf(role: Role, user: string): Limits {
  return { role, node: user.startsWith(KUBELET_USER) ? user.slice(KUBELET_USER.length) : '', byKind: [] };
}

function kindLimitsOf({ role, byKind }: Limits, number: number, kind: string): KindLimits {
  let limits = byKind[number];
  if (limits === undefined) {
    limits = { deeds: kind === 'Event' ? EVENTS : (role.kinds[kind] ?? []), owner: role.owned?.[kind] };
    byKind[number] = limits;
  }
  return limits;
}

function deedOf({ op, before }: CommittedWrite): Deed {
  const { verb, subresource } = op.request;
  if (subresource === 'binding') return 'bind';
  if (before === null) return 'create';
  if (verb === VERB.delete || verb === VERB.deletecollection) return 'delete';
  return subresource === 'status' ? 'status' : 'change';
}

/** Notes that an object has lost its controller, which deletes by its own copy and asks for no precondition. */
function noteRelease(released: Map<string, Release>, { before, after }: CommittedWrite, timeUs: number): void {
  if (before === null || after?.metadata.ownerReferences === before.metadata.ownerReferences) return;
  const uid = before.metadata.uid ?? '';
  const owner = controllerOf(before);
  if (after === null) released.delete(uid);
  else if (owner !== undefined && controllerOf(after) === undefined) released.set(uid, { by: owner.kind, timeUs });
}

/** Why the account may not do this, or null; `formerly` = the kind of the controller that has just let the object go. */
function whyNot(
  { node }: Limits,
  { deeds, owner: wanted }: KindLimits,
  deed: Deed,
  object: KubeObject,
  formerly: string | undefined,
): string | null {
  const { kind, metadata } = object;
  if (!deeds.includes(deed)) return 'its role does not say so';
  if (node !== '') return foreignTo(node, object);
  if (wanted === undefined) return null;
  const owner = controllerOf(object)?.kind;
  if (owner === wanted || (owner === undefined && deed === 'change' && isTakenOver(kind))) return null;
  if (owner === undefined && deed === 'delete' && formerly === wanted) return null;
  return owner === undefined ? `nothing controls ${metadata.name}` : `a ${owner} controls it`;
}

/** Pods, ReplicaSets and revisions without a controller are adopted; slices are not. */
function isTakenOver(kind: string): boolean {
  return kind !== 'EndpointSlice';
}

/** Why an object is none of the node's, or null. */
function foreignTo(node: string, object: KubeObject): string | null {
  if (object.kind === 'Pod') {
    const { nodeName = '' } = (object as Pod).spec;
    return nodeName === node ? null : `it is ${nodeName === '' ? 'on no node' : `on ${nodeName}`}`;
  }
  return object.kind === 'Event' || object.metadata.name === node ? null : 'it belongs to another node';
}
