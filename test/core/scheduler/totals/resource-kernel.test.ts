/** The fused kernel must give what the plugins give, also where quotients are whole numbers and on full or odd nodes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE, type Profile } from '../../../../core/scheduler/configuration/profile.ts';
import { kernelCovers, ResourceKernel } from '../../../../core/scheduler/totals/resource-kernel.ts';
import type { PodSpec } from '../../../../core/types/pod.ts';
import { makeNode, makePod, type NodeOptions } from '../objects.ts';

const RESOURCE_SCORES = new Set(['NodeResourcesFit', 'NodeResourcesBalancedAllocation']);
const cpu = fc.oneof(
  fc.constantFrom('0', '3', '7', '900m', '64'),
  fc.nat(9000).map((milli) => `${milli}m`),
);
const memory = fc.oneof(
  fc.constantFrom('0', '3Gi', '7Gi', '1Ti'),
  fc.nat(9000).map((mebi) => `${mebi}Mi`),
);
const podCpu = fc.oneof(
  fc.constantFrom('', '100m', '1'),
  fc.nat(700).map((milli) => `${milli}m`),
);
const podMemory = fc.oneof(
  fc.constantFrom('', '200Mi', '1Gi'),
  fc.nat(700).map((mebi) => `${mebi}Mi`),
);
/** Requests of the pod as a whole count where it has to fit, but not in its own scores. */
const wholePod = fc.constantFrom<Partial<PodSpec>>({}, {}, {}, { resources: { requests: { cpu: '650m' } } });
const pod = fc.tuple(podCpu, podMemory, fc.boolean(), wholePod).map(([c, m, gpu, spec]) =>
  makePod(
    'p',
    {
      ...(c === '' ? {} : { cpu: c }),
      ...(m === '' ? {} : { memory: m }),
      ...(gpu ? { 'example.com/gpu': '1' } : {}),
    },
    spec,
  ),
);
const node = fc.record({ cpu, memory, pods: fc.constantFrom('0', '2', '110'), gpu: fc.constantFrom('0', '1') });

const PROFILES: readonly Profile[] = [
  { ...DEFAULT_PROFILE, percentageOfNodesToScore: 'all' },
  {
    ...DEFAULT_PROFILE,
    percentageOfNodesToScore: 'all',
    strategy: 'MostAllocated',
    strategyResources: [
      { name: 'cpu', weight: 5 },
      { name: 'memory', weight: 2 },
    ],
    weights: { ...DEFAULT_PROFILE.weights, NodeResourcesBalancedAllocation: 3 },
  },
];

function check(
  profile: Profile,
  nodes: readonly NodeOptions[],
  running: readonly [number, ReturnType<typeof makePod>][],
  wanted: ReturnType<typeof makePod>,
): void {
  expect(kernelCovers(profile)).toBe(true);
  const core = new SchedulingCore([profile], new Sfc32(1, 2, 3), 'plain');
  nodes.forEach((options, i) => {
    core.putNode(makeNode(`n${i}`, options));
  });
  for (const [at, other] of running) core.addPod(`n${at % nodes.length}`, core.classOf(other), false);
  const podClass = core.classOf(wanted);
  const expected = new Int32Array(nodes.length).fill(-1);
  core.explain({ podClass, nodeName: '' }, 0, (plugin, slot, weighted) => {
    if (!RESOURCE_SCORES.has(plugin)) return;
    expected[slot] = Math.max(0, expected[slot] as number) + weighted;
  });
  const out = new Int32Array(nodes.length);
  const slots = Int32Array.from(nodes, (_, i) => core.nodes.find(`n${i}`));
  new ResourceKernel(core.nodes, profile, podClass.shape).evaluate(
    { podClass, nodeName: '' },
    slots,
    0,
    nodes.length,
    out,
  );
  expect([...out]).toEqual([...slots].map((slot) => expected[slot]));
}

describe('ResourceKernel', () => {
  test('equals the plugins', () => {
    const running = fc.array(fc.tuple(fc.nat(9), pod), { maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(...PROFILES), fc.array(node, { minLength: 1, maxLength: 6 }), running, pod, check),
      { numRuns: 600, seed: 5 },
    );
  });

  test('equals the plugins where quotients are whole and their parts are not', () => {
    for (const profile of PROFILES) {
      for (let milli = 1; milli < 300; milli++) {
        const nodes = [
          { cpu: '3', memory: '3Gi', pods: '110', gpu: '0' },
          { cpu: '7', memory: '900Mi', pods: '110', gpu: '0' },
        ];
        const first = makePod('p', { cpu: `${milli}m`, memory: `${milli}Mi` });
        const second = makePod('p', { cpu: `${300 - milli}m`, memory: `${300 - milli}Mi` });
        check(
          profile,
          nodes,
          [
            [0, first],
            [1, first],
          ],
          second,
        );
      }
    }
  });

  test('equals the plugins one byte beside a whole percentage', () => {
    const total = 7 * 1024 ** 3;
    for (const profile of PROFILES) {
      for (let percent = 1; percent < 100; percent++) {
        for (const beside of [-1, 0, 1]) {
          const bytes = Math.round((total * percent) / 100) + beside;
          const nodes = [{ cpu: '7', memory: '7Gi', pods: '110', gpu: '0' }];
          check(profile, nodes, [], makePod('p', { cpu: '70m', memory: String(bytes) }));
        }
      }
    }
  });

  test('equals the plugins a thousandth of a core beside a whole percentage, on nodes of any size', () => {
    for (const profile of PROFILES) {
      for (const total of [3000, 131_000, 131_071, 131_073, 250_000]) {
        for (let percent = 1; percent < 100; percent += 7) {
          for (const beside of [-1, 0, 1]) {
            const milli = Math.round((total * percent) / 100) + beside;
            const nodes = [{ cpu: `${total}m`, memory: '7Gi', pods: '110', gpu: '0' }];
            check(profile, nodes, [[0, makePod('q', { cpu: '10m' })]], makePod('p', { cpu: `${milli - 10}m` }));
          }
        }
      }
    }
  });
});
