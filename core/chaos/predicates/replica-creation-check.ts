/**
 * RS2: the controller of a ReplicaSet, a Job or a DaemonSet creates and deletes nothing while pods that it has created or deleted itself are still to be seen to come
 * or go (expectations), nor anything for an owner that is being deleted, nor more pods than are wanted beside those that it has created or taken in itself.
 *
 * Judged by what the instance knows: answers to its requests, events its informer has taken in. After five minutes the real
 * controller stops waiting, so older requests are not held against it.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_WRITE } from '../../types/call-outcome.ts';
import type { Job } from '../../types/job.ts';
import { compileSelector } from '../../types/label-selector.ts';
import { type KubeObject, type LabelSelector, labelsOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { ADDED, DELETED, VERB } from '../../types/wire.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** Source: Kubernetes 1.34 pkg/controller/controller_utils.go ExpectationsTimeout. */
const EXPECTATIONS_TIMEOUT_US = 300_000_000;

/** Kinds whose controllers wait for what they have asked for, and the accounts of these. */
const EXPECTING: ReadonlyMap<string, string> = new Map([
  ['ReplicaSet', `${CONTROLLER_USER}replicaset-controller`],
  ['Job', `${CONTROLLER_USER}job-controller`],
  ['DaemonSet', `${CONTROLLER_USER}daemonset-controller`],
]);
/** Uids that are remembered because their events came before the answers; the oldest goes first. */
const SEEN_MAX = 10_000;

interface Sync {
  readonly replicaSet: KubeObject;
  readonly change: number;
}

interface DaemonChange {
  readonly set: KubeObject;
  readonly create: number;
  readonly delete: number;
}

interface CallEnd {
  readonly request: {
    readonly verb: number;
    readonly subresource: string;
    readonly user: string;
  };
  readonly response: { readonly object: KubeObject | null } | null;
  readonly error: unknown;
}

/** A request that was granted and whose effect is still to be seen: since when, and the revision of its answer. */
interface Unseen {
  readonly sinceUs: number;
  readonly revision: number;
}

/** Creations, or deletions, of one instance. */
class Requests {
  /** Unseen ones by uid of the pod, by uid of the owner. */
  readonly #unseen = new Map<string, Map<string, Unseen>>();
  /** Pods whose event came first, oldest first. */
  readonly #seen = new Set<string>();
  #listedRevision = 0;

