/**
 * What a kubelet does to the containers of a pod by what it finds of them: which it starts and kills, whether the pod is over.
 *
 * Source: Kubernetes 1.34.1, kuberuntime_manager.go (computePodActions), kuberuntime_container.go (computeInitContainerActions), container/helpers.go
 * (ShouldContainerBeRestarted). Left out: containers created but not started, of unknown state, or whose definition has changed.
 */
import type { Container, Pod } from '../types/pod.ts';
import { isSidecar } from '../types/pod-requests.ts';

/** What the runtime and the probes say of a container that has been started. */
export interface FoundContainer {
  /** Exit code, null while it runs. */
  readonly exitCode: number | null;
  /** Whether its startup probe has succeeded; true without one. */
  readonly hasStarted: boolean;
  /** The probe that has failed too often, '' for none. */
  readonly failedProbe: '' | 'startup' | 'liveness';
}

/** A sandbox that was never there, that is, or that was lost with its machine. */
export type Sandbox = 'none' | 'ready' | 'lost';

export interface PodActions {
  /** Everything of the pod is stopped, sandbox included. */
  killPod: boolean;
  createSandbox: boolean;
  /** Indices of containers to start, each by its own list. */
  startInit: number[];
  start: number[];
  /** Indices of containers to kill: init containers first, then the others. */
  readonly kill: number[];
}

/** `found`: by index, init containers first, then the others; null for what has not been started, or has been removed. */
export function computePodActions(pod: Pod, sandbox: Sandbox, found: readonly (FoundContainer | null)[]): PodActions {
  const actions: PodActions = { killPod: false, createSandbox: false, startInit: [], start: [], kill: [] };
  if (sandbox !== 'ready') beginAnew(pod, sandbox === 'lost', found, actions);
  else if (isInitialized(pod, found, actions)) keepContainers(pod, found, actions);
  return actions;
}

/** Whether a container that has ended with this exit code, or is not there (null), is started (again). */
export function isStartedAgain({ metadata, spec }: Pod, exitCode: number | null): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  if (exitCode === null || spec.restartPolicy === 'Always' || spec.restartPolicy === undefined) return true;
  return spec.restartPolicy === 'OnFailure' && exitCode !== 0;
}

/** Without a sandbox: the pod begins anew, unless it has been and is not to be again. */
function beginAnew(
  { spec }: Pod,
  isLost: boolean,
  found: readonly (FoundContainer | null)[],
  actions: PodActions,
): void {
  const init = spec.initContainers?.length ?? 0;
  actions.killPod = true;
  if (isLost && spec.restartPolicy === 'Never' && found.some((one) => one !== null)) return;
  const isOver = (index: number) => spec.restartPolicy === 'OnFailure' && found[init + index]?.exitCode === 0;
  const start = [...spec.containers.keys()].filter((index) => !isOver(index));
  // Which are all over have all been.
  if (start.length === 0) return;
  actions.createSandbox = true;
  if (init > 0) actions.startInit = [0];
  else actions.start = start;
}

/** Looks after the init containers; true when the others may run. */
function isInitialized({ spec }: Pod, found: readonly (FoundContainer | null)[], actions: PodActions): boolean {
  const init = spec.initContainers ?? [];
  if (init.length === 0) return true;
  const hasRunning = found.some((one, index) => index >= init.length && one?.exitCode === null);
  // Those that are over may have been removed: the last that is there tells how far the pod has come.
  const last = hasRunning ? init.length : found.slice(0, init.length).findLastIndex((one) => one !== null);
  if (last < 0) actions.startInit.push(0);
  for (let i = 0; i < Math.min(last, init.length); i++)
    if (isSidecar(init[i] as Container)) keepSidecar(i, found[i] ?? null, actions);
  if (hasRunning || last < 0) return hasRunning;
  const current = found[last] as FoundContainer;
  const isOfSidecar = isSidecar(init[last] as Container);
  const isDone = isOfSidecar ? current.exitCode === null && current.hasStarted : current.exitCode === 0;
  if (isOfSidecar) keepSidecar(last, current, actions);
  else if (current.exitCode !== null && current.exitCode !== 0) {
    if (spec.restartPolicy === 'Never') {
      actions.killPod = true;
      actions.startInit = [];
      actions.kill.length = 0;
      return false;
    }
    actions.startInit.push(last);
  }
  if (isDone && last + 1 < init.length) actions.startInit.push(last + 1);
  return isDone && last + 1 === init.length;
}

function keepSidecar(index: number, found: FoundContainer | null, actions: PodActions): void {
  if (found !== null && found.exitCode === null) {
    if (found.failedProbe === '') return;
    actions.kill.push(index);
  }
  actions.startInit.push(index);
}

function keepContainers(pod: Pod, found: readonly (FoundContainer | null)[], actions: PodActions): void {
  const init = pod.spec.initContainers?.length ?? 0;
  let kept = 0;
  for (let i = 0; i < pod.spec.containers.length; i++) {
    const one = found[init + i] ?? null;
    if (one === null || one.exitCode !== null) {
      if (isStartedAgain(pod, one?.exitCode ?? null)) actions.start.push(i);
    } else if (one.failedProbe === '') kept++;
    else {
      actions.kill.push(init + i);
      // Whatever its exit code will be.
      if (pod.spec.restartPolicy !== 'Never') actions.start.push(i);
    }
  }
  if (kept > 0 || actions.start.length > 0) return;
  actions.killPod = true;
  // Sidecars do not keep a pod alive.
  actions.startInit = [];
}
