/**
 * Named excuses: explained impossibilities, each computed by a checker from committed history, never given by hand.
 *
 * The fit rule stands in `node-room.ts` a second time, plainly, so that it cannot share a mistake with the scheduler's; for needs beyond it (other pods,
 * volumes, devices) the filters are asked.
 */

import { objectSources } from '../node/object-sources.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal, waitsForNode } from '../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../types/pod-disruption-budget.ts';
import { foreignFinalizerOf } from './ending.ts';
import { GroupRoom, groupShortage } from './group-room.ts';
import { admits, holds, NO_RESOURCES, type Room, requestsOf, resourcesFromDevices, roomsOf } from './node-room.ts';
import { PlacementExcuse, type SchedulingTerms } from './placement-excuse.ts';
import { keyOf, type Subject } from './predicate.ts';
import { findObject } from './workloads.ts';
import type { World } from './world.ts';

/** An excuse that applies, and to what. */
export interface Excuse {
  readonly name: ExcuseName;
  /** A sentence. */
  readonly about: string;
  /** The object that the sentence is about; null where it is about none. */
  readonly subject: Subject | null;
}

export const EXCUSE_NAMES = [
  'no-feasible-node',
  'image-never-pulls',
  'missing-configuration',
  'zero-budget',
  'foreign-finalizer',
  'changed-field',
] as const;
export type ExcuseName = (typeof EXCUSE_NAMES)[number];

/**
 * All excuses that apply now; `terms` are the schedulers', `changed` is what faults have made of fields and nobody has written since.
 */
export function excusesOf(world: World, terms: SchedulingTerms = {}, changed: readonly string[] = []): Excuse[] {
  const excuses: Excuse[] = [];
  const unplaced = new UnplacedPods(world, terms);
  for (const object of world.of('Pod').values()) {
    const excuse = podExcuse(world, object as Pod, unplaced);
    if (excuse !== null) excuses.push(excuse);
  }
  for (const object of world.of('PodDisruptionBudget').values()) {
    const budget = object as PodDisruptionBudget;
    if (budget.status !== undefined && budget.status.disruptionsAllowed === 0 && budget.status.expectedPods > 0) {
      if (budget.status.desiredHealthy >= budget.status.expectedPods) {
        const about = `budget ${keyOf(budget)} never allows a disruption`;
        excuses.push({ name: 'zero-budget', about, subject: { kind: 'PodDisruptionBudget', key: keyOf(budget) } });
      }
    }
  }
  for (const kind of world.kinds) {
    for (const object of world.of(kind).values()) {
      const finalizer = foreignFinalizerOf(object);
      if (finalizer === undefined || object.metadata.deletionTimestamp === undefined) continue;
      const about = `${kind} ${keyOf(object)} keeps finalizer ${finalizer}`;
      excuses.push({ name: 'foreign-finalizer', about, subject: { kind, key: keyOf(object) } });
    }
  }
  // Last: a change that stands may have nothing to do with what is missing.
  for (const about of changed) excuses.push({ name: 'changed-field', about, subject: null });
  return excuses;
}

/** Why a pod waits whose group is too small or cannot be tried, which no excuse stands for: the missing pods may be a controller's fault. '' where there is none. */
export function tooSmallGroup(world: World, terms: SchedulingTerms = {}): string {
  const placement = new PlacementExcuse(world, terms);
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!waitsForNode(pod) || !placement.startsTogether(pod)) continue;
    const shortage = groupShortage(world, pod);
    if (shortage !== '') return `pod ${keyOf(pod)} waits: ${shortage}`;
  }
  return '';
}

/** Why pods have no node, all asked at one moment of a run. */
class UnplacedPods {
  readonly #world: World;
  readonly #placement: PlacementExcuse;
  readonly #groups: GroupRoom;
  /** Resources that devices may stand for: no node needs to have them. */
  readonly #fromDevices: ReadonlySet<string>;
  #rooms: ReadonlyMap<Node, Room> | null = null;

  constructor(world: World, terms: SchedulingTerms) {
    this.#world = world;
    this.#placement = new PlacementExcuse(world, terms);
    this.#fromDevices = terms.deviceGates?.includes('DRAExtendedResource') ? resourcesFromDevices(world) : NO_RESOURCES;
    this.#groups = new GroupRoom(world, this.#fromDevices);
  }

  /** The excuse's sentence; '' where there is none. */
  reasonFor(pod: Pod): string {
    const requests = requestsOf(pod, this.#fromDevices);
    if (![...this.#allRooms()].some(([node, room]) => admits(node, pod) && holds(room, requests)))
      return `no node has room for pod ${keyOf(pod)}`;
    if (isPodTerminal(pod)) return '';
    const reason = this.#placement.reasonFor(pod);
    if (reason !== '') return `no node fits pod ${keyOf(pod)}: ${reason}`;
    const group = this.#placement.startsTogether(pod) ? this.#groups.refusalOf(pod) : '';
    return group === '' ? '' : `no nodes for pod ${keyOf(pod)}: ${group}`;
  }

  #allRooms(): ReadonlyMap<Node, Room> {
    const all = (kind: string): KubeObject[] => [...this.#world.of(kind).values()];
    this.#rooms ??= roomsOf(all('Node') as Node[], all('Pod') as Pod[]);
    return this.#rooms;
  }
}

function podExcuse(world: World, pod: Pod, unplaced: UnplacedPods): Excuse | null {
  if (pod.metadata.deletionTimestamp !== undefined) return null;
  const subject = { kind: 'Pod', key: keyOf(pod) };
  if ((pod.spec.nodeName ?? '') === '') {
    const about = unplaced.reasonFor(pod);
    return about === '' ? null : { name: 'no-feasible-node', about, subject };
  }
  const waiting = pod.status?.containerStatuses?.map((status) => status.state?.waiting?.reason ?? '') ?? [];
  if (waiting.some((reason) => reason === 'ErrImagePull' || reason === 'ImagePullBackOff')) {
    return { name: 'image-never-pulls', about: `pod ${subject.key} cannot pull its image`, subject };
  }
  if (waiting.every((reason) => reason === '')) return null;
  const source = missingSource(world, pod);
  if (source === '') return null;
  return {
    name: 'missing-configuration',
    about: `pod ${subject.key} waits for ${source}, which is not there`,
    subject,
  };
}

/** The first ConfigMap or Secret that a pod needs and that does not exist, as `Kind name`; '' = none. */
function missingSource(world: World, { metadata: { namespace }, spec }: Pod): string {
  for (const { kind, name } of objectSources(spec)) {
    if (findObject(world, `${kind}/${namespace}/${name}`) === undefined) return `${kind} ${name}`;
  }
  return '';
}
