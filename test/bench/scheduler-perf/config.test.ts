/**
 * Configs: what is read and resolved, and what is wrong with hostile ones, each problem with its place.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passesLabels } from '../../../bench/scheduler-perf/config/labels.ts';
import { planWorkload, type WorkloadPlan } from '../../../bench/scheduler-perf/config/plan.ts';
import { readPerfConfigText } from '../../../bench/scheduler-perf/config/read-config.ts';
import { TemplateFiles } from '../../../bench/scheduler-perf/config/template-files.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  writeFileSync(path.join(folder, 'pod.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\nspec: {}\n');
  writeFileSync(path.join(folder, 'broken.yaml'), 'kind: Pod\nspec: {{ nope }}\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Plans of the first case's workloads, and all problems as text. */
function read(text: string): { plans: readonly (WorkloadPlan | null)[]; problems: string } {
  const problems = new ProblemList();
  const config = readPerfConfigText(path.join(folder, 'c.yaml'), text, problems);
  const files = new TemplateFiles();
  const plans = (config?.cases[0]?.workloads ?? []).map((_, workloadIndex) => {
    if (config === null) return null;
    return planWorkload({ config, caseIndex: 0, workloadIndex }, files, problems);
  });
  return { plans, problems: formatProblems(problems.problems).replaceAll(`${folder}/`, '') };
}

const GOOD = `
- name: Case
  labels: [a]
  featureGates: {One: true, Two: true}
  defaultPodTemplatePath: pod.yaml
  workloadTemplate:
    - {opcode: createNodes, countParam: $nodes, labelNodePrepareStrategy: {labelKey: zone, labelValues: [x, y]}}
    - {opcode: createPodSets, countParam: $sets, namespacePrefix: ns, createPodsOp: {opcode: createPods, count: 2}}
    - {opcode: createPods, countParam: $pods, countMultiplierParam: $sets, collectMetrics: true, templateParams: {p: "$q|[1, b]", r: $pods}}
    - {opcode: createPods, count: 1, steadyStateParam: $steady, durationParam: $time, signatureBatchSize: 5}
    - {opcode: sleep, duration: 1m30s}
  workloads:
    - {name: one, labels: [b], threshold: 12, params: {nodes: 3, sets: 2, pods: 4, steady: true, time: 10s}, featureGates: {Two: false}}
    - {name: two, threshold: {other: 5}, params: {nodes: 3, sets: 0, pods: 4, steady: false, time: 1s}}
`;

describe('a config', () => {
  test('may have an empty default template where every operation names its own', () => {
    const own = GOOD.replaceAll('opcode: createPods,', 'opcode: createPods, podTemplatePath: pod.yaml,');
    const empty = (text: string): string =>
      text.replace('defaultPodTemplatePath: pod.yaml', 'defaultPodTemplatePath: ""');
    expect(read(empty(own)).problems).toBe('');
    expect(read(empty(GOOD)).problems).toContain('SPF-020: an empty path names no template');
  });

  test('becomes operations with numbers and templates', () => {
    const { plans, problems } = read(GOOD);
    expect(problems).toBe('');
    const [one, two] = plans as [WorkloadPlan, WorkloadPlan];
    expect(one).toMatchObject({
      name: 'Case/one',
      labels: ['a', 'b'],
      threshold: 12,
      gates: { One: true, Two: false },
      selector: { name: 'SchedulingThroughput', dataBucket: 'Average' },
    });
    expect(one.operations).toMatchObject([
      { opcode: 'createNodes', count: 3, template: null, strategy: { label: { key: 'zone', values: ['x', 'y'] } } },
      { opcode: 'createPods', count: 2, namespace: 'ns-0' },
      { opcode: 'createPods', count: 2, namespace: 'ns-1' },
      { opcode: 'createPods', count: 8, namespace: 'namespace-3', collectMetrics: true, steadyStateUs: 0 },
      { opcode: 'createPods', namespace: 'namespace-4', steadyStateUs: 10_000_000, signatureBatchSize: 5 },
      { opcode: 'sleep', us: 90_000_000 },
    ]);
    expect(two.threshold).toBe(0);
    expect(two.operations.map(({ opcode }) => opcode)).toEqual(['createNodes', 'createPods', 'createPods', 'sleep']);
  });

  test('labels choose: all that are named, none with a minus', () => {
    expect(passesLabels('', ['x'])).toBe(true);
    expect(passesLabels('a,+b,-c', ['a', 'b'])).toBe(true);
    expect(passesLabels('a,-c', ['a', 'c'])).toBe(false);
    expect(passesLabels('a,b', ['a'])).toBe(false);
  });
});

