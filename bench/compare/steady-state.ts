/**
 * Steady state: pods come and go around a constant load; what does not fit waits until something ends.
 *
 * Virtual time. One scheduler works on one pod at a time and takes the cycle's cost for it. When room comes free, waiting pods are
 * tried again in the order of the policy's queue, of equal ones only the first until it fits; there is no back-off between
 * tries. A policy that takes batches looks at its queue every {@link BATCH_PERIOD_US} instead. A pod that is preempted or loses its node
 * starts over. Pods that are there from the beginning are placed at time 0 without waiting and are no part of the waiting times.
 */
import type { Eviction, GroupDemand, PodClassName } from '../../core/cluster/placement.ts';
import { costTable } from '../../core/cluster/vocabulary.ts';
import { type SteadyArrivals, type SteadyOptions, steadyArrivals } from './arrivals.ts';
import type { DecisionObserver } from './decision-observer.ts';
import { Departures } from './departures.ts';
import { drawDisturbances, GIVEN_UP_US, type NodeChange } from './disturbances.ts';
import type { PreparedRun } from './experiment-input.ts';
import { GangBook } from './gangs.ts';
import type { RunValues } from './metrics.ts';
import { spreadOf } from './node-spread.ts';
import { priorityOf } from './pod-facts.ts';
import type { RunOutcome } from './run-outcome.ts';
import { StartUp } from './start-up.ts';
import { Tenants } from './tenants.ts';
import { TimeMeans } from './time-means.ts';
import { WaitTimes } from './wait-times.ts';
import { WaitingQueue } from './waiting-queue.ts';
import { KindsSeen } from './why-left.ts';
import { gangRuleOf } from './workload.ts';

/** Points of the curve over time. */
export const SAMPLES = 60;
const S = 1_000_000;
/** How often a policy that takes batches looks at its queue. */
const BATCH_PERIOD_US = 10 * S;

/** Runs a steady state. */
export function runSteadyState(
  run: PreparedRun,
  options: SteadyOptions,
  seed: number,
  observer?: DecisionObserver,
): RunOutcome {
  const wanted = Math.max(0, run.demandCapacity * options.load - run.boundDemand);
  const arrivals = steadyArrivals(run.workload, run.demand, wanted, options, seed);
  const horizonUs = options.horizonS * S;
  const changes = drawDisturbances(run.workload.nodes.length, options.disturb, horizonUs, seed);
  return new SteadyRun(run, arrivals, { horizonUs, changes, disturbed: options.disturb > 0, seed, observer }).run();
}

interface SteadySetting {
  readonly horizonUs: number;
  readonly changes: readonly NodeChange[];
  readonly disturbed: boolean;
  readonly seed: number;
  readonly observer: DecisionObserver | undefined;
}

class SteadyRun {
  readonly #run: PreparedRun;
  readonly #arrivals: SteadyArrivals;
  readonly #setting: SteadySetting;
  readonly #departures = new Departures();
  /** Replacements of pods that lost their node. */
  readonly #returns = new Departures();
  readonly #startUp: StartUp;
  readonly #cycleUs = costTable().schedulerCycleUs;
  readonly #queue: WaitingQueue;
  readonly #tenants: Tenants;
  readonly #gangs: GangBook;
  /** Whether gangs get their nodes all at once. */
  #gangsTogether: boolean;
  readonly #times: WaitTimes;
  readonly #kinds: KindsSeen;
  readonly #means = new TimeMeans();
  readonly #waitingByClass: Record<PodClassName, number> = { cpu: 0, 'gpu-share': 0, 'one-gpu': 0, 'many-gpus': 0 };
  /** Departures seen when a pod of the kind last failed: equal pods fail too until the next one. */
  readonly #failedAt: Float64Array;
  readonly #gangFailedAt: Float64Array;
  #departureCount = 0;
  /** Row of the placement by pod, −1 outside; when its run ends, NaN where that is not known. */
  readonly #rowOf: Int32Array;
  readonly #endUs: Float64Array;
  readonly #podOfRow = new Map<number, number>();
  readonly #slotOfNode: Int32Array;
  #nextChange = 0;
  #roundUs = Number.POSITIVE_INFINITY;
  #usedDemand: number;
  #heldByGangs = 0;
  #nowUs = 0;
  #schedulerFreeUs = 0;
  readonly #samples: { allocation: number; pending: number }[] = [];
  #preemptions = 0;
  #pdbViolations = 0;
  #evictions = 0;
  #checksum = 0;
  #ties = 0;
  #placed = 0;

