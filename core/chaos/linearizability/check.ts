/**
 * Decides whether a partitioned history is linearizable: a history is, exactly when each of its parts is (Herlihy and Wing).
 *
 * Always: `linearizable` and `illegal` are proofs; when `shouldStop` ends it first the answer is `unknown`, which must never count as a yes.
 * Parts get doubling slices of steps in turn, so that one hard part cannot hide the short refutation of another.
 */
import type { Partition } from './history.ts';
import { LinearizationSearch } from './search.ts';

/** Steps of the first slice of each part. */
const FIRST_SLICE_STEPS = 1 << 12;
/** Steps between two questions to `shouldStop`. */
const STEPS_PER_QUESTION = 1 << 16;
/** Steps after which any history is given up. */
const STEPS_MAX = 1 << 30;

export type LinearizabilityVerdict = 'linearizable' | 'illegal' | 'unknown';

export interface LinearizabilityResult<Input, Output> {
  readonly verdict: LinearizabilityVerdict;
  /** The part that refutes, for `illegal`. */
  readonly illegal: Partition<Input, Output> | null;
  /** Model steps of all searches. */
  readonly steps: number;
}

/** Searches all parts. `shouldStop` is asked now and then (a time limit); without it only the limit on steps holds. */
export function checkLinearizability<Input, Output>(
  partitions: readonly Partition<Input, Output>[],
  shouldStop: () => boolean = () => false,
): LinearizabilityResult<Input, Output> {
  let open = partitions.map((partition) => ({ partition, search: new LinearizationSearch(partition) }));
  let steps = 0;
  for (let slice = FIRST_SLICE_STEPS; open.length > 0; slice = Math.min(slice * 2, STEPS_PER_QUESTION)) {
    const still: typeof open = [];
    for (const entry of open) {
      const before = entry.search.steps;
      const state = entry.search.run(slice);
      steps += entry.search.steps - before;
      if (state === 'illegal') return { verdict: 'illegal', illegal: entry.partition, steps };
      if (state === 'running' && entry.search.steps === before) return { verdict: 'unknown', illegal: null, steps };
      if (state === 'running') still.push(entry);
      if (shouldStop() || steps > STEPS_MAX) return { verdict: 'unknown', illegal: null, steps };
    }
    open = still;
  }
  return { verdict: 'linearizable', illegal: null, steps };
}
