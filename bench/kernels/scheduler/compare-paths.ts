/**
 * One kernel of `bench scheduler` on the fast and on the plain path in the same process: rates, and whether both chose the same nodes.
 */

import type { PathChoice } from '../../../core/scheduler/choice/scheduling-core.ts';
import { Placing, type Round } from './placing.ts';
import { Preempting } from './preempting.ts';
import type { SchedulerWorkload } from './workload.ts';

/** Figures of one kernel; rates are host time, decisions a second. */
export interface PathComparison {
  /** Best and median of the rounds on the cached path. */
  readonly best: number;
  readonly median: number;
  readonly rounds: number;
  /** The plain path: it scores each node for each pod. */
  readonly plain: number;
  /** Whether both paths chose the same nodes for the pods that the plain path did. */
  readonly same: boolean;
  /** Share of the pods that got a node, and nodes that kube-scheduler would have filtered for each. */
  readonly placedShare: number;
  readonly examined: number;
}

/** Rounds that are timed, at least; and the time they take together, ms, at least. */
const ROUNDS_MIN = 5;
const ROUNDS_MS = 1_500;
const WARM_UP_MS = 1_000;

/** Measures one workload; `now` gives host ms. */
export function comparePaths(workload: SchedulerWorkload, now: () => number): PathComparison {
  const { pods, plainPods } = workload;
  const warm = now();
  do roundOf(workload, 'cached').run(pods);
  while (now() - warm < WARM_UP_MS);
  const rates: number[] = [];
  let spentMs = 0;
  let checksum = 0;
  let last = roundOf(workload, 'cached');
  while (rates.length < ROUNDS_MIN || spentMs < ROUNDS_MS) {
    last = roundOf(workload, 'cached');
    const startMs = now();
    last.run(plainPods);
    const betweenMs = now();
    checksum = last.checksum;
    const restMs = now();
    last.run(pods - plainPods);
    const elapsedMs = betweenMs - startMs + (now() - restMs);
    rates.push((pods / elapsedMs) * 1000);
    spentMs += elapsedMs;
  }
  rates.sort((a, b) => a - b);
  const plain = roundOf(workload, 'plain');
  const startMs = now();
  plain.run(plainPods);
  return {
    best: rates.at(-1) as number,
    median: rates[rates.length >> 1] as number,
    rounds: rates.length,
    plain: (plainPods / (now() - startMs)) * 1000,
    same: plain.checksum === checksum,
    placedShare: last.placed / pods,
    examined: last.examined / pods,
  };
}

function roundOf(workload: SchedulerWorkload, path: PathChoice): Round {
  return workload.running === undefined ? new Placing(workload, path) : new Preempting(workload, path);
}
