/**
 * The life of each pod on its node: admission, sources, images, start, readiness, crash and restart, stop.
 *
 * An explicit state machine over the pod table with at most one pending timer a row; a pod that nothing holds up takes one timer to Running.
 * The runtime's truth is in the same columns (true times), so containers go on while the kubelet or the API is away, and a
 * restarted kubelet finds them. Source: kubelet 1.34 pod_workers.go, kuberuntime SyncPod; back-offs as in kubelet.go.
 */
import type { Pod } from '../types/pod.ts';
import { podRequests } from '../types/pod-requests.ts';
import { formatTime } from '../types/time.ts';
import { ipText } from './addresses.ts';
import { placementRefusal, type Refusal, roomRefusal } from './admission.ts';
import type { FleetState } from './fleet-state.ts';
import {
  type Admission,
  BUG_ADMITS_ALL,
  BUG_READY_EARLY,
  BUG_REUSES_IP,
  MARK_ADOPTED,
  MARK_NO_ADDRESS,
  MARK_ORPHAN,
  MARK_REBOOTED,
  MARK_REJECTED,
  MARK_WAITS_FOR_OLD,
  POINT_ADMIT,
  POINT_RUN,
  POINT_STOP,
  type RunningPod,
} from './marks.ts';
import { OP_POD_STEP } from './ops.ts';
import { NEVER, type PodScript } from './pod-script.ts';
import { FLAG, PHASE, type Phase } from './pod-table.ts';
import { PodWriter } from './pod-writer.ts';
import { SourceReader } from './source-reader.ts';

const BACKOFF_US = 10_000_000;
const BACKOFF_US_MAX = 300_000_000;
/** Two back-offs of the longest kind without a crash, and the back-off is forgotten. */
const BACKOFF_FORGET_US = 600_000_000;
/** Grace added when a preStop hook uses all of it. */
const EXTRA_GRACE_US = 2_000_000;
const DRAW_SANDBOX = 0x5a4d_b0;
const DRAW_PULL = 0x9011_ed;

/** 10 s, 20 s … 300 s for the n-th wait, n from 0. */
export function backOffUs(n: number): number {
  return Math.min(BACKOFF_US * 2 ** Math.min(n, 10), BACKOFF_US_MAX);
}

export class PodWorker {
  readonly #state: FleetState;
  readonly writer: PodWriter;
  readonly #sources: SourceReader;

