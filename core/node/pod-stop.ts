/**
 * The end of a pod on its node: SIGTERM, the grace, what is told of it, and the row given back.
 *
 * Source: Kubernetes 1.34.1, pod_workers.go (UpdatePod, SyncTerminatingPod), status_manager.go (mergePodStatus).
 */
import type { Pod } from '../types/pod.ts';
import type { FleetState } from './fleet-state.ts';
import { BUG_REMOVES_UNTOLD, BUG_SKIPS_PRE_STOP, BUG_STOPS_READY, MARK_ORPHAN } from './marks.ts';
import { KILLED, type PodLedger } from './pod-ledger.ts';
import { graceUs, ownGraceUs, type PodScript } from './pod-script.ts';
import { FLAG, PHASE, type Phase } from './pod-table.ts';
import type { PodWriter } from './pod-writer.ts';
import { GRACE_US_MIN, isKilled, stopTimeUs } from './stop-time.ts';

/** Stops the pods of all kubelets; one for a fleet. */
export class PodStop {
  readonly #state: FleetState;
  readonly #ledger: PodLedger;
  readonly #writer: PodWriter;
  readonly #next: (row: number) => void;
  readonly #onStopped: (row: number) => void;

  /** `next` is called with the row of a pod that has waited for one of the same name, which is gone; `stopped` with that of a pod of which nothing runs any more. */
  constructor(
    state: FleetState,
    ledger: PodLedger,
    writer: PodWriter,
    next: (row: number) => void,
    stopped: (row: number) => void,
  ) {
    this.#state = state;
    this.#ledger = ledger;
    this.#writer = writer;
    this.#next = next;
    this.#onStopped = stopped;
  }

  /** The containers of the pod are to stop within `grace` µs; one that stops already may have less by now. */
  begin(row: number, grace: number): void {
    const { pods, sim, recorded } = this.#state;
    const phase = pods.phase[row] as Phase;
    if (phase === PHASE.stopped) return;
    if (pods.isStopping(row)) {
      // The recordings' KWOK begins a delay anew with each version of the pod: a second deletion puts the end off.
      if (recorded) {
        this.#arm(row, sim.now + this.#durationUs(row, grace));
        return;
      }
      const leftUs = Math.max(0, (pods.stopAtUs[row] as number) - sim.now);
      const sooner = sim.now + Math.min(Math.max(grace, GRACE_US_MIN), leftUs);
      if (sooner < (pods.stopAtUs[row] as number)) this.#arm(row, sooner);
      return;
    }
    if (phase === PHASE.ended) {
      if (!this.#isDeleted(row) || this.#isUntold(row)) return;
      pods.phase[row] = PHASE.stopped;
      pods.set(row, FLAG.finalWritten);
      this.#after(row);
      return;
    }
    const runs = this.#ledger.runs(row);
    const stopUs = this.#durationUs(row, grace);
    if (!recorded && !runs) {
      this.#ledger.hearOfExit(row);
      this.#ledger.cancel(row);
      pods.phase[row] = PHASE.stopped;
      this.#after(row);
      return;
    }
    const counts = this.#state.contextOf(pods.node[row] as number).bug(BUG_STOPS_READY);
    if (phase === PHASE.ready || counts) pods.set(row, FLAG.wasReady);
    pods.phase[row] = PHASE.stopping;
    this.#arm(row, sim.now + stopUs);
  }

  /**
   * The kubelet has begun anew amid the stop, and begins to stop the pod with its whole grace: an application that has got its signal ends when it would
   * have, another gets it after its hook.
   */
  resume(row: number): void {
    const { pods, sim, recorded } = this.#state;
    const { preStopUs, stopUs, sidecarHooksUs } = pods.script[row] as PodScript;
    let at = pods.stopAtUs[row] as number;
    // Sidecars wait for their turn as before.
    if (!recorded && sidecarHooksUs.length === 0) {
      const grace = graceUs(pods.pod[row] as Pod);
      const againUs = this.#durationUs(row, grace);
      const signalUs = at - againUs + Math.min(preStopUs, grace);
      at = Math.min((signalUs <= sim.now ? signalUs : sim.now + preStopUs) + stopUs, sim.now + againUs);
    }
    this.#arm(row, Math.max(at, sim.now));
  }

  /**
   * The other containers have ended for good: the sidecars are stopped, and the pod runs until they have ended (computePodActions, getPhase). False where
   * there are none.
   */
  beginSidecars(row: number): boolean {
    const { pods, sim, recorded } = this.#state;
    const script = pods.script[row] as PodScript;
    if (recorded || script.sidecarHooksUs.length === 0) return false;
    pods.phase[row] = PHASE.sidecars;
    this.#writer.changed(row);
    this.#arm(row, sim.now + stopTimeUs({ ...script, stopUs: 0 }, 0, ownGraceUs((pods.pod[row] as Pod).spec)));
    return true;
  }

  #isDeleted(row: number): boolean {
    const { pods } = this.#state;
    return pods.has(row, FLAG.gone) || (pods.pod[row] as Pod).metadata.deletionTimestamp !== undefined;
  }

