/**
 * A kubelet takes a pod, refuses it, or makes room for it: pods that a critical one needs gone are killed one after the other, and until then the
 * kubelet admits no other pod.
 *
 * Source: Kubernetes 1.34.1, lifecycle/predicate.go (predicateAdmitHandler.Admit), preemption/preemption.go (HandleAdmissionFailure, evictPodsToFreeRequests).
 */
import type { Pod } from '../types/pod.ts';
import { formatTime } from '../types/time.ts';
import { type Refusal, verdictOn } from './admission.ts';
import type { FleetState } from './fleet-state.ts';
import {
  BUG_ADMITS_ALL,
  BUG_HIDES_REFUSAL,
  BUG_STARTS_DELETED,
  MARK_PREEMPTED,
  MARK_REJECTED,
  POINT_ADMIT,
} from './marks.ts';
import type { PodLedger } from './pod-ledger.ts';
import { graceUs } from './pod-script.ts';
import type { PodStop } from './pod-stop.ts';
import { FLAG, PHASE } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';
import { PREEMPTED, PREEMPTING } from './preemption.ts';

/** A critical pod of a node that waits for others to be gone. */
interface Preemption {
  readonly row: number;
  readonly pod: Pod;
  /** The others, and how many of them are gone. */
  readonly victims: readonly number[];
  gone: number;
  /** Pods that came meanwhile. */
  readonly queue: { readonly row: number; readonly uid: string | undefined }[];
}

export class PodAdmitHandler {
  readonly #state: FleetState;
  readonly #ledger: PodLedger;
  readonly #writer: PodWriter;
  readonly #stop: PodStop;
  readonly #admitted: (row: number) => void;
  /** By node. */
  readonly #preemptions = new Map<number, Preemption>();

  /** `admitted` is called with the row of a pod that is to be started. */
  constructor(state: FleetState, ledger: PodLedger, writer: PodWriter, stop: PodStop, admitted: (row: number) => void) {
    this.#state = state;
    this.#ledger = ledger;
    this.#writer = writer;
    this.#stop = stop;
    this.#admitted = admitted;
  }

  /** The kubelet weighs the pod, now or once it has made room for another. */
  begin(row: number): void {
    const { pods, nodes } = this.#state;
    const pod = pods.pod[row] as Pod;
    const node = pods.node[row] as number;
    const ctx = this.#state.contextOf(node);
    const preemption = this.#preemptions.get(node);
    if (preemption !== undefined) {
      pods.phase[row] = PHASE.queued;
      preemption.queue.push({ row, uid: pod.metadata.uid });
      return;
    }
    pods.phase[row] = PHASE.sources;
    pods.startTime[row] = pod.status?.startTime ?? formatTime(ctx.wallUs());
    if (pod.metadata.deletionTimestamp !== undefined && !ctx.bug(BUG_STARTS_DELETED)) {
      pods.phase[row] = PHASE.stopped;
      this.#writer.changed(row);
      return;
    }
    if (this.#state.recorded || ctx.bug(BUG_ADMITS_ALL)) return this.#admit(row);
    const verdict = verdictOn(nodes, pods, node, pod);
    if ('reason' in verdict) this.#refuse(row, verdict);
    else if (verdict.length === 0) this.#admit(row);
    else this.#preempt(node, { row, pod, victims: verdict, gone: 0, queue: [] });
  }

  /** The pod in `row` no longer runs. */
  stopped(row: number): void {
    const preemption = this.#preemptions.get(this.#state.pods.node[row] as number);
    if (preemption === undefined || preemption.victims[preemption.gone] !== row) return;
    preemption.gone++;
    this.#goOn(this.#state.pods.node[row] as number, preemption);
  }

  /** A kubelet starts (again): it weighs anew what it had not admitted. */
  kubeletStarted(node: number): void {
    const preemption = this.#preemptions.get(node);
    if (preemption === undefined) return;
    this.#preemptions.delete(node);
    this.#weigh(preemption.row, preemption.pod.metadata.uid);
    for (const { row, uid } of preemption.queue) this.#weigh(row, uid);
  }

  #weigh(row: number, uid: string | undefined): void {
    if (this.#isQueued(row, uid)) this.begin(row);
  }

  #isQueued(row: number, uid: string | undefined): boolean {
    const { pods } = this.#state;
    return pods.phase[row] === PHASE.queued && pods.pod[row]?.metadata.uid === uid;
  }

  #preempt(node: number, preemption: Preemption): void {
    this.#state.pods.phase[preemption.row] = PHASE.queued;
    this.#preemptions.set(node, preemption);
    this.#goOn(node, preemption);
  }

  /** Kills the next one; once all are gone, admits the pod without another look, and weighs those that have come meanwhile. */
  #goOn(node: number, preemption: Preemption): void {
    const { pods } = this.#state;
    const { row, pod, victims, gone, queue } = preemption;
    const victim = victims[gone];
    if (victim !== undefined) {
      const meant = pods.pod[victim] as Pod;
      this.#state.contextOf(node).mark(MARK_PREEMPTED);
      this.#state.event(node, meant, 'Warning', PREEMPTING, PREEMPTED);
      pods.set(victim, FLAG.preempted);
      this.#stop.begin(victim, graceUs(meant));
      return;
    }
    this.#preemptions.delete(node);
    if (this.#isQueued(row, pod.metadata.uid)) {
      pods.phase[row] = PHASE.sources;
      this.#admit(row);
    }
    for (const one of queue) this.#weigh(one.row, one.uid);
  }

  #admit(row: number): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    const node = pods.node[row] as number;
    pods.set(row, FLAG.admitted);
    this.#ledger.count(node, pod, 1);
    this.#state.contextOf(node).observe(POINT_ADMIT, this.#ledger.admission(node, pod));
    // Pods on the host's network have its address from the first status on.
    if (!this.#state.recorded && pod.spec.hostNetwork === true) this.#ledger.giveAddress(row);
    this.#admitted(row);
  }

  #refuse(row: number, refusal: Refusal): void {
    const { pods } = this.#state;
    const node = pods.node[row] as number;
    const ctx = this.#state.contextOf(node);
    ctx.mark(MARK_REJECTED);
    pods.phase[row] = PHASE.ended;
    pods.set(row, FLAG.failed);
    pods.explain(row, refusal.reason, refusal.message);
    if (ctx.bug(BUG_HIDES_REFUSAL)) return;
    const why = refusal.message.replace('Pod was rejected: ', '');
    this.#state.event(node, pods.pod[row] as Pod, 'Warning', refusal.reason, why);
    this.#writer.changed(row);
  }
}
