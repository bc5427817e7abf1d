/**
 * X2: with no inputs, nothing but heartbeats is written: no endless reconcile.
 *
 * A run is quiet when no work has been committed for the quiet time. Periodic loops (node status each 5 min, resyncs) write heartbeats only.
 */
import type { Judge, Predicate } from '../predicate.ts';

/** Without work for so long a cluster counts as quiet, µs: longer than every retry and batch period of the controllers in play. */
const QUIET_US = 10_000_000;

export function quiescence(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'X2',
    about: 'without inputs nothing but heartbeats is written',
    evaluations: 0,
    missing() {
      predicate.evaluations++;
      const idleUs = judge.sim.now - judge.world.lastWorkUs;
      return idleUs >= QUIET_US ? null : `the last write was ${Math.round(idleUs / 1000)} ms ago`;
    },
  };
  return predicate;
}