  constructor(run: PreparedRun, arrivals: SteadyArrivals, setting: SteadySetting) {
    const { kinds } = run.workload;
    this.#run = run;
    this.#arrivals = arrivals;
    this.#setting = setting;
    this.#kinds = new KindsSeen(run.workload);
    this.#usedDemand = run.boundDemand;
    this.#failedAt = new Float64Array(kinds.length).fill(-1);
    this.#startUp = new StartUp(arrivals.rows.length, kinds.length, setting.seed);
    this.#tenants = new Tenants(run.workload, run.capacity);
    this.#gangs = new GangBook(arrivals.gangOf, (pod) => gangRuleOf(run.workload, arrivals.rows[pod] as number));
    this.#gangFailedAt = new Float64Array(this.#gangs.count).fill(-1);
    this.#gangsTogether = run.gangs;
    this.#rowOf = new Int32Array(arrivals.rows.length).fill(-1);
    this.#endUs = new Float64Array(arrivals.rows.length).fill(Number.NaN);
    this.#times = new WaitTimes(arrivals.arrivalUs, arrivals.initial);
    this.#slotOfNode = new Int32Array(run.nodeOf.length);
    run.nodeOf.forEach((node, slot) => {
      this.#slotOfNode[node] = slot;
    });
    this.#queue = new WaitingQueue(run.queue, {
      priorityOf: (pod) => priorityOf(kinds[this.#kindOf(pod)]),
      runUsOf: (pod) => arrivals.runUs[pod] as number,
      tenantOf: (pod) => this.#tenants.ofKind[this.#kindOf(pod)] as number,
      shareOf: (tenant) => this.#tenants.shareOf(tenant),
    });
  }

  run(): RunOutcome {
    const { initial, rows, arrivalUs } = this.#arrivals;
    this.#advance(0);
    for (let pod = 0; pod < initial; pod++) this.#arrive(pod);
    this.#drain();
    let next = initial;
    for (;;) {
      const arrival = next < rows.length ? (arrivalUs[next] as number) : Number.POSITIVE_INFINITY;
      const change = this.#setting.changes[this.#nextChange]?.timeUs ?? Number.POSITIVE_INFINITY;
      const { nextUs: departure } = this.#departures;
      const { nextUs: back } = this.#returns;
      const time = Math.min(arrival, departure, back, change, this.#roundUs, this.#setting.horizonUs);
      this.#advance(time);
      if (time === this.#setting.horizonUs) break;
      if (departure === time) this.#depart(this.#departures.pop());
      else if (change === time) this.#changeNode(this.#setting.changes[this.#nextChange++] as NodeChange);
      else if (back === time) this.#comeIn(this.#returns.pop());
      else if (this.#roundUs === time) this.#round();
      else {
        const pod = next++;
        this.#arrive(pod);
        const gang = this.#gangs.of(pod);
        // A gang is tried when all of it is there.
        if (!this.#gangsTogether || gang < 0 || this.#gangs.members(gang).at(-1) === pod) this.#tryNow(pod);
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
      unplaced: this.#kinds.unplaced(),
    };
  }

  #kindOf(pod: number): number {
    return this.#run.workload.kindOf[this.#arrivals.rows[pod] as number] as number;
  }

  #demandOf(pod: number): number {
    return this.#run.demand[this.#arrivals.rows[pod] as number] as number;
  }

  #arrive(pod: number): void {
    const kind = this.#kindOf(pod);
    this.#kinds.asked(kind);
    this.#tenants.ask(kind, this.#run.placement.demandOf(kind), 1);
    this.#wait(pod);
  }

  /** A replacement is there. */
  #comeIn(pod: number): void {
    this.#wait(pod);
    this.#tryNow(pod);
  }

  #wait(pod: number): void {
    const kind = this.#kindOf(pod);
    this.#queue.add(pod);
    this.#run.budgets.waiting(kind, 1);
    this.#waitingByClass[this.#run.placement.demandOf(kind).class]++;
  }

  #tryNow(pod: number): void {
    if (!this.#run.placement.takesBatches) this.#try(pod);
    else if (this.#roundUs === Number.POSITIVE_INFINITY) this.#roundUs = this.#nowUs + BATCH_PERIOD_US;
  }

  #round(): void {
    this.#roundUs = Number.POSITIVE_INFINITY;
    this.#drain();
  }

