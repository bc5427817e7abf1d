/**
 * What a kubelet says of each container of a pod, built from the pod table's columns.
 *
 * Source: Kubernetes 1.34.1, kubelet_pods.go (convertToAPIContainerStatuses), prober_manager.go (UpdatePodStatus), status_manager.go
 * (TerminatePod); the recordings' KWOK for mode `recorded`.
 */
import type { Container, ContainerState, ContainerStatus, Pod } from '../types/pod.ts';
import { isSidecar } from '../types/pod-requests.ts';
import { formatTime } from '../types/time.ts';
import type { ContainerRun } from './container-run.ts';
import { LOST } from './pod-ledger.ts';
import { FLAG, PHASE, type PodTable } from './pod-table.ts';
import { hasProbe } from './probe-times.ts';

const NO_STATE: ContainerState = Object.freeze({});
/** What is said of a container that never ran when its pod has ended. */
const UNKNOWN: ContainerState = Object.freeze({
  terminated: Object.freeze({
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    startedAt: null,
    finishedAt: null,
  }),
});
const CREATING: ContainerState = Object.freeze({ waiting: Object.freeze({ reason: 'ContainerCreating' }) });
const INITIALIZING: ContainerState = Object.freeze({ waiting: Object.freeze({ reason: 'PodInitializing' }) });
/** Container ids count init containers from here. */
const INIT_BASE = 100;

/** Builds the statuses of containers; one for a fleet. */
export class ContainerStatuses {
  readonly #pods: PodTable;
  readonly #recorded: boolean;
  /** Those of pods whose containers are still to be created: pods of a template share them. */
  readonly #creating = new WeakMap<readonly Container[], { isInit: boolean; statuses: readonly ContainerStatus[] }>();

  constructor(pods: PodTable, recorded: boolean) {
    this.#pods = pods;
    this.#recorded = recorded;
  }

  /** Of the init containers. `areReady`: the probes of all containers of the pod have succeeded. */
  ofInit(row: number, pod: Pod, areReady: boolean, now: string): readonly ContainerStatus[] {
    const containers = pod.spec.initContainers ?? [];
    const isProbed = containers.some(isProbedSidecar);
    const areUp = this.#pods.phase[row] === PHASE.sidecars || this.#pods.has(row, FLAG.sidecarsReady);
    return containers.map((container, index) => {
      const isReady = areReady || areUp || (isProbed && !isProbedSidecar(container));
      return this.#initStatus(row, pod, container, index, isReady, now);
    });
  }

