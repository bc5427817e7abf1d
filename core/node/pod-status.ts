/**
 * The status a kubelet writes for a pod, built from the pod table's columns.
 *
 * Conditions in the order in which the kubelet writes them; conditions that are alike within one second are one shared object.
 * Source: kubelet 1.34 kubelet_pods.go generateAPIPodStatus, status/generate.go; the recordings' KWOK for mode `recorded`.
 */
import type { Condition } from '../types/object.ts';
import type { Container, ContainerState, ContainerStatus, Pod, PodPhase, PodStatus } from '../types/pod.ts';
import { findCondition } from '../types/pod-conditions.ts';
import { isSidecar, qosClassOf } from '../types/pod-requests.ts';
import { formatTime } from '../types/time.ts';
import { ipText } from './addresses.ts';
import { LOST } from './pod-ledger.ts';
import { FLAG, PHASE, type PodTable } from './pod-table.ts';
import { closedGates } from './readiness-gates.ts';

/** Status patch: the order of conditions is sent along, as client-go's two-way merge does. */
export type PodStatusPatch = PodStatus & {
  readonly '$setElementOrder/conditions': readonly { readonly type: string }[];
};

const ORDER = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
  type,
}));
const RECORDED_ORDER = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({ type }));
const NO_STATE: ContainerState = Object.freeze({});
/** What is said of a container that never ran when its pod has ended (status_manager.go TerminatePod). */
const UNKNOWN: ContainerState = Object.freeze({
  terminated: Object.freeze({
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    startedAt: null,
    finishedAt: null,
  }),
});

/** Builds statuses; one for a fleet. */
export class PodStatuses {
  readonly #pods: PodTable;
  readonly #recorded: boolean;
  readonly #shared = new Map<string, Condition>();
  #sharedAt = '';

  constructor(pods: PodTable, recorded: boolean) {
    this.#pods = pods;
    this.#recorded = recorded;
  }

  /** The status of `row` at `wallUs`. `hostIP` is the node's address. */
  of(row: number, wallUs: number, hostIP: string): PodStatusPatch {
    const pods = this.#pods;
    const pod = pods.pod[row] as Pod;
    const phase = pods.phase[row] as number;
    const now = formatTime(wallUs);
    const podPhase = this.#phaseOf(row, phase, pod);
    const ip = pods.ip[row] as number;
    const podIP = ip === 0 ? undefined : ip < 0 ? hostIP : ipText(ip);
    const refused = pods.startedUs[row] === -1 && phase === PHASE.ended && pods.reason[row] !== '';
    const startTime = pods.startTime[row] as string;
    return {
      observedGeneration: this.#recorded ? undefined : pod.metadata.generation,
      phase: podPhase,
      conditions: refused ? [] : this.#conditions(row, phase, podPhase, pod, now),
      message: refused ? (pods.message[row] as string) : undefined,
      reason: refused ? (pods.reason[row] as string) : undefined,
      hostIP: refused ? undefined : hostIP,
      hostIPs: refused ? undefined : [{ ip: hostIP }],
      podIP,
      podIPs: podIP === undefined ? undefined : this.#podIPs(row, pod, podIP),
      startTime,
      initContainerStatuses:
        refused || pod.spec.initContainers === undefined ? undefined : this.#initStatuses(row, pod, now),
      containerStatuses: refused ? undefined : this.#containerStatuses(row, phase, pod, now),
      qosClass: qosClassOf(pod.spec),
      '$setElementOrder/conditions': this.#recorded ? RECORDED_ORDER : ORDER,
    };
  }

