/**
 * How good a placement could be at best: bounds that no policy can pass, for the optimality gap of a report.
 *
 * *Resources*: one resource at a time, as if the others were plenty. *LP*: all resources at once with pods cut into parts (linear
 * relaxation of vector packing). Both over the classes of nodes of `packing-model.ts`.
 */
import type { PreparedRun } from './experiment-input.ts';
import { type LinearColumn, solveLinear } from './linear-program.ts';
import { countsOf, type PackingModel, packingModel } from './packing-model.ts';

/** The most demand that could be placed; the LP's null where it is too large to solve. */
export interface PackingBounds {
  readonly resources: number;
  readonly linear: number | null;
}

/** Rows of the largest program that is solved: its basis takes rows² numbers. */
const ROWS_MAX = 1500;

/** Bounds by counts of kinds: policies of a seed share them. */
const known = new WeakMap<object, Map<string, PackingBounds>>();

/** Bounds on the demand that can be placed of the arrivals `order` (rows), on the cluster as it is now. */
export function packingBounds(run: PreparedRun, order: Iterable<number>): PackingBounds {
  const counts = countsOf(run, order);
  const key = counts.join();
  const memory = known.get(run.workload) ?? new Map<string, PackingBounds>();
  known.set(run.workload, memory);
  const before = memory.get(key);
  if (before !== undefined) return before;
  const worths = run.workload.kinds.map((_, kind) => run.placement.demandOf(kind)[DEMAND[run.demandIn]]);
  const model = packingModel(run);
  const resources = resourceBound(model, counts, worths);
  const linear = mostWorth(model, counts, worths);
  const bounds = { resources, linear: linear === null ? null : Math.min(linear, resources) };
  memory.set(key, bounds);
  return bounds;
}

const DEMAND = { gpu: 'gpuMilli', cpu: 'cpuMilli' } as const;

/** The least over the resources of the most worth that its free amount can hold: the pods worth most per amount first. */
export function resourceBound(model: PackingModel, counts: Float64Array, worths: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let r = 0; r < model.resourceCount; r++) {
    let free = model.classes.reduce((sum, each) => sum + Math.max(0, each.free[r] as number), 0);
    const order = worths.map((worth, kind) => ({ worth, kind, amount: model.requests[kind]?.[r] ?? 0 }));
    order.sort((a, b) => b.worth * a.amount - a.worth * b.amount || a.kind - b.kind);
    let worthSum = 0;
    for (const { worth, kind, amount } of order) {
      if (!model.classes.some(({ hosts }) => hosts[kind] === 1)) continue;
      const fits = amount === 0 ? Number.POSITIVE_INFINITY : free / amount;
      const taken = Math.min(counts[kind] as number, fits);
      worthSum += taken * worth;
      if (amount > 0) free -= taken * amount;
    }
    least = Math.min(least, worthSum);
  }
  return least;
}

/** LP bound on the worth of what can be placed; null where the program is too large. */
export function mostWorth(model: PackingModel, counts: Float64Array, worths: readonly number[]): number | null {
  const program = new PackingProgram(model, counts);
  if (program.rowCount > ROWS_MAX) return null;
  for (const { kind, columnOf } of program.places())
    program.columns.push(columnOf(worths[kind] as number, program.countRow(kind)));
  return solveLinear({ limits: program.limits, columns: program.columns }).bound;
}

/**
 * LP bound on how many times the workload fits: the largest f with f × counts placed. Infinity where the program is too large,
 * else at most `most`.
 */
export function mostCopies(model: PackingModel, counts: Float64Array, most: number): number {
  const program = new PackingProgram(model, new Float64Array(counts.length));
  if (program.rowCount > ROWS_MAX) return Number.POSITIVE_INFINITY;
  const wanted = program.kinds(counts);
  program.columns.push({
    worth: 1,
    rows: wanted.map((kind) => program.countRow(kind)),
    amounts: wanted.map((kind) => counts[kind] as number),
    most,
  });
  for (const { kind, columnOf } of program.places(counts, most)) {
    const { amounts, ...column } = columnOf(0, program.countRow(kind));
    program.columns.push({ ...column, amounts: amounts.map((amount, i) => (i === 0 ? -amount : amount)) });
  }
  return solveLinear({ limits: program.limits, columns: program.columns }).bound;
}

/** A node that can be bought. */
export interface OfferedNode {
  readonly price: number;
  readonly hosts: Uint8Array;
  readonly free: Float64Array;
}

