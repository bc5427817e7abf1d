/**
 * RS2: the controller of a ReplicaSet or a Job creates nothing while pods that it has created itself are still to be seen (expectations), nor for an owner
 * that is being deleted.
 *
 * Judged by what the instance knows: answers to its creations, events its informer has taken in. After five minutes the real
 * controller stops waiting, so older creations are not held against it.
 */
import type { Pid } from '../../sim/process.ts';
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import { VERB } from '../../types/wire.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** Source: Kubernetes 1.34 pkg/controller/controller_utils.go ExpectationsTimeout. */
const EXPECTATIONS_TIMEOUT_US = 300_000_000;

/** Kinds whose controllers wait for what they have created. */
const EXPECTING: ReadonlySet<string> = new Set(['ReplicaSet', 'Job']);

interface Sync {
  readonly replicaSet: KubeObject;
  readonly change: number;
}

interface CallEnd {
  readonly request: { readonly verb: number; readonly type: { readonly kind: string }; readonly subresource: string };
  readonly response: { readonly object: KubeObject | null } | null;
  readonly error: unknown;
}

/** A creation that its creator has not seen: when it heard of it, and the revision it was stored at. */
interface Creation {
  readonly sinceUs: number;
  readonly revision: number;
}

/** Those of one instance by uid, by ReplicaSet. */
type Unseen = Map<string, Map<string, Creation>>;

export function creationsExpected(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'RS2',
    about: 'no controller creates pods for an owner that ends, or before it has seen those that it created',
    evaluations: 0,
  };
  const { sim } = judge;
  const instances = new Map<
    Pid,
    { readonly incarnation: number; readonly unseen: Unseen; readonly seen: Set<string> }
  >();
  const instanceOf = (pid: Pid) => {
    const incarnation = sim.processes.incarnation[pid] as number;
    let found = instances.get(pid);
    if (found === undefined || found.incarnation !== incarnation) {
      found = { incarnation, unseen: new Map(), seen: new Set() };
      instances.set(pid, found);
    }
    return found;
  };
  listen(judge, 'client.call-ended', (pid, subject) => {
    const { request, response, error } = subject as CallEnd;
    const created = response?.object;
    if (request.verb !== VERB.create || request.type.kind !== 'Pod' || request.subresource !== '') return;
    if (error !== null || created === null || created === undefined) return;
    const owner = controllerOf(created);
    const { unseen, seen } = instanceOf(pid);
    const uid = created.metadata.uid ?? '';
    if (owner === undefined || !EXPECTING.has(owner.kind) || seen.delete(uid)) return;
    let ofSet = unseen.get(owner.uid);
    if (ofSet === undefined) {
      ofSet = new Map();
      unseen.set(owner.uid, ofSet);
    }
    ofSet.set(uid, { sinceUs: sim.now, revision: Number(created.metadata.resourceVersion) });
  });
  listen(judge, 'informer.event', (pid, subject) => {
    const { object } = subject as { readonly object: KubeObject };
    if (object.kind !== 'Pod') return;
    const owner = controllerOf(object);
    if (owner === undefined || !EXPECTING.has(owner.kind)) return;
    const { unseen, seen } = instanceOf(pid);
    const uid = object.metadata.uid ?? '';
    // The event may come before the answer.
    if (unseen.get(owner.uid)?.delete(uid) !== true && seen.size < 10_000) seen.add(uid);
  });
  listen(judge, 'informer.listed', (pid, subject) => {
    const { kind, revision } = subject as { readonly kind: string; readonly revision: number };
    if (kind !== 'Pod') return;
    for (const ofSet of instanceOf(pid).unseen.values()) {
      for (const [uid, creation] of ofSet) if (creation.revision <= revision) ofSet.delete(uid);
    }
  });
  const creates = (pid: Pid, owner: KubeObject, count: number): void => {
    predicate.evaluations++;
    const name = `${owner.kind} ${keyOf(owner)}: its controller creates ${count} pods`;
    if (owner.metadata.deletionTimestamp !== undefined) judge.violate(predicate, `${name} though it is being deleted`);
    const young = youngOf(instanceOf(pid).unseen.get(owner.metadata.uid ?? ''), sim.now);
    if (young > 0) judge.violate(predicate, `${name} while ${young} that it created have not been seen`);
  };
  listen(judge, 'replicaset.sync', (pid, subject) => {
    const { replicaSet, change } = subject as Sync;
    if (change > 0) creates(pid, replicaSet, change);
  });
  listen(judge, 'job.create', (pid, subject) => {
    const { job, create } = subject as { readonly job: KubeObject; readonly create: number };
    creates(pid, job, create);
  });
  return predicate;
}

/** How many creations are not too old to be waited for. */
function youngOf(waiting: ReadonlyMap<string, Creation> | undefined, nowUs: number): number {
  let count = 0;
  for (const { sinceUs } of waiting?.values() ?? []) if (nowUs - sinceUs < EXPECTATIONS_TIMEOUT_US) count++;
  return count;
}
