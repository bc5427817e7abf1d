import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { GPU_COUNT, GPU_MILLI, namedProfile, Placement } from '../../../../core/cluster/placement.ts';
import { fgdScore } from '../../../../core/scheduler/policies/fgd.ts';
import type { Node } from '../../../../core/types/node.ts';
import type { Pod } from '../../../../core/types/pod.ts';

test("FGD's integer is the same on both sides of every step, whatever the machine's last digit", () => {
  expect(fgdScore(0)).toBe(50);
  for (let score = 1; score < 100; score++) {
    const step = -1000 * Math.log(100 / score - 1);
    if (score !== 50) expect([fgdScore(step - 1e-6), fgdScore(step + 1e-6)]).toEqual([score - 1, score]);
  }
  expect([fgdScore(-1e-13), fgdScore(-1e-9)]).toEqual([50, 49]);
  expect([fgdScore(-8000), fgdScore(8000)]).toEqual([0, 99]);
});

const node = (name: string, cpu: number, gpus: number): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: {
    allocatable: { cpu: String(cpu), memory: '256Gi', pods: '100', ...(gpus > 0 && { [GPU_COUNT]: String(gpus) }) },
  } as Node['status'],
});

const pod = (cpu: number, gpus: number, milli = 1000): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'x',
        resources: {
          requests: {
            cpu: String(cpu),
            memory: '1Gi',
            ...(gpus > 0 && { [GPU_COUNT]: String(gpus), [GPU_MILLI]: String(milli) }),
          },
        },
      },
    ],
  },
});

/** Places kinds of pods one after the other; the nodes they got and the devices of the last one. */
function places(policy: string, nodes: Node[], pods: Pod[], arrivals: number[]): [nodes: number[], devices: number[]] {
  const profile = namedProfile(policy, { typicalPods: [] });
  if (profile === undefined) throw new Error(policy);
  const options = { ...profile, nodeOrder: 'insertion', percentageOfNodesToScore: 'all' } as const;
  const tieRule = policy === 'random' ? 'uniform' : 'first';
  const placement = new Placement({ nodes, pods, profile: { ...options, tieRule }, draws: new Sfc32(1, 2, 3) });
  let last = -1;
  const found = arrivals.map((kind) => {
    last = placement.place(kind);
    return last < 0 ? -1 : placement.nodeOf(last);
  });
  return [found, last < 0 ? [] : [...placement.core.nodes.gpus.devicesOf(last)]];
}

// Kinds: 0 = no GPU, 1 = half a GPU, 2 = a GPU, 3 = two GPUs, 4 = 0.3 GPU.
const PODS = [pod(8, 0), pod(2, 1, 500), pod(4, 1), pod(8, 2), pod(1, 1, 300)];
const BIG = node('big', 128, 8);
const SMALL = node('small', 32, 2);

test.each([
  ['best-fit: the node with the least left', 'best-fit', [BIG, SMALL], [1, 1, 2], [1, 1, 1]],
  ['dot-product: little free in the direction of the needs', 'dot-product', [BIG, SMALL], [2, 0], [1, 1]],
  ['gpu-packing: an idle node of few GPUs before one of many', 'gpu-packing', [BIG, SMALL], [2, 2], [1, 1]],
  ['gpu-packing: devices in use before idle ones', 'gpu-packing', [BIG, SMALL], [1, 2, 4], [1, 1, 1]],
  [
    'gpu-clustering: one size together, another size on the empty node',
    'gpu-clustering',
    [BIG, BIG, BIG],
    [1, 2, 1, 3, 2],
    [0, 1, 0, 2, 1],
  ],
  ['requested-to-capacity-ratio: fills', 'requested-to-capacity-ratio', [BIG, SMALL], [2, 2, 2], [1, 1, 0]],
  ['most-allocated: fills by cpu and memory', 'most-allocated', [BIG, SMALL], [0, 0], [1, 1]],
  ['kube-default: spreads', 'kube-default', [BIG, BIG], [0, 0, 0], [0, 1, 0]],
  ['a pod that fits nowhere gets nothing', 'fgd', [SMALL], [3, 1], [0, -1]],
])('%s', (_about, policy, nodes, arrivals, expected) => {
  const named = nodes.map((each, i) => ({ ...each, metadata: { name: `${each.metadata.name}-${i}` } }));
  expect(places(policy, named, PODS, arrivals)[0]).toEqual(expected);
});

test.each([
  ['a share takes the tightest device', [1, 4, 1, 4], [1]],
  ['whole devices are the lowest idle ones', [1, 3], [1, 2]],
  ['a share opens the lowest idle device when none is left', [1, 1, 1], [1]],
])('best-fit: %s', (_about, arrivals, devices) => {
  expect(places('best-fit', [BIG], PODS, arrivals)[1]).toEqual(devices);
});