/** What the cheapest purchase costs at least, and how many of each offer the relaxation buys. */
export interface CheapestNodes {
  readonly costAtLeast: number;
  readonly amounts: readonly number[];
}

/**
 * LP bound on the cost of nodes that let all pods fit. A pod that is left out costs twice the dearest offer that could host it, so
 * none is. Null where the program is too large, or a pod fits on nothing that is there or offered.
 */
export function cheapestNodes(
  model: PackingModel,
  counts: Float64Array,
  offers: readonly OfferedNode[],
): CheapestNodes | null {
  const all: PackingModel = {
    ...model,
    classes: [...model.classes, ...offers.map(({ hosts, free }) => ({ hosts, free: new Float64Array(free.length) }))],
  };
  const program = new PackingProgram(all, counts, offers);
  if (program.rowCount > ROWS_MAX) return null;
  const wanted = program.kinds(counts);
  if (wanted.some((kind) => !all.classes.some(({ hosts }) => hosts[kind] === 1))) return null;
  const dearest = Math.max(...offers.map(({ price }) => price));
  const worth = 2 * dearest;
  const pods = counts.reduce((sum, count) => sum + count, 0);
  const firstOffer = program.columns.length;
  offers.forEach((offer, i) => {
    const rows = Array.from(offer.free, (_, r) => program.resourceRow(model.classes.length + i, r));
    program.columns.push({
      worth: -offer.price,
      rows,
      amounts: Array.from(offer.free, (free, r) => -program.inUnits(r, free)),
      most: pods,
    });
  });
  for (const { kind, columnOf } of program.places()) program.columns.push(columnOf(worth, program.countRow(kind)));
  const { bound, values } = solveLinear({ limits: program.limits, columns: program.columns });
  return {
    costAtLeast: Math.max(0, worth * pods - bound),
    amounts: offers.map((_, i) => values[firstOffer + i] as number),
  };
}

interface PlaceColumn {
  readonly kind: number;
  /** The column of pods of the kind on the class, the row of its count first. */
  columnOf(worth: number, countRow: number): LinearColumn;
}

/** Rows that all programs have: a count for each kind, free amounts for each class and resource. */
class PackingProgram {
  readonly columns: LinearColumn[] = [];
  readonly limits: Float64Array;
  readonly #model: PackingModel;
  readonly #counts: Float64Array;
  /** Amounts of a resource are given in parts of the largest class, so that bytes and cores are numbers of one size. */
  readonly #units: readonly number[];

  constructor(model: PackingModel, counts: Float64Array, offers: readonly OfferedNode[] = []) {
    const { classes, resourceCount } = model;
    this.#model = model;
    this.#counts = counts;
    this.#units = Array.from({ length: resourceCount }, (_, r) =>
      Math.max(1, ...[...classes, ...offers].map(({ free }) => free[r] as number)),
    );
    this.limits = new Float64Array(counts.length + classes.length * resourceCount);
    this.limits.set(counts);
    classes.forEach(({ free }, c) => {
      for (let r = 0; r < resourceCount; r++)
        this.limits[this.resourceRow(c, r)] = this.inUnits(r, Math.max(0, free[r] as number));
    });
  }

  get rowCount(): number {
    return this.limits.length;
  }

  countRow(kind: number): number {
    return kind;
  }

  resourceRow(nodeClass: number, resource: number): number {
    return this.#counts.length + nodeClass * this.#model.resourceCount + resource;
  }

  inUnits(resource: number, amount: number): number {
    return amount / (this.#units[resource] as number);
  }

  /** Kinds with pods. */
  kinds(counts: Float64Array): number[] {
    return Array.from(counts, (_, kind) => kind).filter((kind) => (counts[kind] as number) > 0);
  }

  /** Every kind with pods on every class that can host it; a kind has at most `most` × its count. */
  *places(counts: Float64Array = this.#counts, most = 1): Generator<PlaceColumn> {
    for (const kind of this.kinds(counts)) {
      const request = this.#model.requests[kind] as Float64Array;
      const resources = Array.from(request, (_, r) => r).filter((r) => (request[r] as number) > 0);
      for (let c = 0; c < this.#model.classes.length; c++) {
        if (this.#model.classes[c]?.hosts[kind] !== 1) continue;
        yield {
          kind,
          columnOf: (worth, countRow) => ({
            worth,
            rows: [countRow, ...resources.map((r) => this.resourceRow(c, r))],
            amounts: [1, ...resources.map((r) => this.inUnits(r, request[r] as number))],
            most: most * (counts[kind] as number),
          }),
        };
      }
    }
  }
}
