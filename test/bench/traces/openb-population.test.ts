import path from 'node:path';
import { expect, test } from 'vitest';
import { readDataText } from '../../../bench/conform/data-files.ts';
import { drawLifetimes, lifetimeAt } from '../../../bench/traces/lifetimes.ts';
import { readNodeList, readPodList } from '../../../bench/traces/openb-files.ts';
import { openbPopulation } from '../../../bench/traces/openb-population.ts';
import { gpuMilliOf, gpuMilliOfNodes } from '../../../bench/traces/trace.ts';
import { Sfc32 } from '../../../core/base/random.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { lacksData, SHARED_DIR } from '../../support/needs.ts';

test('has the published sums', () => {
  const { nodes, pods } = openbPopulation();
  expect([nodes.length, gpuMilliOfNodes(nodes), pods.length]).toEqual([1213, 6_212_000, 8152]);
  expect(nodes.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0)).toBe(107_018_000);
  expect(nodes.reduce((sum, { memoryMib }) => sum + memoryMib, 0)).toBe(503_828_480);
  expect(pods.reduce((sum, pod) => sum + gpuMilliOf(pod), 0)).toBe(6_086_800);
  expect(pods.filter(({ gpus }) => gpus === 0)).toHaveLength(1088);
  expect(new Set(nodes.map(({ model }) => model))).toEqual(
    new Set(['G2', 'T4', 'P100', 'V100M16', 'G3', 'V100M32', 'A10']),
  );
});

test.skipIf(lacksData('openb/openb_pod_list_default.csv'))('is the recorded trace, counted', () => {
  const problems = new ProblemList();
  const read = <T>(name: string, reader: (file: string, text: string, found: ProblemList) => T): T => {
    const file = path.join(SHARED_DIR, 'openb', name);
    return reader(file, readDataText(file), problems);
  };
  const { nodes, pods } = openbPopulation();
  const nodeKeys = (list: typeof nodes) => list.map((n) => `${n.model} ${n.gpus} ${n.cpuMilli} ${n.memoryMib}`).sort();
  const podKeys = (list: typeof pods) => list.map((p) => `${p.cpuMilli} ${p.memoryMib} ${p.gpus} ${p.gpuMilli}`).sort();
  expect(nodeKeys(nodes)).toEqual(nodeKeys(read('openb_node_list_gpu_node.csv', readNodeList)));
  expect(podKeys(pods)).toEqual(podKeys(read('openb_pod_list_default.csv', readPodList)));
  expect(problems.problems).toEqual([]);
});

test('lifetimes have the published quantiles, whatever the draw', () => {
  expect([lifetimeAt(0.5), lifetimeAt(0.9), lifetimeAt(0.99), lifetimeAt(1)]).toEqual([540, 6568, 93_426, 12_537_496]);
  const random = new Sfc32(1, 2, 3);
  const drawn = drawLifetimes(8152, (bound) => random.below(bound));
  const sorted = [...drawn].sort((a, b) => a - b);
  expect([...drawn].slice(0, 50)).not.toEqual(sorted.slice(0, 50));
  expect(sorted[4076]).toBeGreaterThanOrEqual(535);
  expect(sorted[4076]).toBeLessThanOrEqual(545);
  // The trace's own mean is 25,839 s.
  expect(sorted.reduce((sum, value) => sum + value, 0) / 8152).toBeCloseTo(29_350, -3);
});