  constructor(state: FleetState) {
    this.#state = state;
    this.writer = new PodWriter(state, (row) => this.#apiForgot(row));
    this.#sources = new SourceReader(state, (row, missing) => this.#sourcesAnswered(row, missing));
  }

  // ---- what the API says -----------------------------------------------------------------------------------------

  /** A pod of this node is in the API in this state. */
  onPod(node: number, keyId: number, pod: Pod): void {
    const { pods, scripts } = this.#state;
    const row = pods.find(node, keyId, pod.metadata.uid ?? '');
    if (row < 0) {
      const phase = pod.status?.phase;
      const ended = phase === 'Succeeded' || phase === 'Failed';
      if (ended && pod.metadata.deletionTimestamp === undefined) return;
      this.#newPod(pods.add(node, keyId, pod, scripts.of(pod)), pod);
      return;
    }
    pods.pod[row] = pod;
    if (pod.metadata.deletionTimestamp !== undefined) this.#beginStop(row, graceUs(pod));
    else if (pod.status?.phase === 'Failed' && pods.phase[row] !== PHASE.ended) this.#beginStop(row, graceUs(pod));
  }

  /** The API no longer has this pod. */
  onPodGone(node: number, keyId: number, uid: string): void {
    const row = this.#state.pods.find(node, keyId, uid);
    if (row >= 0) this.#apiForgot(row);
  }

  /** A whole list of the node's pods: what is not in it is gone. */
  onPods(node: number, items: readonly Pod[], ids: Int32Array | readonly number[]): void {
    const { pods } = this.#state;
    const present = new Set(items.map((pod) => pod.metadata.uid ?? ''));
    for (let row = pods.firstOf(node); row >= 0; ) {
      const next = pods.next[row] as number;
      if (!present.has((pods.pod[row] as Pod).metadata.uid ?? '')) this.#apiForgot(row);
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
      if (this.#runs(row)) this.#observeStop(row);
      if (phase === PHASE.stopping) pods.phase[row] = PHASE.stopped;
      if (phase > PHASE.queued && phase < PHASE.stopping) pods.set(row, FLAG.lost);
    }
  }

  /** A kubelet starts (again): its timers and writes are gone, the containers may not be. */
  kubeletStarted(node: number): void {
    const { pods } = this.#state;
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      pods.timer[row] = -1;
      pods.clear(row, FLAG.writing | FLAG.dirty);
      pods.awaited[row] = 0;
      if (pods.has(row, FLAG.lost)) continue;
      if (this.#runs(row)) this.#state.contextOf(node).mark(MARK_ADOPTED);
      this.#resume(row);
    }
  }

  /** Goes on after a restart of the kubelet where the runtime is. */
  #resume(row: number): void {
    const { pods, sim } = this.#state;
    switch (pods.phase[row] as Phase) {
      case PHASE.running:
      case PHASE.ready:
        this.#armRun(row);
        if (pods.phase[row] === PHASE.ready) this.writer.changed(row);
        return;
      case PHASE.stopping:
        this.#arm(row, (pods.stopAtUs[row] as number) - sim.now);
        return;
      case PHASE.stopped:
      case PHASE.ended:
        this.writer.changed(row);
        return;
      case PHASE.queued:
      case PHASE.free:
        return;
      case PHASE.crashed:
        this.#arm(row, 0);
        return;
      default:
        this.#readSources(row);
    }
  }

  /** After a power loss: the first list is here, pods that are still wanted begin anew. */
  #restartLost(row: number): void {
    const { pods } = this.#state;
    if (!pods.has(row, FLAG.lost) || pods.has(row, FLAG.gone)) return;
    this.#state.contextOf(pods.node[row] as number).mark(MARK_REBOOTED);
    pods.clear(row, FLAG.lost);
    if ((pods.startedUs[row] as number) >= 0) pods.restarts[row] = (pods.restarts[row] as number) + 1;
    pods.ip[row] = 0;
    pods.endedWallUs[row] = this.#wallUs(row);
    this.#readSources(row);
  }

  /** A pod's timer. */
  step(row: number, generation: number): void {
    const { pods, sim } = this.#state;
    if (pods.generation[row] !== generation) return;
    pods.timer[row] = -1;
    switch (pods.phase[row] as Phase) {
      case PHASE.mountWait:
      case PHASE.configWait:
        this.#readSources(row);
        return;
      case PHASE.starting:
        this.#started(row);
        return;
      case PHASE.imageWait:
        this.#pullFailed(row);
        return;
      case PHASE.running:
      case PHASE.ready:
        this.#runStep(row);
        return;
      case PHASE.crashed:
        this.#restart(row);
        return;
      case PHASE.stopping:
        if ((pods.stopAtUs[row] as number) <= sim.now) this.#stopped(row);
        return;
      default:
        return;
    }
  }

  /** What runs on `node` now, by the runtime. */
  running(node: number): RunningPod[] {
    const { pods } = this.#state;
    const found: RunningPod[] = [];
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      if (this.#runs(row)) found.push(this.#truth(row));
    }
    return found.reverse();
  }

  // ---- beginning -------------------------------------------------------------------------------------------------