  /** A list with a merge key: an address that is no longer the pod's has to be taken out by name. The copy of the pod may be older than the last one. */
  #podIPs(row: number, pod: Pod, podIP: string): { ip: string }[] {
    const list: { ip: string; $patch?: string }[] = [{ ip: podIP }];
    if (pod.status?.podIP === podIP) return list;
    const former = this.#pods.formerIp[row] as number;
    const formerIP = former > 0 ? ipText(former) : undefined;
    for (const old of new Set([pod.status?.podIP, formerIP]))
      if (old !== undefined) list.push({ ip: old, $patch: 'delete' });
    return list;
  }

  #phaseOf(row: number, phase: number, pod: Pod): PodPhase {
    // Also while its containers are stopped: a pod that has ended stays so (kubelet 1.34, generateAPIPodStatus).
    if (phase === PHASE.ended || this.#pods.has(row, FLAG.saidEnded))
      return this.#pods.has(row, FLAG.failed) ? 'Failed' : 'Succeeded';
    if (phase === PHASE.stopped) {
      if (this.#pods.startedUs[row] === -1) return 'Failed';
      return this.#pods.has(row, FLAG.failed) ? 'Failed' : 'Succeeded';
    }
    if (phase >= PHASE.running) return 'Running';
    return pod.status?.phase === 'Running' ? 'Running' : 'Pending';
  }

  #conditions(row: number, phase: number, podPhase: PodPhase, pod: Pod, now: string): readonly Condition[] {
    const generation = this.#recorded ? undefined : pod.metadata.generation;
    const old = pod.status?.conditions;
    const runs = phase >= PHASE.running && phase <= PHASE.stopping;
    const ended = phase === PHASE.ended || phase === PHASE.stopped;
    const areReady = this.#areReady(row, phase);
    const closed = areReady && phase !== PHASE.stopping ? closedGates(pod) : '';
    const endReason = podPhase === 'Failed' ? 'PodFailed' : 'PodCompleted';
    const reason = areReady ? undefined : ended ? endReason : 'ContainersNotReady';
    const message = areReady || ended ? undefined : `containers with unready status: [${unready(phase, pod)}]`;
    const initialized = runs || ended || pod.spec.initContainers === undefined ? 'True' : 'False';
    const list: Condition[] = [];
    if (!this.#recorded) {
      const sandbox = runs || phase === PHASE.imageWait || phase === PHASE.configWait ? 'True' : 'False';
      list.push(this.#condition(row, 'PodReadyToStartContainers', sandbox, undefined, undefined, generation, now, old));
    }
    const initReason =
      initialized === 'True'
        ? ended && podPhase === 'Succeeded' && !this.#recorded
          ? 'PodCompleted'
          : undefined
        : 'ContainersNotInitialized';
    const initMessage =
      initialized === 'True' || this.#recorded
        ? undefined
        : `containers with incomplete status: [${namesOf(pod.spec.initContainers)}]`;
    list.push(this.#condition(row, 'Initialized', initialized, initReason, initMessage, generation, now, old));
    const isReady = areReady && closed === '';
    const readyReason = closed === '' ? reason : 'ReadinessGatesNotReady';
    const readyMessage = closed === '' ? message : closed;
    list.push(
      this.#condition(row, 'Ready', isReady ? 'True' : 'False', readyReason, readyMessage, generation, now, old),
    );
    list.push(
      this.#condition(row, 'ContainersReady', areReady ? 'True' : 'False', reason, message, generation, now, old),
    );
    const scheduled = findCondition(old, 'PodScheduled');
    list.push(scheduled ?? this.#condition(row, 'PodScheduled', 'True', undefined, undefined, generation, now, old));
    if (!this.#recorded && (initialized === 'False' || reason !== undefined || closed !== ''))
      this.#pods.set(row, FLAG.toldWhy);
    return list;
  }

  /** Whether all containers are ready, whatever the gates say. */
  #areReady(row: number, phase: number): boolean {
    if (phase === PHASE.running) return this.#pods.has(row, FLAG.gated);
    return phase === PHASE.ready || (phase === PHASE.stopping && this.#pods.has(row, FLAG.wasReady));
  }

  #condition(
    row: number,
    type: string,
    status: 'True' | 'False',
    reason: string | undefined,
    message: string | undefined,
    observedGeneration: number | undefined,
    now: string,
    old: readonly Condition[] | undefined,
  ): Condition {
    const known = findCondition(old, type);
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
    if (this.#pods.has(row, FLAG.toldWhy)) {
      const told = {
        type,
        observedGeneration,
        status,
        lastProbeTime: null,
        lastTransitionTime,
        reason: reason ?? null,
        message: message ?? null,
      };
      return told as Condition;
    }
    if (lastTransitionTime !== now || message !== undefined || (observedGeneration ?? 1) !== 1) {
      return { type, observedGeneration, status, lastProbeTime: null, lastTransitionTime, reason, message };
    }
    if (this.#sharedAt !== now) {
      this.#shared.clear();
      this.#sharedAt = now;
    }
    const key = `${type}${status}${reason ?? ''}`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { type, observedGeneration, status, lastProbeTime: null, lastTransitionTime, reason, message };
      this.#shared.set(key, shared);
    }
    return shared;
  }

  #initStatuses(row: number, pod: Pod, now: string): readonly ContainerStatus[] {
    const started = (this.#pods.startedUs[row] as number) >= 0;
    return (pod.spec.initContainers ?? []).map((container, index) => {
      const time = started ? formatTime(this.#pods.startedWallUs[row] as number) : now;
      const terminated = { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time };
      const sidecar = isSidecar(container);
      const state: ContainerState = !started
        ? this.#waiting(row, this.#pods.phase[row] as number, pod, index)
        : sidecar
          ? { running: { startedAt: time } }
          : { terminated };
      const restarts = this.#pods.reboots[row] as number;
      return this.#status(row, container, 100 + index, state, NO_STATE, started, restarts, sidecar && started);
    });
  }

  #containerStatuses(row: number, phase: number, pod: Pod, now: string): readonly ContainerStatus[] {
    const pods = this.#pods;
    const init = pod.spec.initContainers?.length ?? 0;
    const areReady = this.#areReady(row, phase);
    return pod.spec.containers.map((container, index) => {
      const restarts = (index === 0 ? pods.restarts[row] : pods.reboots[row]) as number;
      const down = phase === PHASE.crashed && index === 0;
      if (!down && phase >= PHASE.running && phase <= PHASE.stopping) {
        const state = { running: { startedAt: formatTime(pods.startedWallUs[row] as number) } };
        const last = restarts > 0 ? this.#ended(row, index, restarts - 1, now) : NO_STATE;
        return this.#status(row, container, index, state, last, areReady || phase === PHASE.crashed, restarts, true);
      }
      // Until the kubelet has found that it has to wait, the status tells how it ended.
      const over = down ? pods.reason[row] === '' : phase >= PHASE.stopped && pods.startedUs[row] !== -1;
      if (over) {
        const last = restarts > 0 ? formerEnd(pod, container.name, restarts) : NO_STATE;
        return this.#status(
          row,
          container,
          index,
          this.#ended(row, index, restarts, now),
          last,
          false,
          restarts,
          false,
        );
      }
      const last = down
        ? this.#ended(row, index, restarts, now)
        : restarts > 0
          ? this.#ended(row, index, restarts - 1, now)
          : NO_STATE;
      if (phase === PHASE.stopped && init === 0)
        return this.#status(row, container, index, UNKNOWN, last, false, restarts, false);
      const waiting = this.#waiting(row, phase, pod, init + index);
      return this.#status(row, container, index, waiting, last, false, restarts, false);
    });
  }

  /** Why a container waits; `index` counts init containers first, then the others. */
  #waiting(row: number, phase: number, pod: Pod, index: number): ContainerState {
    const init = pod.spec.initContainers?.length ?? 0;
    const blamed =
      phase === PHASE.imageWait ? this.#pods.brokenAt[row] === index : phase !== PHASE.stopped && index >= init;
    const own = this.#pods.reason[row] as string;
    if (blamed && own !== '' && phase !== PHASE.mountWait)
      return { waiting: { reason: own, message: this.#pods.message[row] as string } };
    return { waiting: { reason: init > 0 && !blamed ? 'PodInitializing' : 'ContainerCreating' } };
  }

  /** How the container ended in its run before the `run`-th restart. */
  #ended(row: number, index: number, run: number, now: string): ContainerState {
    const pods = this.#pods;
    const exitCode = pods.exitCode[row] as number;
    const ended = pods.endedWallUs[row] as number;
    const startedAt = formatTime(Math.max(0, pods.startedWallUs[row] as number));
    const finishedAt = ended < 0 ? now : formatTime(ended);
    const reason = pods.has(row, FLAG.outOfMemory) ? 'OOMKilled' : reasonOf(exitCode);
    if (this.#recorded) return { terminated: { exitCode, reason, startedAt, finishedAt } };
    return { terminated: { exitCode, reason, startedAt, finishedAt, containerID: this.#containerID(row, index, run) } };
  }

  #status(
    row: number,
    container: Container,
    index: number,
    state: ContainerState,
    lastState: ContainerState,
    ready: boolean,
    restartCount: number,
    started: boolean,
  ): ContainerStatus {
    const { name, image = '' } = container;
    if (this.#recorded) {
      const plain = { name, state, lastState, ready, restartCount, image, imageID: '' };
      return state.terminated === undefined ? plain : { ...plain, started: false };
    }
    const containerID = state.waiting === undefined ? this.#containerID(row, index, restartCount) : undefined;
    return { name, state, lastState, ready, restartCount, image, imageID: image, containerID, started };
  }

  #containerID(row: number, index: number, restartCount: number): string {
    return `containerd://${(this.#pods.pod[row] as Pod).metadata.uid}-${index}-${restartCount}`;
  }
}

function reasonOf(exitCode: number): string {
  return exitCode === 0 ? 'Completed' : exitCode === LOST ? 'Unknown' : 'Error';
}

/** How the run before the last one ended, as the API knows it: the runtime keeps one ended container besides the last. */
function formerEnd(pod: Pod, name: string, restarts: number): ContainerState {
  const known = pod.status?.containerStatuses?.find((status) => status.name === name);
  if (known === undefined) return NO_STATE;
  const isOfRunBefore = (known.restartCount ?? 0) < restarts && known.state?.terminated !== undefined;
  return (isOfRunBefore ? known.state : known.lastState) ?? NO_STATE;
}

function unready(phase: number, pod: Pod): string {
  if (phase === PHASE.crashed) return pod.spec.containers[0]?.name ?? '';
  const started = phase >= PHASE.running && phase <= PHASE.stopping;
  const sidecars = started ? [] : (pod.spec.initContainers ?? []).filter(isSidecar);
  return namesOf([...sidecars, ...pod.spec.containers]);
}

function namesOf(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map(({ name }) => name).join(' ');
}
