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

/** Rows that arrive together: the pods of a gang, every other pod alone; in order of the first row. */
export function unitsOf({ kindOf, gangOf }: Pick<CompareWorkload, 'kindOf' | 'gangOf'>): (readonly number[])[] {
  const units: number[][] = [];
  const byGang = new Map<number, number[]>();
  for (let row = 0; row < kindOf.length; row++) {
    const gang = gangOf?.[row] ?? -1;
    const known = gang < 0 ? undefined : byGang.get(gang);
    if (known !== undefined) {
      known.push(row);
      continue;
    }
    const unit = [row];
    units.push(unit);
    if (gang >= 0) byGang.set(gang, unit);
  }
  return units;
}

/**
 * Arrivals that fill the cluster, as rows of the workload: all units in random order, then units drawn at random, until what
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
  const order: number[] = [];
  let sum = 0;
  const most = Math.min(ARRIVALS_MAX, Math.ceil(slots * OVER_SLOTS));
  for (const unit of shuffledUnits(workload, seed)) {
    for (const row of unit) sum += demand[row] as number;
    if (sum > target) break;
    order.push(...unit);
    if (order.length >= most) break;
  }
  return Int32Array.from(order);
}

/** All units in random order, then units drawn at random, without end. */
export function* shuffledUnits(workload: CompareWorkload, seed: number): Generator<readonly number[]> {
  const units = unitsOf(workload);
  const stream = streamOf(seed, 'arrivals');
  const order = Int32Array.from(units, (_, index) => index);
  shuffle(order, (bound) => stream.below(bound));
  for (const index of order) yield units[index] as readonly number[];
  while (units.length > 0) yield units[stream.below(units.length)] as readonly number[];
}

/** Every pod of the workload once, in random order, gangs together; `round` tells shuffles of one seed apart. */
export function onceShuffled(
  workload: Pick<CompareWorkload, 'kindOf' | 'gangOf'>,
  seed: number,
  round = 0,
): Int32Array {
  const units = unitsOf(workload);
  const stream = streamOf(seed, `once ${round}`);
  const order = Int32Array.from(units, (_, index) => index);
  shuffle(order, (bound) => stream.below(bound));
  return Int32Array.from([...order].flatMap((index) => units[index] as readonly number[]));
}

/** Pods of a steady state; times in µs from its beginning, parallel arrays in order of arrival. */
export interface SteadyArrivals {
  /** Rows of the workload. */
  readonly rows: Int32Array;
  /** 0 for the pods that are there from the beginning. */
  readonly arrivalUs: Float64Array;
  /** How long the pod runs once it is placed. */
  readonly runUs: Float64Array;
  /** Number of the gang that the pod belongs to, −1 for none; each coming of a gang has a number of its own. */
  readonly gangOf: Int32Array;
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
  /** Share of the nodes lost per hour, 0 … 1. */
  readonly disturb: number;
}

/**
 * Arrivals around a steady state that asks for `wanted` on average: each unit of the workload comes again and again at a constant rate. The
 * beginning is stationary already: a unit of lifetime L is there as often as rate × L says, with a uniform part of L left.
 */
export function steadyArrivals(
  workload: CompareWorkload,
  demand: Float64Array,
  wanted: number,
  options: SteadyOptions,
  seed: number,
): SteadyArrivals {
  const units = unitsOf(workload);
  const lifetimes = lifetimesOf(workload, seed);
  const compression = options.compression ?? compressionFor(lifetimes, demand, workload.spanS, wanted);
  const stream = streamOf(seed, 'steady-state');
  const list = new ArrivalList(workload);
  for (const { unit, restS } of initialUnits(units, lifetimes, compression / workload.spanS, stream)) {
    list.add(unit, 0, () => restS * 1_000_000);
  }
  const initial = list.length;
  const meanGapUs = (workload.spanS * 1_000_000) / (compression * units.length);
  for (let now = gapUs(stream, meanGapUs); now < options.horizonS * 1_000_000; now += gapUs(stream, meanGapUs)) {
    if (list.length >= ARRIVALS_MAX) break;
    const unit = units[stream.below(units.length)] as readonly number[];
    list.add(unit, now, (row) => (lifetimes[row] as number) * 1_000_000);
  }
  return { ...list.arrays(), initial, compression };
}

