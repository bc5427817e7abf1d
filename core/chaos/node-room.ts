/**
 * What is left on each node by the committed objects, summed up plainly from all pods that have not ended, and whether a node takes a pod at all by labels and
 * taints: the fit rule a second time, apart from the scheduler's.
 */
import type { DeviceClass } from '../types/device.ts';
import type { Node } from '../types/node.ts';
import { fitsNodeAffinity } from '../types/node-affinity.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { podRequests } from '../types/pod-requests.ts';
import { amountOf } from '../types/quantity.ts';
import type { World } from './world.ts';

/** By resource: cpu in thousandths, memory in bytes, pods and all others plain; below 0 where a node holds more than it has. */
export type Room = ReadonlyMap<string, number>;

export const NO_RESOURCES: ReadonlySet<string> = new Set();

/** Extended resources that devices may stand for (gate DRAExtendedResource). */
export function resourcesFromDevices(world: World): ReadonlySet<string> {
  const classes = [...world.of('DeviceClass').values()] as DeviceClass[];
  return new Set(
    classes.flatMap(({ metadata, spec }) => [
      `deviceclass.resource.kubernetes.io/${metadata.name}`,
      spec?.extendedResourceName ?? '',
    ]),
  );
}

/** What a pod takes of its node's room, without the resources that it has from elsewhere. */
export function requestsOf({ spec }: Pod, elsewhere: ReadonlySet<string> = NO_RESOURCES): Room {
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, extended } = podRequests(spec);
  const amounts = new Map([
    ['cpu', cpuMilli],
    ['memory', memoryBytes],
    ['pods', 1],
  ]);
  if (ephemeralStorageBytes > 0) amounts.set('ephemeral-storage', ephemeralStorageBytes);
  for (const { name, amount } of extended) if (!elsewhere.has(name)) amounts.set(name, amount);
  return amounts;
}

/** The room of each node. */
export function roomsOf(nodes: readonly Node[], pods: readonly Pod[]): ReadonlyMap<Node, Room> {
  const byName = new Map<string, Map<string, number>>();
  const rooms = new Map<Node, Room>();
  for (const node of nodes) {
    const room = new Map<string, number>();
    for (const [name, text] of Object.entries(node.status?.allocatable ?? {})) room.set(name, amountOf(name, text));
    byName.set(node.metadata.name, room);
    rooms.set(node, room);
  }
  for (const pod of pods) {
    const room = isPodTerminal(pod) ? undefined : byName.get(pod.spec.nodeName ?? '');
    if (room === undefined) continue;
    for (const [name, amount] of requestsOf(pod)) room.set(name, (room.get(name) ?? 0) - amount);
  }
  return rooms;
}

/** Whether a node with this room can hold what is requested. */
export function holds(room: Room, requests: Room): boolean {
  for (const [name, amount] of requests) if (amount > 0 && amount > (room.get(name) ?? 0)) return false;
  return true;
}

/** Whether a node takes a pod by its labels and taints. */
export function admits(node: Node, { spec }: Pod): boolean {
  if (!fitsNodeAffinity(spec, node)) return false;
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule') continue;
    if (!(spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint))) return false;
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
