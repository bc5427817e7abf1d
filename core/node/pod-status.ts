/**
 * The status a kubelet writes for a pod, built from the pod table's columns.
 *
 * Conditions in the order in which the kubelet writes them; conditions that are alike within one second are one shared object.
 * Source: Kubernetes 1.34.1, kubelet_pods.go generateAPIPodStatus, status/generate.go, status_manager.go; the recordings' KWOK for mode `recorded`.
 */
import type { Condition } from '../types/object.ts';
import type { ContainerStatus, Pod, PodPhase, PodStatus } from '../types/pod.ts';
import { findCondition } from '../types/pod-conditions.ts';
import { isSidecar, qosClassOf } from '../types/pod-requests.ts';
import { formatTime } from '../types/time.ts';
import { ipText } from './addresses.ts';
import { ContainerStatuses } from './container-statuses.ts';
import { LOST } from './pod-ledger.ts';
import { FLAG, PHASE, type PodTable } from './pod-table.ts';
import { PREEMPTED, PREEMPTING } from './preemption.ts';
import { closedGates } from './readiness-gates.ts';

/** Status patch: the order of conditions is sent along, as client-go's two-way merge does. */
export type PodStatusPatch = PodStatus & {
  readonly '$setElementOrder/conditions': readonly { readonly type: string }[] | undefined;
};

const ORDER = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
  type,
}));
const PREEMPTED_ORDER = [...ORDER, { type: 'DisruptionTarget' }];
const RECORDED_ORDER = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({ type }));

/** Builds statuses; one for a fleet. */
export class PodStatuses {
  readonly #pods: PodTable;
  readonly #recorded: boolean;
  readonly #containers: ContainerStatuses;
  readonly #shared = new Map<string, Condition>();
  #sharedAt = '';

  constructor(pods: PodTable, recorded: boolean) {
    this.#pods = pods;
    this.#recorded = recorded;
    this.#containers = new ContainerStatuses(pods, recorded);
  }

  /** The status of `row` at `wallUs`. `hostIP` is the node's address. */
  of(row: number, wallUs: number, hostIP: string): PodStatusPatch {
    const pods = this.#pods;
    const pod = pods.pod[row] as Pod;
    const phase = pods.phase[row] as number;
    const now = formatTime(wallUs);
    const podPhase = this.#phaseOf(row, phase);
    const ip = pods.ip[row] as number;
    const podIP = ip === 0 ? undefined : ip < 0 ? hostIP : ipText(ip);
    const preempted = this.#isPreempted(row);
    const refused = pods.startedUs[row] === -1 && phase === PHASE.ended && pods.reason[row] !== '' && !preempted;
    const startTime = pods.startTime[row] as string;
    const areReady = this.#areReady(row, phase);
    const hasInit = pod.spec.initContainers !== undefined;
    const init = refused || !hasInit ? undefined : this.#containers.ofInit(row, pod, areReady, now);
    const main = refused ? undefined : this.#containers.ofMain(row, pod, areReady, now);
    return {
      observedGeneration: this.#recorded ? undefined : pod.metadata.generation,
      phase: podPhase,
      conditions: main === undefined ? undefined : this.#conditions(row, podPhase, pod, init ?? [], main, now),
      message: refused ? (pods.message[row] as string) : preempted ? PREEMPTED : undefined,
      reason: refused ? (pods.reason[row] as string) : preempted ? PREEMPTING : undefined,
      hostIP: refused ? undefined : hostIP,
      hostIPs: refused ? undefined : [{ ip: hostIP }],
      podIP,
      podIPs: podIP === undefined ? undefined : this.#podIPs(row, pod, podIP),
      startTime,
      initContainerStatuses: init,
      containerStatuses: main,
      qosClass: qosClassOf(pod.spec),
      '$setElementOrder/conditions': refused
        ? undefined
        : this.#recorded
          ? RECORDED_ORDER
          : preempted
            ? PREEMPTED_ORDER
            : ORDER,
    };
  }

