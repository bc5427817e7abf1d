/**
 * SC10: each search for a node begins where the last one ended, so that sampling comes to every node in time (Kubernetes 1.34, nextStartNodeIndex), and
 * is for a pod than which none that waits for its turn is more important (PrioritySort).
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** The parts of the scheduler's search that are read here. */
interface Search {
  /** The scheduler instance; a new one begins anew. */
  readonly scheduler: object;
  readonly start: number;
  readonly examined: number;
  readonly nodeCount: number;
  readonly priority: number;
  readonly nextPriority: number;
}

export function searchRotates(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC10',
    about: 'each search is for the most important pod that waits, and begins where the scheduler’s last one ended',
    evaluations: 0,
  };
  const ends = new WeakMap<object, number>();
  listen(judge, 'scheduler.search', (pid, subject) => {
    const { scheduler, start, examined, nodeCount, priority, nextPriority } = subject as Search;
    if (nodeCount === 0) return;
    predicate.evaluations++;
    if (nextPriority > priority) {
      const what = `tries a pod of priority ${priority} before one of ${nextPriority} that waits, too`;
      judge.violate(predicate, `${judge.sim.processes.names[pid]} ${what}`);
    }
    const expected = (ends.get(scheduler) ?? 0) % nodeCount;
    ends.set(scheduler, (start + examined) % nodeCount);
    if (start === expected) return;
    const name = judge.sim.processes.names[pid];
    judge.violate(
      predicate,
      `${name} began a search of ${nodeCount} nodes at ${start}, its last one ended before ${expected}`,
    );
  });
  return predicate;
}
