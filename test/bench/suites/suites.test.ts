/**
 * Suite files: what they expand to, what is wrong with them and where, which cases are chosen.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shippedSuites } from '../../../bench/suites/find-suites.ts';
import { loadSuite, loadSuiteText, type Suite } from '../../../bench/suites/load-suite.ts';
import { judgeObjective, parseObjective } from '../../../bench/suites/objective.ts';
import { suiteDigest } from '../../../bench/suites/run-suite.ts';
import { selectBenchmarks } from '../../../bench/suites/select.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';
import { resultCase } from '../../support/result-document.ts';
import { CRASH_SCENARIO } from '../../support/scenario-text.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  writeFileSync(path.join(folder, 'crash.yaml'), CRASH_SCENARIO);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = 'apiVersion: seatrial/v1\nkind: Suite\nmetadata: {name: mine}\nabout: Mine.\n';

function load(text: string): { suite: Suite | null; problems: string } {
  const problems = new ProblemList();
  const suite = loadSuiteText(path.join(folder, 'suite.yaml'), text, problems);
  return { suite, problems: formatProblems(problems.problems).replaceAll(`${folder}/`, '') };
}

const MATRIX = `${HEAD}tags: [all]
seeds: 1..3
policies: [kube-default, most-allocated]
objectives: [pod-startup-p99 <= 5s]
benchmarks:
  - scenario: crash.yaml
    tags: [small]
    sizes: [{}, {nodes: 9}, {name: big, nodes: 12, replicas: 2.5}]
`;

describe('a suite', () => {
  test('is scenarios × policies × sizes × seeds', () => {
    const { suite, problems } = load(MATRIX);
    expect(problems).toBe('');
    expect(suite?.seeds).toEqual([1, 2, 3]);
    expect(suite?.benchmarks.map(({ id }) => id)).toEqual([
      'small-crash/kube-default',
      'small-crash/most-allocated',
      'small-crash/kube-default/n9',
      'small-crash/most-allocated/n9',
      'small-crash/kube-default/big',
      'small-crash/most-allocated/big',
    ]);
    expect(suite?.benchmarks[0]).toMatchObject({ tags: ['all', 'small'], size: '', place: { line: 10, column: 5 } });
  });

  test('sizes and policies are in the plans, and so in the digest', () => {
    const suite = load(MATRIX).suite as Suite;
    const [plain, packed, nine, , big] = suite.benchmarks;
    expect(plain?.plan.cluster.settings?.schedulingPolicy).toBeUndefined();
    expect(packed?.plan.cluster.settings?.schedulingPolicy).toBe('most-allocated');
    expect([nine, big].map((each) => each?.plan.cluster.nodes)).toMatchObject([{ count: 9 }, { count: 12 }]);
    const replicas = (each: typeof plain): number =>
      each?.plan.workload.reduce((sum, { spec }) => sum + ((spec as { replicas?: number })?.replicas ?? 0), 0) ?? 0;
    expect(replicas(big)).toBe(Math.ceil(replicas(plain) * 2.5));
    expect(suiteDigest(suite, [1])).toBe(suiteDigest(load(MATRIX).suite as Suite, [1]));
    expect(suiteDigest(suite, [1])).not.toBe(suiteDigest(suite, [2]));
    expect(suiteDigest(suite, [1])).not.toBe(suiteDigest(load(MATRIX.replace('12', '13')).suite as Suite, [1]));
  });

  test('short form: no policy, size or tag is needed, and none is in the name', () => {
    const { suite } = load(`${HEAD}benchmarks: [{scenario: crash.yaml}]\n`);
    expect(suite?.benchmarks.map(({ id, policy }) => [id, policy])).toEqual([['small-crash', 'kube-default']]);
    expect(suite?.seeds).toEqual([1]);
  });

  test.each([
    ['', 'suite.yaml:1:1 error SUI-004: the file is empty, expected a suite'],
    ['a: [', 'suite.yaml:1:5 error SUI-003: broken YAML'],
    [CRASH_SCENARIO, 'error SUI-006: kind is "Scenario", expected Suite\n  hint: scenarios go to: seatrial run FILE'],
    [`${HEAD}benchmarks: []\n`, 'suite.yaml:5:13 error SUI-011: benchmarks: a suite needs at least one benchmark'],
    [
      `${HEAD}seed: 1\nbenchmarks: [{scenario: crash.yaml}]\n`,
      '5:1 error SUI-010: unknown field "seed" (did you mean "seeds"?)',
    ],
    [`${HEAD}seeds: 5..1\nbenchmarks: [{scenario: crash.yaml}]\n`, 'suite.yaml:5:8 error SUI-011: seeds: "5..1"'],
    [
      `${HEAD}benchmarks: [{scenario: gone.yaml}]\n`,
      'suite.yaml:5:25 error SUI-020: gone.yaml error SCN-000: cannot read: no such file or folder',
    ],
    [
      `${HEAD}policies: [most-alocated]\nbenchmarks: [{scenario: crash.yaml}]\n`,
      'suite.yaml:5:12 error SUI-012: unknown policy "most-alocated" (did you mean "most-allocated"?)',
    ],
    [
      `${HEAD}objectives: [pod-startup-p99 is fine]\nbenchmarks: [{scenario: crash.yaml}]\n`,
      'suite.yaml:5:14 error SUI-011: objectives[0]: "pod-startup-p99 is fine": expected such as',
    ],
    [
      `${HEAD}objectives: [pods > 1, pod-startup-p9 <= 5s]\nbenchmarks: [{scenario: crash.yaml}]\n`,
      'suite.yaml:5:24 error SUI-013: unknown metric "pod-startup-p9" (did you mean "pod-startup-p90"?)',
    ],
    [
      `${HEAD}benchmarks: [{scenario: crash.yaml, objectives: [store.comits < 5]}]\n`,
      ' error SUI-013: unknown metric "store.comits" (did you mean "store.commits"?)',
    ],
    [
      `${HEAD}objectives: [pod-startup-p99 <= 5]\nbenchmarks: [{scenario: crash.yaml}]\n`,
      'error SUI-013: pod-startup-p99 is a time, its limit needs a unit such as 5s',
    ],
    [
      `${HEAD}objectives: [store.commits <= 5s]\nbenchmarks: [{scenario: crash.yaml}]\n`,
      'error SUI-013: store.commits is a count, its limit has no unit',
    ],
    [
      `${HEAD}benchmarks: [{scenario: crash.yaml}, {scenario: crash.yaml}]\n`,
      'suite.yaml:5:38 error SUI-021: a second benchmark is called "small-crash"',
    ],
    [`${HEAD}benchmarks: [{scenario: crash.yaml, sizes: [{nodes: 0}]}]\n`, 'sizes[0].nodes'],
    ...['100k', '1e999', 'NaN'].map((limit) => [
      `${HEAD}objectives: [store.commits < ${limit}]\nbenchmarks: [{scenario: crash.yaml}]\n`,
      `"store.commits < ${limit}": store.commits is a count: expected a number such as 1000`,
    ]),
  ])('%#: %j', (text, message) => {
    const { suite, problems } = load(text);
    expect(suite).toBeNull();
    expect(problems).toContain(message);
  });

  test('several problems at once', () => {
    const { problems } = load(
      `${HEAD}benchmarks: [{scenario: gone.yaml, policies: [nope]}, {scenario: gone-too.yaml}]\n`,
    );
    expect(problems.split('\n').filter((line) => line.includes(' error '))).toHaveLength(3);
  });

  test('wrong fields do not hide what else is wrong', () => {
    const objectives = 'objectives: [pods < 1k, pod-startup-p9 <= 5s]';
    const { problems } = load(
      `${HEAD}seed: 1\n${objectives}\nbenchmarks: [{scenario: gone.yaml, tag: [x], ${objectives}}, {scenario: crash.yaml, policies: [nope], sizes: [{nodes: 0}]}]\n`,
    );
    expect(problems.match(/(?<= error )SUI-\d+/g)?.sort()).toEqual([
      'SUI-010',
      'SUI-010',
      'SUI-011',
      'SUI-011',
      'SUI-011',
      'SUI-012',
      'SUI-013',
      'SUI-013',
      'SUI-020',
    ]);
  });
});

describe('selection', () => {
  const idsOf = (selection: Parameters<typeof selectBenchmarks>[1]): string[] =>
    selectBenchmarks(load(MATRIX).suite as Suite, selection).benchmarks.map(({ id }) => id);

  test('grep: a part of the name, or a whole name alone', () => {
    expect(idsOf({ grep: 'MOST' })).toHaveLength(3);
    expect(idsOf({ grep: 'small-crash/kube-default' })).toEqual(['small-crash/kube-default']);
    expect(idsOf({ grep: 'nothing' })).toEqual([]);
  });

  test('tags: any of the plain ones, none behind a minus', () => {
    expect(idsOf({ tag: 'small,other' })).toHaveLength(6);
    expect(idsOf({ tag: 'other' })).toEqual([]);
    expect(idsOf({ tag: '+all,-small' })).toEqual([]);
    expect(idsOf({ tag: '-other', grep: 'n9' })).toHaveLength(2);
  });
});

describe('objectives', () => {
  const judge = (text: string, changes = {}) => {
    const parsed = parseObjective(text);
    if (!parsed.ok) throw new Error(parsed.reason);
    return judgeObjective(parsed.objective, resultCase(changes));
  };

  test('times with a unit, counters without', () => {
    expect(judge('pod-startup-p99 <= 2.5s')).toMatchObject({ verdict: 'pass', candidate: 2_500_000 });
    expect(judge('pod-startup-p99 < 2.5s')).toMatchObject({ verdict: 'fail', reason: '2.50 s, wanted < 2.5s' });
    expect(judge('sim.events >= 1000')).toMatchObject({ verdict: 'pass' });
    expect(judge('store.commits > 200')).toMatchObject({ verdict: 'fail', reason: '200, wanted > 200' });
  });

  test('nothing to measure keeps it', () => {
    expect(judge('recovery-max <= 1s')).toMatchObject({ verdict: 'pass', candidate: null });
  });

  test.each(['', 'x', 'a <= ', 'a == 5s', 'a <= 5 s', 'a <= -5', 'a <= 5parsecs'])('%j is refused', (text) => {
    expect(parseObjective(text).ok).toBe(false);
  });
});

describe('shipped suites', () => {
  const shipped = [...shippedSuites(PROJECT_ROOT).values()].map((file) =>
    path.join(PROJECT_ROOT, path.relative(PROJECT_ROOT, path.resolve(PROJECT_ROOT, file))),
  );

  test('one a subsystem and the smoke suite; each loads without a remark', () => {
    const names = shipped.map((file) => {
      const problems = new ProblemList();
      const suite = loadSuite(file, problems);
      expect(formatProblems(problems.problems)).toBe('');
      expect(path.basename(file)).toBe(`${suite?.name}.yaml`);
      return suite?.name;
    });
    expect(names).toEqual(['api', 'chaos', 'controllers', 'node', 'scheduler', 'smoke', 'store']);
  });
});
