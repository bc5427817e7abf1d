/**
 * The cached path must choose what the plain path chooses, on every step of random histories.
 *
 * Two cores with equal draws get the same operations; after each cycle node, feasible count, examined count and search
 * position must be equal.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE, type Profile } from '../../../../core/scheduler/configuration/profile.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';

type Operation =
  | { readonly kind: 'schedule'; readonly shape: number; readonly times: number }
  | { readonly kind: 'forget'; readonly pod: number }
  | { readonly kind: 'putNode'; readonly node: number; readonly variant: number }
  | { readonly kind: 'removeNode'; readonly node: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('schedule' as const),
      shape: fc.nat(9),
      times: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('forget' as const), pod: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('putNode' as const), node: fc.nat(160), variant: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeNode' as const), node: fc.nat(160) }) },
);

const profiles: fc.Arbitrary<Profile> = fc.record({
  schedulerName: fc.constant('default-scheduler'),
  strategy: fc.constantFrom('LeastAllocated' as const, 'MostAllocated' as const),
  strategyResources: fc.constantFrom(
    DEFAULT_PROFILE.strategyResources,
    [
      { name: 'cpu', weight: 3 },
      { name: 'memory', weight: 1 },
    ],
    [
      { name: 'memory', weight: 2 },
      { name: 'example.com/gpu', weight: 5 },
    ],
  ),
  balancedResources: fc.constantFrom(['cpu', 'memory'], ['cpu', 'memory', 'example.com/gpu']),
  weights: fc.constantFrom(DEFAULT_PROFILE.weights, {
    TaintToleration: 0,
    NodeAffinity: 9,
    NodeResourcesFit: 400,
    NodeResourcesBalancedAllocation: 1,
  }),
  percentageOfNodesToScore: fc.constantFrom<Profile['percentageOfNodesToScore']>('all', 0, 30),
  tieRule: fc.constantFrom('uniform' as const, 'uniform' as const, 'first' as const, 'name' as const),
  nodeOrder: fc.constantFrom('zone-round-robin' as const, 'insertion' as const, 'name' as const),
});

const SHAPES: readonly Pod[] = [
  makePod('a', { cpu: '100m', memory: '500Mi' }),
  makePod('b', { cpu: '1', memory: '64Mi' }),
  makePod('c', {}),
  makePod('d', { memory: '3Gi', 'ephemeral-storage': '1Gi' }),
  makePod('e', { cpu: '333m', memory: '333Mi', 'example.com/gpu': '1' }),
  makePod('f', { cpu: '50m' }, { tolerations: [{ operator: 'Exists' }] }),
  makePod('g', { cpu: '250m' }, { nodeSelector: { disk: 'ssd' } }),
  makePod('h', { cpu: '700m', memory: '1Gi' }, { affinity: preferring('disk', 'nvme', 'hdd') }),
  makePod('i', { cpu: '10m' }, { containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort: 80 }] }] }),
  makePod('j', { cpu: '10m' }, { affinity: antiAffinity() }),
];

function preferring(key: string, first: string, second: string): NonNullable<Pod['spec']['affinity']> {
  const term = (value: string, weight: number) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'In', values: [value] }] },
  });
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term(first, 30), term(second, 7)] } };
}

function antiAffinity(): NonNullable<Pod['spec']['affinity']> {
  const labelSelector = { matchExpressions: [{ key: 'app', operator: 'In' as const, values: ['j', 'a', 'g'] }] };
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector }],
    },
  };
}

function variantOf(node: number, variant: number) {
  const soft = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ key: `soft-${i}`, effect: 'PreferNoSchedule' as const }));
  const hard = [{ key: 'hard', value: 'x', effect: 'NoSchedule' as const }];
  const rare = node % 40 === 7;
  const taints = variant === 2 ? hard : soft(rare ? 3 : variant === 1 ? 1 : 0);
  return makeNode(`node-${(node * 7) % 161}`, {
    cpu: node % 3 === 0 ? '3' : '4',
    memory: node % 5 === 0 ? '3Gi' : '16Gi',
    pods: rare ? '2' : node % 4 === 0 ? '6' : '110',
    gpu: node % 6 === 0 ? '2' : '0',
    zone: `zone-${node % 3}`,
    disk: rare ? 'nvme' : node % 2 === 0 ? 'ssd' : 'hdd',
    taints,
    unschedulable: variant === 3,
  });
}

class Pair {
  readonly cached: SchedulingCore;
  readonly plain: SchedulingCore;
  readonly rows: (readonly [number, number])[] = [];

  constructor(profile: Profile, nodes: number) {
    this.cached = new SchedulingCore([profile], new Sfc32(1, 2, 3), 'cached');
    this.plain = new SchedulingCore([profile], new Sfc32(1, 2, 3), 'plain');
    for (let i = 0; i < nodes; i++) this.put(i, i % 17 === 0 ? 1 : 0);
  }

  put(node: number, variant: number): void {
    for (const core of [this.cached, this.plain]) core.putNode(variantOf(node, variant));
  }

  run(step: Operation): void {
    if (step.kind === 'schedule') for (let i = 0; i < step.times; i++) this.schedule(SHAPES[step.shape] as Pod);
    else if (step.kind === 'putNode') this.put(step.node, step.variant);
    else if (step.kind === 'removeNode') {
      for (const core of [this.cached, this.plain]) core.removeNode(`node-${(step.node * 7) % 161}`);
    } else if (this.rows.length > 0) {
      const [rows] = this.rows.splice(step.pod % this.rows.length, 1);
      this.cached.removePod((rows as readonly [number, number])[0]);
      this.plain.removePod((rows as readonly [number, number])[1]);
    }
  }

  schedule(pod: Pod): void {
    const [a, b] = [this.cached, this.plain].map((core) => {
      const out = { slot: -1, feasible: 0, examined: 0 };
      core.select({ podClass: core.classOf(pod), nodeName: '' }, 0, out);
      return { ...out, node: out.slot < 0 ? '' : core.nodes.names[out.slot], next: core.nextStart };
    }) as unknown as [{ slot: number }, { slot: number }];
    expect(a).toEqual(b);
    if (a.slot < 0) {
      expect(this.cached.diagnosis.message()).toBe(this.plain.diagnosis.message());
      return;
    }
    this.rows.push([
      this.cached.assume(a.slot, this.cached.classOf(pod)),
      this.plain.assume(b.slot, this.plain.classOf(pod)),
    ]);
  }
}

describe('cached path', () => {
  test('chooses as the plain path over random histories', () => {
    fc.assert(
      fc.property(
        profiles,
        fc.constantFrom(3, 70, 130, 160),
        fc.array(operation, { minLength: 20, maxLength: 120 }),
        (profile, nodes, steps) => {
          const pair = new Pair(profile, nodes);
          for (const step of steps) pair.run(step);
        },
      ),
      { numRuns: 150, seed: 20250101 },
    );
  });

  test('agrees after more changes than the log keeps', () => {
    const pair = new Pair({ ...DEFAULT_PROFILE, percentageOfNodesToScore: 'all' }, 130);
    pair.schedule(SHAPES[0] as Pod);
    for (let i = 0; i < 20_000; i++) {
      for (const core of [pair.cached, pair.plain]) {
        core.removePod(core.assume(i % 130, core.classOf(SHAPES[1] as Pod)));
      }
    }
    for (const shape of SHAPES) pair.schedule(shape);
  });

  test('follows the normaliser where another shape tells the nodes apart that hold it', () => {
    const pair = new Pair({ ...DEFAULT_PROFILE, percentageOfNodesToScore: 'all', nodeOrder: 'insertion' }, 0);
    for (let i = 0; i < 40; i++) {
      const disk = i < 3 ? 'nvme' : i % 2 === 0 ? 'hdd' : 'ssd';
      // As below: without an nvme node the preference for hdd counts in full, and outdoes the empty ssd nodes.
      const size = disk === 'ssd' ? { cpu: '64', memory: '64Gi' } : { cpu: '1', memory: '2Gi' };
      const zone = i === 1 || i > 30 ? 'z1' : 'z2';
      for (const core of [pair.cached, pair.plain]) core.putNode(makeNode(`n${i}`, { disk, zone, ...size }));
    }
    pair.schedule(SHAPES[7] as Pod);
    pair.schedule(makePod('z', { cpu: '50m' }, { nodeSelector: { 'topology.kubernetes.io/zone': 'z1' } }));
    for (let i = 0; i < 8; i++) pair.schedule(SHAPES[7] as Pod);
  });

  test('normalises over the sample, not over all feasible nodes', () => {
    const profile: Profile = { ...DEFAULT_PROFILE, percentageOfNodesToScore: 30, nodeOrder: 'insertion' };
    const pair = new Pair(profile, 0);
    for (let i = 0; i < 300; i++) {
      const disk = i === 250 ? 'nvme' : i % 2 === 0 ? 'hdd' : 'ssd';
      // Small hdd nodes: only with its full weight of 100 does the preference outdo the empty ssd nodes.
      const size = disk === 'hdd' ? { cpu: '1', memory: '2Gi' } : { cpu: '64', memory: '64Gi' };
      for (const core of [pair.cached, pair.plain]) core.putNode(makeNode(`n${i}`, { disk, ...size }));
    }
    for (let i = 0; i < 12; i++) pair.schedule(SHAPES[7] as Pod);
  });

  test.each([
    ['uniform', 'equal'],
    ['first', 'equal'],
    ['name', 'equal'],
    // The end of the sample lies within a block whose later nodes are better than any of the sample.
    ['uniform', 'rising'],
    ['first', 'rising'],
  ] as const)('passes over blocks of one group, tie rule %s, nodes of %s size', (tieRule, sizes) => {
    const profile: Profile = { ...DEFAULT_PROFILE, percentageOfNodesToScore: 30, nodeOrder: 'insertion', tieRule };
    const pair = new Pair(profile, 0);
    for (let i = 0; i < 700; i++) {
      // Runs of a zone that end within blocks; some nodes hold two pods only.
      const zone = `z${Math.floor(i / 230)}`;
      const cpu = sizes === 'equal' ? '4' : `${500 + 10 * i}m`;
      const node = makeNode(`n${i}`, { cpu, zone, pods: i % 7 === 0 ? '2' : '9', disk: i < 350 ? 'ssd' : 'hdd' });
      for (const core of [pair.cached, pair.plain]) core.putNode(node);
    }
    const labels = { app: 'near' };
    const term = { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: labels } };
    const required = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const preferred = {
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: term }] },
    };
    const kinds = [required, preferred, antiAffinity()].map((affinity) => {
      const pod = makePod('near', { cpu: '100m', memory: '100Mi' }, { affinity });
      return { ...pod, metadata: { ...pod.metadata, labels } };
    });
    for (let i = 0; i < 240; i++) {
      pair.schedule(kinds[i % 7 === 0 ? 1 : i % 3 === 2 ? 2 : 0] as Pod);
      if (i % 5 === 4) pair.run({ kind: 'forget', pod: i * 31 });
    }
  });
});
