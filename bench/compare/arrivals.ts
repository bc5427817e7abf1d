/**
 * Which pods arrive, in which order, and when: the same for every policy of a seed.
 *
 * Each purpose has its own random stream, named by seed and purpose, so that nothing a policy draws moves an arrival.
 */
import { Sfc32, seedOf } from '../../core/cluster/vocabulary.ts';
import { drawLifetimes, shuffle } from '../traces/lifetimes.ts';
import type { CompareWorkload } from './workload.ts';

/** Arrivals of one run, at most. */
const ARRIVALS_MAX = 1_000_000;
/** Pods beyond the places for pods that a fill-up brings: a workload whose pods ask for next to nothing would never end. */
const OVER_SLOTS = 1.3;

/** A random stream of a comparison. */
export function streamOf(seed: number, purpose: string): Sfc32 {
  return Sfc32.named(seedOf(seed), 'compare', purpose);
}

/**
 * Arrivals that fill the cluster, as rows of the workload: all rows in random order, then rows drawn at random, until what
 * they ask for would pass `target`, or there are far more than the cluster has places for (`slots`). `demand` is by row. A
 * fixed order is taken as it is.
 */
export function fillUpOrder(
  workload: CompareWorkload,
  demand: Float64Array,
  target: number,
  slots: number,
  seed: number,
): Int32Array {
  const fixed = workload.orders?.get(seed);
  if (fixed !== undefined) return fixed;
  const stream = streamOf(seed, 'arrivals');
  const rows = Int32Array.from(demand, (_, row) => row);
  shuffle(rows, (bound) => stream.below(bound));
  const order: number[] = [];
  let sum = 0;
  const most = Math.min(ARRIVALS_MAX, Math.ceil(slots * OVER_SLOTS));
  for (let i = 0; i < most; i++) {
    const row = (i < rows.length ? rows[i] : stream.below(rows.length)) as number;
    sum += demand[row] as number;
    if (sum > target) break;
    order.push(row);
  }
  return Int32Array.from(order);
}

/** Pods of a steady state; times in µs from its beginning, parallel arrays in order of arrival. */
export interface SteadyArrivals {
  /** Rows of the workload. */
  readonly rows: Int32Array;
  /** 0 for the pods that are there from the beginning. */
  readonly arrivalUs: Float64Array;
  /** How long the pod runs once it is placed. */
  readonly runUs: Float64Array;
  /** How many are there from the beginning. */
  readonly initial: number;
  /** How much denser than in the trace pods arrive. */
  readonly compression: number;
}

/** What a steady state is like. */
export interface SteadyOptions {
  /** Times the arrivals of the trace; null = so many that the mean demand is `load`. */
  readonly compression: number | null;
  /** Share of the capacity that is asked for on average. */
  readonly load: number;
  readonly horizonS: number;
}

/**
 * Arrivals around a steady state that asks for `wanted` on average: each pod of the workload comes again and again at a constant rate. The
 * beginning is stationary already: a pod of lifetime L is there as often as rate × L says, with a uniform part of L left.
 */
export function steadyArrivals(
  workload: CompareWorkload,
  demand: Float64Array,
  wanted: number,
  options: SteadyOptions,
  seed: number,
): SteadyArrivals {
  const lifetimes = workload.lifetimesS ?? drawnLifetimes(demand.length, seed);
  const compression = options.compression ?? compressionFor(lifetimes, demand, workload.spanS, wanted);
  const stream = streamOf(seed, 'steady-state');
  const first = initialPods(lifetimes, compression / workload.spanS, stream);
  const rows = first.map(({ row }) => row);
  const runUs = first.map(({ restS }) => restS * 1_000_000);
  const arrivalUs = first.map(() => 0);
  const meanGapUs = (workload.spanS * 1_000_000) / (compression * demand.length);
  for (let now = gapUs(stream, meanGapUs); now < options.horizonS * 1_000_000; now += gapUs(stream, meanGapUs)) {
    if (rows.length >= ARRIVALS_MAX) break;
    const row = stream.below(demand.length);
    rows.push(row);
    arrivalUs.push(now);
    runUs.push((lifetimes[row] as number) * 1_000_000);
  }
  return {
    rows: Int32Array.from(rows),
    arrivalUs: Float64Array.from(arrivalUs),
    runUs: Float64Array.from(runUs),
    initial: first.length,
    compression,
  };
}

function drawnLifetimes(count: number, seed: number): Float64Array {
  const stream = streamOf(seed, 'lifetimes');
  return drawLifetimes(count, (bound) => stream.below(bound));
}

/** Mean demand = Σ demand × lifetime × compression ÷ span. */
function compressionFor(lifetimes: Float64Array, demand: Float64Array, spanS: number, wanted: number): number {
  let product = 0;
  for (let row = 0; row < demand.length; row++) product += (demand[row] as number) * (lifetimes[row] as number);
  return product === 0 || wanted === 0 ? 1 : (wanted * spanS) / product;
}

/** Pods that are there at the beginning, in random order; a fraction of a pod is one with that chance. */
function initialPods(lifetimes: Float64Array, rate: number, stream: Sfc32): { row: number; restS: number }[] {
  const found: { row: number; restS: number }[] = [];
  for (let row = 0; row < lifetimes.length; row++) {
    const lifetime = lifetimes[row] as number;
    const mean = lifetime * rate;
    const count = Math.floor(mean) + (stream.nextFloat() < mean % 1 ? 1 : 0);
    for (let i = 0; i < count && found.length < ARRIVALS_MAX; i++) {
      found.push({ row, restS: Math.ceil(stream.nextFloat() * lifetime) });
    }
  }
  const order = Int32Array.from(found, (_, i) => i);
  shuffle(order, (bound) => stream.below(bound));
  return Array.from(order, (i) => found[i] as { row: number; restS: number });
}

/** An exponential gap, whole µs. */
function gapUs(stream: Sfc32, meanUs: number): number {
  return Math.max(1, Math.round(-Math.log(1 - stream.nextFloat()) * meanUs));
}
