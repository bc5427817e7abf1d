/**
 * SC1: a pod is bound at most once: spec.nodeName goes from empty to a value once and never changes.
 */
import { PART_SPEC } from '../../types/changed-parts.ts';
import type { Pod } from '../../types/pod.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

export function boundOnce(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC1',
    about: 'a pod is bound to a node at most once',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_SPEC,
    onCommit(commit: Commit) {
      if (commit.kind !== 'Pod' || commit.object === null || commit.previous === null) return;
      const before = (commit.previous as Pod).spec.nodeName ?? '';
      const after = (commit.object as Pod).spec.nodeName ?? '';
      if (after === before && before === '') return;
      predicate.evaluations++;
      if (before === after) return;
      if (before !== '')
        judge.violate(predicate, `pod ${keyOf(commit.object)} was on ${before} and is bound to ${after || 'nothing'}`);
      else if (
        commit.object.metadata.deletionTimestamp !== undefined &&
        commit.previous.metadata.deletionTimestamp !== undefined
      ) {
        judge.violate(predicate, `pod ${keyOf(commit.object)} was bound to ${after} while it was being deleted`);
      }
    },
  };
  return predicate;
}
