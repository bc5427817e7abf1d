/**
 * Places a batch of pods together by minimum-cost flow: who gets which node is decided for all at once, so that a pod that
 * could go anywhere does not take the only node of another.
 *
 * The network is Quincy's (SOSP'09) without preemption: kinds of pods with as many units as pods → nodes that pass their filters,
 * cost 100 − score → sink, and a dear way around the nodes for pods that find none. Of n pods all but one sit on at most n − 1 nodes:
 * arcs to the n best nodes of a kind are enough. A flow knows one capacity a node and pods have several resources, so a node takes
 * per round as many pods as it has room for the largest of all that may come (at least one, since each of them fits); what is left
 * over goes into the next round, scored anew. Always: every pod is placed on a node that fits it, and pods are left out only when
 * a round places nobody. Pods whose outcome depends on other pods, or on claims, are placed one by one behind the others.
 */

import type { SchedulingCore } from '../scheduler/choice/scheduling-core.ts';
import type { NodeTable } from '../scheduler/nodes/node-table.ts';
import { PODS } from '../scheduler/nodes/resource-names.ts';
import type { PodRequest } from '../scheduler/plugins/plugin.ts';
import type { PodShape } from '../scheduler/pods/pod-shape.ts';
import { FlowNetwork } from '../scheduler/policies/flow-network.ts';

const SCORE_MAX = 100;
/** Number of the sink; kinds and nodes follow. */
const SINK = 0;

/** Pods of one kind in a batch: positions in the batch that wait for a node. */
interface Waiting {
  readonly request: PodRequest;
  readonly positions: number[];
}

/** Who may go where in a round: nodes as targets, and arcs of kinds to them, kind by kind, in search order. */
interface Offers {
  /** By target: its slot, and how many pods it takes. */
  readonly slots: number[];
  readonly rooms: number[];
  /** By arc. */
  readonly kindOf: number[];
  readonly targetOf: number[];
  readonly costOf: number[];
}

/**
 * Places `requests` (the same object for pods of one kind) under a profile and returns the row of each, −1 where none was found. `one` places a
 * single pod, and each of those that are `isAlone` behind the others.
 */
export function placeBatch(
  core: SchedulingCore,
  profile: number,
  requests: readonly PodRequest[],
  isAlone: (request: PodRequest) => boolean,
  one: (request: PodRequest) => number,
): Int32Array {
  const rows = new Int32Array(requests.length).fill(-1);
  let kinds = groupsOf(requests, (request) => !isAlone(request));
  while (kinds.length > 0) {
    const placed = placeRound(core, profile, kinds, rows);
    if (placed === 0) break;
    kinds = kinds.filter(({ positions }) => positions.length > 0);
  }
  requests.forEach((request, position) => {
    if (isAlone(request)) rows[position] = one(request);
  });
  return rows;
}

function groupsOf(requests: readonly PodRequest[], takes: (request: PodRequest) => boolean): Waiting[] {
  const groups = new Map<PodRequest, Waiting>();
  requests.forEach((request, position) => {
    if (!takes(request)) return;
    const group = groups.get(request);
    if (group === undefined) groups.set(request, { request, positions: [position] });
    else group.positions.push(position);
  });
  return [...groups.values()];
}

/** One flow; returns how many pods it placed. */
function placeRound(core: SchedulingCore, profile: number, kinds: readonly Waiting[], rows: Int32Array): number {
  const { slots, rooms, kindOf, targetOf, costOf } = offersOf(core, profile, kinds);
  const nodeCount = 1 + kinds.length + slots.length;
  const network = new FlowNetwork(nodeCount, kinds.length + slots.length + kindOf.length, SINK);
  const podsOf = (kind: number) => (kinds[kind] as Waiting).positions.length;
  // Dearer than any path through nodes.
  for (let kind = 0; kind < kinds.length; kind++) {
    network.addArc(1 + kind, SINK, podsOf(kind), nodeCount * SCORE_MAX);
  }
  const firstTarget = 1 + kinds.length;
  for (let target = 0; target < slots.length; target++) {
    network.addArc(firstTarget + target, SINK, rooms[target] as number, 0);
  }
  const arcs = new Int32Array(kindOf.length);
  for (const i of dearestFirst(costOf)) {
    const kind = kindOf[i] as number;
    arcs[i] = network.addArc(1 + kind, firstTarget + (targetOf[i] as number), podsOf(kind), costOf[i] as number);
  }
  kinds.forEach(({ positions }, kind) => network.send(1 + kind, positions.length));
  const used: number[] = [];
  for (let i = 0; i < arcs.length; i++) if (network.flowOf(arcs[i] as number) > 0) used.push(i);
  used.sort((a, b) => (targetOf[a] as number) - (targetOf[b] as number) || a - b);
  let placed = 0;
  for (const i of used) {
    const { request, positions } = kinds[kindOf[i] as number] as Waiting;
    const slot = slots[targetOf[i] as number] as number;
    for (let unit = network.flowOf(arcs[i] as number); unit > 0; unit--, placed++) {
      rows[positions.shift() as number] = core.assume(slot, request.podClass, profile);
    }
  }
  return placed;
}

/** The best nodes of every kind, as many as there are pods; targets in the order in which the first kind names them. */
function offersOf(core: SchedulingCore, profile: number, kinds: readonly Waiting[]): Offers {
  const { nodes } = core;
  const pods = kinds.reduce((sum, { positions }) => sum + positions.length, 0);
  const offers: Offers = { slots: [], rooms: [], kindOf: [], targetOf: [], costOf: [] };
  const { slots, rooms, kindOf, targetOf, costOf } = offers;
  const targets = new Int32Array(nodes.slotCount).fill(-1);
  kinds.forEach(({ request }, kind) => {
    core.bestNodes(request, profile, pods, SCORE_MAX, (slot, score) => {
      let target = targets[slot] as number;
      if (target < 0) {
        target = slots.push(slot) - 1;
        targets[slot] = target;
        rooms.push(nodes.allocatableOf(slot, PODS) - nodes.requestedOf(slot, PODS));
      }
      rooms[target] = roomFor(nodes, slot, request.podClass.shape, rooms[target] as number);
      kindOf.push(kind);
      targetOf.push(target);
      costOf.push(SCORE_MAX - score);
    });
  });
  return offers;
}

/** How many pods of a shape that fits a slot has room for, at most `most` and at least 1. */
function roomFor(nodes: NodeTable, slot: number, { vector, gpu }: PodShape, most: number): number {
  let room = most;
  for (let i = 0; i < vector.amounts.length && room > 1; i++) {
    const resource = vector.resources[i] as number;
    const free = nodes.allocatableOf(slot, resource) - nodes.requestedOf(slot, resource);
    room = Math.min(room, Math.floor(free / (vector.amounts[i] as number)));
  }
  if (gpu !== null && room > 1) room = Math.min(room, Math.floor((nodes.gpus.idle[slot] as number) / gpu.count));
  return Math.max(1, room);
}

/** Indexes of costs (0 … {@link SCORE_MAX}), the highest first, equal ones as they stand. */
function dearestFirst(costs: readonly number[]): Int32Array {
  const starts = new Int32Array(SCORE_MAX + 2);
  for (const cost of costs) starts[SCORE_MAX - cost + 1] = (starts[SCORE_MAX - cost + 1] as number) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const order = new Int32Array(costs.length);
  costs.forEach((cost, i) => {
    const at = starts[SCORE_MAX - cost] as number;
    starts[SCORE_MAX - cost] = at + 1;
    order[at] = i;
  });
  return order;
}
