/**
 * Compaction: on how few nodes does the whole workload still fit? Nodes are taken away in a drawn order, by binary search.
 *
 * Source: cell compaction of "Large-scale cluster management at Google with Borg" (EuroSys'15, §5.1). Nodes that hold bound pods which
 * cannot move stay. The search takes "fits" to be monotone, which a heuristic need not be: the answer is a number of nodes that
 * suffices, next to one that did not.
 */

import { shuffle } from '../traces/lifetimes.ts';
import { onceShuffled, streamOf } from './arrivals.ts';
import type { PreparedRun } from './experiment-input.ts';
import { mostWorth } from './packing-bounds.ts';
import { countsOf, packingModel } from './packing-model.ts';
import { placeAll } from './place-all.ts';
import type { RunOutcome } from './run-outcome.ts';
import { whyLeft } from './why-left.ts';
import type { CompareWorkload } from './workload.ts';

/** Makes a run of the case's policy on another workload. */
export type RunOn = (workload: CompareWorkload) => PreparedRun;

/** Fewest nodes of one seed, at least so many by the LP; null where the workload does not fit on all of them. */
export function runCompaction(workload: CompareWorkload, runOn: RunOn, seed: number): RunOutcome {
  const removable = removalOrder(workload, seed);
  const most = workload.nodes.length;
  const least = Math.max(1, most - removable.length);
  const order = onceShuffled(workload, seed);
  const fits = (count: number): boolean =>
    placeAll(runOn(firstNodes(workload, removable, count)), order, true).left.length === 0;
  const whole = runOn(workload);
  const { left, tiesMean } = placeAll(whole, order, false);
  const [first] = left;
  const leftOver = left.length;
  const needed = leftOver === 0 ? smallest(least, most, fits) : null;
  const bound = needed === null ? null : leastByLp(workload, removable, runOn, least, needed, seed);
  return {
    values: {
      'nodes-needed': needed,
      'left-over': leftOver,
      'nodes-at-least': bound,
      'gap-to-lp': needed === null || bound === null ? null : (100 * (needed - bound)) / bound,
    },
    curves: {},
    checksum: needed ?? 0,
    tiesMean,
    placed: needed === null ? 0 : order.length,
    unplaced: [...new Set(left.map((row) => workload.kindOf[row] as number))],
    ...(first === undefined
      ? {}
      : { answer: `the workload does not fit: ${whyLeft(whole, workload.kindOf[first] as number)}` }),
  };
}

/** Nodes that may go, in the order in which they come back. */
function removalOrder({ nodes, keptNodes }: CompareWorkload, seed: number): Int32Array {
  const removable = nodes.flatMap((_, index) => (keptNodes.includes(index) ? [] : [index]));
  const order = Int32Array.from(removable);
  const stream = streamOf(seed, 'compaction');
  shuffle(order, (bound) => stream.below(bound));
  return order;
}

/** The smallest number in `from … to` that holds, given that `to` does. */
function smallest(from: number, to: number, holds: (count: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** The workload on `count` nodes: those that stay and the first of the order; pods bound to the others are gone with them. */
export function firstNodes(workload: CompareWorkload, removable: Int32Array, count: number): CompareWorkload {
  const left = new Set(removable.subarray(count - (workload.nodes.length - removable.length)));
  const indexes = workload.nodes.flatMap((_, index) => (left.has(index) ? [] : [index]));
  const renumbered = new Map(indexes.map((index, i) => [index, i]));
  const bound: number[] = [];
  for (let i = 0; i + 1 < workload.bound.length; i += 2) {
    const node = renumbered.get(workload.bound[i + 1] as number);
    if (node !== undefined) bound.push(workload.bound[i] as number, node);
  }
  const nodes = indexes.map((index) => workload.nodes[index] as CompareWorkload['nodes'][number]);
  return { ...workload, nodes, bound: Int32Array.from(bound), nodeOrders: null };
}

/** LP answers by seed: they are the same for all policies. */
const known = new WeakMap<CompareWorkload, Map<number, number | null>>();

/** Fewest nodes on which the linear relaxation places every pod; null where it is too large. */
function leastByLp(
  workload: CompareWorkload,
  removable: Int32Array,
  runOn: RunOn,
  least: number,
  needed: number,
  seed: number,
): number | null {
  const bySeed = known.get(workload) ?? new Map<number, number | null>();
  known.set(workload, bySeed);
  const before = bySeed.get(seed);
  if (before !== undefined) return before;
  const ones = workload.kinds.map(() => 1);
  let tooLarge = false;
  const mayFit = (count: number): boolean => {
    const run = runOn(firstNodes(workload, removable, count));
    const rows = run.workload.kindOf.map((_, row) => row);
    const most = mostWorth(packingModel(run), countsOf(run, rows), ones);
    tooLarge ||= most === null;
    return most === null || most > rows.length - 0.5;
  };
  const found = smallest(least, needed, mayFit);
  const answer = tooLarge ? null : found;
  bySeed.set(seed, answer);
  return answer;
}
