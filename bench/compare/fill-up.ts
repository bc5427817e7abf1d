/**
 * Fill-up: an empty cluster (but for what is bound) gets one pod after the other until more is asked for than there is.
 *
 * A pod that fits nowhere is dropped and never tried again; nothing departs. The protocol of the FGD paper.
 */
import { POD_CLASSES, type PodClassName } from '../../core/cluster/placement.ts';
import { nodesUsed, podSlots, strandedOf } from '../../core/cluster/placement-figures.ts';
import { fillUpOrder } from './arrivals.ts';
import { boundKinds, type PreparedRun } from './experiment-input.ts';
import type { RunValues } from './metrics.ts';
import { spreadOf } from './node-spread.ts';

/** Result of one run. */
export interface RunOutcome {
  readonly values: RunValues;
  /** Curves by name; equal lengths for all policies and seeds. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
  /** Hash over all placements in their order. */
  readonly checksum: number;
  /** Mean number of equal best nodes a placement. */
  readonly tiesMean: number;
  /** Pods that were placed. */
  readonly placed: number;
}

/** Runs a fill-up until `fillPercent` of the capacity were asked for. */
export function runFillUp(run: PreparedRun, fillPercent: number, seed: number): RunOutcome {
  const { workload, placement, meter, demand, demandCapacity, boundDemand } = run;
  const target = (demandCapacity * fillPercent) / 100 - boundDemand;
  const order = fillUpOrder(workload, demand, target, podSlots(placement), seed);
  const watch = new FillUpWatch(run, fillPercent);
  let checksum = 0;
  let ties = 0;
  let placed = 0;
  for (const row of order) {
    const kind = workload.kindOf[row] as number;
    const at = placement.place(kind);
    const node = at < 0 ? -1 : placement.nodeOf(at);
    checksum = (Math.imul(checksum, 31) + node + 1) | 0;
    if (at >= 0) {
      meter.update(node);
      ties += placement.lastTies;
      placed++;
    }
    watch.arrived(row, kind, at >= 0);
  }
  const tiesMean = placed === 0 ? 1 : ties / placed;
  return { values: watch.values(), curves: watch.curves(), checksum, tiesMean, placed };
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
    for (const kind of boundKinds(run.workload)) this.#add(kind);
    this.#record(0);
  }

  arrived(row: number, kind: number, placed: boolean): void {
    const { placement, demand, demandCapacity } = this.#run;
    this.#askedFor += demand[row] as number;
    const asked = placement.demandOf(kind);
    if (placed) this.#add(kind);
    else this.#failed[asked.class]++;
    const percent = Math.floor((100 * this.#askedFor) / Math.max(1, demandCapacity));
    this.#record(percent);
    if (percent >= 50) this.#nodesAtHalf ??= nodesUsed(placement);
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

  #add(kind: number): void {
    const { cpuMilli, memoryBytes, gpuMilli } = this.#run.placement.demandOf(kind);
    this.#used.cpuMilli += cpuMilli;
    this.#used.memoryBytes += memoryBytes;
    this.#used.gpuMilli += gpuMilli;
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
