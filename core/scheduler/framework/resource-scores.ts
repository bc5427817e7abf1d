/**
 * The scoring strategies of NodeResourcesFit and the balance of a node, in kube-scheduler's integer arithmetic
 * (Kubernetes 1.34, plugins noderesources). Amounts are of one node after the pod, one entry a resource of the strategy;
 * an allocatable amount of 0 leaves the resource out.
 */
import type { ScoringStrategy, ShapePoint } from '../configuration/plugin-arguments.ts';

/** Score 0 … 100 of requested and allocatable amounts. */
export type ScoringFunction = (requested: readonly number[], allocatable: readonly number[]) => number;

/** Shape points go to 10, scores to 100. */
const SHAPE_SCALE = 10;
const FULL = 100;

/** The function of a strategy. */
export function scoringFunctionOf(strategy: ScoringStrategy): ScoringFunction {
  const weights = strategy.resources.map(({ weight }) => weight);
  if (strategy.type === 'RequestedToCapacityRatio') return ratioFunction(strategy.shape, weights);
  const one = strategy.type === 'MostAllocated' ? mostAllocated : leastAllocated;
  return (requested, allocatable) => {
    let sum = 0;
    let weightSum = 0;
    for (let i = 0; i < weights.length; i++) {
      const capacity = allocatable[i] as number;
      if (capacity === 0) continue;
      sum += one(requested[i] as number, capacity) * (weights[i] as number);
      weightSum += weights[i] as number;
    }
    return weightSum === 0 ? 0 : Math.floor(sum / weightSum);
  };
}

function leastAllocated(requested: number, capacity: number): number {
  return requested > capacity ? 0 : Math.floor(((capacity - requested) * FULL) / capacity);
}

function mostAllocated(requested: number, capacity: number): number {
  return Math.floor((Math.min(requested, capacity) * FULL) / capacity);
}

/** Resources that score 0 count neither in the sum nor in the weights. */
function ratioFunction(shape: readonly ShapePoint[], weights: readonly number[]): ScoringFunction {
  return (requested, allocatable) => {
    let sum = 0;
    let weightSum = 0;
    for (let i = 0; i < weights.length; i++) {
      const capacity = allocatable[i] as number;
      if (capacity === 0) continue;
      const amount = requested[i] as number;
      const score = shapeAt(shape, amount > capacity ? FULL : Math.floor((amount * FULL) / capacity));
      if (score <= 0) continue;
      sum += score * (weights[i] as number);
      weightSum += weights[i] as number;
    }
    return weightSum === 0 ? 0 : Math.round(sum / weightSum);
  };
}

/** Value of a broken line at a utilisation in per cent; divisions truncate. */
export function shapeAt(shape: readonly ShapePoint[], utilization: number): number {
  for (let i = 0; i < shape.length; i++) {
    const point = shape[i] as ShapePoint;
    if (utilization > point.utilization) continue;
    if (i === 0) return point.score * SHAPE_SCALE;
    const before = shape[i - 1] as ShapePoint;
    const rise = (point.score - before.score) * SHAPE_SCALE;
    const run = point.utilization - before.utilization;
    return before.score * SHAPE_SCALE + Math.trunc((rise * (utilization - before.utilization)) / run);
  }
  return (shape.at(-1)?.score ?? 0) * SHAPE_SCALE;
}

/** How evenly the resources are used: 100 − 100 × standard deviation of the shares. */
export function balanceOf(requested: readonly number[], allocatable: readonly number[]): number {
  return Math.trunc((1 - deviation(requested, allocatable)) * FULL);
}

/** What a node scores whose balance the pod does not change (1.36). */
const UNCHANGED = 50;

/** How the pod changes the balance (1.36): 50 … 100, 75 for no change. */
export function balanceChange(
  before: readonly number[],
  after: readonly number[],
  allocatable: readonly number[],
): number {
  return UNCHANGED + Math.trunc((UNCHANGED + balanceOf(after, allocatable) - balanceOf(before, allocatable)) / 2);
}

/** Standard deviation of the shares of what is allocatable; |a − b| ÷ 2 of two, 0 of fewer. Nothing is allocated. */
function deviation(requested: readonly number[], allocatable: readonly number[]): number {
  let count = 0;
  let total = 0;
  let last = 0;
  let difference = 0;
  for (let i = 0; i < requested.length; i++) {
    const capacity = allocatable[i] as number;
    if (capacity === 0) continue;
    const share = Math.min(1, (requested[i] as number) / capacity);
    total += share;
    difference = last - share;
    last = share;
    count++;
  }
  if (count < 2) return 0;
  if (count === 2) return Math.abs(difference / 2);
  const mean = total / count;
  let squares = 0;
  for (let i = 0; i < requested.length; i++) {
    const capacity = allocatable[i] as number;
    if (capacity === 0) continue;
    const share = Math.min(1, (requested[i] as number) / capacity);
    squares += (share - mean) * (share - mean);
  }
  return Math.sqrt(squares / count);
}
