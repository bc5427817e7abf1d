/** Scores of the policies over cpu, memory and measured load, by hand; and batches that always fit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import {
  CPU_USAGE_LABEL,
  DATA_NODE_LABEL,
  DATA_ZONE_LABEL,
  namedProfile,
  Placement,
} from '../../../../core/cluster/placement.ts';
import { ePvmScore } from '../../../../core/scheduler/policies/e-pvm.ts';
import type { Node } from '../../../../core/types/node.ts';
import type { Pod } from '../../../../core/types/pod.ts';

const node = (name: string, cpu: number, gi: number, zone = '', pods = 100): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: zone === '' ? {} : { 'topology.kubernetes.io/zone': zone } },
    status: { allocatable: { cpu: String(cpu), memory: `${gi}Gi`, pods: String(pods) } },
  }) as Node;

const pod = (cpu: number, gi: number, labels: Readonly<Record<string, string>> = {}, nodeSelector = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'd', labels },
  spec: {
    nodeSelector,
    containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: String(cpu), memory: `${gi}Gi` } } }],
  },
});

function placementOf(policy: string, nodes: readonly Node[], pods: readonly Pod[]): Placement {
  const profile = namedProfile(policy, { typicalPods: [] });
  if (profile === undefined) throw new Error(policy);
  const rules = { tieRule: 'first', nodeOrder: 'insertion', percentageOfNodesToScore: 'all' } as const;
  return new Placement({ nodes, pods, profile: { ...profile, ...rules }, draws: new Sfc32(1, 2, 3) });
}

/** Scores of a kind by node. */
function scores(placement: Placement, kind: number): number[] {
  const found: number[] = [];
  for (const { node: slot, score } of placement.scoresOf(kind, 0)) found[slot] = score;
  return found;
}

const TWO = [node('a', 8, 32), node('b', 16, 64)];

test('worst fit: half of the shares left of the largest node, cut off', () => {
  // a: (6/16 + 28/64) / 2, b: (14/16 + 60/64) / 2.
  expect(scores(placementOf('worst-fit', TWO, [pod(2, 4)]), 0)).toEqual([40, 90]);
});

test('l2 norm: the shorter remainder', () => {
  // a: √((.375² + .4375²) / 2) = .4074, b: √((.875² + .9375²) / 2) = .9068.
  expect(scores(placementOf('l2-norm', TWO, [pod(2, 4)]), 0)).toEqual([59, 9]);
});

test("E-PVM's integer is the same on both sides of every step", () => {
  const [nodes, resources] = [100, 2];
  const highest = Math.log(1 + resources * (nodes - 1));
  for (let score = 1; score < 100; score++) {
    const step = Math.exp((1 - score / 100) * highest) - 1;
    expect([ePvmScore(step + 1e-9, nodes, resources), ePvmScore(step - 1e-9, nodes, resources)]).toEqual([
      score - 1,
      score,
    ]);
  }
  expect([ePvmScore(0, nodes, resources), ePvmScore(1e9, nodes, resources), ePvmScore(0, 1, 1)]).toEqual([100, 0, 100]);
});

test('E-PVM goes where the load is less, though the pod adds more to it there; more so with more nodes', () => {
  const others = Array.from({ length: 18 }, (_, i) => node(`n${i}`, 1, 1));
  const placement = placementOf('e-pvm', [...TWO, ...others], [pod(2, 4), pod(8, 32)]);
  placement.bind(1, 1);
  const [a = 0, b = 0] = scores(placement, 0);
  expect(a).toBeGreaterThan(b);
});

test('the hybrid keeps free shares together, and fills the fuller of equal nodes', () => {
  const uneven = [node('cpu', 16, 16), node('memory', 4, 64)];
  const [cpu = 0, memory = 0] = scores(placementOf('borg-hybrid', uneven, [pod(2, 1)]), 0);
  expect(cpu).toBeGreaterThan(memory);
  const placement = placementOf('borg-hybrid', [node('a', 8, 32), node('b', 8, 32)], [pod(2, 8)]);
  placement.bind(0, 1);
  const [empty = 0, half = 0] = scores(placement, 0);
  expect(half).toBeGreaterThan(empty);
});