  #drain(): void {
    if (this.#queue.size === 0) return;
    if (this.#run.placement.takesBatches) this.#placeWaiting();
    else this.#queue.drain((pod) => this.#try(pod));
  }

  /** All waiting pods together, but for those whose kind just failed; where gangs start together, those between two gangs. */
  #placeWaiting(): void {
    let batch: number[] = [];
    for (const pod of this.#queue.all()) {
      const isGang = this.#gangsTogether && this.#gangs.of(pod) >= 0;
      if (!isGang && this.#failedAt[this.#kindOf(pod)] !== this.#departureCount) batch.push(pod);
      if (!isGang || !this.#queue.has(pod)) continue;
      this.#placeBatch(batch);
      batch = [];
      this.#try(pod);
    }
    this.#placeBatch(batch);
  }

  #placeBatch(pods: readonly number[]): void {
    this.#spendCycle(pods.length);
    this.#tellBefore(pods);
    const rows = this.#run.placement.placeBatch(pods.map((pod) => this.#kindOf(pod)));
    this.#tellAfter(pods, (_pod, i) => rows[i] as number);
    pods.forEach((pod, i) => {
      if ((rows[i] as number) >= 0) this.#settle(pod, rows[i] as number);
      else this.#failedAt[this.#kindOf(pod)] = this.#departureCount;
    });
  }

  /** Places a waiting pod if it fits, with its gang where gangs start together. */
  #try(pod: number): void {
    const gang = this.#gangs.of(pod);
    if (this.#gangsTogether && gang >= 0 && this.#gangs.goesTogether(gang)) this.#tryGang(gang);
    else {
      const row = this.#place(pod);
      if (row >= 0) this.#settle(pod, row);
    }
  }

  #tryGang(gang: number): void {
    if (this.#gangFailedAt[gang] === this.#departureCount) return;
    const waiting = this.#gangs.members(gang).filter((pod) => this.#queue.has(pod));
    const demand = this.#demandOfGang(gang, waiting);
    this.#tellBefore(waiting);
    this.#spendCycle(waiting.length);
    const placed = this.#run.placement.placeGroup(demand);
    this.#tellAfter(waiting, (_pod, i) => placed?.[i] ?? -1);
    const rows = placed ?? this.#preemptForGang(demand);
    if (rows === null) this.#gangFailedAt[gang] = this.#departureCount;
    for (const [i, row] of (rows ?? []).entries()) if (row >= 0) this.#settle(waiting[i] as number, row);
  }

  #demandOfGang(gang: number, waiting: readonly number[]): GroupDemand {
    const placed = this.#gangs.members(gang).find((pod) => (this.#rowOf[pod] as number) >= 0);
    return {
      kinds: waiting.map((pod) => this.#kindOf(pod)),
      wanted: Math.max(1, this.#gangs.missing(gang)),
      topologyKey: this.#gangs.topologyKey(gang),
      beside: placed === undefined ? -1 : (this.#rowOf[placed] as number),
    };
  }

  #preemptForGang(demand: GroupDemand): readonly number[] | null {
    const { placement, budgets } = this.#run;
    if (!placement.preempts || placement.takesBatches) return null;
    budgets.tell(placement);
    const eviction = placement.victimsForGroup(demand);
    if (eviction === null) return null;
    this.#evict(eviction);
    return eviction.nodes.map((node, i) => (node < 0 ? -1 : placement.bind(demand.kinds[i] as number, node)));
  }

  #tellBefore(pods: readonly number[]): void {
    const { observer } = this.#setting;
    if (observer !== undefined) for (const pod of pods) observer.before(pod, this.#kindOf(pod), this.#nowUs);
  }

  #tellAfter(pods: readonly number[], rowOf: (pod: number, index: number) => number): void {
    const { observer } = this.#setting;
    if (observer === undefined) return;
    pods.forEach((pod, index) => {
      const row = rowOf(pod, index);
      observer.after(pod, this.#kindOf(pod), row < 0 ? -1 : this.#run.placement.nodeOf(row));
    });
  }

  /** A row for a pod, after preemption if that helps; −1 for none. */
  #place(pod: number): number {
    const { placement } = this.#run;
    const kind = this.#kindOf(pod);
    if (this.#failedAt[kind] === this.#departureCount) return -1;
    this.#spendCycle(pod < this.#arrivals.initial && this.#nowUs === 0 ? 0 : 1);
    this.#setting.observer?.before(pod, kind, this.#nowUs);
    let row = placement.place(kind);
    this.#setting.observer?.after(pod, kind, row < 0 ? -1 : placement.nodeOf(row));
    if (row < 0) row = this.#preemptFor(kind);
    if (row < 0) this.#failedAt[kind] = this.#departureCount;
    return row;
  }

  #preemptFor(kind: number): number {
    const { placement, budgets } = this.#run;
    if (!placement.preempts) return -1;
    budgets.tell(placement);
    const eviction = placement.victimsFor(kind);
    if (eviction === null) return -1;
    this.#evict(eviction);
    return placement.bind(kind, eviction.node);
  }

  #evict({ rows, pdbViolations }: Pick<Eviction, 'rows' | 'pdbViolations'>): void {
    this.#preemptions += rows.length;
    this.#pdbViolations += pdbViolations;
    for (const row of rows) {
      const pod = this.#podOfRow.get(row);
      if (pod === undefined) this.#run.placement.remove(row);
      else {
        this.#leave(pod);
        this.#wait(pod);
      }
    }
  }

