/** A workload of some nodes and pods for tests of the comparison. */
import type { SelectionRules } from '../../../bench/compare/compare-result.ts';
import { type PreparedRun, prepareRun } from '../../../bench/compare/experiment-input.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import type { CompareWorkload } from '../../../bench/compare/workload.ts';
import { nodeObject, podKinds } from '../../../bench/traces/trace-objects.ts';
import { namedProfile, type TypicalPod } from '../../../core/cluster/placement.ts';

export const RULES: SelectionRules = { tieRule: 'first', nodeOrder: 'drawn', sample: 'all' };

/** 20 nodes of 8 GPUs, 60 pods of 6 kinds; lifetimes of 100 to 6,000 s. */
export function smallWorkload(): CompareWorkload {
  const nodes = Array.from({ length: 20 }, (_, i) =>
    nodeObject({ name: `n-${i}`, cpuMilli: 64_000, memoryMib: 262_144, gpus: 8, model: i % 2 === 0 ? 'A' : 'B' }),
  );
  const rows = Array.from({ length: 60 }, (_, i) => ({
    name: `p-${i}`,
    cpuMilli: 2000 + 1000 * (i % 6),
    memoryMib: 4096,
    gpus: [0, 1, 1, 1, 2, 8][i % 6] as number,
    gpuMilli: [0, 300, 500, 1000, 1000, 1000][i % 6] as number,
    gpuSpec: '',
    creationS: null,
    deletionS: null,
  }));
  const { pods: kinds, kindOf } = podKinds(rows);
  return {
    name: 'small',
    source: 'test',
    nodes,
    kinds,
    kindOf,
    lifetimesS: Float64Array.from(rows, (_, i) => 100 + 100 * i),
    spanS: 10_000,
    bound: new Int32Array(0),
    keptNodes: [],
    waiting: 0,
    gangOf: null,
    gangRules: [],
    objects: [],
    deviceGates: [],
    orders: null,
    nodeOrders: null,
  };
}

/** A run of a named policy. */
export function smallRun(policy: string, seed: number, workload: CompareWorkload = smallWorkload()): PreparedRun {
  const profileOf = (typical: readonly TypicalPod[]) => {
    const profile = namedProfile(policy, { typicalPods: typical });
    if (profile === undefined) throw new Error(policy);
    return profile;
  };
  const loaded = { name: policy, profileOf, module: undefined, queue: 'fifo', gangs: false } as const;
  return prepareRun(workload, kindFacts(workload), loaded, RULES, seed);
}