/** Collects arrivals in their order. */
class ArrivalList {
  readonly #workload: CompareWorkload;
  readonly #rows: number[] = [];
  readonly #arrivalUs: number[] = [];
  readonly #runUs: number[] = [];
  readonly #gangOf: number[] = [];
  #gangs = 0;

  constructor(workload: CompareWorkload) {
    this.#workload = workload;
  }

  get length(): number {
    return this.#rows.length;
  }

  add(unit: readonly number[], arrivalUs: number, runUsOf: (row: number) => number): void {
    const inGang = (this.#workload.gangOf?.[unit[0] as number] ?? -1) >= 0;
    const gang = inGang ? this.#gangs++ : -1;
    for (const row of unit) {
      this.#rows.push(row);
      this.#arrivalUs.push(arrivalUs);
      this.#runUs.push(runUsOf(row));
      this.#gangOf.push(gang);
    }
  }

  arrays(): Pick<SteadyArrivals, 'rows' | 'arrivalUs' | 'runUs' | 'gangOf'> {
    return {
      rows: Int32Array.from(this.#rows),
      arrivalUs: Float64Array.from(this.#arrivalUs),
      runUs: Float64Array.from(this.#runUs),
      gangOf: Int32Array.from(this.#gangOf),
    };
  }
}

/** Known lifetimes, and drawn ones for rows without. */
function lifetimesOf({ kindOf, lifetimesS }: CompareWorkload, seed: number): Float64Array {
  if (lifetimesS !== null && !lifetimesS.some(Number.isNaN)) return lifetimesS;
  const stream = streamOf(seed, 'lifetimes');
  const drawn = drawLifetimes(kindOf.length, (bound) => stream.below(bound));
  return drawn.map((lifetime, row) => {
    const known = lifetimesS?.[row] ?? Number.NaN;
    return Number.isNaN(known) ? lifetime : known;
  });
}

/** Mean demand = Σ demand × lifetime × compression ÷ span. */
function compressionFor(lifetimes: Float64Array, demand: Float64Array, spanS: number, wanted: number): number {
  let product = 0;
  for (let row = 0; row < demand.length; row++) product += (demand[row] as number) * (lifetimes[row] as number);
  return product === 0 || wanted === 0 ? 1 : (wanted * spanS) / product;
}

interface InitialUnit {
  readonly unit: readonly number[];
  readonly restS: number;
}

/** Units that are there at the beginning, in random order; a fraction of a unit is one with that chance. */
function initialUnits(
  units: readonly (readonly number[])[],
  lifetimes: Float64Array,
  rate: number,
  stream: Sfc32,
): InitialUnit[] {
  const found: InitialUnit[] = [];
  for (const unit of units) {
    const lifetime = lifetimes[unit[0] as number] as number;
    const mean = lifetime * rate;
    const count = Math.floor(mean) + (stream.nextFloat() < mean % 1 ? 1 : 0);
    for (let i = 0; i < count && found.length < ARRIVALS_MAX; i++) {
      found.push({ unit, restS: Math.ceil(stream.nextFloat() * lifetime) });
    }
  }
  const order = Int32Array.from(found, (_, i) => i);
  shuffle(order, (bound) => stream.below(bound));
  return Array.from(order, (i) => found[i] as InitialUnit);
}

/** An exponential gap, whole µs. */
function gapUs(stream: Sfc32, meanUs: number): number {
  return Math.max(1, Math.round(-Math.log(1 - stream.nextFloat()) * meanUs));
}
