/**
 * The books of all kubelets: what really runs, which addresses and resources are taken, and each row's one timer.
 */
import type { Pod } from '../types/pod.ts';
import { podRequests } from '../types/pod-requests.ts';
import { ipText } from './addresses.ts';
import type { ContainerRun } from './container-run.ts';
import type { FleetState } from './fleet-state.ts';
import {
  type Admission,
  BUG_REUSES_IP,
  MARK_NO_ADDRESS,
  POINT_STOP,
  type RunningPod,
  type StoppedPod,
} from './marks.ts';
import { OP_POD_STEP } from './ops.ts';
import type { ContainerScript, PodScript } from './pod-script.ts';
import { FLAG, PHASE, type Phase } from './pod-table.ts';

/** Exit code of a container that was killed. */
export const KILLED = 137;
/** Exit code of a container that was lost with its machine, by which the runtime says that it does not know (containerd's unknownExitCode). */
export const LOST = 255;

export class PodLedger {
  readonly #state: FleetState;

  constructor(state: FleetState) {
    this.#state = state;
  }

  /** Whether containers of the row really run now. */
  runs(row: number): boolean {
    const { pods, sim } = this.#state;
    if (pods.has(row, FLAG.lost)) return false;
    const phase = pods.phase[row] as Phase;
    if (phase === PHASE.sidecars) return true;
    if (phase !== PHASE.running && phase !== PHASE.ready && phase !== PHASE.stopping) return false;
    const runs = pods.runs[row];
    const { sidecarHooksUs } = pods.script[row] as PodScript;
    if (runs != null) return sidecarHooksUs.length > 0 || runs.some((run) => run.runsAt(sim.now));
    const exitAt = pods.exitAtUs[row] as number;
    return (pods.startedUs[row] as number) >= 0 && (exitAt < 0 || sim.now < exitAt);
  }

  /** Gives the pod its address; false when the node has none left. */
  giveAddress(row: number): boolean {
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

  /** Gives the pod's resources back, once. */
  release(row: number): void {
    const { pods } = this.#state;
    if (!pods.has(row, FLAG.admitted)) return;
    pods.clear(row, FLAG.admitted);
    this.count(pods.node[row] as number, pods.pod[row] as Pod, -1);
  }

  /** Adds (1) or takes off (−1) the pod's requests at its node. */
  count(node: number, pod: Pod, sign: number): void {
    const { nodes } = this.#state;
    const { cpuMilli, memoryBytes, ephemeralStorageBytes } = podRequests(pod.spec);
    nodes.usedCpuMilli[node] = (nodes.usedCpuMilli[node] as number) + sign * cpuMilli;
    nodes.usedMemoryBytes[node] = (nodes.usedMemoryBytes[node] as number) + sign * memoryBytes;
    nodes.usedEphemeralBytes[node] = (nodes.usedEphemeralBytes[node] as number) + sign * ephemeralStorageBytes;
    nodes.usedPods[node] = (nodes.usedPods[node] as number) + sign;
  }

  /** What the kubelet weighed. */
  admission(node: number, pod: Pod): Admission {
    const { nodes } = this.#state;
    const at = (column: Float64Array | Int32Array): number => column[node] as number;
    return {
      node: nodes.nameOf(node),
      podUid: pod.metadata.uid ?? '',
      used: { cpuMilli: at(nodes.usedCpuMilli), memoryBytes: at(nodes.usedMemoryBytes), pods: at(nodes.usedPods) },
      allocatable: { cpuMilli: at(nodes.cpuMilli), memoryBytes: at(nodes.memoryBytes), pods: at(nodes.podsMax) },
    };
  }

  /** The row as node ground truth. */
  truth(row: number): RunningPod {
    const { pods, nodes } = this.#state;
    const { name, namespace = '', uid = '' } = (pods.pod[row] as Pod).metadata;
    const ip = pods.ip[row] as number;
    const node = nodes.nameOf(pods.node[row] as number);
    const sinceUs = pods.startedUs[row] as number;
    const restarts = pods.restarts[row] as number;
    return { node, namespace, name, podUid: uid, ip: ip > 0 ? ipText(ip) : '', sinceUs, restarts };
  }

  /** Shows that the containers no longer run; `byKubelet`: it stopped them. */
  observeStop(row: number, byKubelet: boolean): void {
    const stopped: StoppedPod = { byKubelet, ...this.truth(row) };
    this.#state.contextOf(this.#state.pods.node[row] as number).observe(POINT_STOP, stopped);
  }

  /** The last of its containers has ended: nothing of the pod runs any more, unless it has sidecars. */
  observeEnd(row: number): void {
    const { pods, recorded } = this.#state;
    if (recorded || (pods.script[row] as PodScript).sidecarHooksUs.length === 0) this.observeStop(row, false);
  }

  /** How its containers ended, which decides whether the pod has failed if they were its last. */
  exitedWith(row: number, exitCode: number): void {
    const { pods } = this.#state;
    const runs = pods.runs[row];
    if (runs != null) {
      for (const run of runs) if (run.isRunning) run.end(exitCode, pods.endedWallUs[row] as number);
      this.allEnded(row);
      return;
    }
    pods.exitCode[row] = exitCode;
    pods.endedRunWallUs[row] = pods.startedWallUs[row] as number;
    if (!pods.has(row, FLAG.saidEnded)) this.#hasFailed(row, exitCode !== 0);
  }

  /** Whether the pod has failed now that its containers have ended one by one (getPhase). */
  allEnded(row: number): void {
    const { pods } = this.#state;
    const failed = pods.runs[row]?.some(({ exitCode }) => exitCode !== 0) === true;
    if (!pods.has(row, FLAG.saidEnded)) this.#hasFailed(row, failed);
  }

  /**
   * The API says that the pod has ended. Whoever says first how is believed, also when somebody puts the phase back (kubelet 1.34,
   * status_manager.go, kubelet_pods.go).
   */
  saidEnded(row: number, pod: Pod): void {
    const { pods } = this.#state;
    if (pods.phase[row] === PHASE.ended || pods.phase[row] === PHASE.stopped || pods.has(row, FLAG.saidEnded)) return;
    pods.set(row, FLAG.saidEnded);
    this.#hasFailed(row, pod.status?.phase === 'Failed');
  }

  #hasFailed(row: number, failed: boolean): void {
    if (failed) this.#state.pods.set(row, FLAG.failed);
    else this.#state.pods.clear(row, FLAG.failed);
  }