  /** Whether it has stopped to make room. */
  #isPreempted(row: number): boolean {
    return (this.#pods.phase[row] as number) >= PHASE.stopped && this.#pods.has(row, FLAG.preempted);
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

  #phaseOf(row: number, phase: number): PodPhase {
    // Also while its containers are stopped: a pod that has ended stays so (kubelet 1.34, generateAPIPodStatus).
    if (phase === PHASE.ended || this.#pods.has(row, FLAG.saidEnded))
      return this.#pods.has(row, FLAG.failed) ? 'Failed' : 'Succeeded';
    if (phase === PHASE.stopped) {
      if (this.#pods.startedUs[row] === -1) return 'Failed';
      return this.#pods.has(row, FLAG.failed) ? 'Failed' : 'Succeeded';
    }
    if (phase >= PHASE.running) return 'Running';
    // Init containers that run once more after a loss of power hold the pod back as they did at first (getPhase).
    const initializes = phase === PHASE.starting && (this.#pods.initStage[row] as number) % 2 === 1;
    return this.#pods.startedUs[row] !== -1 && !initializes ? 'Running' : 'Pending';
  }

  #conditions(
    row: number,
    podPhase: PodPhase,
    pod: Pod,
    init: readonly ContainerStatus[],
    main: readonly ContainerStatus[],
    now: string,
  ): readonly Condition[] {
    const pods = this.#pods;
    const recorded = this.#recorded;
    const phase = pods.phase[row] as number;
    const isTerminal = podPhase === 'Failed' || podPhase === 'Succeeded';
    // What never ran is said to have failed after its conditions were found (TerminatePod).
    const hasEnded = pods.startedUs[row] !== -1 || pods.exitCode[row] === LOST || pods.has(row, FLAG.saidEnded);
    const ended = isTerminal && (recorded || hasEnded);
    const waiting = ended ? '' : unreadyOf(pod, init, main);
    const endReason = podPhase === 'Failed' ? 'PodFailed' : 'PodCompleted';
    const reason = ended ? endReason : waiting === '' ? undefined : 'ContainersNotReady';
    const message = waiting === '' ? undefined : `containers with unready status: [${waiting}]`;
    const incomplete = (recorded && ended) || hasStarted(main) ? '' : incompleteOf(pod, init);
    const list: Condition[] = [];
    if (!recorded) {
      const runs = phase >= PHASE.running && phase <= PHASE.stopping;
      const initializes = phase === PHASE.starting && (pods.initStage[row] as number) > 0;
      const hasSandbox = runs || initializes || phase === PHASE.imageWait || phase === PHASE.configWait;
      list.push(this.#condition(row, 'PodReadyToStartContainers', hasSandbox, undefined, undefined, pod, now));
    }
    const isInit = incomplete === '';
    const doneReason = podPhase === 'Succeeded' && !recorded ? 'PodCompleted' : undefined;
    const initReason = isInit ? doneReason : 'ContainersNotInitialized';
    const initMessage = isInit || recorded ? undefined : `containers with incomplete status: [${incomplete}]`;
    list.push(this.#condition(row, 'Initialized', isInit, initReason, initMessage, pod, now));
    const areReady = reason === undefined;
    const closed = areReady && phase !== PHASE.stopping ? closedGates(pod) : '';
    if (closed === '') list.push(this.#condition(row, 'Ready', areReady, reason, message, pod, now));
    else list.push(this.#condition(row, 'Ready', false, 'ReadinessGatesNotReady', closed, pod, now));
    list.push(this.#condition(row, 'ContainersReady', areReady, reason, message, pod, now));
    const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
    list.push(scheduled ?? this.#condition(row, 'PodScheduled', true, undefined, undefined, pod, now));
    if (this.#isPreempted(row)) {
      const why = 'Pod was preempted by Kubelet to accommodate a critical pod.';
      list.push(this.#condition(row, 'DisruptionTarget', true, 'TerminationByKubelet', why, pod, now));
    }
    if (!recorded && (!isInit || !areReady || closed !== '')) pods.set(row, FLAG.toldWhy);
    return list;
  }

  /** Whether all containers are ready, whatever the gates say. */
  #areReady(row: number, phase: number): boolean {
    if (phase === PHASE.running) return this.#pods.has(row, FLAG.gated);
    return phase === PHASE.ready || (phase === PHASE.stopping && this.#pods.has(row, FLAG.wasReady));
  }

  /** `isTrue` in words, since when; a reason or message that may have been told before is taken back by null. */
  #condition(
    row: number,
    type: string,
    isTrue: boolean,
    reason: string | undefined,
    message: string | undefined,
    pod: Pod,
    now: string,
  ): Condition {
    const status = isTrue ? 'True' : 'False';
    const observedGeneration = this.#recorded ? undefined : pod.metadata.generation;
    const known = findCondition(pod.status?.conditions, type);
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
    const mayHaveReason = type !== 'PodReadyToStartContainers' && (type !== 'Initialized' || pod.spec.initContainers);
    const takesBack = mayHaveReason && this.#pods.has(row, FLAG.toldWhy);
    const said = takesBack ? (reason ?? null) : reason;
    const words = takesBack ? (message ?? null) : message;
    if (lastTransitionTime !== now || (observedGeneration ?? 1) !== 1)
      return newCondition(type, observedGeneration, status, lastTransitionTime, said, words);
    if (this.#sharedAt !== now) {
      this.#shared.clear();
      this.#sharedAt = now;
    }
    const key = `${type}${status}${said}${words}`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = newCondition(type, observedGeneration, status, lastTransitionTime, said, words);
      this.#shared.set(key, shared);
    }
    return shared;
  }
}

/** A condition of a patch, where null takes a text away. */
function newCondition(
  type: string,
  observedGeneration: number | undefined,
  status: 'True' | 'False',
  lastTransitionTime: string | null | undefined,
  reason: string | null | undefined,
  message: string | null | undefined,
): Condition {
  return { type, observedGeneration, status, lastProbeTime: null, lastTransitionTime, reason, message } as Condition;
}

/** Whether a container besides the init containers has ever run, by what is said of them. */
function hasStarted(main: readonly ContainerStatus[]): boolean {
  for (const { state } of main) if (state?.running !== undefined || state?.terminated !== undefined) return true;
  return false;
}

/** Names of the containers that are not ready: sidecars, then the others. */
function unreadyOf(pod: Pod, init: readonly ContainerStatus[], main: readonly ContainerStatus[]): string {
  let names = '';
  for (let i = 0; i < init.length; i++)
    if (init[i]?.ready === false && isSidecarAt(pod, i)) names += `${names === '' ? '' : ' '}${init[i]?.name}`;
  for (const { name, ready } of main) if (!ready) names += names === '' ? name : ` ${name}`;
  return names;
}

/** Names of the init containers that are not done, and of the sidecars that have not started. */
function incompleteOf(pod: Pod, init: readonly ContainerStatus[]): string {
  const names = init.filter((one, i) => (isSidecarAt(pod, i) ? one.started !== true : !one.ready));
  return names.map(({ name }) => name).join(' ');
}

function isSidecarAt({ spec }: Pod, index: number): boolean {
  const container = spec.initContainers?.[index];
  return container !== undefined && isSidecar(container);
}
