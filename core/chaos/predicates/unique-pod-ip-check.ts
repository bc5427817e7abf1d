/**
 * K7: no two running pods have the same address.
 */
import { PART_BIRTH, PART_END, PART_SPEC, PART_STATUS } from '../../types/changed-parts.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** A pod holds its address while it is in the API and has not ended. */
function addressOf(pod: Pod | null): string {
  if (pod === null || pod.spec.hostNetwork === true) return '';
  return isPodTerminal(pod) ? '' : (pod.status?.podIP ?? '');
}

export function uniquePodIp(judge: Judge): Predicate {
  const holders = new Map<string, number>();
  const predicate: Predicate = {
    id: 'K7',
    about: 'no two running pods share an IP address',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_SPEC | PART_STATUS | PART_BIRTH | PART_END,
    onCommit(commit: Commit) {
      if (commit.kind !== 'Pod') return;
      const before = addressOf(commit.previous as Pod | null);
      const after = addressOf(commit.object as Pod | null);
      if (before === after) return;
      if (before !== '' && holders.get(before) === commit.keyId) holders.delete(before);
      if (after === '') return;
      predicate.evaluations++;
      const holder = holders.get(after);
      if (holder !== undefined && holder !== commit.keyId && commit.object !== null) {
        const other = judge.world.of('Pod').get(holder);
        judge.violate(
          predicate,
          `${after} of pod ${keyOf(commit.object)} is also the address of ${other ? keyOf(other) : 'another pod'}`,
        );
      }
      holders.set(after, commit.keyId);
    },
  };
  return predicate;
}