test('load-aware reads what pods use, and their requests where nothing was measured', () => {
  const kinds = [pod(1, 1, { [CPU_USAGE_LABEL]: '4' }), pod(4, 1), pod(1, 1, { [CPU_USAGE_LABEL]: '500m' })];
  const placement = placementOf('load-aware', [node('a', 8, 32), node('b', 8, 32), node('c', 8, 32)], kinds);
  placement.bind(0, 0);
  placement.bind(1, 1);
  placement.bind(2, 2);
  expect(scores(placement, 2)).toEqual([43, 43, 87]);
  const row = placement.bind(0, 2);
  expect(scores(placement, 2)).toEqual([43, 43, 37]);
  placement.remove(row);
  expect(scores(placement, 2)).toEqual([43, 43, 87]);
});

test('data-local: the node of the data, then their zone, then the emptier node', () => {
  const nodes = [node('a', 8, 32, 'x'), node('b', 8, 32, 'x'), node('c', 8, 32, 'y'), node('d', 8, 32)];
  const labels = { [DATA_NODE_LABEL]: 'b,gone', [DATA_ZONE_LABEL]: 'x' };
  const placement = placementOf('data-local', nodes, [pod(4, 16, labels), pod(4, 16)]);
  expect(scores(placement, 0)).toEqual([49, 82, 16, 16]);
  expect(scores(placement, 1)).toEqual([16, 16, 16, 16]);
});

test('a batch puts every pod on a node that fits it, and leaves out only what fits nowhere then', () => {
  const shape = fc.record({
    cpu: fc.integer({ min: 1, max: 5 }),
    gi: fc.integer({ min: 1, max: 10 }),
    zone: fc.constantFrom('', '', 'x', 'y'),
    count: fc.integer({ min: 1, max: 6 }),
  });
  const machine = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 2, max: 16 }), fc.constantFrom('x', 'y'));
  fc.assert(
    fc.property(
      fc.array(shape, { minLength: 1, maxLength: 5 }),
      fc.array(machine, { minLength: 1, maxLength: 6 }),
      (list, machines) => {
        const nodes = machines.map(([cpu, gi, zone], i) => node(`n${i}`, cpu, gi, zone, 5));
        const pods = list.map(({ cpu, gi, zone }) =>
          pod(cpu, gi, {}, zone === '' ? {} : { 'topology.kubernetes.io/zone': zone }),
        );
        const placement = placementOf('min-cost-flow', nodes, pods);
        const kinds = list.flatMap(({ count }, kind) => Array.from({ length: count }, () => kind));
        const rows = placement.placeBatch(kinds);
        const taken = nodes.map(() => ({ cpu: 0, gi: 0, pods: 0 }));
        rows.forEach((row, i) => {
          if (row < 0) return;
          const slot = placement.nodeOf(row);
          const { cpu, gi, zone } = list[kinds[i] as number] as (typeof list)[number];
          const sums = taken[slot] as (typeof taken)[number];
          sums.cpu += cpu;
          sums.gi += gi;
          sums.pods++;
          expect(zone === '' || machines[slot]?.[2] === zone).toBe(true);
        });
        taken.forEach(({ cpu, gi, pods: count }, slot) => {
          expect(cpu).toBeLessThanOrEqual(machines[slot]?.[0] as number);
          expect(gi).toBeLessThanOrEqual(machines[slot]?.[1] as number);
          expect(count).toBeLessThanOrEqual(5);
        });
        rows.forEach((row, i) => {
          if (row < 0) expect(placement.place(kinds[i] as number)).toBe(-1);
        });
      },
    ),
    { seed: 2, numRuns: 200 },
  );
});