  granted(owner: string, { metadata }: KubeObject, nowUs: number): void {
    const uid = metadata.uid ?? '';
    const revision = Number(metadata.resourceVersion);
    if (this.#seen.delete(uid) || revision <= this.#listedRevision) return;
    let ofOwner = this.#unseen.get(owner);
    if (ofOwner === undefined) {
      ofOwner = new Map();
      this.#unseen.set(owner, ofOwner);
    }
    ofOwner.set(uid, { sinceUs: nowUs, revision });
  }

  /** `isFirst`: nothing was heard of it before, so that its answer may still be to come. */
  seen(owner: string, uid: string, isFirst: boolean): void {
    if (this.#unseen.get(owner)?.delete(uid) === true || !isFirst) return;
    this.#seen.add(uid);
    if (this.#seen.size <= SEEN_MAX) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }

  listed(revision: number): void {
    this.#listedRevision = revision;
    for (const ofOwner of this.#unseen.values()) {
      for (const [uid, unseen] of ofOwner) if (unseen.revision <= revision) ofOwner.delete(uid);
    }
  }

  /** How many of an owner's are unseen, however old. */
  all(owner: string): number {
    return this.#unseen.get(owner)?.size ?? 0;
  }

  /** How many of an owner's are unseen and not too old to be waited for. */
  young(owner: string, nowUs: number): number {
    let count = 0;
    for (const { sinceUs } of this.#unseen.get(owner)?.values() ?? [])
      if (nowUs - sinceUs < EXPECTATIONS_TIMEOUT_US) count++;
    return count;
  }
}

interface Instance {
  readonly incarnation: number;
  /** Uids of the pods that it has created or taken in itself, as far as it knows, by uid of the owner. */
  readonly taken: Map<string, Set<string>>;
  readonly creations: Requests;
  readonly deletions: Requests;
}

/** Finds what is known of a process, anew after each restart. */
function instancesOf({ sim }: Judge): (pid: Pid) => Instance {
  const instances: (Instance | undefined)[] = [];
  return (pid) => {
    const incarnation = sim.processes.incarnation[pid] as number;
    let found = instances[pid];
    if (found?.incarnation !== incarnation) {
      found = { incarnation, taken: new Map(), creations: new Requests(), deletions: new Requests() };
      instances[pid] = found;
    }
    return found;
  };
}

/** Keeps what instances have asked for and seen up to date. */
function hearPods(judge: Judge, instanceOf: (pid: Pid) => Instance): void {
  listen(
    judge,
    'client.call-ended',
    (pid, subject) => {
      const { request, response, error } = subject as CallEnd;
      const { verb, subresource, user } = request;
      if (subresource !== '' || (verb !== VERB.create && verb !== VERB.delete && verb !== VERB.patch)) return;
      const pod = response?.object ?? null;
      if (error !== null || pod === null) return;
      const owner = controllerOf(pod);
      if (owner === undefined || EXPECTING.get(owner.kind) !== user) return;
      const { creations, deletions, taken } = instanceOf(pid);
      if (verb !== VERB.delete) {
        const ofOwner = taken.get(owner.uid);
        if (ofOwner === undefined) taken.set(owner.uid, new Set([pod.metadata.uid ?? '']));
        else ofOwner.add(pod.metadata.uid ?? '');
      }
      if (verb !== VERB.patch) (verb === VERB.create ? creations : deletions).granted(owner.uid, pod, judge.sim.now);
    },
    ['Pod'],
    CALL_WRITE,
  );
  listen(
    judge,
    'informer.event',
    (pid, subject) => {
      const { object, type } = subject as { readonly object: KubeObject; readonly type: number };
      const owner = controllerOf(object);
      if (owner === undefined || !EXPECTING.has(owner.kind)) return;
      const { creations, deletions } = instanceOf(pid);
      const uid = object.metadata.uid ?? '';
      creations.seen(owner.uid, uid, type === ADDED);
      // What goes slowly has more than one such event, and the answer may come after the last.
      if (type === DELETED || object.metadata.deletionTimestamp !== undefined) deletions.seen(owner.uid, uid, true);
    },
    ['Pod'],
  );
  listen(
    judge,
    'informer.listed',
    (pid, subject) => {
      const { revision } = subject as { readonly revision: number };
      const { creations, deletions } = instanceOf(pid);
      creations.listed(revision);
      deletions.listed(revision);
    },
    ['Pod'],
  );
}

/** How many of the pods that the instance has created or taken in for the owner are active and match its selector; those that are not are forgotten. */
function activeOf({ taken }: Instance, { metadata, spec }: KubeObject, { world }: Judge): number {
  const { uid = '' } = metadata;
  const known = taken.get(uid);
  if (known === undefined) return 0;
  const selector = compileSelector((spec as { readonly selector?: LabelSelector }).selector);
  const active = new Set<string>();
  for (const object of world.of('Pod').values()) {
    const { uid: podUid = '' } = object.metadata;
    if (!known.has(podUid) || !isPodActive(object as Pod) || controllerOf(object)?.uid !== uid) continue;
    if (selector.matches(labelsOf(object))) active.add(podUid);
  }
  taken.set(uid, active);
  return active.size;
}

export function creationsExpected(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'RS2',
    about:
      'no controller creates or deletes pods for an owner that ends, or before it has seen its last ones come and go',
    evaluations: 0,
  };
  const { sim } = judge;
  const instanceOf = instancesOf(judge);
  hearPods(judge, instanceOf);
  const acts = (pid: Pid, owner: KubeObject, change: number, wanted = Number.MAX_SAFE_INTEGER): void => {
    predicate.evaluations++;
    const deed = `${change > 0 ? 'creates' : 'deletes'} ${Math.abs(change)} pods`;
    const name = `${owner.kind} ${keyOf(owner)}: its controller ${deed}`;
    if (owner.metadata.deletionTimestamp !== undefined) judge.violate(predicate, `${name} though it is being deleted`);
    const instance = instanceOf(pid);
    const { creations, deletions } = instance;
    const uid = owner.metadata.uid ?? '';
    const created = creations.young(uid, sim.now);
    const deleted = deletions.young(uid, sim.now);
    if (created > 0) judge.violate(predicate, `${name} while ${created} that it created have not been seen`);
    if (deleted > 0) judge.violate(predicate, `${name} while ${deleted} that it deleted have not been seen to go`);
    const own = change > 0 && creations.all(uid) === 0 ? activeOf(instance, owner, judge) : 0;
    if (own > 0 && own + change > wanted)
      judge.violate(predicate, `${name} beside ${own} of its own, it wants ${wanted}`);
  };
  listen(judge, 'replicaset.sync', (pid, subject) => {
    const { replicaSet, change } = subject as Sync;
    if (change !== 0) acts(pid, replicaSet, change, (replicaSet as ReplicaSet).spec.replicas ?? 1);
  });
  listen(judge, 'job.create', (pid, subject) => {
    const { job, create } = subject as { readonly job: Job; readonly create: number };
    acts(pid, job, create, job.spec.parallelism ?? 1);
  });
  listen(judge, 'daemonset.change', (pid, subject) => {
    const { set, create, delete: remove } = subject as DaemonChange;
    acts(pid, set, create > 0 ? create : -remove);
  });
  return predicate;
}
