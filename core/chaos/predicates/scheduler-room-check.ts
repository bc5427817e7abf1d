/**
 * SC2: in the binding scheduler's own view (its cache and the pods it assumes) no node gets more than its allocatable.
 */
import type { Pod } from '../../types/pod.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** The parts of the scheduler's placement that are read here. */
interface Placement {
  readonly pod: Pod;
  readonly nodeName: string;
  allocatable(resource: string): number;
  requestedAfter(resource: string): number;
}

export function schedulerRoom(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC2',
    about: 'no scheduler places more on a node than fits in its own view',
    evaluations: 0,
  };
  listen(judge, 'scheduler.assume', (pid, subject) => {
    const placement = subject as Placement;
    for (const resource of ['cpu', 'memory', 'pods']) {
      predicate.evaluations++;
      const allocatable = placement.allocatable(resource);
      const requested = placement.requestedAfter(resource);
      if (requested <= allocatable) continue;
      const scheduler = judge.sim.processes.names[pid];
      judge.violate(
        predicate,
        `${scheduler} placed pod ${keyOf(placement.pod)} on ${placement.nodeName}: ${resource} requested ${requested}, allocatable ${allocatable}`,
      );
    }
  });
  return predicate;
}
