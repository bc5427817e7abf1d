/**
 * Whether a cluster can ever hold a group of pods that start together or not at all: each of them fits alone, and they do not all.
 *
 * Always an upper bound, so that what it calls impossible is: every missing pod is taken to ask for the least that any of them asks for, and other
 * pods' wishes are left out.
 */
import { GANG_MIN_LABEL, GANG_NAME_LABEL, isGangSize } from '../scheduler/gangs.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { minCountOf, type PodGroup } from '../types/pod-group.ts';
import { keyOf } from './predicate.ts';
import type { World } from './world.ts';

/** What a pod asks for and what a node has left, by resource, in plain units; and whether a node takes a pod by labels and taints. */
export interface RoomRules {
  requestsOf(pod: Pod): ReadonlyMap<string, number>;
  freeOf(node: Node): ReadonlyMap<string, number>;
  admits(node: Node, pod: Pod): boolean;
}

/** Why the pod's group finds no room, in a sentence's part; '' where it may, or where the pod has no group. */
export function groupRefusal(world: World, pod: Pod, rules: RoomRules): string {
  const group = groupOf(pod);
  if (group === '') return '';
  const members = ([...world.of('Pod').values()] as Pod[]).filter((each) => groupOf(each) === group && isLive(each));
  const open = members.filter(({ spec }) => (spec.nodeName ?? '') === '');
  const wanted = wantedBy(world, pod);
  const missing = wanted - (members.length - open.length);
  // While there are too few pods, or no PodGroup, it is not for want of nodes that they wait.
  if (!Number.isFinite(wanted) || members.length < wanted) return '';
  const room = roomFor(open, [...world.of('Node').values()] as Node[], rules);
  return room >= missing ? '' : `its group of ${wanted} lacks ${missing}, and the nodes have room for ${room} at most`;
}

function isLive(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod);
}

/** Tells groups apart; '' for a pod in none. */
function groupOf({ metadata, spec }: Pod): string {
  const object = spec.schedulingGroup?.podGroupName;
  const name = metadata.labels?.[GANG_NAME_LABEL] ?? '';
  if (object !== undefined) return `object ${metadata.namespace}/${object}`;
  return name === '' ? '' : `label ${metadata.namespace}/${name}`;
}

/** How many have to start together; Infinity while nobody says. */
function wantedBy(world: World, { metadata, spec }: Pod): number {
  const name = spec.schedulingGroup?.podGroupName;
  if (name !== undefined) {
    const key = `${metadata.namespace}/${name}`;
    const group = [...world.of('PodGroup').values()].find((each) => keyOf(each) === key);
    return group === undefined ? Number.POSITIVE_INFINITY : minCountOf(group as PodGroup);
  }
  const text = metadata.labels?.[GANG_MIN_LABEL] ?? '';
  return isGangSize(text) ? Number(text) : 1;
}

/** Most of the pods that the nodes could hold. */
function roomFor(pods: readonly Pod[], nodes: readonly Node[], rules: RoomRules): number {
  const requests = pods.map((pod) => rules.requestsOf(pod));
  const names = new Set(requests.flatMap((each) => [...each.keys()]));
  const least = [...names].map((name) => [name, Math.min(...requests.map((each) => each.get(name) ?? 0))] as const);
  let room = 0;
  for (const node of nodes) {
    if (!pods.some((pod) => rules.admits(node, pod))) continue;
    const free = rules.freeOf(node);
    const shares = least.map(([name, amount]) =>
      amount === 0 ? Infinity : Math.floor((free.get(name) ?? 0) / amount),
    );
    room += Math.max(0, Math.min(free.get('pods') ?? 0, pods.length, ...shares));
  }
  return room;
}