  /** The machine lost power: what ran is killed; a run that was over, unheard by its kubelet, ended as its script says. */
  machineStopped(row: number): void {
    if (this.runs(row)) {
      this.observeStop(row, false);
      if (this.#state.pods.phase[row] === PHASE.sidecars) return;
      this.#endUnheard(row);
      // When they ended is when the runtime looks at them again.
      this.#state.pods.endedWallUs[row] = -1;
      this.exitedWith(row, LOST);
    } else this.hearOfExit(row);
  }

  /** Containers whose run was over before their kubelet heard of it have ended as their script says. */
  hearOfExit(row: number): void {
    const { pods } = this.#state;
    const phase = pods.phase[row] as Phase;
    // What stops has no timer at the end of its run; what was lost with its machine was told then.
    if (phase !== PHASE.running && phase !== PHASE.ready && phase !== PHASE.stopping) return;
    if ((pods.startedUs[row] as number) < 0 || pods.has(row, FLAG.lost) || this.runs(row)) return;
    const runs = pods.runs[row];
    if (runs == null || runs.some(({ isRunning }) => isRunning)) this.observeStop(row, false);
    if (runs != null) {
      this.#endUnheard(row);
      this.allEnded(row);
      return;
    }
    this.exitedWith(row, (pods.script[row] as PodScript).exitCode);
    const ranUs = (pods.exitAtUs[row] as number) - (pods.startedUs[row] as number);
    pods.endedWallUs[row] = (pods.startedWallUs[row] as number) + ranUs;
  }

  /** Of containers that go each its own way, those whose runs were over have ended as their scripts say. */
  #endUnheard(row: number): void {
    const { pods, sim } = this.#state;
    const runs = pods.runs[row];
    const { containers } = pods.script[row] as PodScript;
    for (let i = 0; i < (runs?.length ?? 0); i++) {
      const run = runs?.[i] as ContainerRun;
      if (!run.isRunning || run.runsAt(sim.now)) continue;
      run.end((containers[i] as ContainerScript).exitCode, run.startedWallUs + run.exitAtUs - run.startedUs);
    }
  }

  /** The node's wall clock, µs. */
  wallUs(row: number): number {
    return this.#state.contextOf(this.#state.pods.node[row] as number).wallUs();
  }

  /** Sets the row's one timer. */
  arm(row: number, delayUs: number): void {
    const { pods } = this.#state;
    const ctx = this.#state.contextOf(pods.node[row] as number);
    pods.timer[row] = ctx.setTimer(Math.max(0, delayUs), OP_POD_STEP, row, pods.generation[row]);
  }

  /** Takes the row's timer back. */
  cancel(row: number): void {
    const { pods } = this.#state;
    const timer = pods.timer[row] as number;
    if (timer < 0) return;
    this.#state.contextOf(pods.node[row] as number).cancelTimer(timer);
    pods.timer[row] = -1;
  }
}
