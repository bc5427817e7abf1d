/** Compaction, inflation and purchases: answers that can be checked by hand, and bounds that nothing passes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runAddNodes } from '../../../bench/compare/add-nodes.ts';
import { firstNodes, runCompaction } from '../../../bench/compare/compaction.ts';
import { type PreparedRun, prepareRun } from '../../../bench/compare/experiment-input.ts';
import { runFillUp } from '../../../bench/compare/fill-up.ts';
import { runInflation } from '../../../bench/compare/inflation.ts';
import { type KindFacts, kindFacts } from '../../../bench/compare/kind-facts.ts';
import { manifestWorkload } from '../../../bench/compare/object-workload.ts';
import type { NodeOffer } from '../../../bench/compare/price-list.ts';
import { whyNever } from '../../../bench/compare/why-left.ts';
import type { CompareWorkload } from '../../../bench/compare/workload.ts';
import { nodeObject, podKinds } from '../../../bench/traces/trace-objects.ts';
import { NAMED_POLICIES, namedProfile } from '../../../core/cluster/placement.ts';
import { type KubeObject, type Node, SELECTOR_NOT_READ } from '../../../core/cluster/vocabulary.ts';
import { RULES, smallRun, smallWorkload } from './small-workload.ts';

const GI = 1024;

/** Nodes and pods of cpu (cores) and memory (GiB). */
function workloadOf(
  nodes: readonly (readonly [number, number])[],
  pods: readonly (readonly [number, number])[],
): CompareWorkload {
  const rows = pods.map(([cpu, memory], i) => {
    const none = { gpus: 0, gpuMilli: 0, gpuSpec: '', creationS: null, deletionS: null };
    return { name: `p-${i}`, cpuMilli: cpu * 1000, memoryMib: memory * GI, ...none };
  });
  const { pods: kinds, kindOf } = podKinds(rows);
  const nodeObjects = nodes.map(([cpu, memory], i) =>
    nodeObject({ name: `n-${i}`, cpuMilli: cpu * 1000, memoryMib: memory * GI, gpus: 0, model: '' }),
  );
  return { ...smallWorkload(), nodes: nodeObjects, kinds, kindOf, lifetimesS: null };
}

