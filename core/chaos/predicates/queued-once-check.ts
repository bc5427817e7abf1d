/**
 * SC7: every pod that waits for a node is somewhere: in one pool of the active scheduler's queue, or in flight with a node assumed; and none stays
 * unschedulable for longer than the flush allows (Kubernetes 1.34: 5 minutes, looked at every 30 s).
 */
import type { Judge, Predicate } from '../predicate.ts';

export function queuedOnce(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC7',
    about: 'every pending pod is in the scheduler’s queue or on its way to a node',
    evaluations: 0,
    missing() {
      for (const { process, lost } of judge.truth?.queues() ?? []) {
        predicate.evaluations++;
        const [first] = lost;
        if (first !== undefined) return `${process} has lost ${first}`;
      }
      return null;
    },
  };
  return predicate;
}
