/**
 * Which pods a DaemonSet must create or delete: to have one a node, and to move them to a new template. Source: Kubernetes 1.34
 * daemon_controller.go (podsShouldBeOnNode) and update.go (rollingUpdate).
 */
import type { DaemonSet } from '../../types/daemon-set.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import type { Node } from '../../types/node.ts';
import { isTerminating } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import { compareDaemonPods, type DaemonState } from './daemon-state.ts';
import { MAY_STAY, SHOULD_RUN } from './placement.ts';

/** Nodes (local ids) that get a pod, and pods that go. */
export interface DaemonActions {
  readonly create: number[];
  readonly delete: Pod[];
}

/** Asked about a pod that failed: true = delete it now, false = its back-off is not over. */
export type FailedPodRule = (pod: Pod, node: number) => boolean;

function allowsSurge(set: DaemonSet): boolean {
  if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return false;
  const surge = set.spec.updateStrategy?.rollingUpdate?.maxSurge;
  return surge !== undefined && surge !== 0 && surge !== '0%';
}

/** Adds what one node needs. */
export function actionsOnNode(
  set: DaemonSet,
  state: DaemonState,
  id: number,
  node: Node | undefined,
  wallUs: number,
  failed: FailedPodRule,
  actions: DaemonActions,
): void {
  const pods = state.podsOn(id);
  if (node === undefined) {
    // Pods that wait for a node that is gone; bound ones are the pod garbage collector's.
    for (const pod of pods) if ((pod.spec.nodeName ?? '') === '' && !isTerminating(pod)) actions.delete.push(pod);
    return;
  }
  const placement = state.placement(node);
  if ((placement & SHOULD_RUN) !== 0 && pods.length === 0) actions.create.push(id);
  else if ((placement & MAY_STAY) !== 0) keepOne(set, state, id, pods, wallUs, failed, actions);
  else for (const pod of pods) if (!isTerminating(pod)) actions.delete.push(pod);
}

function keepOne(
  set: DaemonSet,
  state: DaemonState,
  id: number,
  pods: readonly Pod[],
  wallUs: number,
  failed: FailedPodRule,
  actions: DaemonActions,
): void {
  const running: Pod[] = [];
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    const phase = pod.status?.phase;
    if (phase === 'Failed') {
      if (failed(pod, id)) actions.delete.push(pod);
    } else if (phase === 'Succeeded') actions.delete.push(pod);
    else running.push(pod);
  }
  if (running.length <= 1) return;
  running.sort(compareDaemonPods);
  if (!allowsSurge(set)) {
    actions.delete.push(...running.slice(1));
    return;
  }
  const fresh = running.find((pod) => state.isUpdated(pod));
  const old = running.find((pod) => !state.isUpdated(pod));
  for (const pod of running) if (pod !== fresh && pod !== old) actions.delete.push(pod);
  if (fresh === undefined || old === undefined) return;
  if (!isPodReady(old) || state.isAvailable(fresh, wallUs)) actions.delete.push(old);
}

/** What a rolling update may do now. O(nodes with pods), only while old pods are left. `unlimited`: a planted bug, see bugs.ts. */
export function rollingActions(set: DaemonSet, state: DaemonState, wallUs: number, unlimited: boolean): DaemonActions {
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  const desired = state.counts.desired;
  const maxSurge = allowsSurge(set) ? scaledValue(rolling?.maxSurge, desired, true) : 0;
  let maxUnavailable = scaledValue(rolling?.maxUnavailable ?? 1, desired, true);
  if (maxUnavailable === 0 && maxSurge === 0) maxUnavailable = 1;
  if (unlimited) maxUnavailable = desired;
  return maxSurge === 0 ? replaceOld(state, maxUnavailable, wallUs) : surgeNew(state, maxSurge, wallUs);
}

/** Newest and oldest pod of a node; null when there are too many of one sort. */
function pairOn(
  state: DaemonState,
  node: number,
): { readonly fresh: Pod | undefined; readonly old: Pod | undefined } | null {
  let fresh: Pod | undefined;
  let old: Pod | undefined;
  for (const pod of state.podsOn(node)) {
    if (isTerminating(pod)) continue;
    if (state.isUpdated(pod)) {
      if (fresh !== undefined) return null;
      fresh = pod;
    } else {
      if (old !== undefined) return null;
      old = pod;
    }
  }
  return { fresh, old };
}

function replaceOld(state: DaemonState, maxUnavailable: number, wallUs: number): DaemonActions {
  let unavailable = 0;
  const replaceable: Pod[] = [];
  const candidates: Pod[] = [];
  for (const node of state.nodesWithPods()) {
    const pair = pairOn(state, node);
    if (pair === null || (pair.fresh === undefined) === (pair.old === undefined)) unavailable++;
    else if (pair.fresh !== undefined) {
      if (!state.isAvailable(pair.fresh, wallUs)) unavailable++;
    } else if (pair.old !== undefined) {
      if (!state.isAvailable(pair.old, wallUs)) replaceable.push(pair.old);
      else if (unavailable < maxUnavailable) candidates.push(pair.old);
    }
  }
  const room = Math.max(0, Math.min(maxUnavailable - unavailable, candidates.length));
  return { create: [], delete: [...replaceable, ...candidates.slice(0, room)] };
}

function surgeNew(state: DaemonState, maxSurge: number, wallUs: number): DaemonActions {
  let surging = 0;
  const gone: Pod[] = [];
  const allowed: number[] = [];
  const candidates: number[] = [];
  for (const node of state.nodesWithPods()) {
    const pair = pairOn(state, node);
    if (pair === null) surging++;
    else if (pair.old === undefined) continue;
    else if (pair.fresh === undefined) (state.isAvailable(pair.old, wallUs) ? candidates : allowed).push(node);
    else if (state.isAvailable(pair.fresh, wallUs)) gone.push(pair.old);
    else surging++;
  }
  const room = Math.max(0, Math.min(maxSurge - surging, candidates.length));
  return { create: [...allowed, ...candidates.slice(0, room)], delete: gone };
}
