/**
 * The life of each pod on its node: admission, sources, images, start, readiness, crash and restart, stop.
 *
 * An explicit state machine over the pod table with at most one pending timer a row; a pod that nothing holds up takes one timer to Running.
 * The runtime's truth is in the same columns (true times), so containers go on while the kubelet or the API is away, and a
 * restarted kubelet finds them. Source: kubelet 1.34 pod_workers.go, kuberuntime SyncPod.
 */
import type { Pod } from '../types/pod.ts';
import { isPodReady, isPodTerminal } from '../types/pod-conditions.ts';
import { isSidecar } from '../types/pod-requests.ts';
import { ContainerRuns } from './container-runs.ts';
import type { FleetState } from './fleet-state.ts';
import {
  BUG_RESTARTS_ENDED,
  MARK_ADOPTED,
  MARK_REBOOTED,
  MARK_WAITS_FOR_OLD,
  POINT_RUN,
  type RunningPod,
} from './marks.ts';
import { computePodActions, type FoundContainer } from './pod-actions.ts';
import { PodAdmitHandler } from './pod-admit-handler.ts';
import { LOST, PodLedger } from './pod-ledger.ts';
import { graceUs, NEVER, type PodScript } from './pod-script.ts';
import { PodStartup } from './pod-startup.ts';
import { PodStop } from './pod-stop.ts';
import { FLAG, PHASE, type Phase } from './pod-table.ts';
import { PodWriter } from './pod-writer.ts';
import { setContainersReady } from './readiness-gates.ts';
import { SourceReader } from './source-reader.ts';

const BACKOFF_US = 10_000_000;

export class PodWorker {
  readonly #state: FleetState;
  readonly writer: PodWriter;
  readonly #sources: SourceReader;
  readonly #ledger: PodLedger;
  readonly #startup: PodStartup;
  readonly #runs: ContainerRuns;
  readonly #stop: PodStop;
  readonly #admission: PodAdmitHandler;

