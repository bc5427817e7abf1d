/**
 * Steady state: pods come and go around a constant load; what does not fit waits, in order of arrival, until something ends.
 *
 * Virtual time. One scheduler works on one pod at a time and takes the cycle's cost for it. When a pod ends, waiting pods are
 * tried again, of equal ones only the first until it fits; there is no back-off between tries. Pods that are there from the
 * beginning are placed at time 0 without waiting and are no part of the waiting times.
 */
import { POD_CLASSES, type PodClassName } from '../../core/cluster/placement.ts';
import { nodesUsed } from '../../core/cluster/placement-figures.ts';
import { costTable } from '../../core/cluster/vocabulary.ts';
import { quantileSorted } from '../stats/quantile.ts';
import { type SteadyArrivals, type SteadyOptions, steadyArrivals } from './arrivals.ts';
import { Departures } from './departures.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { RunOutcome } from './fill-up.ts';
import type { RunValues } from './metrics.ts';
import { spreadOf } from './node-spread.ts';
import { StartUp } from './start-up.ts';

/** Points of the curve over time. */
export const SAMPLES = 60;
const S = 1_000_000;

/** Runs a steady state. */
export function runSteadyState(run: PreparedRun, options: SteadyOptions, seed: number): RunOutcome {
  const wanted = Math.max(0, run.demandCapacity * options.load - run.boundDemand);
  const arrivals = steadyArrivals(run.workload, run.demand, wanted, options, seed);
  return new SteadyRun(run, arrivals, options.horizonS * S, seed).run();
}

class SteadyRun {
  readonly #run: PreparedRun;
  readonly #arrivals: SteadyArrivals;
  readonly #horizonUs: number;
  readonly #departures = new Departures();
  readonly #startUp: StartUp;
  readonly #cycleUs = costTable().schedulerCycleUs;
  /** Numbers of the pods that wait, in order of arrival. */
  #waiting: number[] = [];
  readonly #waitingByClass: Record<PodClassName, number> = { cpu: 0, 'gpu-share': 0, 'one-gpu': 0, 'many-gpus': 0 };
  /** Departures seen when a pod of the kind last failed: equal pods fail too until the next one. */
  readonly #failedAt: Float64Array;
  #departureCount = 0;
  readonly #demandOfRow = new Map<number, number>();
  #usedDemand: number;
  #nowUs = 0;
  #schedulerFreeUs = 0;
  readonly #areas = new TimeAreas();
  readonly #waits: number[] = [];
  readonly #startUps: number[] = [];
  readonly #samples: { allocation: number; pending: number }[] = [];
  #checksum = 0;
  #ties = 0;
  #placed = 0;

  constructor(run: PreparedRun, arrivals: SteadyArrivals, horizonUs: number, seed: number) {
    this.#run = run;
    this.#arrivals = arrivals;
    this.#horizonUs = horizonUs;
    this.#usedDemand = run.boundDemand;
    this.#failedAt = new Float64Array(run.workload.kinds.length).fill(-1);
    this.#startUp = new StartUp(arrivals.rows.length, run.workload.kinds.length, seed);
  }