  #initStatus(
    row: number,
    pod: Pod,
    container: Container,
    index: number,
    isReady: boolean,
    now: string,
  ): ContainerStatus {
    const pods = this.#pods;
    const phase = pods.phase[row] as number;
    const stage = pods.initStage[row] as number;
    const id = INIT_BASE + index;
    const sidecar = isSidecar(container);
    const ran = (pods.startedUs[row] as number) >= 0;
    const isOver = phase >= PHASE.stopped;
    const isDone = index < stage >> 1 || (ran && phase >= PHASE.running);
    const isCurrent = !isDone && index === stage >> 1 && stage % 2 === 1;
    // A run that begins with its machine is counted once the container is there.
    const isBefore = ran && !isDone && !isCurrent;
    const restarts = Math.max(0, (pods.reboots[row] as number) - (isBefore ? 1 : 0));
    if (!isOver && (isCurrent || (isDone && sidecar))) {
      const startedAt = runningSince(pod, container.name, restarts) ?? now;
      const started = isDone || container.startupProbe === undefined;
      const ready = isDone && (phase < PHASE.running ? container.readinessProbe === undefined : isReady);
      return this.#status(row, container, id, { running: { startedAt } }, NO_STATE, ready, restarts, started);
    }
    if (isDone || isBefore) {
      const terminated = initEnd(pod, container.name, restarts, now);
      return this.#status(row, container, id, { terminated }, NO_STATE, !sidecar, restarts, false);
    }
    if (isOver && isCurrent && pods.exitCode[row] === LOST) {
      const startedAt = runningSince(pod, container.name, restarts) ?? now;
      const terminated = { exitCode: LOST, reason: reasonOf(LOST), startedAt, finishedAt: endTime(pods, row, now) };
      return this.#status(row, container, id, { terminated }, NO_STATE, false, restarts, false);
    }
    const isLost = phase >= PHASE.stopped && (isCurrent || index === 0) && !this.#recorded;
    const state = isLost ? UNKNOWN : this.#waiting(row, pod, index);
    return this.#status(row, container, id, state, NO_STATE, false, restarts, false);
  }

  /** Of the other containers. */
  ofMain(row: number, pod: Pod, areReady: boolean, now: string): readonly ContainerStatus[] {
    const pods = this.#pods;
    const phase = pods.phase[row] as number;
    const ran = pods.startedUs[row] !== -1;
    if (!ran && pods.reason[row] === '' && phase < PHASE.stopped && !this.#recorded) return this.#allCreating(row, pod);
    const init = pod.spec.initContainers?.length ?? 0;
    const { containers } = pod.spec;
    const isProbed = containers.some(hasProbe);
    const { [row]: runs } = pods.runs;
    // A run that begins with its machine is counted once its containers are there.
    const isUp = phase >= PHASE.running && phase <= PHASE.stopping && phase !== PHASE.sidecars;
    return containers.map((container, index) => {
      const run = runs?.[index];
      const count = run?.restarts ?? (pods.reboots[row] as number);
      if (isUp && run?.isRunning !== false) {
        const startedUs = run?.startedWallUs ?? (pods.startedWallUs[row] as number);
        const state = { running: { startedAt: formatTime(startedUs) } };
        const last = count > 0 ? this.#ended(row, index, count - 1, now) : NO_STATE;
        const ready = run?.isReady ?? (areReady || (isProbed && !hasProbe(container)));
        return this.#status(row, container, index, state, last, ready, count, true);
      }
      if (!ran) {
        const isLost = phase >= PHASE.stopped && (pods.initStage[row] as number) >> 1 >= init;
        const state = isLost ? UNKNOWN : this.#waiting(row, pod, init + index);
        return this.#status(row, container, index, state, NO_STATE, false, 0, false);
      }
      const isCounted = phase >= PHASE.running || (run !== undefined && run.dueUs < 0);
      const restarts = Math.max(0, count - (isCounted ? 0 : 1));
      const ended = this.#ended(row, index, restarts, now);
      // Until the kubelet has found why it has to wait, the status tells how it ended.
      const isBlamed = phase < PHASE.running && this.#isBlamed(row, init + index, init);
      const waits = phase < PHASE.running ? isBlamed : phase < PHASE.sidecars && run !== undefined && run.reason !== '';
      const why = isBlamed ? this.#waiting(row, pod, init + index) : waitingFor(run);
      const state = waits ? why : ended;
      const last = waits ? ended : restarts > 0 ? formerEnd(pod, container.name, restarts) : NO_STATE;
      return this.#status(row, container, index, state, last, false, restarts, false);
    });
  }

  #allCreating(row: number, pod: Pod): readonly ContainerStatus[] {
    const { containers, initContainers } = pod.spec;
    const isInit = initContainers !== undefined && initContainers.length > 0;
    const known = this.#creating.get(containers);
    if (known !== undefined && known.isInit === isInit) return known.statuses;
    const state = isInit ? INITIALIZING : CREATING;
    const statuses = containers.map((container, index) =>
      this.#status(row, container, index, state, NO_STATE, false, 0, false),
    );
    this.#creating.set(containers, { isInit, statuses });
    return statuses;
  }

  /** Whether the row's reason is that of the container; `index` counts init containers first, then the others. */
  #isBlamed(row: number, index: number, init: number): boolean {
    const pods = this.#pods;
    const phase = pods.phase[row] as number;
    if (pods.reason[row] === '' || phase === PHASE.mountWait || phase === PHASE.stopped) return false;
    return phase === PHASE.imageWait ? pods.brokenAt[row] === index : index >= init;
  }

  #waiting(row: number, pod: Pod, index: number): ContainerState {
    const init = pod.spec.initContainers?.length ?? 0;
    if (this.#isBlamed(row, index, init)) {
      const reason = this.#pods.reason[row] as string;
      return { waiting: { reason, message: this.#pods.message[row] as string } };
    }
    return init > 0 ? INITIALIZING : CREATING;
  }

  /** How the container ended in its run after the `run`-th restart. */
  #ended(row: number, index: number, run: number, now: string): ContainerState {
    const pods = this.#pods;
    const one = pods.runs[row]?.[index];
    const exitCode = one?.exitCode ?? (pods.exitCode[row] as number);
    const startedAt = formatTime(Math.max(0, one?.endedRunWallUs ?? (pods.endedRunWallUs[row] as number)));
    const endedUs = one?.endedWallUs ?? (pods.endedWallUs[row] as number);
    const finishedAt = endedUs < 0 ? now : formatTime(endedUs);
    const reason = one?.outOfMemory === true ? 'OOMKilled' : reasonOf(exitCode);
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

function isProbedSidecar(container: Container): boolean {
  return isSidecar(container) && container.readinessProbe !== undefined;
}

/** What a container that the kubelet starts again waits for. */
function waitingFor(run: ContainerRun | undefined): ContainerState {
  return { waiting: { reason: run?.reason ?? '', message: run?.message ?? '' } };
}

function reasonOf(exitCode: number): string {
  return exitCode === 0 ? 'Completed' : exitCode === LOST ? 'Unknown' : 'Error';
}

function endTime(pods: PodTable, row: number, now: string): string {
  const ended = pods.endedWallUs[row] as number;
  return ended < 0 ? now : formatTime(ended);
}

function knownInit(pod: Pod, name: string, restarts: number): ContainerStatus | undefined {
  return pod.status?.initContainerStatuses?.find((one) => one.name === name && one.restartCount === restarts);
}

/** Since when the init container runs, as the API knows it. */
function runningSince(pod: Pod, name: string, restarts: number): string | undefined {
  return knownInit(pod, name, restarts)?.state?.running?.startedAt;
}

/** How the init container ended: as was told before, or just now. */
function initEnd(pod: Pod, name: string, restarts: number, now: string): NonNullable<ContainerState['terminated']> {
  const told = knownInit(pod, name, restarts)?.state?.terminated;
  const startedAt = runningSince(pod, name, restarts) ?? now;
  return told ?? { exitCode: 0, reason: 'Completed', startedAt, finishedAt: now };
}

/** How the run before the last one ended, as the API knows it: the runtime keeps one ended container besides the last. */
function formerEnd(pod: Pod, name: string, restarts: number): ContainerState {
  const known = pod.status?.containerStatuses?.find((status) => status.name === name);
  if (known === undefined) return NO_STATE;
  const isOfRunBefore = (known.restartCount ?? 0) < restarts && known.state?.terminated !== undefined;
  return (isOfRunBefore ? known.state : known.lastState) ?? NO_STATE;
}