const MEASURES = '{opcode: createPods, count: 1, collectMetrics: true}';
/** A config with this operation and these fields of the workload. */
const withOperation = (operation: string, workload = ''): string => {
  return `- name: C\n  workloadTemplate:\n    - ${operation}\n    - ${MEASURES}\n  workloads:\n    - {name: w${workload}}\n`;
};

/** Text, first line of the report. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  [
    'an unknown opcode',
    withOperation('{opcode: createPod}'),
    'c.yaml:3:16 error SPF-012: unknown opcode "createPod" (did you mean "createPods"?)',
  ],
  ['no opcode', withOperation('{count: 1}'), 'c.yaml:3:7 error SPF-012: the operation has no opcode'],
  [
    'an unknown field',
    withOperation('{opcode: createNodes, cuont: 1}'),
    'c.yaml:3:29 error SPF-010: unknown field "cuont" (did you mean "count"?)',
  ],
  [
    'a text for a number',
    withOperation('{opcode: createNodes, count: many}'),
    'c.yaml:3:36 error SPF-011: [0].workloadTemplate[0].count: expected a number, not the text',
  ],
  [
    'a negative count',
    withOperation('{opcode: createNodes, count: -1}'),
    'c.yaml:3:36 error SPF-011: [0].workloadTemplate[0].count: expected at least 0, not the number -1',
  ],
  [
    'a reference without $',
    withOperation('{opcode: createNodes, countParam: n}'),
    'c.yaml:3:41 error SPF-011: [0].workloadTemplate[0].countParam: expected the name of a parameter with $ before it',
  ],
  [
    'a missing parameter',
    withOperation('{opcode: createNodes, countParam: $n}', ', params: {m: 1}'),
    'c.yaml:3:41 error SPF-014: unknown parameter of C/w "$n" (did you mean "$m"?)',
  ],
  [
    'an unused parameter',
    withOperation('{opcode: barrier}', ', params: {m: 1}'),
    'c.yaml:6:26 error SPF-014: parameter "m" is used by no operation',
  ],
  [
    'a parameter of a wrong type',
    withOperation('{opcode: createNodes, countParam: $n}', ', params: {n: "3"}'),
    'c.yaml:6:29 error SPF-014: n of C/w is "3", expected a number',
  ],
  [
    'a fraction',
    withOperation('{opcode: createNodes, countParam: $n}', ', params: {n: 1.5}'),
    'c.yaml:6:29 error SPF-014: n of C/w is 1.5, expected a number without sign and fraction',
  ],
  [
    'a missing template',
    withOperation('{opcode: createNodes, count: 1, nodeTemplatePath: gone.yaml}'),
    'c.yaml:3:57 error SPF-020: gone.yaml: this template cannot be used',
  ],
  [
    'a broken template',
    withOperation('{opcode: createNodes, count: 1, nodeTemplatePath: broken.yaml}'),
    'broken.yaml:2:10 error SPF-021: broken template: function "nope" is not defined',
  ],
  [
    'a bad duration',
    withOperation('{opcode: sleep, duration: 5}'),
    'c.yaml:3:33 error SPF-011: [0].workloadTemplate[0].duration: expected a text, not the number',
  ],
  [
    'a duration without sense',
    withOperation('{opcode: sleep, duration: soon}'),
    'c.yaml:3:33 error SPF-011: "soon": expected a duration such as 30s, 1m30s or 250ms',
  ],
  [
    'recreate without a number',
    withOperation('{opcode: churn, mode: recreate, templatePaths: [pod.yaml]}'),
    'c.yaml:3:7 error SPF-011: [0].workloadTemplate[0].number: mode recreate needs a number above 0',
  ],
  [
    'both ways of waiting',
    withOperation('{opcode: createPods, count: 1, collectMetrics: true, skipWaitToCompletion: true}'),
    'c.yaml:3:82 error SPF-011: collectMetrics and skipWaitToCompletion exclude each other',
  ],
  [
    'millions of objects',
    withOperation('{opcode: createNodes, count: 9000000}'),
    'c.yaml:3:5 error SPF-014: C/w: 9000001 objects, 9000000 of them by count, at most 2000000',
  ],
  [
    'millions of objects by a parameter',
    withOperation('{opcode: createNodes, countParam: $n}', ', params: {n: 9000000}'),
    'c.yaml:3:5 error SPF-014: C/w: 9000001 objects, 9000000 of them by $n, at most 2000000',
  ],
  [
    'an infinite count',
    withOperation('{opcode: createNodes, countParam: $n}', ', params: {n: .inf}'),
    'c.yaml:6:29 error SPF-014: n of C/w is Infinity, expected a number without sign and fraction',
  ],
  [
    'nothing measured',
    '- name: C\n  workloadTemplate: [{opcode: barrier}]\n  workloads: [{name: w}]\n',
    'c.yaml:2:21 error SPF-013: C: no operation measures',
  ],
  [
    'a name twice',
    `- name: C\n  workloadTemplate: [${MEASURES}]\n  workloads: [{name: w}, {name: w}]\n`,
    'c.yaml:3:33 error SPF-013: a second workload named "w"',
  ],
  [
    'a name twice, beside other mistakes',
    `- name: C\n  workloadTemplate: [${MEASURES}]\n  workloads: [{name: w}, {name: w, treshold: 5}]\n`,
    'c.yaml:3:33 error SPF-013: a second workload named "w"',
  ],
  [
    'a scheduler configuration that is not there',
    `- name: C\n  schedulerConfigPath: away.yaml\n  workloadTemplate: [${MEASURES}]\n  workloads: [{name: w}]\n`,
    'c.yaml:2:24 error SPF-020: away.yaml: cannot read: no such file or folder',
  ],
  ['a map', 'a: 1\n', 'c.yaml:1:1 error SPF-011: the file: expected a list, not a map'],
  ['an empty file', '', 'c.yaml:1:1 error SPF-004: the file is empty, expected a list of test cases'],
  ['broken YAML', '- name: [\n', 'c.yaml:2:1 error SPF-003'],
  ['a threshold below 0', withOperation('{opcode: barrier}', ', threshold: -1'), 'c.yaml:6:28 error SPF-011'],
];

describe('what is wrong is told with its place', () => {
  test.each(HOSTILE)('%s', (_name, text, report) => {
    expect(read(text).problems.split('\n')).toContainEqual(expect.stringContaining(report));
  });

  test('a missing template comes beside unknown fields, opcodes and names', () => {
    const nodes = (name: string) => `{opcode: createNodes, count: 1, nodeTemplatePath: ${name}}`;
    const good = `- name: D\n  workloadTemplate: [${nodes('away.yaml')}, ${MEASURES}]\n  workloads: [{name: w}, {name: w}]\n`;
    const bogus = good.replace('name: D', 'name: C\n  bogus: 1');
    const wrong = good.replace('name: D', 'name: E').replace('createNodes', 'createNods');
    const lines = read(bogus + good + wrong).problems.split('\n');
    for (const expected of [
      'c.yaml:2:3 error SPF-010: unknown field "bogus"',
      'c.yaml:7:33 error SPF-013: a second workload named "w"',
      'SPF-020: away.yaml: this template cannot be used',
      'unknown opcode "createNods"',
    ]) {
      expect(lines).toContainEqual(expect.stringContaining(expected));
    }
    expect(lines.filter((line) => line.includes(':9:'))).toHaveLength(1);
  });

  test('what a template cannot make comes before anything runs, once, or once a workload where it depends on its parameters', () => {
    writeFileSync(path.join(folder, 'list.yaml'), '- 1\n');
    writeFileSync(
      path.join(folder, 'missing.yaml'),
      'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .size | Int }}"}\n',
    );
    const any = (name: string) => `{opcode: createAny, count: 1, templatePath: ${name}}`;
    const text = `- name: C\n  workloadTemplate: [${any('list.yaml')}, ${any('missing.yaml')}, ${MEASURES}]\n  workloads: [{name: w}, {name: v}]\n`;
    const lines = read(text).problems.split('\n');
    expect(lines).toEqual([
      expect.stringContaining('list.yaml:1:1 error SPF-023: an object is expected'),
      expect.stringMatching(/missing\.yaml:3:\d+ error SPF-022: C\/w: /),
      expect.stringMatching(/missing\.yaml:3:\d+ error SPF-022: C\/v: /),
    ]);
  });

  test('a wrong operation or workload does not hide what is wrong with the others', () => {
    const text = `
- name: C
  bogus: 1
  workloadTemplate:
    - {opcode: createNodes, count: many}
    - {opcode: createPods, countParam: $pods, collectMetrics: true}
  workloads:
    - {name: w, params: {pods: x, nodes: 1}}
    - {name: v, threshold: -1}
`;
    const lines = read(text).problems.split('\n');
    for (const [i, start] of [
      'c.yaml:3:3 error SPF-010: unknown field "bogus"',
      'c.yaml:5:36 error SPF-011: ',
      'c.yaml:8:32 error SPF-014: pods of C/w is "x", expected a number',
      'c.yaml:9:28 error SPF-011: ',
    ].entries()) {
      expect(lines.filter((line) => !line.startsWith('  '))[i]).toContain(start);
    }
    expect(lines.join('\n').match(/ error /g)).toHaveLength(4);
  });

  test('all problems at once', () => {
    const { problems } = read(withOperation('{opcode: createNodes, countParam: $n}', ', params: {a: 1, b: 2}'));
    expect(problems.match(/SPF-014/g)).toHaveLength(3);
  });
});
