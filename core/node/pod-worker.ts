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
import { CrashLoop } from './crash-loop.ts';
import type { FleetState } from './fleet-state.ts';
import {
  BUG_ENDS_FAILING,
  BUG_READY_EARLY,
  BUG_RESTARTS_ENDED,
  MARK_ADOPTED,
  MARK_REBOOTED,
  MARK_WAITS_FOR_OLD,
  POINT_RUN,
  type RunningPod,
} from './marks.ts';
import { computePodActions, type FoundContainer } from './pod-actions.ts';
import { PodAdmitHandler } from './pod-admit-handler.ts';
import { KILLED, LOST, PodLedger } from './pod-ledger.ts';
import { graceUs, NEVER, type PodScript } from './pod-script.ts';
import { PodStartup } from './pod-startup.ts';
import { PodStop } from './pod-stop.ts';
import { FLAG, PHASE, type Phase } from './pod-table.ts';
import { PodWriter } from './pod-writer.ts';
import { closedGates } from './readiness-gates.ts';
import { SourceReader } from './source-reader.ts';

const BACKOFF_US = 10_000_000;
/** How often the runtime is asked what has become of its containers, µs (kubelet's genericPlegRelistPeriod). */
const RELIST_US = 1_000_000;

export class PodWorker {
  readonly #state: FleetState;
  readonly writer: PodWriter;
  readonly #sources: SourceReader;
  readonly #ledger: PodLedger;
  readonly #startup: PodStartup;
  readonly #crashLoop: CrashLoop;
  readonly #stop: PodStop;
  readonly #admission: PodAdmitHandler;

