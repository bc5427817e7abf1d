/**
 * A2, A3, A4: identity never changes, generations follow the spec, a deletion is never taken back.
 */
import { PART_END, PART_METADATA } from '../../types/changed-parts.ts';
import type { ObjectMeta } from '../../types/object.ts';
import { type ApiRequest, VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';
import { FOREGROUND } from './waiting-ring-check.ts';

/** Finalizers that say how what an object owns is deleted. */
const PROPAGATION: ReadonlySet<string> = new Set(['orphan', FOREGROUND]);

export function immutableIdentity(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A4',
    about:
      'uid and creation time never change, generations never fall, a deletion is never taken back, given more grace or done before its finalizers',
    evaluations: 0,
    commitParts: PART_METADATA,
    onCommit(commit: Commit) {
      if (commit.object === null || commit.previous === null) return;
      predicate.evaluations++;
      const fault = changedIdentity(commit.previous.metadata, commit.object.metadata);
      if (fault !== null) judge.violate(predicate, `${commit.kind} ${keyOf(commit.object)}: ${fault}`);
    },
  };
  const heard = (subject: unknown): void => {
    const { op, before, after } = subject as CommittedWrite;
    if (after !== null || before === null) return;
    // An update that takes the last finalizer away may end the object, but not before its grace; a delete may not while there is one.
    if (op.request.verb !== VERB.delete) {
      const { deletionGracePeriodSeconds = 0 } = before.metadata;
      if (deletionGracePeriodSeconds > 0)
        judge.violate(predicate, `${before.kind} ${keyOf(before)}: removed by an update amid its grace period`);
      else if ((before.metadata.finalizers?.length ?? 0) > 0 && keepsFinalizers(op.request))
        judge.violate(predicate, `${before.kind} ${keyOf(before)}: removed by an update that leaves its finalizers`);
      return;
    }
    const [held] = before.metadata.finalizers ?? [];
    if (held === undefined) return;
    judge.violate(predicate, `${before.kind} ${keyOf(before)}: removed although ${held} holds it`);
  };
  listen(judge, 'api.write', (_pid, subject) => heard(subject), undefined, PART_END);
  return predicate;
}

function changedIdentity(before: ObjectMeta, after: ObjectMeta): string | null {
  if (before.uid !== after.uid) return `uid changed from ${before.uid} to ${after.uid}`;
  if (before.creationTimestamp !== after.creationTimestamp) return 'creationTimestamp changed';
  if ((after.generation ?? 0) < (before.generation ?? 0))
    return `generation fell from ${before.generation} to ${after.generation}`;
  if (before.deletionTimestamp === undefined) return null;
  if (after.deletionTimestamp === undefined) return 'deletionTimestamp was cleared';
  const [graceS, graceBeforeS] = [after.deletionGracePeriodSeconds ?? 0, before.deletionGracePeriodSeconds ?? 0];
  // A shorter grace that is over already ends now (apiserver 0.34.1, pkg/registry/rest/delete.go BeforeDelete), which may be past the old end.
  if (after.deletionTimestamp > before.deletionTimestamp && graceS >= graceBeforeS)
    return `deletionTimestamp moved from ${before.deletionTimestamp} to ${after.deletionTimestamp}`;
  if (graceS > graceBeforeS) return 'the grace period grew';
  // A second DELETE may choose another propagation (apiserver 0.34.1, pkg/registry/generic/registry/store.go deletionFinalizersForGarbageCollection).
  const added = (after.finalizers ?? []).find(
    (name) => !(before.finalizers ?? []).includes(name) && !PROPAGATION.has(name),
  );
  return added === undefined ? null : `finalizer ${added} was added during deletion`;
}

/** Whether the update cannot have taken the last finalizer away: a status, or a body or patch that does without. */
function keepsFinalizers({ subresource, object, patch, patchType }: ApiRequest): boolean {
  if (subresource === 'status' || (object?.metadata.finalizers?.length ?? 0) > 0) return true;
  if (patchType !== 'merge' && patchType !== 'strategic') return false;
  const { metadata = {} } = patch as { readonly metadata?: object };
  return !Object.keys(metadata).some((key) => key.endsWith('finalizers'));
}
