/** Policies as files: what is refused before a run, and what ends one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPolicyModule } from '../../../bench/compare/policy-module.ts';
import { loadPolicy, readPolicies } from '../../../bench/compare/policy-spec.ts';
import { DEFAULT_HORIZON_S, runCompare } from '../../../bench/compare/run-compare.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';
import { RULES, smallWorkload } from './small-workload.ts';

const FILES: Readonly<Record<string, string>> = {
  'good.mjs': "export default { name: 'good', score: (pod, node) => Math.min(100, node.podCount) };",
  'typed.ts':
    'const score = (pod: { cpuMilli: number }): number => Math.min(100, pod.cpuMilli);\nexport default { score };',
  'nan.mjs': 'export default { score: () => Number.NaN };',
  'promise.mjs': 'export default { score: async () => 1 };',
  'large.mjs': 'export default { score: () => 101 };',
  'infeasible.mjs': 'export default { place: (pod, nodes) => nodes[0].name };',
  'unknown.mjs': "export default { place: () => 'nowhere' };",
  'slow.mjs': 'export default { score: () => { for (;;); } };',
  'endless.mjs': 'export default { score() {\n  for (;;);\n} };',
  'empty.mjs': 'export default {};',
  'both.mjs': 'export default { score: () => 1, place: () => null };',
  'three.mjs': 'export default 3;',
  'text.mjs': "export default { score: 'best' };",
  'syntax.mjs': 'export default {',
  'throws.mjs': "throw new Error('at loading');",
  'most.yaml':
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}, {name: memory, weight: 1}]}}\n  plugins:\n    score: {disabled: [{name: NodeResourcesBalancedAllocation}]}\n',
  'bad.yaml':
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- plugins:\n    score: {enabled: [{name: NodeResourceFit, weight: -1}]}\n',
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('names, configurations and modules are told apart; everything wrong is said at once', () => {
  const problems = new ProblemList();
  const specs = readPolicies('fgd, good.mjs,most.yaml,fgt,no.mjs,bad.yaml,no.yaml,fgd', 'fifo', folder, problems);
  expect(specs.map(({ kind, name }) => [kind, name])).toEqual([
    ['named', 'fgd'],
    ['module', 'good.mjs'],
    ['configuration', 'most.yaml'],
  ]);
  const text = formatProblems(problems.problems);
  expect(text).toContain('unknown policy "fgt" (did you mean "fgd"?)');
  expect(text).toContain('no.mjs error CLI-006: no such policy module');
  expect(text).toMatch(/bad\.yaml:5:30 error CFG-001: .*unknown plugin "NodeResourceFit"/);
  expect(text).toContain('no.yaml error CFG-001: cannot read: no such file or folder');
  expect(text).toContain('--policy names "fgd" twice');
});

test('a folder is called one, and a file is named as it was given', () => {
  const problems = new ProblemList();
  const relative = path.relative(process.cwd(), path.join(folder, 'bad.yaml'));
  expect(readPolicies(`${folder},${relative}`, 'fifo', process.cwd(), problems)).toEqual([]);
  const lines = formatProblems(problems.problems).split('\n');
  expect(lines.some((line) => line.startsWith(`${relative}:5:30 error CFG-001: `))).toBe(true);
  expect(lines).toContain(`${folder} error CLI-006: it is a folder, expected a file`);
});

test.each([
  ['good.mjs', 'good'],
  ['typed.ts', undefined],
])('%s is loaded', async (file, name) => {
  const module = await loadPolicyModule(path.join(folder, file), file);
  expect([typeof module.score, module.name]).toEqual(['function', name]);
});

test.each([
  ['empty.mjs', 'the default export needs score(pod, node) or place(pod, nodes)'],
  ['both.mjs', 'and one of them only'],
  ['three.mjs', 'no default export, expected an object with score or place'],
  ['text.mjs', 'score is no function'],
  ['syntax.mjs', 'cannot be loaded: '],
  ['throws.mjs', 'cannot be loaded: Error: at loading'],
])('%s is refused: %s', async (file, message) => {
  await expect(loadPolicyModule(path.join(folder, file), file)).rejects.toThrow(message);
});

const run = (policies: string, begun: number[] = []) => {
  const problems = new ProblemList();
  const specs = readPolicies(policies, 'fifo', folder, problems);
  expect(problems.problems).toEqual([]);
  return runCompare({
    workload: smallWorkload(),
    policies: specs,
    seeds: [1, 2],
    experiments: ['fill-up'],
    rules: RULES,
    sensitivitySeeds: 0,
    fillPercent: 100,
    load: 0.9,
    compression: null,
    horizonS: DEFAULT_HORIZON_S,
    disturb: 0,
    forkAtS: 0,
    offers: [],
    assumptions: [],
    workers: 1,
    caseTimeoutMs: policies === 'slow.mjs' ? 300 : 20_000,
    decisionTimeoutMs: policies === 'endless.mjs' ? 200 : 0,
    onProgress: (count) => begun.push(count),
  });
};

test.each([
  ['nan.mjs', 'gave NaN, expected 0 to 100'],
  ['promise.mjs', 'gave a promise, expected 0 to 100'],
  ['large.mjs', 'gave 101, expected 0 to 100'],
  ['infeasible.mjs', 'which does not fit the pod'],
  ['unknown.mjs', 'place gave "nowhere", expected the name of a node or null'],
  ['slow.mjs', 'policy slow.mjs: no result after 0.3 s of host time'],
  [
    'endless.mjs',
    /policy endless\.mjs: its decision on pod \S+ did not end within 0\.2 s( \(\S*endless\.mjs:2:\d+, in score\))?/,
  ],
])('%s ends the comparison as a user error: %s', async (file, message) => {
  await expect(run(file)).rejects.toThrow(message);
});

test('the first run that a module does not give back is the last', async () => {
  const begun: number[] = [];
  await expect(run('endless.mjs', begun)).rejects.toThrow('did not end');
  // Of three: two seeds, and the first again.
  expect(Math.max(...begun)).toBe(1);
});

test('a configuration with the strategy of a named policy places as that policy', async () => {
  const { answers, result } = await run('most-allocated,most.yaml,good.mjs');
  const checksums = answers.map((answer) => answer?.outcome?.checksum);
  expect(checksums.slice(2, 4)).toEqual(checksums.slice(0, 2));
  expect(checksums.slice(4)).not.toEqual(checksums.slice(0, 2));
  expect(result.experiments[0]?.metrics[0]?.comparisons[0]?.verdict).toBe('same');
  const policy = await loadPolicy({
    kind: 'named',
    name: 'random',
    base: 'random',
    about: '',
    queue: 'fifo',
    gangs: false,
  });
  expect(policy.profileOf([]).fixedTieRule).toBe(true);
});
