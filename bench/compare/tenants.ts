/**
 * Who holds how much: tenants are namespaces, and a tenant's dominant share is its largest share of any resource of the cluster.
 *
 * Sources: dominant resource fairness (Ghodsi et al., NSDI'11); Jain's index (Jain, Chiu, Hawe 1984); finish-time fairness
 * after Themis (NSDI'20), here the time from arrival to end over the time alone on the cluster. Means over time are of shares
 * held and asked for (running and waiting).
 */
import type { PodDemand } from '../../core/cluster/placement.ts';
import type { Totals } from '../../core/cluster/placement-figures.ts';
import type { CompareWorkload } from './workload.ts';

/** Fairness of one run; null where the workload has one tenant only. */
export interface Fairness {
  /** Jain's index in %: 100 = everybody gets its due, the lesser of what it asks for and an equal share. */
  readonly jain: number | null;
  /** Largest mean dominant share over the smallest, points. */
  readonly gap: number | null;
  /** Arrival to end over the time alone, mean of the worst tenant. */
  readonly slowdownWorst: number | null;
}

const RESOURCES = 3;

/** Tenants of one run. */
export class Tenants {
  /** Tenant by kind. */
  readonly ofKind: Int32Array;
  readonly count: number;
  readonly #capacity: readonly number[];
  /** Held and asked for, by tenant × resources + resource. */
  readonly #held: Float64Array;
  readonly #asked: Float64Array;
  readonly #heldArea: Float64Array;
  readonly #askedArea: Float64Array;
  #timeUs = 0;
  readonly #slowdownSum: Float64Array;
  readonly #slowdownCount: Float64Array;

  constructor({ kinds }: CompareWorkload, capacity: Totals) {
    const names = new Map<string, number>();
    this.ofKind = Int32Array.from(kinds, ({ metadata: { namespace = '' } }) => {
      const known = names.get(namespace) ?? names.size;
      names.set(namespace, known);
      return known;
    });
    this.count = names.size;
    this.#capacity = amounts(capacity);
    const cells = names.size * RESOURCES;
    this.#held = new Float64Array(cells);
    this.#asked = new Float64Array(cells);
    this.#heldArea = new Float64Array(names.size);
    this.#askedArea = new Float64Array(names.size);
    this.#slowdownSum = new Float64Array(names.size);
    this.#slowdownCount = new Float64Array(names.size);
  }

  /** A pod of a kind arrives (1) or is over (−1). */
  ask(kind: number, demand: PodDemand, sign: 1 | -1): void {
    add(this.#asked, this.ofKind[kind] as number, demand, sign);
  }

  /** A pod of a kind gets a node (1) or leaves it (−1). */
  hold(kind: number, demand: PodDemand, sign: 1 | -1): void {
    add(this.#held, this.ofKind[kind] as number, demand, sign);
  }

  /** Dominant share of a tenant now. */
  shareOf(tenant: number): number {
    return this.#share(this.#held, tenant);
  }

  #share(cells: Float64Array, tenant: number): number {
    let share = 0;
    for (let r = 0; r < RESOURCES; r++) {
      const capacity = this.#capacity[r] as number;
      if (capacity > 0) share = Math.max(share, (cells[tenant * RESOURCES + r] as number) / capacity);
    }
    return share;
  }

  /** Time passes. */
  advance(spanUs: number): void {
    this.#timeUs += spanUs;
    for (let tenant = 0; tenant < this.count; tenant++) {
      this.#heldArea[tenant] = (this.#heldArea[tenant] as number) + spanUs * this.#share(this.#held, tenant);
      this.#askedArea[tenant] = (this.#askedArea[tenant] as number) + spanUs * this.#share(this.#asked, tenant);
    }
  }

  /** A pod of a kind took so many times as long as alone. */
  finished(kind: number, slowdown: number): void {
    const tenant = this.ofKind[kind] as number;
    this.#slowdownSum[tenant] = (this.#slowdownSum[tenant] as number) + slowdown;
    this.#slowdownCount[tenant] = (this.#slowdownCount[tenant] as number) + 1;
  }

  /** Mean over everybody's pods; null without one. */
  slowdownMean(): number | null {
    const count = sum(this.#slowdownCount);
    return count === 0 ? null : sum(this.#slowdownSum) / count;
  }

  fairness(): Fairness {
    if (this.count < 2) return { jain: null, gap: null, slowdownWorst: null };
    const held = Array.from(this.#heldArea, (area) => area / Math.max(1, this.#timeUs));
    const dues = Array.from(this.#askedArea, (area) => Math.min(area / Math.max(1, this.#timeUs), 1 / this.count));
    const got = held.flatMap((share, tenant) => {
      const due = dues[tenant] as number;
      return due > 0 ? [Math.min(1, share / due)] : [];
    });
    const slowdowns = Array.from(this.#slowdownCount, (count, tenant) =>
      count === 0 ? 0 : (this.#slowdownSum[tenant] as number) / count,
    );
    const worst = Math.max(...slowdowns);
    return {
      jain: 100 * jainIndex(got),
      gap: 100 * (Math.max(...held) - Math.min(...held)),
      slowdownWorst: worst === 0 ? null : worst,
    };
  }
}

/** (Σ x)² ÷ (n Σ x²): 1 when all are equal, 1/n when one has everything; 1 of nothing. */
export function jainIndex(values: readonly number[]): number {
  const squares = sum(values.map((value) => value * value));
  return squares === 0 ? 1 : sum(values) ** 2 / (values.length * squares);
}

function amounts({ cpuMilli, memoryBytes, gpuMilli }: Totals): readonly number[] {
  return [cpuMilli, memoryBytes, gpuMilli];
}

function add(cells: Float64Array, tenant: number, demand: Totals, sign: 1 | -1): void {
  amounts(demand).forEach((amount, r) => {
    const at = tenant * RESOURCES + r;
    cells[at] = (cells[at] as number) + sign * amount;
  });
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
