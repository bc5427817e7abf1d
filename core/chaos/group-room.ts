/**
 * Whether a cluster can ever hold a group of pods that start together or not at all: each of them fits alone, and they do not all.
 *
 * Always an upper bound, so that what it calls impossible is: every missing pod is taken to ask for the least that any of them asks for, other pods' wishes are
 * left out, and so is what pods of lower priority hold, which preemption may free.
 */
import { GANG_MIN_LABEL, GANG_NAME_LABEL, isGangSize } from '../scheduler/groups/gangs.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { groupPriorityOf, isPlacedWhole, minCountOf, type PodGroup, topologyKeyOf } from '../types/pod-group.ts';
import { admits, type Room, requestsOf, roomsOf } from './node-room.ts';
import { findObject } from './workloads.ts';
import type { World } from './world.ts';

/** Answers for one moment of a run, each group's found once. */
export class GroupRoom {
  readonly #world: World;
  readonly #fromDevices: ReadonlySet<string>;
  readonly #refusals = new Map<string, string>();

  /** `fromDevices`: resources that no node needs to have. */
  constructor(world: World, fromDevices: ReadonlySet<string>) {
    this.#world = world;
    this.#fromDevices = fromDevices;
  }

  /** Why the pod's group finds no room, in a sentence's part; '' where it may, or where the pod has no group. */
  refusalOf(pod: Pod): string {
    const group = groupOf(pod);
    if (group === '') return '';
    let refusal = this.#refusals.get(group);
    if (refusal === undefined) {
      refusal = groupRefusal(this.#world, group, wantedBy(this.#world, pod), this.#fromDevices);
      this.#refusals.set(group, refusal);
    }
    return refusal;
  }
}

/**
 * That the pod's group has fewer pods than start together, or cannot be tried at all, in a sentence's part; '' where it has enough, or the pod has no
 * group.
 */
export function groupShortage(world: World, pod: Pod): string {
  const group = groupOf(pod);
  if (group === '') return '';
  const wanted = wantedBy(world, pod);
  if (!Number.isFinite(wanted)) return 'its PodGroup is not there';
  const refusal = refusedByObject(world, pod);
  if (refusal !== '') return refusal;
  let count = 0;
  for (const each of world.of('Pod').values()) if (groupOf(each as Pod) === group && isLive(each as Pod)) count++;
  return count >= wanted ? '' : `its group of ${wanted} has only ${count === 1 ? '1 pod' : `${count} pods`}`;
}

/** What keeps a PodGroup from being tried or from having any place, whatever room there is; '' for nothing, or where labels make the group. */
function refusedByObject(world: World, pod: Pod): string {
  const group = objectOf(world, pod);
  if (group === undefined) return '';
  const unequal = isPlacedWhole(group) ? unequalMember(world, pod, groupPriorityOf(group)) : '';
  if (unequal !== '') return unequal;
  const key = topologyKeyOf(group);
  const isLabel = [...world.of('Node').values()].some(({ metadata }) => Object.hasOwn(metadata.labels ?? {}, key));
  return key === '' || isLabel ? '' : `no node has the label ${key}, whose values are the places of its PodGroup`;
}

/** Which waiting pod of a pod's PodGroup has another priority than the group, or another preemption policy than the pod; '' for none. */
function unequalMember(world: World, pod: Pod, priority: number): string {
  const group = groupOf(pod);
  const policy = policyOf(pod);
  for (const object of world.of('Pod').values()) {
    const each = object as Pod;
    if (groupOf(each) !== group || !isLive(each) || (each.spec.nodeName ?? '') !== '') continue;
    if (priorityOf(each) !== priority)
      return `the priority of ${each.metadata.name} is ${priorityOf(each)}, and its PodGroup's ${priority}`;
    if (policyOf(each) !== policy)
      return `its preemptionPolicy is ${policy}, and in its PodGroup ${each.metadata.name} has ${policyOf(each)}`;
  }
  return '';
}

/** The PodGroup that a pod names; undefined where it names none, or there is none. */
function objectOf(world: World, { metadata, spec }: Pod): PodGroup | undefined {
  const name = spec.schedulingGroup?.podGroupName;
  if (name === undefined) return undefined;
  return findObject(world, `PodGroup/${metadata.namespace}/${name}`) as PodGroup | undefined;
}

function groupRefusal(world: World, group: string, wanted: number, fromDevices: ReadonlySet<string>): string {
  const pods = [...world.of('Pod').values()] as Pod[];
  const members = pods.filter((each) => groupOf(each) === group && isLive(each));
  const open = members.filter(({ spec }) => (spec.nodeName ?? '') === '');
  const missing = wanted - (members.length - open.length);
  // While there are too few pods, or no PodGroup, it is not for want of nodes that they wait.
  if (!Number.isFinite(wanted) || members.length < wanted) return '';
  const priority = Math.max(...open.map(priorityOf));
  const lasting = pods.filter((each) => priorityOf(each) >= priority);
  const requests = open.map((pod) => requestsOf(pod, fromDevices));
  const room = roomFor(open, requests, roomsOf([...world.of('Node').values()] as Node[], lasting));
  return room >= missing ? '' : `its group of ${wanted} lacks ${missing}, and the nodes have room for ${room} at most`;
}

function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

function policyOf({ spec }: Pod): string {
  return spec.preemptionPolicy ?? 'PreemptLowerPriority';
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
function wantedBy(world: World, pod: Pod): number {
  if (pod.spec.schedulingGroup?.podGroupName !== undefined) {
    const group = objectOf(world, pod);
    return group === undefined ? Number.POSITIVE_INFINITY : minCountOf(group);
  }
  const text = pod.metadata.labels?.[GANG_MIN_LABEL] ?? '';
  return isGangSize(text) ? Number(text) : 1;
}

/** Most of the pods, with what each requests, that the nodes could hold. */
function roomFor(pods: readonly Pod[], requests: readonly Room[], rooms: ReadonlyMap<Node, Room>): number {
  const names = new Set(requests.flatMap((each) => [...each.keys()]));
  const least = [...names].map((name) => [name, Math.min(...requests.map((each) => each.get(name) ?? 0))] as const);
  let sum = 0;
  for (const [node, room] of rooms) {
    if (!pods.some((pod) => admits(node, pod))) continue;
    const shares = least.map(([name, amount]) =>
      amount === 0 ? Infinity : Math.floor((room.get(name) ?? 0) / amount),
    );
    sum += Math.max(0, Math.min(pods.length, ...shares));
  }
  return sum;
}