  #newPod(row: number, pod: Pod): void {
    const { pods } = this.#state;
    if (pods.otherOfName(row) >= 0) {
      this.#state.contextOf(pods.node[row] as number).mark(MARK_WAITS_FOR_OLD);
      pods.phase[row] = PHASE.queued;
      return;
    }
    this.#admit(row, pod);
  }

  #admit(row: number, pod: Pod): void {
    const { pods, nodes } = this.#state;
    const node = pods.node[row] as number;
    const ctx = this.#state.contextOf(node);
    pods.phase[row] = PHASE.sources;
    pods.startTime[row] = pod.status?.startTime ?? formatTime(ctx.wallUs());
    if (pod.metadata.deletionTimestamp !== undefined) {
      pods.phase[row] = PHASE.stopped;
      this.writer.changed(row);
      return;
    }
    const requests = podRequests(pod.spec);
    if (!this.#state.recorded && !ctx.bug(BUG_ADMITS_ALL)) {
      const object = nodes.object[node];
      const refusal = roomRefusal(nodes, pods, node, requests) ?? (object ? placementRefusal(pod, object) : null);
      if (refusal !== null) return this.#refuse(row, refusal);
    }
    pods.set(row, FLAG.admitted);
    this.#count(node, pod, 1);
    ctx.observe(POINT_ADMIT, this.#admission(node, pod));
    this.#readSources(row);
  }

  #refuse(row: number, refusal: Refusal): void {
    const { pods } = this.#state;
    const node = pods.node[row] as number;
    this.#state.contextOf(node).mark(MARK_REJECTED);
    pods.phase[row] = PHASE.ended;
    pods.set(row, FLAG.failed);
    pods.reason[row] = refusal.reason;
    pods.message[row] = refusal.message;
    this.#state.event(
      node,
      pods.pod[row] as Pod,
      'Warning',
      refusal.reason,
      refusal.message.replace('Pod was rejected: ', ''),
    );
    this.writer.changed(row);
  }

  #readSources(row: number): void {
    const { pods } = this.#state;
    pods.phase[row] = PHASE.sources;
    if ((pods.script[row] as PodScript).sources.length === 0) this.#begin(row);
    else this.#sources.read(row);
  }

  #sourcesAnswered(row: number, missing: { volume: string; message: string; retryUs: number } | null): void {
    const { pods } = this.#state;
    if (missing === null) {
      pods.tries[row] = 0;
      this.#begin(row);
      return;
    }
    const forVolume = missing.volume !== '';
    const first = pods.message[row] !== missing.message;
    pods.phase[row] = forVolume ? PHASE.mountWait : PHASE.configWait;
    pods.reason[row] = forVolume ? 'ContainerCreating' : 'CreateContainerConfigError';
    pods.message[row] = missing.message;
    pods.tries[row] = (pods.tries[row] as number) + 1;
    const text = forVolume
      ? `MountVolume.SetUp failed for volume "${missing.volume}" : ${missing.message}`
      : `Error: ${missing.message}`;
    const node = pods.node[row] as number;
    this.#state.event(node, pods.pod[row] as Pod, 'Warning', forVolume ? 'FailedMount' : 'Failed', text);
    if (first) this.writer.changed(row);
    this.#arm(row, missing.retryUs);
  }

  /** Sandbox, images, init containers, main containers: one timer for all of it, or up to the first image that cannot be pulled. */
  #begin(row: number): void {
    const { pods, sim, recorded } = this.#state;
    const node = pods.node[row] as number;
    const pod = pods.pod[row] as Pod;
    const script = pods.script[row] as PodScript;
    pods.reason[row] = '';
    pods.message[row] = '';
    if (recorded) {
      if (script.boundToReadyUs === NEVER) return;
      pods.phase[row] = PHASE.starting;
      this.#arm(row, sim.costs.kubeletSyncUs + script.boundToReadyUs);
      return;
    }
    const { costs } = sim;
    const uid = pod.metadata.uid ?? '';
    const sandboxUs =
      costs.kubeletSyncUs + costs.sandboxUs + this.#state.draw(uid, DRAW_SANDBOX, costs.sandboxJitterUs + 1);
    const reached = script.brokenAt < 0 ? script.images.length : script.brokenAt;
    let at = sim.now + sandboxUs;
    for (let i = 0; i < reached; i++)
      at += this.#pullWaitUs(script, i, node, at) + costs.containerCreateUs + costs.containerStartUs;
    if (script.brokenAt < 0) {
      pods.phase[row] = PHASE.starting;
      this.#arm(row, at - sim.now + script.initRunUs);
      return;
    }
    pods.phase[row] = PHASE.imageWait;
    pods.tries[row] = 0;
    this.#arm(row, at - sim.now + this.#state.defaults.imagePullUs);
  }

  #pullWaitUs(script: PodScript, index: number, node: number, atUs: number): number {
    const { images, defaults, nodes } = this.#state;
    const image = script.images[index] as number;
    const { imagePullUs, imagePullJitterUs } = defaults;
    const pullUs =
      script.pullUs >= 0
        ? script.pullUs
        : imagePullUs + this.#state.draw(nodes.nameOf(node), DRAW_PULL + image, imagePullJitterUs + 1);
    return images.waitUs(image, node, atUs, pullUs);
  }

  #pullFailed(row: number): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    const script = pods.script[row] as PodScript;
    const init = pod.spec.initContainers ?? [];
    const container = [...init, ...pod.spec.containers][script.brokenAt];
    const image = container?.image ?? '';
    const tries = pods.tries[row] as number;
    pods.tries[row] = tries + 1;
    if (pods.ip[row] === 0) this.#giveAddress(row);
    pods.reason[row] = tries === 0 ? 'ErrImagePull' : 'ImagePullBackOff';
    pods.message[row] =
      tries === 0
        ? `failed to pull and unpack image "${image}": not found`
        : `Back-off pulling image "${image}": ErrImagePull: not found`;
    const node = pods.node[row] as number;
    const text = tries === 0 ? `Failed to pull image "${image}": not found` : `Back-off pulling image "${image}"`;
    this.#state.event(node, pod, tries === 0 ? 'Warning' : 'Normal', tries === 0 ? 'Failed' : 'BackOff', text);
    if (tries <= 1) this.writer.changed(row);
    this.#arm(row, tries === 0 ? BACKOFF_US / 10 : backOffUs(tries - 1));
  }

  // ---- running ---------------------------------------------------------------------------------------------------

  #started(row: number): void {
    const { pods, sim, recorded } = this.#state;
    const script = pods.script[row] as PodScript;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    if (pods.ip[row] === 0 && !this.#giveAddress(row)) {
      this.#arm(row, BACKOFF_US);
      return;
    }
    pods.phase[row] = PHASE.running;
    pods.startedUs[row] = sim.now;
    pods.startedWallUs[row] = ctx.wallUs();
    const early = ctx.bug(BUG_READY_EARLY);
    const readyUs = early || recorded ? 0 : script.readyUs;
    pods.readyAtUs[row] = readyUs === NEVER ? -1 : sim.now + readyUs;
    pods.exitAtUs[row] = script.runUs === NEVER ? -1 : sim.now + script.runUs;
    ctx.observe(POINT_RUN, this.#truth(row));
    if (readyUs === 0 && this.#gatesOpen(row)) pods.phase[row] = PHASE.ready;
    this.writer.changed(row);
    this.#events(row);
    this.#armRun(row);
  }

  #events(row: number): void {
    const { pods } = this.#state;
    const pod = pods.pod[row] as Pod;
    for (const { name, image = '' } of pod.spec.containers) {
      const node = pods.node[row] as number;
      this.#state.event(node, pod, 'Normal', 'Pulled', `Container image "${image}" already present on machine`);
      this.#state.event(node, pod, 'Normal', 'Created', `Created container: ${name}`);
      this.#state.event(node, pod, 'Normal', 'Started', `Started container ${name}`);
    }
  }

  /** Readiness gates that others set; without gates always true. */
  #gatesOpen(row: number): boolean {
    const pod = this.#state.pods.pod[row] as Pod;
    const gates = pod.spec.readinessGates;
    if (gates === undefined || gates.length === 0) return true;
    return gates.every(
      ({ conditionType }) =>
        pod.status?.conditions?.some((one) => one.type === conditionType && one.status === 'True') === true,
    );
  }

  /** Arms the next of: first readiness, end of the run. */
  #armRun(row: number): void {
    const { pods, sim } = this.#state;
    const readyAt = pods.phase[row] === PHASE.running ? (pods.readyAtUs[row] as number) : -1;
    const exitAt = pods.exitAtUs[row] as number;
    const at = readyAt < 0 ? exitAt : exitAt < 0 ? readyAt : Math.min(readyAt, exitAt);
    if (at >= 0) this.#arm(row, at - sim.now);
  }

  #runStep(row: number): void {
    const { pods, sim } = this.#state;
    const exitAt = pods.exitAtUs[row] as number;
    if (exitAt >= 0 && exitAt <= sim.now) {
      this.#exited(row);
      return;
    }
    if (pods.phase[row] === PHASE.running && !this.#gatesOpen(row)) {
      this.#arm(row, 1_000_000);
      return;
    }
    pods.phase[row] = PHASE.ready;
    this.writer.changed(row);
    this.#armRun(row);
  }

  #exited(row: number): void {
    const { pods, sim } = this.#state;
    const pod = pods.pod[row] as Pod;
    const { exitCode, crashes } = pods.script[row] as PodScript;
    const policy = pod.spec.restartPolicy ?? 'Always';
    pods.endedWallUs[row] = this.#wallUs(row);
    const again = policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
    if (!again || (this.#state.recorded && !crashes)) {
      this.#observeStop(row);
      pods.phase[row] = PHASE.ended;
      if (exitCode !== 0) pods.set(row, FLAG.failed);
      this.#release(row);
      this.writer.changed(row);
      return;
    }
    const ranUs = sim.now - (pods.startedUs[row] as number);
    if (ranUs >= BACKOFF_FORGET_US) pods.tries[row] = 0;
    const tries = pods.tries[row] as number;
    pods.tries[row] = tries + 1;
    pods.phase[row] = PHASE.crashed;
    const delayUs = tries === 0 ? 0 : backOffUs(tries - 1);
    const { name, namespace = '', uid = '' } = pod.metadata;
    const container = pod.spec.containers[0]?.name ?? '';
    pods.reason[row] = 'CrashLoopBackOff';
    pods.message[row] =
      `back-off ${delayUs / 1_000_000}s restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
    if (pods.startedUs[row] !== -1 && pod.spec.containers.length === 1) this.#observeStop(row);
    this.writer.changed(row);
    if (delayUs > 0) {
      const text = `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`;
      this.#state.event(pods.node[row] as number, pod, 'Warning', 'BackOff', text);
    }
    this.#arm(row, delayUs + sim.costs.containerCreateUs + sim.costs.containerStartUs);
  }

  #restart(row: number): void {
    const { pods } = this.#state;
    pods.restarts[row] = (pods.restarts[row] as number) + 1;
    pods.reason[row] = '';
    pods.message[row] = '';
    this.#started(row);
  }

  // ---- ending ----------------------------------------------------------------------------------------------------

  #beginStop(row: number, grace: number): void {
    const { pods, sim, recorded } = this.#state;
    const phase = pods.phase[row] as Phase;
    const script = pods.script[row] as PodScript;
    if (phase === PHASE.stopped) return;
    if (phase === PHASE.stopping) {
      const sooner = sim.now + Math.min(grace, Math.max(0, (pods.stopAtUs[row] as number) - sim.now));
      if (sooner < (pods.stopAtUs[row] as number)) this.#armStop(row, sooner);
      return;
    }
    const deleted = pods.has(row, FLAG.gone) || (pods.pod[row] as Pod).metadata.deletionTimestamp !== undefined;
    if (phase === PHASE.ended) {
      if (!deleted) return;
      pods.phase[row] = PHASE.stopped;
      pods.set(row, FLAG.finalWritten);
      this.#after(row);
      return;
    }
    const runs = this.#runs(row) || phase === PHASE.crashed;
    const stopUs = recorded ? script.stopUs : this.#stopUs(script, grace);
    if (!recorded && !runs) {
      this.#cancel(row);
      pods.phase[row] = PHASE.stopped;
      this.#after(row);
      return;
    }
    if (phase === PHASE.ready) pods.set(row, FLAG.wasReady);
    pods.phase[row] = PHASE.stopping;
    this.#armStop(row, sim.now + stopUs);
  }

  #stopUs(script: PodScript, grace: number): number {
    const { preStopUs, stopUs } = script;
    if (preStopUs >= grace) return grace + (preStopUs > 0 && grace > 0 ? Math.min(stopUs, EXTRA_GRACE_US) : 0);
    return Math.min(preStopUs + stopUs, grace);
  }

  #armStop(row: number, at: number): void {
    this.#state.pods.stopAtUs[row] = at;
    this.#cancel(row);
    this.#arm(row, at - this.#state.sim.now);
  }

  #stopped(row: number): void {
    const { pods } = this.#state;
    this.#observeStop(row);
    pods.endedWallUs[row] = this.#wallUs(row);
    pods.phase[row] = PHASE.stopped;
    const { stopUs, preStopUs } = pods.script[row] as PodScript;
    // Killed after the grace period: exit code 137.
    if (stopUs + preStopUs > graceUs(pods.pod[row] as Pod)) pods.set(row, FLAG.failed);
    this.#after(row);
  }

  /** Nothing runs any more: resources are free, the API hears of it if it still knows the pod. */
  #after(row: number): void {
    const { pods } = this.#state;
    this.#release(row);
    if (pods.has(row, FLAG.gone)) this.#free(row);
    else this.writer.changed(row);
  }

  #apiForgot(row: number): void {
    const { pods } = this.#state;
    pods.set(row, FLAG.gone);
    const phase = pods.phase[row] as Phase;
    if (pods.has(row, FLAG.lost) || phase === PHASE.queued || phase === PHASE.stopped || phase === PHASE.ended) {
      this.#release(row);
      this.#free(row);
      return;
    }
    if (phase === PHASE.stopping) return;
    if (this.#runs(row)) this.#state.contextOf(pods.node[row] as number).mark(MARK_ORPHAN);
    const pod = pods.pod[row] as Pod;
    this.#beginStop(row, (pod.spec.terminationGracePeriodSeconds ?? 30) * 1_000_000);
  }

  /** The row is done; a younger pod of the same name may begin. */
  #free(row: number): void {
    const { pods } = this.#state;
    const waiting = pods.otherOfName(row);
    this.#cancel(row);
    pods.remove(row);
    if (waiting >= 0 && pods.phase[waiting] === PHASE.queued) this.#newPod(waiting, pods.pod[waiting] as Pod);
  }

  // ---- bookkeeping -----------------------------------------------------------------------------------------------

  #runs(row: number): boolean {
    const { pods, sim } = this.#state;
    if (pods.has(row, FLAG.lost)) return false;
    const phase = pods.phase[row] as Phase;
    if (phase === PHASE.crashed) return (pods.pod[row] as Pod).spec.containers.length > 1;
    if (phase !== PHASE.running && phase !== PHASE.ready && phase !== PHASE.stopping) return false;
    const exitAt = pods.exitAtUs[row] as number;
    return (pods.startedUs[row] as number) >= 0 && (exitAt < 0 || sim.now < exitAt);
  }

  #giveAddress(row: number): boolean {
    const { pods, addresses } = this.#state;
    const node = pods.node[row] as number;
    if ((pods.pod[row] as Pod).spec.hostNetwork === true) {
      pods.ip[row] = -1;
      return true;
    }
    const ctx = this.#state.contextOf(node);
    const reuse = ctx.bug(BUG_REUSES_IP);
    const inUse = (address: number): boolean => {
      for (let other = pods.firstOf(node); other >= 0; other = pods.next[other] as number) {
        if (pods.ip[other] === address && !(reuse && (pods.phase[other] as number) >= PHASE.stopping)) return true;
      }
      return false;
    };
    const address = addresses.allocate(node, inUse, reuse);
    if (address === 0) {
      ctx.mark(MARK_NO_ADDRESS);
      this.#state.event(
        node,
        pods.pod[row] as Pod,
        'Warning',
        'FailedCreatePodSandBox',
        'Failed to create pod sandbox: no IP addresses available',
      );
      return false;
    }
    pods.ip[row] = address;
    return true;
  }

  #release(row: number): void {
    const { pods } = this.#state;
    if (!pods.has(row, FLAG.admitted)) return;
    pods.clear(row, FLAG.admitted);
    this.#count(pods.node[row] as number, pods.pod[row] as Pod, -1);
  }

  #count(node: number, pod: Pod, sign: number): void {
    const { nodes } = this.#state;
    const { cpuMilli, memoryBytes, ephemeralStorageBytes } = podRequests(pod.spec);
    nodes.usedCpuMilli[node] = (nodes.usedCpuMilli[node] as number) + sign * cpuMilli;
    nodes.usedMemoryBytes[node] = (nodes.usedMemoryBytes[node] as number) + sign * memoryBytes;
    nodes.usedEphemeralBytes[node] = (nodes.usedEphemeralBytes[node] as number) + sign * ephemeralStorageBytes;
    nodes.usedPods[node] = (nodes.usedPods[node] as number) + sign;
  }

  #admission(node: number, pod: Pod): Admission {
    const { nodes } = this.#state;
    const at = (column: Float64Array | Int32Array): number => column[node] as number;
    return {
      node: nodes.nameOf(node),
      podUid: pod.metadata.uid ?? '',
      used: { cpuMilli: at(nodes.usedCpuMilli), memoryBytes: at(nodes.usedMemoryBytes), pods: at(nodes.usedPods) },
      allocatable: { cpuMilli: at(nodes.cpuMilli), memoryBytes: at(nodes.memoryBytes), pods: at(nodes.podsMax) },
    };
  }

  #truth(row: number): RunningPod {
    const { pods, nodes } = this.#state;
    const { name, namespace = '', uid = '' } = (pods.pod[row] as Pod).metadata;
    const ip = pods.ip[row] as number;
    const node = nodes.nameOf(pods.node[row] as number);
    return { node, namespace, name, podUid: uid, ip: ip > 0 ? ipText(ip) : '', sinceUs: pods.startedUs[row] as number };
  }

  #observeStop(row: number): void {
    this.#state.contextOf(this.#state.pods.node[row] as number).observe(POINT_STOP, this.#truth(row));
  }

  #wallUs(row: number): number {
    return this.#state.contextOf(this.#state.pods.node[row] as number).wallUs();
  }

  #arm(row: number, delayUs: number): void {
    const { pods } = this.#state;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    pods.timer[row] = ctx.setTimer(Math.max(0, delayUs), OP_POD_STEP, row, pods.generation[row]);
  }

  #cancel(row: number): void {
    const { pods } = this.#state;
    const timer = pods.timer[row] as number;
    if (timer < 0) return;
    this.#state.contextOf(pods.node[row] as number).cancelTimer(timer);
    pods.timer[row] = -1;
  }
}

/** The grace period of a pod being deleted, µs. */
function graceUs(pod: Pod): number {
  const seconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  return seconds * 1_000_000;
}
