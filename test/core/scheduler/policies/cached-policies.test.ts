import { expect, test } from 'vitest';
import { nodeObject, podKinds } from '../../../../bench/traces/trace-objects.ts';
import { Sfc32 } from '../../../../core/base/random.ts';
import { GPU_COUNT, NAMED_POLICIES, namedProfile, Placement, typicalPods } from '../../../../core/cluster/placement.ts';
import { DEVICE_MILLI } from '../../../../core/scheduler/devices/gpu-demand.ts';

const NODES = Array.from({ length: 90 }, (_, i) =>
  nodeObject({
    name: `n-${i}`,
    cpuMilli: 32_000 + (i % 3) * 32_000,
    memoryMib: 131_072,
    gpus: [0, 2, 4, 8][i % 4] as number,
    model: i % 2 === 0 ? 'A' : 'B',
  }),
);
const KINDS = podKinds(
  Array.from({ length: 40 }, (_, i) => ({
    name: `p-${i}`,
    cpuMilli: 1000 + (i % 7) * 1500,
    memoryMib: 4096 * (1 + (i % 3)),
    gpus: [0, 1, 1, 1, 2, 4][i % 6] as number,
    gpuMilli: i % 6 === 0 ? 0 : i % 6 < 3 ? 100 + (i % 9) * 100 : 1000,
    gpuSpec: i % 10 === 3 ? 'A' : '',
    creationS: null,
    deletionS: null,
  })),
);
const TYPICAL = typicalPods(KINDS.pods, new Int32Array(KINDS.pods.length).fill(1));

/** A history of arrivals and departures; every placement, and the state of all devices at the end. */
function history(
  policy: string,
  path: 'cached' | 'plain',
  tieRule: 'first' | 'uniform' | 'name',
  seed: number,
): unknown {
  const profile = namedProfile(policy, { typicalPods: TYPICAL });
  if (profile === undefined) throw new Error(policy);
  const placement = new Placement({
    nodes: NODES,
    pods: KINDS.pods,
    profile: { ...profile, tieRule, percentageOfNodesToScore: 'all' },
    draws: new Sfc32(seed, 2, 3),
    path,
  });
  const random = new Sfc32(seed, 5, 6);
  const rows: number[] = [];
  const seen: number[] = [];
  for (let step = 0; step < 500; step++) {
    if (rows.length > 0 && random.below(4) === 0) {
      const [row] = rows.splice(random.below(rows.length), 1) as [number];
      placement.remove(row);
      continue;
    }
    const row = placement.place(random.below(KINDS.pods.length));
    seen.push(row < 0 ? -1 : placement.nodeOf(row));
    if (row >= 0) rows.push(row);
  }
  const { free, freeTotal, idle } = placement.core.nodes.gpus;
  const state = [[...free], [...freeTotal], [...idle]];
  for (const row of rows) placement.remove(row);
  expect(placement.core.nodes.gpus.freeTotal.slice(0, NODES.length)).toEqual(
    Int32Array.from(NODES, (node) => Number(node.status?.allocatable?.[GPU_COUNT] ?? 0) * DEVICE_MILLI),
  );
  return [seen, state];
}

test.each(NAMED_POLICIES.map(({ name }) => name))('%s: cached and plain path choose the same', (policy) => {
  for (const tieRule of ['first', 'uniform', 'name'] as const) {
    expect(history(policy, 'cached', tieRule, 7), tieRule).toEqual(history(policy, 'plain', tieRule, 7));
  }
});
