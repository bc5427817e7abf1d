/**
 * G1: the garbage collector deletes an object only when none of its owners exists, or those that do wait for their dependents to go.
 *
 * Judged at the deletion by committed history: an owner that has gone does not come back under its uid, so nothing has to be known of when the collector
 * looked. Source: Kubernetes documentation, Garbage collection, "Owners and dependents".
 */
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import { VERB } from '../../types/wire.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { World } from '../world.ts';

const COLLECTOR = 'system:serviceaccount:kube-system:generic-garbage-collector';
const FOREGROUND = 'foregroundDeletion';

/** The parts of the API server's committed write that are read here. */
interface CommittedWrite {
  readonly op: { readonly request: { readonly user: string; readonly verb: number } };
  readonly before: KubeObject | null;
}

export function collectedOrphans(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'G1',
    about: 'the garbage collector deletes nothing that has an owner which stays',
    evaluations: 0,
  };
  listen(judge, 'api.write', (_pid, subject) => {
    const { op, before } = subject as CommittedWrite;
    if (op.request.user !== COLLECTOR || op.request.verb !== VERB.delete || before === null) return;
    predicate.evaluations++;
    const owner = (before.metadata.ownerReferences ?? []).find((reference) => stays(judge.world, reference));
    if (owner === undefined) return;
    const what = `${before.kind} ${keyOf(before)} is deleted while its owner ${owner.kind} ${owner.name} exists`;
    judge.violate(predicate, what);
  });
  return predicate;
}

/** Whether an owner exists and does not wait for its dependents. */
function stays(world: World, { kind, uid }: OwnerReference): boolean {
  for (const { metadata } of world.of(kind).values()) {
    if (metadata.uid !== uid) continue;
    return metadata.deletionTimestamp === undefined || metadata.finalizers?.includes(FOREGROUND) !== true;
  }
  return false;
}