  run(): RunOutcome {
    const { initial, rows, arrivalUs } = this.#arrivals;
    for (let pod = 0; pod < initial; pod++) this.#try(pod) || this.#wait(pod);
    let next = initial;
    for (;;) {
      const arrival = next < rows.length ? (arrivalUs[next] as number) : Number.POSITIVE_INFINITY;
      const time = Math.min(arrival, this.#departures.nextUs, this.#horizonUs);
      this.#advance(time);
      if (time === this.#horizonUs) break;
      if (this.#departures.nextUs === time) this.#depart();
      else {
        const pod = next++;
        if (!this.#try(pod)) this.#wait(pod);
      }
    }
    return {
      values: this.#values(),
      curves: {
        allocation: this.#samples.map(({ allocation }) => allocation),
        pending: this.#samples.map(({ pending }) => pending),
      },
      checksum: this.#checksum,
      tiesMean: this.#placed === 0 ? 1 : this.#ties / this.#placed,
      placed: this.#placed,
    };
  }

  /** Places a pod if it fits; true when it did. */
  #try(pod: number): boolean {
    const { workload, placement, meter, demand } = this.#run;
    const row = this.#arrivals.rows[pod] as number;
    const kind = workload.kindOf[row] as number;
    if (this.#failedAt[kind] === this.#departureCount) return false;
    const initial = pod < this.#arrivals.initial;
    if (!initial) this.#schedulerFreeUs = Math.max(this.#schedulerFreeUs, this.#nowUs) + this.#cycleUs;
    const at = placement.place(kind);
    if (at < 0) {
      this.#failedAt[kind] = this.#departureCount;
      return false;
    }
    const node = placement.nodeOf(at);
    this.#checksum = (Math.imul(this.#checksum, 31) + Math.imul(pod, 0x9e3779b1) + node) | 0;
    this.#ties += placement.lastTies;
    this.#placed++;
    meter.update(node);
    this.#usedDemand += demand[row] as number;
    this.#demandOfRow.set(at, demand[row] as number);
    const start = this.#startUp.durationUs(pod, kind, node);
    const placedUs = initial ? 0 : this.#schedulerFreeUs;
    if (!initial) {
      const wait = placedUs - (this.#arrivals.arrivalUs[pod] as number);
      this.#waits.push(wait);
      this.#startUps.push(wait + start);
    }
    // What ran at the beginning runs its rest; the others run their lifetime from their start.
    this.#departures.push(placedUs + (initial ? 0 : start) + (this.#arrivals.runUs[pod] as number), at);
    return true;
  }

  #wait(pod: number): void {
    this.#waiting.push(pod);
    this.#waitingByClass[this.#classOf(pod)]++;
  }

  #depart(): void {
    const { placement, meter } = this.#run;
    const row = this.#departures.pop();
    const node = placement.nodeOf(row);
    placement.remove(row);
    meter.update(node);
    this.#usedDemand -= this.#demandOfRow.get(row) ?? 0;
    this.#demandOfRow.delete(row);
    this.#departureCount++;
    if (this.#waiting.length === 0) return;
    const before = this.#waiting;
    this.#waiting = before.filter((pod) => {
      if (!this.#try(pod)) return true;
      this.#waitingByClass[this.#classOf(pod)]--;
      return false;
    });
  }

  #classOf(pod: number): PodClassName {
    const { workload, placement } = this.#run;
    return placement.demandOf(workload.kindOf[this.#arrivals.rows[pod] as number] as number).class;
  }

  /** Lets time pass: areas under the curves, and samples on the way. */
  #advance(timeUs: number): void {
    const step = this.#horizonUs / SAMPLES;
    while (this.#samples.length < SAMPLES && (this.#samples.length + 1) * step <= timeUs) {
      this.#samples.push({
        allocation: (100 * this.#usedDemand) / this.#run.demandCapacity,
        pending: this.#waiting.length,
      });
      this.#areas.sample(this.#run);
    }
    this.#areas.add(timeUs - this.#nowUs, this.#usedDemand, this.#waiting.length, this.#waitingByClass);
    this.#nowUs = timeUs;
  }

  #values(): RunValues {
    const { demandIn, demandCapacity } = this.#run;
    const waits = [...this.#waits, ...this.#stillWaiting()].sort((a, b) => a - b);
    const startUps = this.#startUps.sort((a, b) => a - b);
    const seconds = (sorted: readonly number[], p: number): number | null =>
      sorted.length === 0 ? null : quantileSorted(sorted, p) / S;
    const pending = Object.fromEntries(POD_CLASSES.map((name) => [`pending-${name}`, this.#areas.pendingMean(name)]));
    return {
      [demandIn === 'gpu' ? 'gpu-allocation' : 'cpu-allocation']: (100 * this.#areas.usedMean()) / demandCapacity,
      fragmentation: (100 * this.#areas.fragmentMean()) / demandCapacity,
      'nodes-used': this.#areas.nodesMean(),
      pending: this.#areas.waitingMean(),
      ...pending,
      'queueing-p50': seconds(waits, 0.5),
      'queueing-p90': seconds(waits, 0.9),
      'queueing-p99': seconds(waits, 0.99),
      'start-up-p50': seconds(startUps, 0.5),
      'start-up-p99': seconds(startUps, 0.99),
      'waiting-at-end': this.#waiting.length,
      ...spreadOf(this.#run),
    };
  }

  /** Waits up to now of the pods that arrived on the way and still wait. */
  #stillWaiting(): number[] {
    const { initial, arrivalUs } = this.#arrivals;
    return this.#waiting.filter((pod) => pod >= initial).map((pod) => this.#horizonUs - (arrivalUs[pod] as number));
  }
}

/** Means over time, and means over the samples of what is dear to compute. */
class TimeAreas {
  #timeUs = 0;
  #used = 0;
  #waiting = 0;
  readonly #byClass: Record<PodClassName, number> = { cpu: 0, 'gpu-share': 0, 'one-gpu': 0, 'many-gpus': 0 };
  #samples = 0;
  #fragment = 0;
  #nodes = 0;

  add(spanUs: number, used: number, waiting: number, byClass: Readonly<Record<PodClassName, number>>): void {
    this.#timeUs += spanUs;
    this.#used += spanUs * used;
    this.#waiting += spanUs * waiting;
    for (const name of POD_CLASSES) this.#byClass[name] += spanUs * byClass[name];
  }

  sample({ meter, placement }: PreparedRun): void {
    this.#samples++;
    this.#fragment += meter.fragmentMilli();
    this.#nodes += nodesUsed(placement);
  }

  usedMean(): number {
    return this.#used / Math.max(1, this.#timeUs);
  }

  waitingMean(): number {
    return this.#waiting / Math.max(1, this.#timeUs);
  }

  pendingMean(name: PodClassName): number {
    return this.#byClass[name] / Math.max(1, this.#timeUs);
  }

  fragmentMean(): number {
    return this.#fragment / Math.max(1, this.#samples);
  }

  nodesMean(): number {
    return this.#nodes / Math.max(1, this.#samples);
  }
}
