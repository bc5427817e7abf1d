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
import type { PodRequest } from '../scheduler/plugin.ts';
import { FlowNetwork } from '../scheduler/policies/flow-network.ts';
import { PODS } from '../scheduler/resource-names.ts';
import type { SchedulingCore } from '../scheduler/scheduling-core.ts';

const SCORE_MAX = 100;
/** Number of the sink; kinds and nodes follow. */
const SINK = 0;

/** Pods of one kind in a batch: positions in the batch that wait for a node. */
interface Waiting {
  readonly request: PodRequest;
  readonly positions: number[];
}

/** A node that some kinds may go to: the indexes of these kinds, and what it would cost each. */
interface Target {
  readonly slot: number;
  readonly kinds: number[];
  readonly costs: number[];
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
  const targets = targetsOf(core, profile, kinds);
  const nodeCount = 1 + kinds.length + targets.length;
  const arcCount = targets.reduce((sum, target) => sum + 1 + target.kinds.length, kinds.length);
  const network = new FlowNetwork(nodeCount, arcCount);
  // Dearer than any path through nodes.
  kinds.forEach(({ positions }, kind) => network.addArc(1 + kind, SINK, positions.length, nodeCount * SCORE_MAX));
  const firstArcs = targets.map((target, i) => {
    const node = 1 + kinds.length + i;
    const arcs = target.kinds.map((kind, k) =>
      network.addArc(1 + kind, node, (kinds[kind] as Waiting).positions.length, target.costs[k] as number),
    );
    network.addArc(node, SINK, roomFor(core, target, kinds), 0);
    return arcs;
  });
  kinds.forEach(({ positions }, kind) => network.send(1 + kind, SINK, positions.length));
  let placed = 0;
  targets.forEach((target, i) => {
    target.kinds.forEach((kind, k) => {
      const { request, positions } = kinds[kind] as Waiting;
      for (let unit = network.flowOf(firstArcs[i]?.[k] as number); unit > 0; unit--, placed++) {
        rows[positions.shift() as number] = core.assume(target.slot, request.podClass, profile);
      }
    });
  });
  return placed;
}

/** The best nodes of every kind, as many as there are pods, in the order in which the first kind names them. */
function targetsOf(core: SchedulingCore, profile: number, kinds: readonly Waiting[]): Target[] {
  const pods = kinds.reduce((sum, { positions }) => sum + positions.length, 0);
  const targets: Target[] = [];
  const targetOf = new Int32Array(core.nodes.slotCount);
  kinds.forEach(({ request }, kind) => {
    core.bestNodes(request, profile, pods, SCORE_MAX, (slot, score) => {
      if (targetOf[slot] === 0) targetOf[slot] = targets.push({ slot, kinds: [], costs: [] });
      const target = targets[(targetOf[slot] as number) - 1] as Target;
      target.kinds.push(kind);
      target.costs.push(SCORE_MAX - score);
    });
  });
  return targets;
}

/** How many of the largest pod that may come a slot has room for, at least 1. */
function roomFor({ nodes }: SchedulingCore, { slot, kinds }: Target, waiting: readonly Waiting[]): number {
  let room = nodes.allocatableOf(slot, PODS) - nodes.requestedOf(slot, PODS);
  for (const kind of kinds) {
    const { vector, gpu } = (waiting[kind] as Waiting).request.podClass.shape;
    for (let i = 0; i < vector.amounts.length; i++) {
      const resource = vector.resources[i] as number;
      const free = nodes.allocatableOf(slot, resource) - nodes.requestedOf(slot, resource);
      room = Math.min(room, Math.floor(free / (vector.amounts[i] as number)));
    }
    if (gpu !== null) room = Math.min(room, Math.floor((nodes.gpus.idle[slot] as number) / gpu.count));
  }
  return Math.max(1, room);
}
