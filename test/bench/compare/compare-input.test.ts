/** What a comparison is about: conflicts of flags, broken trace files, all problems at once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompareArgs } from '../../../bench/cli/compare.ts';
import { readCompareInput } from '../../../bench/compare/compare-input.ts';
import { workloadFacts } from '../../../bench/compare/workload.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';

let folder = '';
const at = (name: string) => path.join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  writeFileSync(at('n.csv'), 'sn,cpu_milli,memory_mib,gpu,model\na,8000,1024,1,G\nb,8000,1024,0,\n');
  const columns = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time';
  writeFileSync(at('p.csv'), `${columns}\nx,1000,1,1,500,,5,65\ny,1000,1,0,0,,10,20\n`);
  writeFileSync(at('bad.csv'), `${columns}\nx,1000,1,1,1001,,0,-5\ny,many,1,0,0,,10,20\n`);
  writeFileSync(at('order.csv'), 'seed,rows\n7,1 0 1\n');
  writeFileSync(at('ranks.csv'), 'seed,ranks\n7,1 0\n');
  writeFileSync(at('bad-order.csv'), 'seed,rows\n7,1 2\n');
  writeFileSync(at('bad-ranks.csv'), 'seed,ranks\n7,1 1\n');
  writeFileSync(at('section.yaml'), 'nodes: {count: 3}\n');
  writeFileSync(at('scenario.yaml'), 'kind: Scenario\ncluster: {nodes: {count: 3}}\n');
  writeFileSync(at('gates.yaml'), 'nodes: {count: 3}\nsettings: {deviceGates: [DRADeviceTaints]}\n');
  writeFileSync(
    at('pod.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x}]}\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Flags = Partial<
  Pick<CompareArgs, 'paths' | 'nodes' | 'pods' | 'order' | 'node-ranks' | 'cluster' | 'device-gates'>
>;

function read(flags: Flags): [ReturnType<typeof readCompareInput>, string] {
  const problems = new ProblemList();
  const inFolder = Object.entries(flags).map(([key, value]) => [key, typeof value === 'string' ? at(value) : value]);
  const input = readCompareInput(Object.fromEntries(inFolder) as CompareArgs, problems);
  return [input, formatProblems(problems.problems).replaceAll(`${folder}/`, '')];
}

test('feature gates of devices are those of the cluster file, or of the flag', () => {
  const gatesOf = (cluster: string, gates?: CompareArgs['device-gates']) => {
    const problems = new ProblemList();
    const args = { paths: [at('pod.yaml')], cluster: at(cluster), 'device-gates': gates } as unknown as CompareArgs;
    const input = readCompareInput(args, problems);
    return input?.workload.deviceGates ?? problems.problems.map(({ message }) => message);
  };
  expect(gatesOf('gates.yaml')).toEqual(['DRADeviceTaints']);
  expect(gatesOf('section.yaml')).toEqual([]);
  expect(gatesOf('section.yaml', ['DRAConsumableCapacity'])).toEqual(['DRAConsumableCapacity']);
  expect(gatesOf('gates.yaml', ['DRADeviceTaints'])).toEqual([
    '--device-gates: the cluster file has its own, settings.deviceGates',
  ]);
  expect(read({ 'device-gates': ['DRADeviceTaints'] })).toEqual([null, expect.stringContaining('--device-gates')]);
});

test('CronJobs, of which no Job is made, are told', () => {
  const job = '{template: {spec: {restartPolicy: Never, containers: [{name: c, image: x}]}}}';
  const timed = `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: t}\nspec: {schedule: "* * * * *", jobTemplate: {spec: ${job}}}`;
  writeFileSync(at('timed.yaml'), `${readFileSync(at('pod.yaml'), 'utf8')}---\n${timed}\n`);
  const [input] = read({ paths: [at('timed.yaml')] });
  expect(input?.workload.kindOf).toHaveLength(1);
  expect(input?.assumptions).toContain('1 CronJob left out: nobody starts their Jobs here');
  expect(read({ paths: [at('pod.yaml')] })[0]?.assumptions.join()).not.toContain('CronJob');
});

test('pods of a DaemonSet stand on their nodes: neither they nor their kind are among those to place', () => {
  const template = '{metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}';
  const agent = `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec: {selector: {matchLabels: {a: b}}, template: ${template}}`;
  writeFileSync(at('agent.yaml'), `${readFileSync(at('pod.yaml'), 'utf8')}---\n${agent}\n`);
  const [input] = read({ paths: [at('agent.yaml')] });
  expect(workloadFacts((input as NonNullable<typeof input>).workload)).toMatchObject({ pods: 1, kinds: 1 });
});

test('the embedded trace is the default; its lifetimes are drawn', () => {
  const [input, text] = read({});
  expect(text).toBe('');
  expect(input?.workload).toMatchObject({ name: 'openb', lifetimesS: null });
  expect([input?.workload.nodes.length, input?.workload.kindOf.length, input?.workload.kinds.length]).toEqual([
    1213, 8152, 151,
  ]);
  expect(input?.lifetimes).toContain('lifetimes are drawn');
});

test('a trace brings its lifetimes, orders and ranks', () => {
  const [input, text] = read({ nodes: 'n.csv', pods: 'p.csv', order: 'order.csv', 'node-ranks': 'ranks.csv' });
  expect(text).toBe('');
  expect(input?.workload).toMatchObject({ name: 'p', lifetimesS: Float64Array.of(60, 10), spanS: 60 });
  expect(input?.workload.orders).toEqual(new Map([[7, Int32Array.of(1, 0, 1)]]));
  expect(input?.workload.nodeOrders).toEqual(new Map([[7, Int32Array.of(1, 0)]]));
  expect([input?.lifetimes, input?.assumptions]).toEqual(['', []]);
});

const TRACE: Flags = { nodes: 'n.csv', pods: 'p.csv' };

test.each<[Flags, string[]]>([
  [{ pods: 'p.csv' }, ['--nodes and --pods go together']],
  [{ order: 'order.csv' }, ['--order and --node-ranks belong to a trace']],
  [{ ...TRACE, paths: ['x'] }, ['a comparison is about manifests or about a trace, not both']],
  [{ ...TRACE, cluster: 'section.yaml' }, ['--cluster does not go with a trace']],
  [{ nodes: 'none.csv', pods: 'nothing.csv' }, ['none.csv error CLI-006: no such file', 'nothing.csv error CLI-006']],
  [
    { ...TRACE, pods: 'bad.csv' },
    [
      'bad.csv:2:12 error TRC-003: gpu_milli "1001"',
      'bad.csv:2:20 error TRC-003: deletion_time "-5"',
      'cpu_milli "many"',
    ],
  ],
  [{ ...TRACE, order: 'bad-order.csv' }, ['bad-order.csv:2 error TRC-003: rows: 2 is no whole number from 0 to 1']],
  [{ ...TRACE, 'node-ranks': 'bad-ranks.csv' }, ['error TRC-004: the ranks of seed 7 are no permutation of 2 nodes']],
  [{ cluster: 'section.yaml' }, ['section.yaml error CLI-006: a cluster without pods']],
  [{ cluster: 'scenario.yaml' }, ['scenario.yaml error CLI-006: a scenario: only its cluster is read']],
  [{ cluster: 'none.json' }, ['none.json error MAN-009: cannot read: no such file or folder']],
])('%j is refused', (flags, messages) => {
  const [input, text] = read(flags);
  for (const message of messages) expect(text).toContain(message);
  expect(input).toBeNull();
});