  #spendCycle(count: number): void {
    this.#schedulerFreeUs = Math.max(this.#schedulerFreeUs, this.#nowUs) + count * this.#cycleUs;
  }

  /** A pod has a node. */
  #settle(pod: number, row: number): void {
    const { placement, meter, budgets } = this.#run;
    const kind = this.#kindOf(pod);
    const node = placement.nodeOf(row);
    this.#kinds.had(kind);
    this.#queue.delete(pod);
    budgets.waiting(kind, -1);
    budgets.placed(kind, 1);
    this.#waitingByClass[placement.demandOf(kind).class]--;
    this.#checksum = (Math.imul(this.#checksum, 31) + Math.imul(pod, 0x9e3779b1) + node) | 0;
    this.#ties += placement.lastTies;
    this.#placed++;
    meter.update(node);
    this.#usedDemand += this.#demandOf(pod);
    this.#tenants.hold(kind, placement.demandOf(kind), 1);
    this.#rowOf[pod] = row;
    this.#podOfRow.set(row, pod);
    const initial = pod < this.#arrivals.initial && this.#nowUs === 0;
    const placedUs = initial ? 0 : this.#schedulerFreeUs;
    const startUs = initial ? 0 : this.#startUp.durationUs(pod, kind, node);
    this.#times.placed(pod, placedUs, startUs);
    const gang = this.#gangs.of(pod);
    if (gang < 0) this.#runUntil(pod, placedUs + startUs);
    else this.#joinGang(pod, gang, placedUs + startUs);
  }

  /** What ran at the beginning runs its rest; the others run their lifetime from their start. */
  #runUntil(pod: number, fromUs: number): void {
    const endUs = fromUs + (this.#arrivals.runUs[pod] as number);
    this.#endUs[pod] = endUs;
    this.#departures.push(endUs, pod);
  }

  /** A gang runs from the moment when enough of it has nodes; until then its pods hold theirs. */
  #joinGang(pod: number, gang: number, fromUs: number): void {
    this.#gangs.change(gang, 1);
    if (this.#gangs.ran(gang)) this.#runUntil(pod, fromUs);
    else if (this.#gangs.missing(gang) > 0) this.#heldByGangs += this.#demandOf(pod);
    else {
      this.#gangs.start(gang, fromUs);
      for (const member of this.#gangs.members(gang)) {
        if ((this.#rowOf[member] as number) < 0) continue;
        if (member !== pod) this.#heldByGangs -= this.#demandOf(member);
        this.#runUntil(member, fromUs);
      }
    }
  }

  /** The time of a pod is up, unless it left its node before. */
  #depart(pod: number): void {
    if (this.#endUs[pod] !== this.#nowUs) return;
    const kind = this.#kindOf(pod);
    this.#leave(pod);
    this.#tenants.ask(kind, this.#run.placement.demandOf(kind), -1);
    if (pod >= this.#arrivals.initial) {
      const runUs = Math.max(1, this.#arrivals.runUs[pod] as number);
      this.#tenants.finished(kind, (this.#nowUs - (this.#arrivals.arrivalUs[pod] as number)) / runUs);
    }
    this.#roomCameFree();
  }

  #roomCameFree(): void {
    this.#departureCount++;
    if (this.#run.placement.takesBatches) {
      if (this.#queue.size > 0 && this.#roundUs === Number.POSITIVE_INFINITY)
        this.#roundUs = this.#nowUs + BATCH_PERIOD_US;
    } else this.#drain();
  }

  /** Takes a pod off its node. */
  #leave(pod: number): void {
    const { placement, meter, budgets } = this.#run;
    const row = this.#rowOf[pod] as number;
    const kind = this.#kindOf(pod);
    const node = placement.nodeOf(row);
    placement.remove(row);
    budgets.placed(kind, -1);
    meter.update(node);
    this.#podOfRow.delete(row);
    this.#rowOf[pod] = -1;
    this.#endUs[pod] = Number.NaN;
    this.#usedDemand -= this.#demandOf(pod);
    this.#tenants.hold(kind, placement.demandOf(kind), -1);
    const gang = this.#gangs.of(pod);
    if (gang < 0) return;
    this.#gangs.change(gang, -1);
    if (!this.#gangs.ran(gang)) this.#heldByGangs -= this.#demandOf(pod);
  }

  #changeNode({ node, lost }: NodeChange): void {
    const { placement, workload } = this.#run;
    const slot = this.#slotOfNode[node] as number;
    placement.setLost(workload.nodes[node] as (typeof workload.nodes)[number], lost);
    if (!lost) {
      this.#roomCameFree();
      return;
    }
    for (const row of placement.rowsOn(slot)) {
      const pod = this.#podOfRow.get(row);
      // Bound pods belong to the node and come back with it.
      if (pod === undefined) continue;
      this.#evictions++;
      this.#leave(pod);
      this.#times.lost(pod, this.#nowUs);
      this.#returns.push(this.#nowUs + GIVEN_UP_US, pod);
    }
  }

  /** Lets time pass: areas under the curves, and samples on the way. */
  #advance(timeUs: number): void {
    const { observer, horizonUs } = this.#setting;
    if (observer !== undefined && timeUs >= observer.switchUs) this.#handOver();
    const step = horizonUs / SAMPLES;
    while (this.#samples.length < SAMPLES && (this.#samples.length + 1) * step <= timeUs) {
      this.#samples.push({
        allocation: (100 * this.#usedDemand) / this.#run.demandCapacity,
        pending: this.#queue.size,
      });
      this.#means.sample(this.#run);
    }
    const span = timeUs - this.#nowUs;
    this.#means.add(span, {
      used: this.#usedDemand,
      waiting: this.#queue.size,
      waitingByClass: this.#waitingByClass,
      heldByGangs: this.#heldByGangs,
    });
    this.#tenants.advance(span);
    this.#nowUs = timeUs;
  }

  /** The other policy decides from now on, with its own order of waiting pods. */
  #handOver(): void {
    const { placement, queue, gangs, other = { queue, gangs } } = this.#run;
    placement.usePolicy(1);
    this.#queue.reorder(other.queue);
    this.#gangsTogether = other.gangs;
  }

  #values(): RunValues {
    const { demandIn, demandCapacity, workload, placement } = this.#run;
    const { used, held, fragment, values } = this.#means.means();
    const { jain, gap, slowdownWorst } = this.#tenants.fairness();
    const top = Math.max(...workload.kinds.map(priorityOf));
    const urgent = (pod: number): boolean => priorityOf(workload.kinds[this.#kindOf(pod)]) === top;
    const { initial, arrivalUs } = this.#arrivals;
    const gangWaits = this.#gangs.waitsUs(arrivalUs, this.#nowUs, (pod) => pod >= initial);
    const preempts = placement.preempts;
    return {
      [demandIn === 'gpu' ? 'gpu-allocation' : 'cpu-allocation']: (100 * used) / demandCapacity,
      fragmentation: (100 * fragment) / demandCapacity,
      ...values,
      ...this.#times.values(this.#queue.all(), this.#nowUs, preempts ? urgent : () => false),
      'waiting-at-end': this.#queue.size,
      'slowdown-mean': this.#tenants.slowdownMean(),
      'fairness-jain': jain,
      'dominant-share-gap': gap,
      'finish-time-worst': jain === null ? null : slowdownWorst,
      preemptions: preempts ? this.#preemptions : null,
      'pdb-violations': preempts ? this.#pdbViolations : null,
      'gang-wait-p99': this.#times.quantile(gangWaits, 0.99),
      'gang-held': this.#gangs.count === 0 ? null : (100 * held) / demandCapacity,
      evictions: this.#setting.disturbed ? this.#evictions : null,
      ...spreadOf(this.#run),
    };
  }
}
