/**
 * Fill-up: an empty cluster (but for what is bound) gets one pod after the other until more is asked for than there is.
 *
 * A pod that fits nowhere is dropped and never tried again; nothing departs. The protocol of the FGD paper. Where pods differ in
 * priority, one that fits nowhere may take the place of less important ones, which are then dropped. A policy that takes batches gets
 * many arrivals at a time.
 */
import { type Eviction, POD_CLASSES, type PodClassName } from '../../core/cluster/placement.ts';
import { nodesUsed, podSlots, strandedOf } from '../../core/cluster/placement-figures.ts';
import { fillUpOrder } from './arrivals.ts';
import { boundKinds, type PreparedRun } from './experiment-input.ts';
import type { RunValues } from './metrics.ts';
import { spreadOf } from './node-spread.ts';
import { type PackingBounds, packingBounds } from './packing-bounds.ts';
import { gangDemand, groupsOf, isComplete, placeGroup } from './place-all.ts';
import { placedFigures } from './placed-figures.ts';
import type { RunOutcome } from './run-outcome.ts';
import { KindsSeen } from './why-left.ts';

/** Runs a fill-up until `fillPercent` of the capacity were asked for. */
export function runFillUp(run: PreparedRun, fillPercent: number, seed: number): RunOutcome {
  const { workload, placement, demand, demandCapacity, boundDemand } = run;
  const target = (demandCapacity * fillPercent) / 100 - boundDemand;
  const order = fillUpOrder(workload, demand, target, podSlots(placement), seed);
  const bounds = packingBounds(run, order);
  const fillUp = new FillUp(run, new FillUpWatch(run, fillPercent));
  for (const group of groupsOf(run, order)) fillUp.bring(group);
  return fillUp.outcome(bounds);
}

/** One fill-up under way. */
class FillUp {
  readonly #run: PreparedRun;
  readonly #watch: FillUpWatch;
  /** Row of the workload by row of the placement, where pods may have to go. */
  readonly #placedRows = new Map<number, number>();
  readonly #kinds: KindsSeen;
  #checksum = 0;
  #ties = 0;
  #placed = 0;
  #preemptions = 0;
  #pdbViolations = 0;
  #heldByGangs = 0;
  #placedDemand = 0;

  constructor(run: PreparedRun, watch: FillUpWatch) {
    this.#run = run;
    this.#kinds = new KindsSeen(run.workload);
    this.#watch = watch;
  }

  /** Places a group of arrivals. */
  bring(group: readonly number[]): void {
    const { workload, placement, demand } = this.#run;
    const mayPreempt = placement.preempts && !placement.takesBatches;
    const rows = mayPreempt ? this.#placeByForce(group) : placeGroup(this.#run, group);
    const complete = isComplete(this.#run, group, rows.filter((row) => row >= 0).length);
    group.forEach((row, i) => {
      const at = rows[i] as number;
      this.#arrived(row, workload.kindOf[row] as number, at);
      if (!complete && at >= 0) this.#heldByGangs += demand[row] as number;
    });
  }

  /** Places a group; pods that find no node, or together too few, may take the place of less important ones. */
  #placeByForce(group: readonly number[]): readonly number[] {
    const { placement, budgets, workload } = this.#run;
    const demand = gangDemand(this.#run, group);
    if (demand === null) return group.map((row) => this.#place(workload.kindOf[row] as number));
    const rows = placement.placeGroup(demand);
    if (rows !== null) return rows;
    budgets.tell(placement);
    const eviction = placement.victimsForGroup(demand);
    if (eviction === null) return group.map(() => -1);
    this.#evict(eviction);
    return eviction.nodes.map((node, i) => (node < 0 ? -1 : placement.bind(demand.kinds[i] as number, node)));
  }

  #place(kind: number): number {
    const { placement, budgets } = this.#run;
    const row = placement.place(kind);
    if (row >= 0 || !placement.preempts) return row;
    budgets.tell(placement);
    const eviction = placement.victimsFor(kind);
    if (eviction === null) return -1;
    this.#evict(eviction);
    return placement.bind(kind, eviction.node);
  }

  #evict({ rows, pdbViolations }: Pick<Eviction, 'rows' | 'pdbViolations'>): void {
    this.#preemptions += rows.length;
    this.#pdbViolations += pdbViolations;
    for (const victim of rows) this.#drop(victim);
  }

