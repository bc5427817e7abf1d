/**
 * Watches one run from the commits of the store and measures each workload from the beginning of the fault to the end.
 *
 * The numbers are those of committed history: what everybody who asks the API sees.
 */
import type { Jury } from '../../core/chaos/jury.ts';
import { livePodsByOwner, workloadLacks } from '../../core/chaos/predicates/workload-state-check.ts';
import type { RunObserver } from '../../core/chaos/run-plan.ts';
import { findObject } from '../../core/chaos/workloads.ts';
import type { Commit, World } from '../../core/chaos/world.ts';
import type { Cluster } from '../../core/cluster/cluster.ts';
import { isConditionTrue, isPodReady, type KubeObject, type Node, type Pod } from '../../core/cluster/vocabulary.ts';
import { Availability } from './availability.ts';
import { AvailabilityCurve } from './availability-curve.ts';
import type { TrialName } from './battery.ts';
import { floorOf, wantedOf } from './floors.ts';
import type { Measure, WaitingPod } from './measure.ts';
import { PodTracker, type TrackedPod } from './pod-tracker.ts';
import { whyUnready } from './why-unready.ts';
import type { Workload } from './workload.ts';

/** A pod that finds no node for less than this has only waited its turn, µs. */
const WAITED_MIN_US = 10_000_000;

export interface RecorderOptions {
  readonly workloads: readonly Workload[];
  /** null = baseline: measured from the beginning. */
  readonly trial: TrialName | null;
  /** The workload that is updated, in trials of one workload; '' otherwise. */
  readonly subject: string;
  /** When the fault begins, µs since the manifests were applied. */
  readonly atUs: number;
  /** Names of the nodes that fail. */
  readonly failedNodes: ReadonlySet<string>;
}

