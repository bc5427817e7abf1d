/** Minimum-cost flows against all flows of small networks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlowNetwork } from '../../../../core/scheduler/policies/flow-network.ts';
import { largestIndexes } from '../../../../core/scheduler/totals/best-indexes.ts';

const KINDS = 3;
const NODES = 3;

interface Plan {
  readonly pods: readonly number[];
  readonly room: readonly number[];
  /** Cost by kind × nodes + node; −1 = the pod does not fit there. */
  readonly costs: readonly number[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  pods: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: KINDS, maxLength: KINDS }),
  room: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: NODES, maxLength: NODES }),
  costs: fc.array(fc.integer({ min: -1, max: 6 }), { minLength: KINDS * NODES, maxLength: KINDS * NODES }),
});

const SINK = 0;
/** What a pod without a node costs: more than any path. */
const DEAR = 1000;

/** Kinds send one after the other; `keeps` leaves out some places. */
function solved(
  { pods, room, costs }: Plan,
  keeps: (kind: number, node: number) => boolean = () => true,
): { flow: number; cost: number; used: number[] } {
  const network = new FlowNetwork(1 + KINDS + NODES, KINDS + NODES + KINDS * NODES, SINK);
  const arcs: { kind: number; node: number; arc: number; cost: number }[] = [];
  pods.forEach((count, kind) => network.addArc(1 + kind, SINK, count, DEAR));
  room.forEach((count, node) => network.addArc(1 + KINDS + node, SINK, count, 0));
  costs.forEach((cost, i) => {
    const kind = Math.floor(i / NODES);
    const node = i % NODES;
    if (cost < 0 || !keeps(kind, node)) return;
    arcs.push({ kind, node, cost, arc: network.addArc(1 + kind, 1 + KINDS + node, 9, cost) });
  });
  pods.forEach((count, kind) => {
    expect(network.send(1 + kind, count)).toBe(count);
  });
  const flow = arcs.reduce((sum, { arc }) => sum + network.flowOf(arc), 0);
  const cost = arcs.reduce((sum, each) => sum + network.flowOf(each.arc) * each.cost, 0);
  const used = room.map((_, node) =>
    arcs.filter((each) => each.node === node).reduce((sum, { arc }) => sum + network.flowOf(arc), 0),
  );
  const sent = pods.map((_, kind) =>
    arcs.filter((each) => each.kind === kind).reduce((sum, { arc }) => sum + network.flowOf(arc), 0),
  );
  used.forEach((amount, node) => {
    expect(amount).toBeLessThanOrEqual(room[node] as number);
  });
  sent.forEach((amount, kind) => {
    expect(amount).toBeLessThanOrEqual(pods[kind] as number);
  });
  expect(used.reduce((sum, amount) => sum + amount, 0)).toBe(flow);
  return { flow, cost, used };
}

/** Tries every assignment, pod by pod. */
function plain({ pods, room, costs }: Plan): { flow: number; cost: number } {
  const list = pods.flatMap((count, kind) => Array.from({ length: count }, () => kind));
  let best = { flow: 0, cost: 0 };
  const left = [...room];
  const go = (at: number, flow: number, cost: number): void => {
    if (flow > best.flow || (flow === best.flow && cost < best.cost)) best = { flow, cost };
    if (at === list.length) return;
    go(at + 1, flow, cost);
    for (let node = 0; node < NODES; node++) {
      const price = costs[(list[at] as number) * NODES + node] as number;
      if (price < 0 || (left[node] as number) === 0) continue;
      left[node] = (left[node] as number) - 1;
      go(at + 1, flow + 1, cost + price);
      left[node] = (left[node] as number) + 1;
    }
  };
  go(0, 0, 0);
  return best;
}

test('as many pods as possible, at the least cost', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const { flow, cost } = solved(plan);
      expect({ flow, cost }).toEqual(plain(plan));
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('as many of the cheapest nodes of each kind as there are pods are enough', () => {
  const roomy = plans.map((plan) => ({ ...plan, room: plan.room.map((count) => Math.max(1, count)) }));
  fc.assert(
    fc.property(roomy, (plan) => {
      const count = plan.pods.reduce((sum, each) => sum + each, 0);
      const costs = Int32Array.from(plan.costs, (cost) => (cost < 0 ? -1 : 6 - cost));
      const kept = Array.from({ length: KINDS }, (_, kind) =>
        largestIndexes(costs.slice(kind * NODES, (kind + 1) * NODES), count, 6),
      );
      const { flow, cost } = solved(plan, (kind, node) => kept[kind]?.includes(node) === true);
      expect({ flow, cost }).toEqual(plain(plan));
    }),
    { seed: 12, numRuns: 300 },
  );
});

test('the largest of equal numbers are the first', () => {
  const totals = Int32Array.of(3, -1, 9, 5, 5, 0, 5);
  expect(largestIndexes(totals, 3, 100)).toEqual([2, 3, 4]);
  expect(largestIndexes(totals, 4, 5)).toEqual([2, 3, 4, 6]);
  expect(largestIndexes(totals, 99, 100)).toEqual([0, 2, 3, 4, 5, 6]);
  expect(largestIndexes(totals, 0, 100)).toEqual([]);
});

test('a flow turns back on its way when that is cheaper', () => {
  // The first path takes the only node of the second kind; the second path moves it away.
  const plan = { pods: [1, 1, 0], room: [1, 1, 0], costs: [0, 5, -1, 1, -1, -1, -1, -1, -1] };
  expect(solved(plan)).toMatchObject({ flow: 2, cost: 6 });
});
