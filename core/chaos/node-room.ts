/** What is left on each node by the committed objects, summed up plainly from all pods that have not ended. */
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { podRequests } from '../types/pod-requests.ts';
import { amountOf } from '../types/quantity.ts';

/** Cpu in thousandths, memory in bytes, pods; below 0 where a node holds more than it has. */
export interface Room {
  cpu: number;
  memory: number;
  pods: number;
}

/** The room of each node. */
export function roomsOf(nodes: readonly Node[], pods: readonly Pod[]): ReadonlyMap<Node, Room> {
  const byName = new Map<string, Room>();
  const rooms = new Map<Node, Room>();
  for (const node of nodes) {
    const list = node.status?.allocatable ?? {};
    const amount = (name: string) => amountOf(name, list[name] ?? '0');
    const room = { cpu: amount('cpu'), memory: amount('memory'), pods: amount('pods') };
    byName.set(node.metadata.name, room);
    rooms.set(node, room);
  }
  for (const pod of pods) {
    const room = isPodTerminal(pod) ? undefined : byName.get(pod.spec.nodeName ?? '');
    if (room === undefined) continue;
    const { cpuMilli, memoryBytes } = podRequests(pod.spec);
    room.cpu -= cpuMilli;
    room.memory -= memoryBytes;
    room.pods--;
  }
  return rooms;
}