export class TrialRecorder implements RunObserver {
  readonly tracker: PodTracker;
  /** Since when all workloads that stay (not Jobs) are Ready, µs since the manifests were applied; −1 = never. */
  allReadyUs = -1;
  /** One a workload; filled in when the run ends. */
  readonly measures: Measure[] = [];
  readonly #options: RecorderOptions;
  #originUs = 0;
  #lines: Availability[] = [];
  #curves: AvailabilityCurve[] = [];
  #replicas: number[] = [];
  #onFailed: number[] = [];
  readonly #blocked: string[][];
  readonly #waits: (WaitingPod | null)[];
  #readyBefore: number[] = [];
  #waitsBefore: (WaitingPod | null)[] = [];
  #unreadyBefore: string[] = [];
  /** Jobs by id that were deleted for their age (ttlSecondsAfterFinished), as they were last. */
  readonly #aged = new Map<string, KubeObject>();
  /** Node that is being drained, with its live pods at its cordon, by key id. */
  readonly #draining = new Map<string, ReadonlySet<number>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.tracker = new PodTracker(options.workloads);
    this.#blocked = options.workloads.map(() => []);
    this.#waits = options.workloads.map(() => null);
  }

  begin(cluster: Cluster, jury: Jury): void {
    this.#originUs = cluster.sim.now;
    jury.onCommit.push((commit) => this.#commit(commit, jury.world));
  }

  end(cluster: Cluster, jury: Jury): void {
    const nowUs = cluster.sim.now;
    if (this.#lines.length === 0) this.#start(nowUs, jury.world);
    for (const pod of this.tracker.pods.values()) this.#noteWaiting(pod, nowUs);
    const live = livePodsByOwner(jury.world);
    this.#options.workloads.forEach((workload, index) => {
      const line = this.#lines[index] as Availability;
      const recoveryUs = line.finish(nowUs);
      this.measures.push({
        replicas: this.#replicas[index] as number,
        readyBefore: this.#readyBefore[index] as number,
        unschedulableBefore: this.#waitsBefore[index]?.message ?? '',
        unreadyBefore: this.#unreadyBefore[index] as string,
        onFailed: this.#onFailed[index] as number,
        floor: line.floorAtLowest,
        lowest: line.lowest,
        missed: line.missed,
        belowFloorUs: line.belowFloorUs,
        longestNoneUs: line.longestNoneUs,
        recoveryUs,
        lack: lackOf(workload, findObject(jury.world, workload.id) ?? this.#aged.get(workload.id), live, recoveryUs),
        blockedNodes: this.#blocked[index] as string[],
        unschedulable: this.#waits[index]?.message ?? '',
        waiting: this.#waits[index] ?? this.#waitsBefore[index] ?? null,
        curve: (this.#curves[index] as AvailabilityCurve).finish(nowUs),
      });
    });
  }

  #commit(commit: Commit, world: World): void {
    const { timeUs } = commit;
    const started = timeUs - this.#originUs >= this.#options.atUs;
    if (started && this.#lines.length === 0 && this.#options.trial !== null)
      this.#start(this.#originUs + this.#options.atUs, world);
    if (commit.kind === 'Node' && this.#options.trial === 'drain' && started) this.#node(commit);
    if (commit.kind === 'Job' && commit.object === null) this.#noteAged(commit.previous);
    const old = commit.kind === 'Pod' ? this.tracker.pods.get(commit.keyId) : undefined;
    if (!this.tracker.apply(commit)) return;
    if (old !== undefined && started) this.#noteWaiting(old, timeUs);
    this.#lines.forEach((line, index) => {
      const ready = this.tracker.readyOf(index);
      line.set(timeUs, ready);
      this.#curves[index]?.set(timeUs, ready, line.floor);
    });
    if (this.#options.trial === null) this.#noteAllReady(timeUs, world);
  }

  #noteAged(job: KubeObject | null): void {
    const spec = job?.spec as { readonly ttlSecondsAfterFinished?: number } | undefined;
    if (job === null || spec?.ttlSecondsAfterFinished === undefined) return;
    this.#aged.set(`Job/${job.metadata.namespace ?? ''}/${job.metadata.name}`, job);
  }

  /** The fault begins: what is wanted, where it is, which floor holds. */
  #start(nowUs: number, world: World): void {
    const { workloads, trial, subject, failedNodes } = this.#options;
    workloads.forEach((workload, index) => {
      const replicas = wantedOf(workload, world);
      const onFailed = this.tracker.liveOn(index, (node) => failedNodes.has(node));
      const floor = trial === null ? 0 : floorOf({ workload, trial, subject, replicas, onFailed, world });
      const wanted = workload.kind === 'DaemonSet' ? replicas - onFailed : replicas;
      this.#replicas.push(replicas);
      this.#onFailed.push(onFailed);
      const ready = this.tracker.readyOf(index);
      this.#readyBefore.push(ready);
      this.#waitsBefore.push(this.#waitingOf(index));
      this.#unreadyBefore.push(ready < wanted ? this.#whyUnready(index, world) : '');
      const curve = new AvailabilityCurve(nowUs);
      curve.set(nowUs, ready, floor);
      this.#curves.push(curve);
      this.#lines.push(new Availability(nowUs, ready, wanted, floor));
    });
  }

  /** A workload's pod that has no node when the fault begins; null = there is none. */
  #waitingOf(workload: number): WaitingPod | null {
    for (const pod of this.tracker.pods.values()) {
      if (pod.workload === workload && pod.unschedulable !== '') return this.#waitOf(pod, this.#options.atUs);
    }
    return null;
  }

  /** What a live pod of the workload that has a node lacks. */
  #whyUnready(workload: number, world: World): string {
    const [, namespace = ''] = (this.#options.workloads[workload] as Workload).id.split('/');
    for (const pod of this.tracker.pods.values()) {
      if (pod.workload !== workload || !pod.live || pod.ready || pod.node === '') continue;
      const object = findObject(world, `Pod/${namespace}/${pod.name}`);
      if (object !== undefined) return whyUnready(object as Pod);
    }
    return '';
  }

  #waitOf({ workload, name, unschedulable }: TrackedPod, atUs: number): WaitingPod {
    const [, namespace = ''] = (this.#options.workloads[workload] as Workload).id.split('/');
    return { message: unschedulable, pod: `${namespace}/${name}`, atUs };
  }

  #noteAllReady(timeUs: number, world: World): void {
    const ready = this.#options.workloads.every((workload, index) => {
      if (workload.kind === 'Job') return true;
      const wanted = wantedOf(workload, world);
      return wanted > 0 || workload.replicas === 0 ? this.tracker.readyOf(index) >= wanted : false;
    });
    if (!ready) this.allReadyUs = -1;
    else if (this.allReadyUs < 0) this.allReadyUs = timeUs - this.#originUs;
  }

  #noteWaiting(pod: TrackedPod, nowUs: number): void {
    if (pod.unschedulable === '') return;
    const waitedUs = Math.max(pod.unschedulableSinceUs - this.#originUs, this.#options.atUs) + WAITED_MIN_US;
    if (nowUs - this.#originUs >= waitedUs) this.#waits[pod.workload] = this.#waitOf(pod, waitedUs);
  }

  /** A node's cordon begins its drain, the end of the cordon ends it. */
  #node({ object, previous, timeUs }: Commit): void {
    if (object === null) return;
    const name = object.metadata.name;
    const is = (object as Node).spec?.unschedulable === true;
    const was = (previous as Node | null)?.spec?.unschedulable === true;
    if (is && !was) this.#drainBegins(name, timeUs);
    if (!is && was) this.#drainEnds(name);
  }

  #drainBegins(node: string, timeUs: number): void {
    const pods = new Set<number>();
    for (const [keyId, pod] of this.tracker.pods) if (pod.node === node && pod.live) pods.add(keyId);
    this.#draining.set(node, pods);
    this.#options.workloads.forEach((workload, index) => {
      const replicas = this.#replicas[index] as number;
      const onNode = this.tracker.liveOn(index, (each) => each === node);
      const minimum = Math.max(0, ...workload.budgets.map((budget) => budget.minimum));
      // A bare Pod that an earlier drain evicted stays away: nobody replaces it.
      const there = workload.kind === 'Pod' ? this.tracker.liveOn(index, () => true) : replicas;
      const floor = workload.budgets.length > 0 && workload.replicas >= 0 ? minimum : there - onNode;
      (this.#lines[index] as Availability).setFloor(timeUs, Math.min(floor, replicas));
      this.#curves[index]?.set(timeUs, this.tracker.readyOf(index), Math.min(floor, replicas));
    });
  }

  #drainEnds(node: string): void {
    for (const keyId of this.#draining.get(node) ?? []) {
      const pod = this.tracker.pods.get(keyId);
      if (pod === undefined || !pod.live || pod.node !== node) continue;
      if (this.#options.workloads[pod.workload]?.kind === 'DaemonSet') continue;
      const nodes = this.#blocked[pod.workload] as string[];
      if (!nodes.includes(node)) nodes.push(node);
    }
    this.#draining.delete(node);
  }
}

/** What keeps a workload from its desired state at the end; '' = nothing. */
function lackOf(
  workload: Workload,
  object: KubeObject | undefined,
  live: ReadonlyMap<string, number>,
  recoveryUs: number,
): string {
  if (object === undefined) return 'it is gone';
  if (workload.kind === 'Pod') return podLacks(object as Pod);
  if (workload.kind === 'Job' && isFailedJob(object)) return 'the Job failed';
  const lack = workloadLacks(object, live);
  if (lack !== null) return lack;
  if (workload.kind === 'Job' || recoveryUs >= 0) return '';
  return workload.services.length > 0
    ? `Service ${workload.services.join(', ')} lacks ready endpoints`
    : 'not all its pods are Ready';
}

function podLacks(pod: Pod): string {
  if (pod.status?.phase === 'Succeeded') return '';
  return isPodReady(pod) ? '' : `it is not Ready (${pod.status?.phase ?? 'Pending'})`;
}

function isFailedJob(object: KubeObject): boolean {
  const status = object.status as { readonly conditions?: Parameters<typeof isConditionTrue>[0] } | undefined;
  return isConditionTrue(status?.conditions, 'Failed');
}