  /** A placed pod has to go. */
  #drop(at: number): void {
    const { placement, budgets, workload, demand } = this.#run;
    placement.remove(at);
    const row = this.#placedRows.get(at);
    if (row === undefined) return;
    this.#placedRows.delete(at);
    this.#placedDemand -= demand[row] as number;
    budgets.placed(workload.kindOf[row] as number, -1);
    this.#watch.dropped(workload.kindOf[row] as number);
  }

  #arrived(row: number, kind: number, at: number): void {
    const { placement, meter, budgets, demand } = this.#run;
    this.#kinds.asked(kind);
    if (at >= 0) this.#kinds.had(kind);
    const node = at < 0 ? -1 : placement.nodeOf(at);
    this.#checksum = (Math.imul(this.#checksum, 31) + node + 1) | 0;
    if (at >= 0) {
      meter.update(node);
      this.#ties += placement.lastTies;
      this.#placed++;
      this.#placedDemand += demand[row] as number;
      if (placement.preempts) this.#placedRows.set(at, row);
      budgets.placed(kind, 1);
    }
    this.#watch.arrived(row, kind, at >= 0);
  }

  outcome(bounds: PackingBounds): RunOutcome {
    const { placement, workload, demandCapacity } = this.#run;
    const placedDemand = this.#placedDemand;
    const gap = (bound: number | null) =>
      bound === null || bound <= 0 ? null : (100 * (bound - placedDemand)) / bound;
    const values: RunValues = {
      ...this.#watch.values(),
      ...placedFigures(this.#run),
      preemptions: placement.preempts ? this.#preemptions : null,
      'pdb-violations': placement.preempts ? this.#pdbViolations : null,
      'gang-held': workload.gangOf === null ? null : (100 * this.#heldByGangs) / demandCapacity,
      'gap-to-resources': gap(bounds.resources),
      'gap-to-lp': gap(bounds.linear),
    };
    return {
      values,
      curves: this.#watch.curves(),
      checksum: this.#checksum,
      tiesMean: this.#placed === 0 ? 1 : this.#ties / this.#placed,
      placed: this.#placed,
      unplaced: this.#kinds.unplaced(),
    };
  }
}

/** Follows a fill-up. */
class FillUpWatch {
  readonly #run: PreparedRun;
  readonly #failed: Record<PodClassName, number> = { cpu: 0, 'gpu-share': 0, 'one-gpu': 0, 'many-gpus': 0 };
  /** By percent of the capacity asked for: in use and fragmented, %. NaN until reached. */
  readonly #allocation: Float64Array;
  readonly #fragmentation: Float64Array;
  #askedFor: number;
  #used = { cpuMilli: 0, memoryBytes: 0, gpuMilli: 0 };
  #nodesAtHalf: number | null = null;

  constructor(run: PreparedRun, fillPercent: number) {
    this.#run = run;
    this.#allocation = new Float64Array(fillPercent + 1).fill(Number.NaN);
    this.#fragmentation = new Float64Array(fillPercent + 1).fill(Number.NaN);
    this.#askedFor = run.boundDemand;
    for (const kind of boundKinds(run.workload)) this.#add(kind, 1);
    this.#record(0);
  }

  arrived(row: number, kind: number, placed: boolean): void {
    const { placement, demand, demandCapacity } = this.#run;
    this.#askedFor += demand[row] as number;
    const asked = placement.demandOf(kind);
    if (placed) this.#add(kind, 1);
    else this.#failed[asked.class]++;
    const percent = Math.floor((100 * this.#askedFor) / Math.max(1, demandCapacity));
    this.#record(percent);
    if (percent >= 50) this.#nodesAtHalf ??= nodesUsed(placement);
  }

  /** A placed pod had to go. */
  dropped(kind: number): void {
    this.#add(kind, -1);
    this.#failed[this.#run.placement.demandOf(kind).class]++;
  }

  values(): RunValues {
    const { placement, capacity, workload } = this.#run;
    const stranded = strandedOf(placement, workload.kinds.length);
    const fragmentation = filled(this.#fragmentation);
    const failed = Object.fromEntries(POD_CLASSES.map((name) => [`failed-${name}`, this.#failed[name]]));
    return {
      'gpu-allocation': percentOf(this.#used.gpuMilli, capacity.gpuMilli),
      'gpu-allocation-at-100': filled(this.#allocation)[100] ?? null,
      'cpu-allocation': percentOf(this.#used.cpuMilli, capacity.cpuMilli),
      'cpu-of-gpu-nodes': percentOf(this.#used.cpuMilli, capacity.cpuMilli),
      'memory-allocation': percentOf(this.#used.memoryBytes, capacity.memoryBytes),
      fragmentation: fragmentation.at(-1) ?? null,
      'fragmentation-mean': fragmentation.reduce((sum, value) => sum + value, 0) / fragmentation.length,
      'stranded-gpu': percentOf(stranded.gpuMilli, capacity.gpuMilli),
      'stranded-cpu': percentOf(stranded.cpuMilli, capacity.cpuMilli),
      'nodes-used': nodesUsed(placement),
      'nodes-used-at-50': this.#nodesAtHalf,
      failed: POD_CLASSES.reduce((sum, name) => sum + this.#failed[name], 0),
      ...failed,
      ...spreadOf(this.#run),
    };
  }

  curves(): Record<string, readonly number[]> {
    return { allocation: filled(this.#allocation), fragmentation: filled(this.#fragmentation) };
  }

  #add(kind: number, sign: 1 | -1): void {
    const { cpuMilli, memoryBytes, gpuMilli } = this.#run.placement.demandOf(kind);
    this.#used.cpuMilli += sign * cpuMilli;
    this.#used.memoryBytes += sign * memoryBytes;
    this.#used.gpuMilli += sign * gpuMilli;
  }

  /** The last report of a percent stands for it. */
  #record(percent: number): void {
    if (percent >= this.#allocation.length) return;
    const { demandIn, demandCapacity, meter } = this.#run;
    const used = demandIn === 'gpu' ? this.#used.gpuMilli : this.#used.cpuMilli;
    this.#allocation[percent] = percentOf(used, demandCapacity) ?? 0;
    this.#fragmentation[percent] = demandIn === 'gpu' ? (100 * meter.fragmentMilli()) / demandCapacity : 0;
  }
}

/** Percents that no arrival ended in have the value before them. */
function filled(values: Float64Array): number[] {
  const whole: number[] = [];
  for (const value of values) whole.push(Number.isNaN(value) ? (whole.at(-1) ?? 0) : value);
  return whole;
}

/** null of nothing. */
function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole;
}