function runnerOf(name: string, workload: CompareWorkload, seed: number): (on: CompareWorkload) => PreparedRun {
  const facts = kindFacts(workload);
  const profile = namedProfile(name, { typicalPods: facts.typical });
  if (profile === undefined) throw new Error(name);
  const policy = { name, profileOf: () => profile, module: undefined, queue: 'fifo', gangs: false } as const;
  return (on) => prepareRun(on, facts, policy, RULES, seed);
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test('compaction finds the fewest nodes; the bound is the same where pods fill nodes exactly', () => {
  const workload = workloadOf(times(10, [8, 32]), times(12, [2, 8]));
  const { values } = runCompaction(workload, runnerOf('best-fit', workload, 1), 1);
  expect(values).toMatchObject({ 'nodes-needed': 3, 'nodes-at-least': 3, 'gap-to-lp': 0, 'left-over': 0 });
  const crowded = workloadOf(times(2, [8, 32]), times(12, [2, 8]));
  const full = runCompaction(crowded, runnerOf('best-fit', crowded, 1), 1).values;
  expect(full).toMatchObject({ 'nodes-needed': null, 'left-over': 4 });
});

test('nodes with pods that cannot move stay; other pods go with their node', () => {
  const workload = {
    ...workloadOf(times(4, [8, 32]), times(2, [1, 1])),
    bound: Int32Array.of(0, 1, 0, 2),
    keptNodes: [2],
  };
  const least = firstNodes(workload, Int32Array.of(0, 1, 3), 1);
  expect(least.nodes.map(({ metadata }) => metadata.name)).toEqual(['n-2']);
  expect([...least.bound]).toEqual([0, 0]);
  expect(firstNodes(workload, Int32Array.of(0, 1, 3), 3).nodes).toHaveLength(3);
});

test('inflation counts whole copies, below what the relaxation allows', () => {
  const workload = workloadOf(times(4, [8, 32]), [...times(2, [2, 2] as const), ...times(2, [1, 6] as const)]);
  const { values, answer } = runInflation(runnerOf('l2-norm', workload, 1)(workload), 1, () => '');
  expect(answer).toMatch(
    /copies fit, at most 5 can; then .+: 0\/4 nodes are available: .*[1-4] Insufficient (cpu|memory)/,
  );
  expect(values['copies']).toBeGreaterThanOrEqual(4);
  expect(values['copies-at-most']).toBeCloseTo(32 / 6, 4);
  expect(values['copies']).toBeLessThanOrEqual(values['copies-at-most'] ?? 0);
});

test('what waits in the cluster beside the manifests is no part of a copy', () => {
  const workload = { ...workloadOf(times(2, [4, 32]), [...times(2, [1, 1] as const), [1, 900]]), waiting: 1 };
  const { values, answer } = runInflation(runnerOf('best-fit', workload, 1)(workload), 1, () => '');
  expect(answer).toMatch(/^4 copies fit, at most 4 can; /);
  expect(values).toMatchObject({ inflation: 400, copies: 4 });
});

test('kinds that no node could take ask for nothing, and all of them are named', () => {
  const workload = workloadOf(times(2, [4, 32]), [...times(3, [1, 1] as const), [100, 1], [1, 900], [5, 1]]);
  for (const seed of [1, 2, 3, 4]) {
    const runOn = runnerOf('best-fit', workload, seed);
    const { values } = runFillUp(runOn(workload), 130, seed);
    expect(values['cpu-allocation']).toBe(100);
    const unfit = whyNever(kindFacts(workload), () => runOn(workload));
    expect(unfit([]).match(/: 0\/2 nodes are available: 2 Insufficient (?:cpu|memory)/g)).toHaveLength(3);
    const compacted = runCompaction(workload, runOn, seed);
    expect(compacted.values).toMatchObject({ 'nodes-needed': null, 'left-over': 3 });
    expect(unfit(compacted.unplaced ?? [])).toMatch(/^3 kinds fit no node, even with nothing else placed: /);
    const inflated = runInflation(runOn(workload), seed, unfit);
    expect(inflated.answer).toMatch(/^0 copies fit, at most 0 can; 3 kinds fit no node/);
    expect(inflated.values).toMatchObject({ inflation: null, copies: 0 });
  }
  const crowded = workloadOf(times(2, [4, 32]), times(9, [1, 1]));
  // Each pod fits alone: then the share that came in is a figure.
  const shared = runInflation(runnerOf('best-fit', crowded, 1)(crowded), 1, () => '');
  expect(shared.values).toMatchObject({ inflation: (100 * 8) / 9, copies: 0 });
  const runOn = runnerOf('best-fit', crowded, 1);
  expect(runCompaction(crowded, runOn, 1).answer).toMatch(
    /^the workload does not fit: .*: 0\/2 nodes are available: 2 Insufficient cpu$/,
  );
  expect(whyNever(kindFacts(crowded), () => runOn(crowded))([0])).toBe('');
});

test('a gang whose pods fit one by one and not together is named with what it lacks', () => {
  const single = workloadOf(times(2, [4, 32]), times(6, [2, 1]));
  const needing = (pods: number): string => {
    const gang = { ...single, gangOf: new Int32Array(6), gangRules: [{ needed: pods, topologyKey: '' }] };
    return whyNever(kindFacts(gang), () => runnerOf('best-fit', gang, 1)(gang))([0]);
  };
  expect(needing(6)).toMatch(
    /^1 gang cannot start, even with nothing else placed: .*2 Insufficient cpu \(4 of the 6 pods that it needs have a node\)$/,
  );
  expect(needing(4)).toBe('');
});

test.each([
  [
    ['0/1 nodes are available: 1 Insufficient cpu.'],
    '1 kind fits no node, even with nothing else placed: default/k0: 0/1 nodes are available: 1 Insufficient cpu',
  ],
  [[`a: ${SELECTOR_NOT_READ}: has()`], `1 kind is undecided: default/k0: a: ${SELECTOR_NOT_READ}: has()`],
  [
    ['no', `a: ${SELECTOR_NOT_READ}`, `b: ${SELECTOR_NOT_READ}`],
    `1 kind fits no node, even with nothing else placed: default/k0: no; 2 kinds are undecided: default/k1: a: ${SELECTOR_NOT_READ}; default/k2: b: ${SELECTOR_NOT_READ}`,
  ],
  [[''], '1 kind fits no node, even with nothing else placed: default/k0: nodes would do, and the policy takes none'],
  [
    times(7, 'no'),
    `7 kinds fit no node, even with nothing else placed: ${[0, 1, 2, 3, 4].map((i) => `default/k${i}: no`).join('; ')}; and 2 more`,
  ],
])('why kinds never fit, and which are undecided: %s', (refusals, text) => {
  const kinds = refusals.map((_, i) => ({ metadata: { name: `k${i}` } }));
  const placement = { place: () => -1, refusalOf: (kind: number) => refusals[kind] };
  const facts = { hosted: refusals.map(() => 1) } as unknown as KindFacts;
  const why = (bound: readonly number[]) => {
    const run = { placement, workload: { kinds, gangOf: null, bound: Int32Array.from(bound) } };
    return whyNever(facts, () => run as unknown as PreparedRun)(refusals.map((_, kind) => kind));
  };
  expect(why([])).toBe(text);
  expect(why([0, 0])).toBe(text.replace('even with nothing else placed', 'beside what is bound already'));
});

const offer = (name: string, cpu: number, memory: number, price: number): NodeOffer => ({
  name,
  price,
  node: nodeObject({ name, cpuMilli: cpu * 1000, memoryMib: memory * GI, gpus: 0, model: '' }),
});

test('where no purchase lets everything fit, the answer says who is left over with the best one', () => {
  const zone = 'topology.kubernetes.io/zone';
  const [node] = workloadOf([[1, 8]], []).nodes;
  const inZone = { ...node, metadata: { name: 'n-0', labels: { [zone]: 'a' } } } as Node;
  const spread = [
    { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } },
  ];
  const containers = [{ name: 'c', image: 'x', resources: { requests: { cpu: '1' } } }];
  const template = { metadata: { labels: { a: 'b' } }, spec: { topologySpreadConstraints: spread, containers } };
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'd' } };
  const deployment = { ...web, spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template } } as KubeObject;
  const dump = { nodes: [inZone], pods: [], budgets: [], priorityClasses: [], objects: [], leftOut: 0 };
  const { workload } = manifestWorkload('test', [deployment], { description: {}, text: '', dump } as never);
  const { answer } = runAddNodes(workload, runnerOf('e-pvm', workload, 1), [offer('m', 4, 8, 1)], 1);
  expect(answer).toMatch(
    /fit; with \d+ × m d\/web\S* .*1 Insufficient cpu, .*didn't match pod topology spread constraints/,
  );
});

