/**
 * RS5: an owner whose pods keep failing does not create pods without end.
 *
 * Known to be broken in the real system: a ReplicaSet replaces pods that kubelets refuse at once, without back-off (kubernetes/kubernetes issues 72593,
 * 120160). Judged as a rate while pods of that owner fail.
 */
import { PART_BIRTH, PART_STATUS } from '../../types/changed-parts.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { Judge, Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** Pods of one owner that may fail within a minute. */
const FAILED_MAX = 60;
const WINDOW_US = 60_000_000;

interface Window {
  sinceUs: number;
  failed: number;
  told: boolean;
}

export function failingPods(judge: Judge): Predicate {
  const windows = new Map<string, Window>();
  const predicate: Predicate = {
    id: 'RS5',
    about: `no owner has more than ${FAILED_MAX} pods a minute fail and be replaced`,
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_STATUS | PART_BIRTH,
    onCommit({ kind, object, previous, timeUs }: Commit) {
      if (kind !== 'Pod' || object === null || (object as Pod).status?.phase !== 'Failed') return;
      if ((previous as Pod | null)?.status?.phase === 'Failed') return;
      const owner = controllerOf(object);
      if (owner === undefined) return;
      predicate.evaluations++;
      let window = windows.get(owner.uid);
      if (window === undefined || timeUs - window.sinceUs > WINDOW_US) {
        window = { sinceUs: timeUs, failed: 0, told: window?.told ?? false };
        windows.set(owner.uid, window);
      }
      window.failed++;
      if (window.failed <= FAILED_MAX || window.told) return;
      window.told = true;
      judge.violate(
        predicate,
        `${owner.kind} ${owner.name}: ${window.failed} of its pods failed and were replaced within a minute`,
      );
    },
  };
  return predicate;
}
