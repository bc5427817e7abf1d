/**
 * Named excuses: explained impossibilities, each computed by a checker from committed history, never given by hand.
 *
 * The fit rule stands here a second time, plainly, so that it cannot share a mistake with the scheduler's; for needs beyond it (other
 * pods, volumes, devices) the filters are asked.
 */

import type { SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import type { Node } from '../types/node.ts';
import { fitsNodeAffinity } from '../types/node-affinity.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../types/pod-disruption-budget.ts';
import { amountOf } from '../types/quantity.ts';
import { foreignFinalizerOf } from './ending.ts';
import { groupRefusal } from './group-room.ts';
import { PlacementExcuse } from './placement-excuse.ts';
import { keyOf } from './predicate.ts';
import type { World } from './world.ts';

/** An excuse that applies, and to what. */
export interface Excuse {
  readonly name: ExcuseName;
  readonly about: string;
}

export const EXCUSE_NAMES = [
  'no-feasible-node',
  'image-never-pulls',
  'missing-configuration',
  'zero-budget',
  'foreign-finalizer',
] as const;
export type ExcuseName = (typeof EXCUSE_NAMES)[number];

/** All excuses that apply now; `configuration` is the schedulers', kube-scheduler's own where it is left out. */
export function excusesOf(world: World, configuration?: SchedulerConfiguration): Excuse[] {
  const excuses: Excuse[] = [];
  const placement = new PlacementExcuse(world, configuration);
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    const excuse = podExcuse(world, pod, placement);
    if (excuse !== null) excuses.push(excuse);
  }
  for (const object of world.of('PodDisruptionBudget').values()) {
    const budget = object as PodDisruptionBudget;
    if (budget.status !== undefined && budget.status.disruptionsAllowed === 0 && budget.status.expectedPods > 0) {
      if (budget.status.desiredHealthy >= budget.status.expectedPods) {
        excuses.push({ name: 'zero-budget', about: `budget ${keyOf(budget)} never allows a disruption` });
      }
    }
  }
  for (const kind of world.kinds) {
    for (const object of world.of(kind).values()) {
      const finalizer = foreignFinalizerOf(object);
      if (finalizer === undefined || object.metadata.deletionTimestamp === undefined) continue;
      excuses.push({ name: 'foreign-finalizer', about: `${kind} ${keyOf(object)} keeps finalizer ${finalizer}` });
    }
  }
  return excuses;
}

function podExcuse(world: World, pod: Pod, placement: PlacementExcuse): Excuse | null {
  if (pod.metadata.deletionTimestamp !== undefined) return null;
  if ((pod.spec.nodeName ?? '') === '') {
    const nodes = [...world.of('Node').values()] as Node[];
    if (!nodes.some((node) => fits(world, node, pod))) {
      return { name: 'no-feasible-node', about: `no node has room for pod ${keyOf(pod)}` };
    }
    if (isPodTerminal(pod)) return null;
    const reason = placement.reasonFor(pod);
    if (reason !== '') return { name: 'no-feasible-node', about: `no node fits pod ${keyOf(pod)}: ${reason}` };
    const rules = { requestsOf, admits, freeOf: (node: Node) => freeOf(world, node) };
    const group = placement.startsTogether(pod) ? groupRefusal(world, pod, rules) : '';
    return group === '' ? null : { name: 'no-feasible-node', about: `no nodes for pod ${keyOf(pod)}: ${group}` };
  }
  const waiting = pod.status?.containerStatuses?.map((status) => status.state?.waiting?.reason ?? '') ?? [];
  if (waiting.some((reason) => reason === 'ErrImagePull' || reason === 'ImagePullBackOff')) {
    return { name: 'image-never-pulls', about: `pod ${keyOf(pod)} cannot pull its image` };
  }
  if (waiting.includes('CreateContainerConfigError')) {
    return { name: 'missing-configuration', about: `pod ${keyOf(pod)} misses a ConfigMap or Secret` };
  }
  return null;
}

/** true if the pod fits the node by taints, selector and resources, written out plainly. */
export function fits(world: World, node: Node, pod: Pod): boolean {
  if (!admits(node, pod)) return false;
  const free = freeOf(world, node);
  if ((free.get('pods') ?? 0) < 1) return false;
  for (const [name, amount] of requestsOf(pod)) if (amount > (free.get(name) ?? 0)) return false;
  return true;
}

function admits(node: Node, pod: Pod): boolean {
  if (!fitsNodeAffinity(pod.spec, node)) return false;
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule') continue;
    if (!(pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint))) return false;
  }
  return true;
}

interface PlainTaint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: string;
}
interface PlainToleration {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

function tolerates(toleration: PlainToleration, taint: PlainTaint): boolean {
  if ((toleration.effect ?? '') !== '' && toleration.effect !== taint.effect) return false;
  if ((toleration.key ?? '') === '') return toleration.operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

/** What a pod asks for, in plain units: the larger of its containers' sum and any init container. */
function requestsOf(pod: Pod): Map<string, number> {
  const sum = new Map<string, number>();
  for (const container of pod.spec.containers) {
    for (const [name, text] of Object.entries(container.resources?.requests ?? {})) {
      sum.set(name, (sum.get(name) ?? 0) + amountOf(name, text));
    }
  }
  for (const container of pod.spec.initContainers ?? []) {
    for (const [name, text] of Object.entries(container.resources?.requests ?? {})) {
      sum.set(name, Math.max(sum.get(name) ?? 0, amountOf(name, text)));
    }
  }
  return sum;
}

function freeOf(world: World, node: Node): Map<string, number> {
  const free = new Map<string, number>();
  for (const [name, text] of Object.entries(node.status?.allocatable ?? {})) free.set(name, amountOf(name, text));
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    const phase = pod.status?.phase;
    if (pod.spec.nodeName !== node.metadata.name || phase === 'Succeeded' || phase === 'Failed') continue;
    free.set('pods', (free.get('pods') ?? 0) - 1);
    for (const [name, amount] of requestsOf(pod)) free.set(name, (free.get(name) ?? 0) - amount);
  }
  return free;
}
