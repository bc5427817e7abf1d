/**
 * SC12: a search ends with a node than which none that is feasible has a better score, and finds one where there is one: the plain path, which defines what is right, could have
 * chosen the same.
 *
 * Asked in the scheduler's view at the instant of the choice, of pods that the plain path answers for, in clusters of at most a hundred nodes: there all are looked at.
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** The part of the scheduler's search that is read here. */
interface Search {
  readonly nodeCount: number;
  readonly agrees: () => boolean;
}

export function choicesAreBest(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC12',
    about: 'each search ends with a feasible node of the best score',
    evaluations: 0,
  };
  listen(judge, 'scheduler.search', (pid, subject) => {
    const search = subject as Search;
    if (search.nodeCount === 0) return;
    predicate.evaluations++;
    if (search.agrees()) return;
    judge.violate(predicate, `${judge.sim.processes.names[pid]} chose another node than one of the best`);
  });
  return predicate;
}