test('a purchase lets everything fit, costs no less than its bound, and the cheap mix wins', () => {
  const workload = workloadOf([[2, 8]], [...times(8, [2, 1] as const), ...times(4, [1, 14] as const)]);
  const offers = [offer('compute', 16, 12, 10), offer('memory', 8, 64, 10), offer('huge', 64, 256, 100)];
  const outcome = runAddNodes(workload, runnerOf('e-pvm', workload, 1), offers, 1);
  expect(outcome.answer).toBe('1 × compute, 1 × memory');
  expect(outcome.values).toMatchObject({ cost: 20, 'nodes-added': 2 });
  expect(outcome.values['cost-at-least']).toBeLessThanOrEqual(20);
  expect(outcome.values['cost-at-least']).toBeGreaterThan(10);
  const enough = workloadOf(times(9, [4, 16]), [[1, 1]]);
  expect(runAddNodes(enough, runnerOf('e-pvm', enough, 1), offers, 1).answer).toBe('no node is needed');
  const never = workloadOf([[4, 16]], [[100, 1]]);
  const refused = runAddNodes(never, runnerOf('e-pvm', never, 1), offers, 1);
  expect([refused.answer, refused.values['cost']]).toEqual([
    expect.stringMatching(/^no listed node can hold .*: it asks for more cpu than any of them has$/),
    null,
  ]);
});

const vectors = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max: 3 * max }));

test('no policy passes the bounds, on random clusters and workloads', () => {
  fc.assert(
    fc.property(
      fc.array(vectors(4, 16), { minLength: 1, maxLength: 5 }),
      fc.array(vectors(1, 6), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...NAMED_POLICIES.map(({ name }) => name)),
      fc.integer({ min: 1, max: 50 }),
      (nodes, pods, name, seed) => {
        const workload = workloadOf(nodes, pods);
        const runOn = runnerOf(name, workload, seed);
        const fill = runFillUp(runOn(workload), 150, seed).values;
        for (const gap of ['gap-to-resources', 'gap-to-lp']) expect(fill[gap] ?? 0, gap).toBeGreaterThan(-1e-6);
        expect(fill['gap-to-lp'] ?? 0).toBeLessThanOrEqual((fill['gap-to-resources'] ?? 0) + 1e-6);
        const { values } = runCompaction(workload, runOn, seed);
        if (values['nodes-needed'] !== null) {
          expect(values['nodes-at-least']).toBeLessThanOrEqual(values['nodes-needed'] ?? 0);
        }
        const inflated = runInflation(runOn(workload), seed, () => '').values;
        expect(inflated['copies']).toBeLessThanOrEqual((inflated['copies-at-most'] ?? 0) + 1e-6);
      },
    ),
    { seed: 3, numRuns: 60 },
  );
});

test('the bounds hold with devices as well', () => {
  for (const policy of ['fgd', 'kube-default', 'random']) {
    const { values } = runFillUp(smallRun(policy, 3), 130, 3);
    expect(values['gap-to-lp']).toBeGreaterThanOrEqual(0);
    expect(values['gap-to-lp']).toBeLessThan(50);
  }
});