  /** Whether the API has still to hear of its end: it goes when it has. */
  #isUntold(row: number): boolean {
    const { pods } = this.#state;
    if (pods.has(row, FLAG.gone) || !this.#writer.isBehind(row)) return false;
    return !this.#state.contextOf(pods.node[row] as number).bug(BUG_REMOVES_UNTOLD);
  }

  #durationUs(row: number, grace: number): number {
    const { pods, recorded } = this.#state;
    const script = pods.script[row] as PodScript;
    if (recorded) return script.stopUs;
    const skips = this.#state.contextOf(pods.node[row] as number).bug(BUG_SKIPS_PRE_STOP);
    return stopTimeUs(script, skips ? 0 : script.preStopUs, grace);
  }

  #arm(row: number, at: number): void {
    this.#state.pods.stopAtUs[row] = at;
    this.#ledger.cancel(row);
    this.#ledger.arm(row, at - this.#state.sim.now);
  }

  /** The timer of a stop. */
  step(row: number): void {
    const { pods, sim } = this.#state;
    if ((pods.stopAtUs[row] as number) <= sim.now) this.#stopped(row);
    // A timer of a node whose clock runs fast comes early.
    else this.#arm(row, pods.stopAtUs[row] as number);
  }

  #stopped(row: number): void {
    const { pods } = this.#state;
    const isOver = pods.phase[row] === PHASE.sidecars;
    this.#ledger.observeStop(row, !isOver);
    if (isOver) {
      this.#after(row);
      return;
    }
    pods.endedWallUs[row] = this.#ledger.wallUs(row);
    const killed = isKilled(pods.script[row] as PodScript, graceUs(pods.pod[row] as Pod));
    this.#ledger.exitedWith(row, killed ? KILLED : 0);
    this.#after(row);
  }

  /** Nothing runs any more: resources are free, the API hears of it if it still knows the pod. */
  #after(row: number): void {
    const { pods } = this.#state;
    const isGone = pods.has(row, FLAG.gone);
    this.#over(row);
    if (isGone) this.#free(row);
    else if (pods.phase[row] === PHASE.stopped || !this.#state.recorded) this.#writer.changed(row);
    this.#onStopped(row);
  }

  /** Who was not deleted, but ended by somebody else or by its kubelet, stays in the API until somebody deletes it. */
  #over(row: number): void {
    const { pods } = this.#state;
    pods.phase[row] = this.#isDeleted(row) ? PHASE.stopped : PHASE.ended;
    if (pods.has(row, FLAG.preempted)) pods.set(row, FLAG.failed);
    this.#ledger.release(row);
  }

  /** The machine lost power amid the stop. */
  machineStopped(row: number): void {
    this.#over(row);
  }

  /** The API no longer knows the pod. */
  forgotten(row: number): void {
    const { pods } = this.#state;
    pods.set(row, FLAG.gone);
    const phase = pods.phase[row] as Phase;
    if (pods.has(row, FLAG.lost) || phase === PHASE.queued || phase === PHASE.stopped || phase === PHASE.ended) {
      this.#ledger.release(row);
      this.#free(row);
      return;
    }
    if (pods.isStopping(row)) return;
    if (this.#ledger.runs(row)) this.#state.contextOf(pods.node[row] as number).mark(MARK_ORPHAN);
    this.begin(row, ownGraceUs((pods.pod[row] as Pod).spec));
  }

  #free(row: number): void {
    const { pods } = this.#state;
    const waiting = pods.otherOfName(row);
    this.#ledger.cancel(row);
    pods.remove(row);
    if (waiting >= 0 && pods.phase[waiting] === PHASE.queued) this.#next(waiting);
  }
}