  constructor(state: FleetState) {
    this.#state = state;
    this.#ledger = new PodLedger(state);
    this.writer = new PodWriter(state, (row) => this.#stop.forgotten(row));
    this.#startup = new PodStartup(state, this.#ledger, this.writer);
    this.#crashLoop = new CrashLoop(state, this.#ledger, this.writer, (row) => this.#started(row));
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
      if (phase === PHASE.stopping || phase === PHASE.sidecars) this.#stop.machineStopped(row);
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
    const { pods, sim } = this.#state;
    switch (pods.phase[row] as Phase) {
      case PHASE.running:
      case PHASE.ready:
        this.#armRun(row);
        if (pods.phase[row] === PHASE.ready && !this.#state.recorded) this.writer.changed(row);
        return;
      case PHASE.sidecars:
      case PHASE.stopping:
        this.#ledger.arm(row, (pods.stopAtUs[row] as number) - sim.now);
        return;
      case PHASE.stopped:
      case PHASE.ended:
        this.writer.changed(row);
        return;
      case PHASE.queued:
      case PHASE.free:
        return;
      case PHASE.crashed:
        this.#crashLoop.resume(row);
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
    return [...init, ...containers.map(() => main)];
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
      case PHASE.crashed:
        if (this.#state.stalls.has(pods.node[row] as number)) this.#ledger.arm(row, RELIST_US);
        else this.#crashLoop.step(row);
        return;
      case PHASE.sidecars:
      case PHASE.stopping:
        this.#stop.step(row);
    }
  }

  /** The containers of a pod that runs are killed: what its timer was for has become void. */
  kill(row: number): void {
    this.#ledger.cancel(row);
    this.#exited(row, KILLED, true);
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
    const { pods, sim, recorded } = this.#state;
    const script = pods.script[row] as PodScript;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    if (pods.ip[row] === 0 && !this.#ledger.giveAddress(row)) {
      this.#ledger.arm(row, BACKOFF_US);
      return;
    }
    pods.phase[row] = PHASE.running;
    pods.startedUs[row] = sim.now;
    pods.startedWallUs[row] = ctx.wallUs();
    const early = ctx.bug(BUG_READY_EARLY);
    const readyUs = early || recorded ? 0 : script.readyUs;
    pods.readyAtUs[row] = readyUs === NEVER ? -1 : sim.now + readyUs;
    pods.exitAtUs[row] = script.runUs === NEVER ? -1 : sim.now + script.runUs;
    ctx.observe(POINT_RUN, this.#ledger.truth(row));
    pods.clear(row, FLAG.gated);
    if (readyUs === 0) this.#containersReady(row);
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

  /** The probes have succeeded: the pod is ready where its gates are open. */
  #containersReady(row: number): void {
    const { pods } = this.#state;
    const isOpen = closedGates(pods.pod[row] as Pod) === '';
    pods.phase[row] = isOpen ? PHASE.ready : PHASE.running;
    if (isOpen) pods.clear(row, FLAG.gated);
    else pods.set(row, FLAG.gated);
  }

  /** Others have set or taken back the condition of a gate. */
  #followGates(row: number): void {
    const { pods } = this.#state;
    const before = pods.phase[row];
    if (pods.has(row, FLAG.lost)) return;
    if (before !== PHASE.ready && (before !== PHASE.running || !pods.has(row, FLAG.gated))) return;
    this.#containersReady(row);
    if (pods.phase[row] === before) return;
    this.writer.changed(row);
    this.#ledger.cancel(row);
    this.#armRun(row);
  }

  #runStep(row: number): void {
    const { pods, sim } = this.#state;
    const exitAt = pods.exitAtUs[row] as number;
    if (exitAt >= 0 && exitAt <= sim.now) {
      const { exitCode, failingProbe } = pods.script[row] as PodScript;
      if (failingProbe === '') this.#exited(row, exitCode);
      else this.#killedForProbe(row, exitCode, failingProbe);
      return;
    }
    this.#containersReady(row);
    this.writer.changed(row);
    this.#armRun(row);
  }

  /** Who is killed for a probe is started again whatever its exit code (computePodActions), and only `Never` has it end. */
  #killedForProbe(row: number, exitCode: number, probe: string): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    const isLast = pod.spec.restartPolicy === 'Never';
    const text = `Container ${pod.spec.containers[0]?.name} failed ${probe} probe${isLast ? '' : ', will be restarted'}`;
    this.#state.event(pods.node[row] as number, pod, 'Normal', 'Killing', text);
    const endedUs = pods.endedWallUs[row] as number;
    const sinceEndUs = endedUs < 0 ? Number.POSITIVE_INFINITY : this.#ledger.wallUs(row) - endedUs;
    this.#ended(row, exitCode, false, !isLast, sinceEndUs);
  }

  #exited(row: number, exitCode: number, outOfMemory = false): void {
    const { pods } = this.#state;
    const policy = (pods.pod[row] as Pod).spec.restartPolicy ?? 'Always';
    const fails = exitCode !== 0 && !this.#state.contextOf(pods.node[row] as number).bug(BUG_ENDS_FAILING);
    const { crashes } = pods.script[row] as PodScript;
    const again = policy === 'Always' || (policy === 'OnFailure' && fails);
    this.#ended(row, exitCode, outOfMemory, again && (!this.#state.recorded || crashes));
  }

  /** `sinceEndUs`: as CrashLoop.begin takes it. */
  #ended(row: number, exitCode: number, outOfMemory: boolean, again: boolean, sinceEndUs = -1): void {
    const { pods } = this.#state;
    pods.endedWallUs[row] = this.#ledger.wallUs(row);
    this.#ledger.exitedWith(row, exitCode, outOfMemory);
    if (!again) {
      if (this.#stop.beginSidecars(row)) return;
      this.#ledger.observeStop(row, false);
      this.#end(row);
      return;
    }
    if (pods.startedUs[row] !== -1 && (pods.pod[row] as Pod).spec.containers.length === 1)
      this.#ledger.observeStop(row, false);
    this.#crashLoop.begin(row, sinceEndUs);
  }

  /** The pod has run for the last time. */
  #end(row: number): void {
    this.#state.pods.phase[row] = PHASE.ended;
    this.#ledger.release(row);
    this.writer.changed(row);
  }
}
