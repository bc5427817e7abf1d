/**
 * Places a batch of pods together by minimum-cost flow: who gets which node is decided for all at once, so that a pod that
 * could go anywhere does not take the only node of another.
 *
 * The network is Quincy's (SOSP'09) without preemption: kinds of pods with as many units as pods → nodes that pass their filters,
 * cost 100 − score → sink. A flow knows one capacity a node and pods have several resources, so a node takes per round as many
 * pods as it has room for the largest of all that may come (at least one, since each of them fits); what is left over goes into the
 * next round, scored anew. Always: every pod is placed on a node that fits it, and pods are left out only when a round
 * places nobody. Pods whose outcome depends on other pods are placed one by one behind the others.
 */
import type { PodRequest } from '../scheduler/plugin.ts';
import { FlowNetwork } from '../scheduler/policies/flow-network.ts';
import { PODS } from '../scheduler/resource-names.ts';
import type { SchedulingCore } from '../scheduler/scheduling-core.ts';

const SCORE_MAX = 100;

/** Pods of one kind in a batch: positions in the batch that wait for a node. */
interface Waiting {
  readonly request: PodRequest;
  readonly positions: number[];
}

/** A possible place for a kind. */
interface Place {
  readonly kind: Waiting;
  readonly slot: number;
  readonly score: number;
}

/**
 * Places `requests` (the same object for pods of one kind) under a profile and returns the row of each, −1 where none was found. `one` places a
 * single pod.
 */
export function placeBatch(
  core: SchedulingCore,
  profile: number,
  requests: readonly PodRequest[],
  one: (request: PodRequest) => number,
): Int32Array {
  const rows = new Int32Array(requests.length).fill(-1);
  let kinds = groupsOf(requests, ({ podClass }) => !podClass.shape.dependsOnPods);
  while (kinds.length > 0) {
    const placed = placeRound(core, profile, kinds, rows);
    if (placed === 0) break;
    kinds = kinds.filter(({ positions }) => positions.length > 0);
  }
  requests.forEach((request, position) => {
    if (request.podClass.shape.dependsOnPods) rows[position] = one(request);
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
  const places = kinds.flatMap((kind) => placesOf(core, profile, kind));
  const bySlot = new Map<number, Place[]>();
  for (const place of places) {
    const list = bySlot.get(place.slot);
    if (list === undefined) bySlot.set(place.slot, [place]);
    else list.push(place);
  }
  const sink = kinds.length + bySlot.size + 1;
  const network = new FlowNetwork(sink + 1);
  const numbers = new Map(kinds.map((kind, index) => [kind, index + 1]));
  for (const [kind, number] of numbers) network.addArc(0, number, kind.positions.length, 0);
  const arcs: number[] = [];
  const arcPlaces: Place[] = [];
  let node = kinds.length + 1;
  for (const [slot, list] of bySlot) {
    network.addArc(node, sink, roomFor(core, slot, list), 0);
    for (const place of list) {
      const cost = SCORE_MAX - Math.min(SCORE_MAX, place.score);
      arcs.push(network.addArc(numbers.get(place.kind) as number, node, place.kind.positions.length, cost));
      arcPlaces.push(place);
    }
    node++;
  }
  const { flow } = network.solve(0, sink);
  arcs.forEach((arc, i) => {
    const { kind, slot } = arcPlaces[i] as Place;
    for (let unit = network.flowOf(arc); unit > 0; unit--) {
      rows[kind.positions.shift() as number] = core.assume(slot, kind.request.podClass, profile);
    }
  });
  return flow;
}

/** Every feasible node of a kind with its score, in search order. */
function placesOf(core: SchedulingCore, profile: number, kind: Waiting): Place[] {
  const places: Place[] = [];
  core.explain(kind.request, profile, (_plugin, slot, score) => places.push({ kind, slot, score }));
  return places;
}

/** How many of the largest pod that may come a slot has room for, at least 1. */
function roomFor({ nodes }: SchedulingCore, slot: number, places: readonly Place[]): number {
  let room = nodes.allocatableOf(slot, PODS) - nodes.requestedOf(slot, PODS);
  const largest = new Map<number, number>();
  let devices = 0;
  for (const { kind } of places) {
    const { vector, gpu } = kind.request.podClass.shape;
    vector.amounts.forEach((amount, i) => {
      const resource = vector.resources[i] as number;
      largest.set(resource, Math.max(largest.get(resource) ?? 0, amount));
    });
    devices = Math.max(devices, gpu?.count ?? 0);
  }
  for (const [resource, amount] of largest) {
    room = Math.min(
      room,
      Math.floor((nodes.allocatableOf(slot, resource) - nodes.requestedOf(slot, resource)) / amount),
    );
  }
  if (devices > 0) room = Math.min(room, Math.floor((nodes.gpus.idle[slot] as number) / devices));
  return Math.max(1, room);
}
