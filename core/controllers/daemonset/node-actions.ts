/**
 * Which pods a DaemonSet must create or delete: to have one a node, and to move them to a new template. Source: Kubernetes 1.34
 * daemon_controller.go (podsShouldBeOnNode) and update.go (rollingUpdate).
 */
import type { DaemonSet } from '../../types/daemon-set.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import type { Node } from '../../types/node.ts';
import { isTerminating } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import { StatusError } from '../../types/status-error.ts';
import { compareDaemonPods, type DaemonState } from './daemon-state.ts';
import { MAY_STAY, SHOULD_RUN } from './placement.ts';

/** Nodes (local ids) that get a pod, and pods that go. */
export interface DaemonActions {
  readonly create: number[];
  readonly delete: Pod[];
}

/** Asked about a pod that has failed or ended: true = delete it now, false = its back-off is not over. */
export type EndedPodRule = (pod: Pod, node: number) => boolean;

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
  ended: EndedPodRule,
  actions: DaemonActions,
): void {
  const pods = state.podsOn(id);
  if (node === undefined) {
    // Pods that wait for a node that is gone; bound ones are the pod garbage collector's.
    for (const pod of pods) if ((pod.spec.nodeName ?? '') === '') actions.delete.push(pod);
    return;
  }
  const placement = state.placement(node);
  const shouldRun = (placement & SHOULD_RUN) !== 0;
  if (shouldRun && pods.length === 0) actions.create.push(id);
  else if ((placement & MAY_STAY) !== 0) {
    const running = withoutEnded(pods, id, ended, actions);
    if (!allowsSurge(set)) actions.delete.push(...running.sort(compareDaemonPods).slice(1));
    else if (running.length === 0 && shouldRun) actions.create.push(id);
    else if (running.length > 1) keepOneOfEach(state, running, wallUs, actions);
  } else for (const pod of pods) if (!isTerminating(pod)) actions.delete.push(pod);
}

/** Pods that are not terminating and have not ended; those that have go, if the rule lets them. */
function withoutEnded(pods: readonly Pod[], node: number, ended: EndedPodRule, actions: DaemonActions): Pod[] {
  const running: Pod[] = [];
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    if (!isPodTerminal(pod)) running.push(pod);
    else if (ended(pod, node)) actions.delete.push(pod);
  }
  return running;
}

/** Of several running pods the oldest of the present template and the oldest other one stay, the latter until the former is available. */
function keepOneOfEach(state: DaemonState, running: Pod[], wallUs: number, actions: DaemonActions): void {
  running.sort(compareDaemonPods);
  const fresh = running.find((pod) => state.hasHash(pod));
  const old = running.find((pod) => !state.hasHash(pod));
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
  if (desired > 0 && maxUnavailable === 0 && maxSurge === 0) maxUnavailable = 1;
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
  let unavailable = state.counts.desired - state.counts.current;
  const replaceable: Pod[] = [];
  const candidates: Pod[] = [];
  for (const node of state.nodesWithPods()) {
    const pair = pairOn(state, node);
    if (pair === null || (pair.fresh === undefined) === (pair.old === undefined)) unavailable++;
    else if (pair.fresh !== undefined) {
      if (!state.isAvailable(pair.fresh, wallUs)) unavailable++;
    } else if (pair.old !== undefined) {
      if (!state.isAvailable(pair.old, wallUs)) {
        replaceable.push(pair.old);
        unavailable++;
      } else if (unavailable < maxUnavailable) candidates.push(pair.old);
    }
  }
  const room = Math.max(0, Math.min(maxUnavailable - unavailable, candidates.length));
  return { create: [], delete: [...replaceable, ...candidates.slice(0, room)] };
}

/** What a surging update found on the nodes. */
interface Surge {
  surging: number;
  available: number;
  /** Old pods that go at once. */
  readonly gone: Pod[];
  /** Old pods that are available on nodes where none should be. */
  readonly leaving: Pod[];
  readonly allowed: number[];
  readonly candidates: number[];
}

/** @throws StatusError where an old pod is bound to a node that is gone */
function surgeNew(state: DaemonState, maxSurge: number, wallUs: number): DaemonActions {
  const surge: Surge = { surging: 0, available: 0, gone: [], leaving: [], allowed: [], candidates: [] };
  for (const node of state.nodesWithPods()) {
    const pair = pairOn(state, node);
    if (pair === null) {
      surge.surging++;
      continue;
    }
    const { fresh, old } = pair;
    const first = old ?? fresh;
    if (first !== undefined && state.isAvailable(first, wallUs)) surge.available++;
    if (old === undefined) continue;
    if (fresh === undefined) surgeOnto(state, node, old, wallUs, surge);
    else if (state.isAvailable(fresh, wallUs)) surge.gone.push(old);
    else surge.surging++;
  }
  // With a surge all nodes are to stay served: a pod leaves only where more are available than wanted.
  const spare = Math.max(0, surge.available - state.counts.desired);
  const room = Math.max(0, maxSurge - surge.surging);
  return {
    create: [...surge.allowed, ...surge.candidates.slice(0, room)],
    delete: [...surge.gone, ...surge.leaving.slice(0, spare)],
  };
}

/** A node with an old pod and no new one. */
function surgeOnto(state: DaemonState, id: number, old: Pod, wallUs: number, surge: Surge): void {
  const node = state.node(id);
  if (node === undefined) {
    const name = state.nodeName(id);
    throw new StatusError(404, 'NotFound', `couldn't get node for nodeName "${name}": node "${name}" not found`);
  }
  const available = state.isAvailable(old, wallUs);
  if ((state.placement(node) & SHOULD_RUN) !== 0) (available ? surge.candidates : surge.allowed).push(id);
  else (available ? surge.leaving : surge.gone).push(old);
}