  constructor(state: FleetState) {
    this.#state = state;
    this.#ledger = new PodLedger(state);
    this.writer = new PodWriter(state, (row) => this.#stop.forgotten(row));
    this.#startup = new PodStartup(state, this.#ledger, this.writer);
    this.#runs = new ContainerRuns(state, this.#ledger, this.writer, this.#startup, (row) => this.#over(row));
    this.#sources = new SourceReader(state, this.#ledger, this.writer, (row) => this.#startup.begin(row));
    this.#stop = new PodStop(
      state,
      this.#ledger,
      this.writer,
      (row) => this.#newPod(row),
      (row) => this.#admission.stopped(row),
    );
    this.#admission = new PodAdmitHandler(state, this.#ledger, this.writer, this.#stop, (row) =>
      this.#sources.read(row),
    );
  }

  // ---- what the API says -----------------------------------------------------------------------------------------

  /** A pod of this node is in the API in this state. */
  onPod(node: number, keyId: number, pod: Pod): void {
    const { pods, scripts } = this.#state;
    const row = pods.find(node, keyId, pod.metadata.uid ?? '');
    if (row < 0) {
      if (isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined) return;
      this.#newPod(pods.add(node, keyId, pod, scripts.of(pod)));
      return;
    }
    const known = pods.pod[row] as Pod;
    pods.pod[row] = pod;
    if (isPodTerminal(pod)) this.#ledger.saidEnded(row, pod);
    // Somebody else (node lifecycle, while this node was away) took the readiness back: the kubelet's word counts, unless the machine lost the containers.
    const isReady = pods.phase[row] === PHASE.ready && !pods.has(row, FLAG.lost);
    const takenBack = isReady && isPodReady(known) && !isPodReady(pod);
    const rewritten = isPodTerminal(known) && pod.status?.phase !== known.status?.phase;
    if ((takenBack || rewritten) && !this.#state.recorded) this.writer.changed(row);
    if (pod.spec.readinessGates !== undefined) this.#followGates(row);
    if (pod.metadata.deletionTimestamp !== undefined) this.#stop.begin(row, graceUs(pod));
    else if (isPodTerminal(pod) && pods.phase[row] !== PHASE.ended) this.#stop.begin(row, graceUs(pod));
  }

  /** The API no longer has this pod. */
  onPodGone(node: number, keyId: number, uid: string): void {
    const row = this.#state.pods.find(node, keyId, uid);
    if (row >= 0) this.#stop.forgotten(row);
  }

  /** A whole list of the node's pods: what is not in it is gone. */
  onPods(node: number, items: readonly Pod[], ids: Int32Array | readonly number[]): void {
    const { pods } = this.#state;
    const present = new Set(items.map((pod) => pod.metadata.uid ?? ''));
    for (let row = pods.firstOf(node); row >= 0; ) {
      const next = pods.next[row] as number;
      if (!present.has((pods.pod[row] as Pod).metadata.uid ?? '')) this.#stop.forgotten(row);
      row = next;
    }
    for (let i = 0; i < items.length; i++) this.onPod(node, ids[i] as number, items[i] as Pod);
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) this.#restartLost(row);
  }

  // ---- the kubelet's own life ------------------------------------------------------------------------------------

  /** The machine lost power: nothing runs there any more. */
  machineStopped(node: number): void {
    const { pods, images, sim } = this.#state;
    images.forgetUnfinished(node, sim.now);
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      const phase = pods.phase[row] as Phase;
      this.#ledger.machineStopped(row);
      if (pods.isStopping(row)) this.#stop.machineStopped(row);
      else if (phase > PHASE.queued && phase < PHASE.stopping) pods.set(row, FLAG.lost);
    }
  }

  /** A kubelet starts (again): its timers and writes are gone, the containers may not be. */
  kubeletStarted(node: number): void {
    const { pods } = this.#state;
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      pods.timer[row] = -1;
      pods.renew(row);
      // An answer that it never got tells it nothing: the API may not know yet how the pod ended.
      if (pods.has(row, FLAG.writing)) pods.clear(row, FLAG.finalWritten);
      pods.clear(row, FLAG.writing | FLAG.dirty);
      pods.awaited[row] = 0;
      pods.tries[row] = 0;
      if (pods.has(row, FLAG.lost)) continue;
      if (this.#ledger.runs(row)) this.#state.contextOf(node).mark(MARK_ADOPTED);
      this.#resume(row);
    }
    this.#admission.kubeletStarted(node);
  }

  /** Goes on after a restart of the kubelet where the runtime is. */
  #resume(row: number): void {
    const { pods } = this.#state;
    switch (pods.phase[row] as Phase) {
      case PHASE.running:
      case PHASE.ready:
        if (pods.runs[row] == null) this.#armRun(row);
        else this.#runs.resume(row);
        if (pods.phase[row] === PHASE.ready && !this.#state.recorded) this.writer.changed(row);
        return;
      case PHASE.sidecars:
      case PHASE.stopping:
        this.#stop.resume(row);
        return;
      case PHASE.stopped:
      case PHASE.ended:
        this.writer.changed(row);
        return;
      case PHASE.queued:
      case PHASE.free:
        return;
      default:
        this.#sources.read(row);
    }
  }

  /** After a power loss: the first list is here, pods that are still wanted begin anew, unless what was lost with the machine is not to be started again. */
  #restartLost(row: number): void {
    const { pods } = this.#state;
    // What the list says is being deleted has ended by now, and is never started again.
    const ended = (pods.phase[row] as Phase) >= PHASE.stopping;
    if (ended || !pods.has(row, FLAG.lost) || pods.has(row, FLAG.gone)) return;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    const pod = pods.pod[row] as Pod;
    const hasRun = (pods.startedUs[row] as number) >= 0;
    const isRestarted = computePodActions(pod, 'lost', this.#foundLost(row)).createSandbox;
    const isAmidInit = !hasRun && (pods.initStage[row] as number) % 2 === 1;
    if (!isRestarted && !hasRun && !isAmidInit) return;
    pods.clear(row, FLAG.lost);
    if (pods.ip[row] !== 0) pods.formerIp[row] = pods.ip[row] as number;
    pods.ip[row] = 0;
    if ((pods.endedWallUs[row] as number) < 0) pods.endedWallUs[row] = this.#ledger.wallUs(row);
    this.#runs.lost(row);
    if (!isRestarted && !ctx.bug(BUG_RESTARTS_ENDED)) {
      if (isAmidInit) this.#ledger.exitedWith(row, LOST);
      this.#end(row);
      return;
    }
    pods.initStage[row] = 0;
    ctx.mark(MARK_REBOOTED);
    if (hasRun) {
      pods.restarts[row] = (pods.restarts[row] as number) + 1;
      pods.reboots[row] = (pods.reboots[row] as number) + 1;
    }
    this.#sources.read(row);
  }

  /** What the runtime finds of a pod's containers after a loss of power: all have ended. */
  #foundLost(row: number): (FoundContainer | null)[] {
    const { pods } = this.#state;
    const { initContainers = [], containers } = (pods.pod[row] as Pod).spec;
    const ended = (exitCode: number): FoundContainer => ({ exitCode, hasStarted: true, failedProbe: '' });
    const stage = pods.initStage[row] as number;
    const hasRun = (pods.startedUs[row] as number) >= 0;
    const init = initContainers.map((container, index) => {
      if (isSidecar(container)) return index * 2 < stage ? ended(LOST) : null;
      return index < stage >> 1 ? ended(0) : index * 2 < stage ? ended(LOST) : null;
    });
    const main = hasRun ? ended(pods.exitCode[row] as number) : null;
    const runs = pods.runs[row];
    return [...init, ...containers.map((_, index) => (runs == null ? main : ended(runs[index]?.exitCode ?? 0)))];
  }

  /** Pulls that begin on the node take so much longer, µs; as much less again ends it. */
  slowPulls(node: number, byUs: number): void {
    this.#startup.slowPulls(node, byUs);
  }

  /** A pod's timer. */
  step(row: number, generation: number): void {
    const { pods } = this.#state;
    if (pods.generation[row] !== generation) return;
    pods.timer[row] = -1;
    switch (pods.phase[row] as Phase) {
      case PHASE.mountWait:
      case PHASE.configWait:
        this.#sources.read(row);
        return;
      case PHASE.starting:
        if (this.#startup.advance(row)) this.#started(row);
        return;
      case PHASE.imageWait:
        this.#startup.pullStep(row);
        return;
      case PHASE.running:
      case PHASE.ready:
        this.#runStep(row);
        return;
      case PHASE.sidecars:
      case PHASE.stopping:
        this.#stop.step(row);
    }
  }

  /** Whether the kubelet keeps the pod's containers running; with `index`, whether that one runs, as far as it knows. */
  isUp(row: number, index = -1): boolean {
    const { pods } = this.#state;
    const phase = pods.phase[row];
    if (phase !== PHASE.running && phase !== PHASE.ready) return false;
    return index < 0 || (pods.runs[row]?.[index]?.isRunning ?? true);
  }

  /** A container of a pod that runs is killed for want of memory. */
  kill(row: number, index: number): void {
    this.#runs.kill(row, index);
  }

  /** What runs on `node` now, by the runtime. */
  running(node: number): RunningPod[] {
    const { pods } = this.#state;
    const found: RunningPod[] = [];
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      if (this.#ledger.runs(row)) found.push(this.#ledger.truth(row));
    }
    return found.reverse();
  }

  // ---- beginning -------------------------------------------------------------------------------------------------

  #newPod(row: number): void {
    const { pods } = this.#state;
    if (pods.otherOfName(row) >= 0) {
      this.#state.contextOf(pods.node[row] as number).mark(MARK_WAITS_FOR_OLD);
      pods.phase[row] = PHASE.queued;
      return;
    }
    this.#admission.begin(row);
  }

  // ---- running ---------------------------------------------------------------------------------------------------

  #started(row: number): void {
    const { pods, sim } = this.#state;
    const script = pods.script[row] as PodScript;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    if (pods.ip[row] === 0 && !this.#ledger.giveAddress(row)) {
      this.#ledger.arm(row, BACKOFF_US);
      return;
    }
    pods.phase[row] = PHASE.running;
    pods.startedUs[row] = sim.now;
    pods.startedWallUs[row] = ctx.wallUs();
    pods.clear(row, FLAG.gated | FLAG.sidecarsReady);
    if (pods.runs[row] != null) {
      this.#runs.begin(row);
      this.writer.changed(row);
      return;
    }
    const readyUs = this.#runs.readyUs(row, script.readyUs);
    pods.readyAtUs[row] = readyUs === NEVER ? -1 : sim.now + readyUs;
    pods.exitAtUs[row] = script.runUs === NEVER ? -1 : sim.now + script.runUs;
    ctx.observe(POINT_RUN, this.#ledger.truth(row));
    if (readyUs === 0) setContainersReady(pods, row, true);
    this.writer.changed(row);
    this.#startup.tellStart(row);
    this.#armRun(row);
  }

  /** Arms the next of: first readiness, end of the run. */
  #armRun(row: number): void {
    const { pods, sim } = this.#state;
    const isWaiting = pods.phase[row] === PHASE.running && !pods.has(row, FLAG.gated);
    const readyAt = isWaiting ? (pods.readyAtUs[row] as number) : -1;
    const exitAt = pods.exitAtUs[row] as number;
    const at = readyAt < 0 ? exitAt : exitAt < 0 ? readyAt : Math.min(readyAt, exitAt);
    if (at >= 0) this.#ledger.arm(row, at - sim.now);
  }

  /** Others have set or taken back the condition of a gate. */
  #followGates(row: number): void {
    const { pods } = this.#state;
    const before = pods.phase[row];
    if (pods.has(row, FLAG.lost)) return;
    if (before !== PHASE.ready && (before !== PHASE.running || !pods.has(row, FLAG.gated))) return;
    setContainersReady(pods, row, true);
    if (pods.phase[row] === before) return;
    this.writer.changed(row);
    this.#ledger.cancel(row);
    if (pods.runs[row] == null) this.#armRun(row);
    else this.#runs.arm(row);
  }

  #runStep(row: number): void {
    const { pods, sim } = this.#state;
    const exitAt = pods.exitAtUs[row] as number;
    const isOver = exitAt >= 0 && exitAt <= sim.now;
    if (pods.runs[row] != null || (isOver && !this.#endsForGood(row))) this.#runs.step(row);
    else if (isOver) {
      pods.endedWallUs[row] = this.#ledger.wallUs(row);
      this.#ledger.exitedWith(row, (pods.script[row] as PodScript).exitCode);
      this.#ledger.observeEnd(row);
      this.#over(row);
    } else {
      setContainersReady(pods, row, true);
      this.writer.changed(row);
      this.#armRun(row);
    }
  }

  /** Whether its containers end all at once, for the last time. */
  #endsForGood(row: number): boolean {
    const { endsTogether, exitCode } = this.#state.pods.script[row] as PodScript;
    return endsTogether && !this.#runs.runsAgain(row, 0, exitCode);
  }

  /** All containers but the sidecars have ended for good. */
  #over(row: number): void {
    if (this.#state.pods.runs[row] != null) this.#ledger.allEnded(row);
    if (!this.#stop.beginSidecars(row)) this.#end(row);
  }

  /** The pod has run for the last time. */
  #end(row: number): void {
    this.#state.pods.phase[row] = PHASE.ended;
    this.#ledger.release(row);
    this.writer.changed(row);
  }
}
