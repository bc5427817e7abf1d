import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadScenario, loadScenarioText } from '../../scenarios/load.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { formatProblem, formatProblems, ProblemList } from '../../scenarios/problem.ts';
import { scenarioJsonSchema, scenarioSchema } from '../../scenarios/schema.ts';
import { TEST_APP as APP, TEST_CLUSTER as CLUSTER, TEST_HEAD as HEAD } from '../support/scenario-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'seatrial-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads text and returns what the user would read. */
function load(text: string) {
  const problems = new ProblemList();
  const scenario = loadScenarioText('s.yaml', text, problems);
  return { scenario, problems, text: formatProblems(problems.problems), lines: problems.problems.map(formatProblem) };
}

const errorsOf = (text: string): string[] => load(text).lines;

describe('a scenario that is right', () => {
  it('becomes a plan with every default filled in', () => {
    const { scenario, problems } = load(HEAD + CLUSTER);
    expect(problems.problems).toEqual([]);
    expect(scenario?.twin).toBeNull();
    expect(scenario?.plan).toMatchObject({
      name: 'test',
      source: 'own',
      workload: [],
      operations: [],
      faults: [],
      phases: { warmUpUs: 60e6, safetyUs: 300e6, heal: 'all', boundUs: 'auto', stableUs: 120e6 },
      predicates: [],
      excuses: [],
      bugs: [],
      expect: 'pass',
    });
  });

  it('keeps every kind of fault and operation', () => {
    const cloud = CLUSTER.replace('cluster:', 'cluster:\n  controlPlane: {cloudControllerManagers: 1}');
    const { scenario, text } = load(`${HEAD}${cloud}${APP}operations:
  - {kind: scale, at: 70s, workload: Deployment/demo/web, replicas: 5}
  - {kind: set-image, at: 71s, workload: Deployment/demo/web, image: 'app:v2'}
  - {kind: cordon, at: 72s, target: {node: node-1}}
  - {kind: uncordon, at: 73s, target: {node: node-1}}
  - {kind: drain, at: 74s, target: {zone: b}, timeout: 1m, uncordon: false}
  - {kind: delete, at: 75s, workload: Deployment/demo/web}
  - {kind: delete, at: 75s, workload: Deployment/demo/web, cascade: foreground}
  - {kind: apply, at: 76s, objects: [{apiVersion: v1, kind: Namespace, metadata: {name: late}}]}
faults:
  - {kind: node-crash, target: {anyNode: true, mode: fixed-percent, value: 5}, at: 60s, for: 10m}
  - {kind: kubelet-stop, target: {hosting: Deployment/demo/web, mode: one}, at: 1m30s}
  - {kind: process-crash, target: {component: scheduler, instance: leader}, when: {task: binding, key: demo/x, run: 2, point: 3}, unsynced: torn}
  - {kind: process-pause, target: {component: controller-manager, instance: all}, at: 0s}
  - {kind: partition, target: {component: apiserver}, peer: {component: etcd}, at: 60s, direction: from}
  - {kind: slow-link, target: {zone: a}, peer: {zone: b}, at: 60s, latency: 50ms}
  - {kind: lossy-link, target: {zone: a}, peer: {component: apiserver}, at: 60s, lossPercent: 0.5}
  - {kind: clock-rate, target: {component: scheduler}, at: 60s, rate: 1.5}
  - {kind: clock-offset, target: {component: scheduler}, at: 60s, offset: -5m}
  - {kind: slow-disk, target: {component: etcd}, at: 60s, extraSync: 20ms}
  - {id: stale, kind: informer-lag, target: {component: controller-manager}, resource: pods, at: 60s, latency: 2s}
  - {id: gone, kind: instance-removed, target: {node: node-0}, at: 60s}
`);
    expect(text).toBe('');
    expect(scenario?.plan.operations.map(({ kind, atUs }) => [kind, atUs / 1e6])).toEqual([
      ['scale', 70],
      ['set-image', 71],
      ['cordon', 72],
      ['uncordon', 73],
      ['drain', 74],
      ['delete', 75],
      ['delete', 75],
      ['apply', 76],
    ]);
    expect(scenario?.plan.faults).toMatchObject([
      {
        id: 'f1',
        target: { anyNode: true, mode: 'fixed-percent', value: 5 },
        trigger: { kind: 'at', atUs: 60e6 },
        forUs: 600e6,
      },
      { id: 'f2', trigger: { atUs: 90e6 }, forUs: null },
      { id: 'f3', trigger: { kind: 'task', label: 'binding', key: 'demo/x', run: 2, point: 3 }, unsynced: 'torn' },
      { id: 'f4', trigger: { atUs: 0 } },
      { id: 'f5', peer: { component: 'etcd' }, direction: 'from' },
      { id: 'f6', latencyUs: 50_000, jitterUs: 0 },
      { id: 'f7', lossPercent: 0.5 },
      { id: 'f8', rate: 1.5 },
      { id: 'f9', offsetUs: -300e6 },
      { id: 'f10', extraSyncUs: 20_000 },
      { id: 'stale', kind: 'informer-lag', resource: 'pods', latencyUs: 2e6 },
      { id: 'gone', kind: 'instance-removed' },
    ]);
    const again = load(scenarioText(scenario!.plan));
    expect(again.text).toBe('');
    expect(again.scenario?.plan).toEqual(scenario?.plan);
  });

  it('reads manifests relative to its own folder', () => {
    mkdirSync(join(folder, 'apps'), { recursive: true });
    writeFileSync(
      join(folder, 'apps', 'web.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n',
    );
    const file = join(folder, 'with-manifests.yaml');
    writeFileSync(
      file,
      `${HEAD}${CLUSTER}workload: {manifests: [./apps]}\noperations: [{kind: apply, at: 61s, manifests: [apps/web.yaml]}]\n`,
    );
    const problems = new ProblemList();
    const plan = loadScenario(file, problems)?.plan;
    expect(problems.problems).toEqual([]);
    expect(plan?.workload.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(plan?.operations[0]).toMatchObject({ kind: 'apply', objects: [{}, {}] });
    writeFileSync(file, `${HEAD}${CLUSTER}workload: {manifests: [./apps, apps/web.yaml]}\n`);
    expect(loadScenario(file, problems)).toBeNull();
    expect(problems.problems.map(({ code }) => code)).toEqual(['MAN-010', 'MAN-010']);
    const inline = 'objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]';
    writeFileSync(file, `${HEAD}${CLUSTER}workload: {manifests: [./apps], ${inline}}\n`);
    const doubled = new ProblemList();
    expect(loadScenario(file, doubled)).toBeNull();
    expect(formatProblems(doubled.problems)).toMatch(
      /with-manifests\.yaml:7:\d+ error MAN-010: ConfigMap b is given twice, first in \S+web\.yaml:5/,
    );
  });
});

describe('fields and values', () => {
  it('names an unknown field with its place and the nearest known one', () => {
    expect(errorsOf(`${HEAD}${CLUSTER}falts: []\n`)).toEqual([
      's.yaml:7:1 error SCN-010: unknown field "falts" (did you mean "faults"?)',
    ]);
    expect(errorsOf(`${HEAD}cluster:\n  nodes: {count: 3, zone: [a]}\n`)).toEqual([
      's.yaml:6:21 error SCN-010: unknown field "zone" (did you mean "zones"?)',
    ]);
    expect(errorsOf(`${HEAD}cluster:\n  nodes:\n    - {count: 3}\n    - count: 1\n      capcity: {cpu: 1}\n`)).toEqual([
      's.yaml:9:7 error SCN-010: unknown field "capcity" (did you mean "capacity"?)',
    ]);
    expect(
      errorsOf(`${HEAD}${CLUSTER}faults:\n  - kind: node-crash\n    target: {nod: node-1}\n    at: 60s\n`)[0],
    ).toBe('s.yaml:9:14 error SCN-010: unknown field "nod" (did you mean "node"?)');
    expect(errorsOf(`${HEAD}${CLUSTER}excuses: [zero-budget]\n`)[0]).toMatch(
      /error SCN-010: unknown field "excuses"\s+.*it is a field of checks$/,
    );
  });

  it('names an unknown fault or operation and what is near', () => {
    const fault = (kind: string): string =>
      `${HEAD}${CLUSTER}faults:\n  - kind: ${kind}\n    target: {node: node-1}\n    at: 60s\n`;
    expect(errorsOf(fault('node-crahs'))).toEqual([
      's.yaml:8:11 error SCN-012: unknown fault "node-crahs" (did you mean "node-crash"?)',
    ]);
    expect(errorsOf(fault('meteor'))[0]).toMatch(
      /^s\.yaml:8:11 error SCN-012: unknown fault "meteor"\n {2}hint: known: node-crash, /,
    );
    expect(errorsOf(`${HEAD}${CLUSTER}faults: [{target: {node: node-1}, at: 60s}]\n`)[0]).toMatch(
      /^s\.yaml:7:\d+ error SCN-011: faults\[0\]\.kind: a fault needs a kind/,
    );
    expect(errorsOf(`${HEAD}${CLUSTER}operations: [{kind: scael, at: 60s}]\n`)[0]).toBe(
      's.yaml:7:21 error SCN-013: unknown operation "scael" (did you mean "scale"?)',
    );
  });

  it('says that a field is missing', () => {
    expect(errorsOf(`${HEAD}cluster: {nodes: {}}\n`)[0]).toMatch(
      /^s\.yaml:5:\d+ error SCN-011: cluster\.nodes\.count: is missing, expected a number$/,
    );
  });

  it('wants units, and no negative numbers', () => {
    const at = (value: string): string =>
      `${HEAD}${CLUSTER}faults: [{kind: node-crash, target: {node: node-1}, at: ${value}}]\n`;
    expect(errorsOf(at('60'))).toEqual([
      's.yaml:7:57 error SCN-011: faults[0].at: expected a text, not the number 60\n  hint: a duration needs a unit (30s, 10m, 250ms); other texts need quotes',
    ]);
    expect(errorsOf(at('"60"'))).toEqual([
      's.yaml:7:57 error SCN-011: faults[0].at: "60": a duration needs a unit: 60s, 60m or 60ms',
    ]);
    expect(errorsOf(at('-60s'))).toEqual(['s.yaml:7:57 error SCN-011: faults[0].at: "-60s": a duration has no sign']);
    expect(errorsOf(at('1e3s'))[0]).toMatch(/expected a duration such as 30s/);
    expect(errorsOf(at('99999d'))[0]).toMatch(/longer than ten years/);
    expect(errorsOf(`${HEAD}cluster: {nodes: {count: -3}}\n`)[0]).toMatch(
      /^s\.yaml:5:26 error SCN-011: .*at least one node/,
    );
    expect(errorsOf(`${HEAD}cluster: {nodes: {count: 1.5}}\n`)[0]).toMatch(/^s\.yaml:5:26 error SCN-011: .*whole/);
    expect(errorsOf(`${HEAD}cluster: {nodes: {count: 1}, costs: {linkLatencyUs: -1}}\n`)[0]).toMatch(
      /^s\.yaml:5:53 error SCN-011: /,
    );
  });

  it('takes a number for a capacity', () => {
    expect(
      load(`${HEAD}cluster: {nodes: {count: 1, capacity: {cpu: 4, memory: 16Gi}}}\n`).scenario?.plan.cluster,
    ).toMatchObject({
      nodes: { capacity: { cpu: '4', memory: '16Gi' } },
    });
  });
});

describe('clusters that cannot be', () => {
  it.each([
    ['cluster: {nodes: {count: 0}}', /5:26 error SCN-011: cluster\.nodes\.count: a node group needs at least one node/],
    ['cluster: {nodes: []}', /5:18 error SCN-011: cluster\.nodes: a cluster needs at least one node/],
    ['cluster: {}', /5:10 error SCN-011: cluster\.nodes: /],
    [
      'cluster: {nodes: {count: 1}, controlPlane: {storeMembers: 0}}',
      /5:59 error SCN-011: .*at least one store member/,
    ],
    ['cluster: {nodes: {count: 1}, controlPlane: {apiServers: 0}}', /5:57 error SCN-011: .*at least one API server/],
    ['cluster: {nodes: [{count: 1}, {count: 1}]}', /5:18 error SCN-031: two nodes are named "node-0"/],
    ['cluster: {nodes: {count: 1e12}}', /5:26 error SCN-011: /],
    ['', /error SCN-011: cluster: /],
  ])('%s', (cluster, message) => {
    const { scenario, text } = load(`${HEAD}${cluster}\n`);
    expect(text).toMatch(message);
    expect(scenario).toBeNull();
  });

  it('but an even number of store members is a warning, said once', () => {
    const { scenario, lines, problems } = load(
      `${HEAD}cluster: {nodes: {count: 1}, controlPlane: {storeMembers: 4}}\ntwin: {patch: {about: other}, expect: pass}\n`,
    );
    expect(scenario).not.toBeNull();
    expect(problems.errorCount).toBe(0);
    expect(lines).toEqual([
      's.yaml:5:59 warning SCN-030: 4 store members tolerate no more failures than 3; use an odd number',
    ]);
  });
});

describe('names', () => {
  const faulty = (target: string, more = ''): string[] =>
    errorsOf(`${HEAD}${CLUSTER}${APP}faults: [{kind: process-crash, target: ${target}, at: 60s${more}}]\n`).map(
      (line) => line.replace(/^s\.yaml:12:\d+ /, ''),
    );

  it('must be those of the cluster and its workload', () => {
    expect(faulty('{node: node-4}')).toEqual(['error SCN-020: unknown node "node-4" (did you mean "node-0"?)']);
    expect(faulty('{zone: d}')[0]).toMatch(/unknown zone "d"/);
    expect(faulty('{component: schedular}')).toEqual([
      'error SCN-020: unknown component "schedular" (did you mean "scheduler"?)',
    ]);
    expect(faulty('{component: scheduler, instance: 1}')[0]).toMatch(
      /SCN-024: instance 1 does not exist: the cluster has 1 of scheduler/,
    );
    expect(faulty('{component: apiserver, instance: leader}')[0]).toMatch(/SCN-024: apiserver elects no leader/);
    expect(faulty('{component: etcd, instance: leader}')).toEqual([]);
    expect(faulty('{hosting: Deployment/demo/wbe}')[0]).toMatch(
      /unknown workload .*did you mean "Deployment\/demo\/web"/,
    );
    expect(faulty('{}')[0]).toMatch(/SCN-022: a target names exactly one of .*; found none/);
    expect(faulty('{node: node-1, zone: a}')[0]).toMatch(/found node and zone/);
    expect(faulty('{node: node-1, instance: 0}')[0]).toMatch(/SCN-027: "instance" goes with a component only/);
    expect(faulty('{node: node-1}', ', when: {task: binding}')[0]).toMatch(/exclude each other/);
  });

  it('of predicates, excuses, bugs and costs are checked, and of the expected failure', () => {
    const lines = errorsOf(`${HEAD}cluster: {nodes: {count: 1}, costs: {linkLatencyU: 1}}
checks: {predicates: [SC1, NONSENSE], excuses: [no-feasible-nod]}
bugs: [scheduler-never-sleeps]
expect: {fail: RS99}
`);
    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      's.yaml:5:38 error SCN-020: unknown cost "linkLatencyU" (did you mean "linkLatencyUs"?)',
      's.yaml:6:28 error SCN-020: unknown predicate "NONSENSE"',
      's.yaml:6:49 error SCN-020: unknown excuse "no-feasible-nod" (did you mean "no-feasible-node"?)',
      expect.stringMatching(/^s\.yaml:7:8 error SCN-020: unknown bug switch "scheduler-never-sleeps"/),
      expect.stringMatching(/^s\.yaml:8:16 error SCN-020: unknown predicate "RS99"/),
    ]);
  });

  it('of operations too; nodes only can be drained', () => {
    const lines = errorsOf(`${HEAD}${CLUSTER}${APP}operations:
  - {kind: drain, at: 60s, target: {component: scheduler}}
  - {kind: scale, at: 60s, workload: Deployment/demo/api, replicas: 1}
  - {kind: scale, at: 60s, workload: web, replicas: 1}
`);
    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      expect.stringMatching(/^s\.yaml:15:38 error SCN-011: operations\[2\]\.workload: expected Kind\/namespace\/name/),
      's.yaml:13:37 error SCN-023: this operation hits nodes, not a component',
      's.yaml:14:38 error SCN-020: unknown workload "Deployment/demo/api" (did you mean "Deployment/demo/web"?)',
    ]);
  });

  it('of faults are unique, known where they are healed, and begin before the heal point', () => {
    const lines = errorsOf(`${HEAD}${CLUSTER}phases: {warmUp: 10s, safety: 50s, heal: {core: [one, three]}}
faults:
  - {id: one, kind: node-crash, target: {node: node-0}, at: 20s}
  - {id: one, kind: node-crash, target: {node: node-1}, at: 30s}
  - {id: two, kind: node-crash, target: {node: node-1}, at: 1m}
`);
    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      expect.stringMatching(/^s\.yaml:11:61 error SCN-026: a fault at 1m lies after the heal point: .* end at 1m$/),
      expect.stringMatching(/^s\.yaml:10:10 error SCN-025: two faults have the id "one"$/),
      expect.stringMatching(/^s\.yaml:7:55 error SCN-020: unknown fault id "three"/),
    ]);
  });
});

describe('files that are no scenario', () => {
  it.each([
    ['', 's.yaml:1:1 error SCN-004: the file is empty'],
    ['   \n\n', 's.yaml:1:1 error SCN-004: the file is empty'],
    ['# nothing\n', 's.yaml:1:1 error SCN-004: the file holds no document'],
    ['\u0000\u0001ELF', 's.yaml:1:1 error SCN-001: this is a binary file'],
    ['kind: [unclosed\n', 's.yaml:2:1 error SCN-003: broken YAML: '],
    ['a: 1\n\tb: 2\n', 'error SCN-003: broken YAML: '],
    [
      'kind: Deployment\napiVersion: apps/v1\n',
      's.yaml:1:7 error SCN-006: kind is "Deployment", expected Scenario\n  hint: ordinary Kubernetes manifests go to: seatrial trial PATH',
    ],
    ['- 1\n- 2\n', 's.yaml:1:1 error SCN-006: expected a scenario'],
    ['just text', 's.yaml:1:1 error SCN-006: expected a scenario'],
    [`${HEAD}${CLUSTER}---\n${HEAD}`, 's.yaml:8:1 error SCN-005: a scenario file holds one document'],
    [`${HEAD}${CLUSTER}about: again\n`, 's.yaml:7:1 error SCN-003: broken YAML: Map keys must be unique'],
    [HEAD.replace('seatrial/v1', 'seatrial/v2') + CLUSTER, 's.yaml:1:13 error SCN-011: apiVersion: '],
  ])('%j', (text, message) => {
    const { scenario, text: said } = load(text);
    expect(said).toContain(message);
    expect(scenario).toBeNull();
  });

  it('says what cannot be read', () => {
    const problems = new ProblemList();
    expect(loadScenario(join(folder, 'absent.yaml'), problems)).toBeNull();
    expect(loadScenario(folder, problems)).toBeNull();
    expect(problems.problems.map(({ message }) => message)).toEqual([
      'cannot read: no such file or folder',
      expect.stringMatching(/cannot read/),
    ]);
  });

  it('says which manifest of the scenario cannot be read', () => {
    expect(errorsOf(`${HEAD}${CLUSTER}workload: {manifests: [nowhere.yaml]}\n`)).toEqual([
      's.yaml:7:24 error MAN-009: nowhere.yaml: cannot read: no such file or folder',
    ]);
  });
});

describe('reports', () => {
  it('all problems of a file at once, in the order of their places', () => {
    const { text } = load(`${HEAD}cluster:
  nodes: {count: 0, zonse: [a]}
  controlPlane: {storeMembers: 0}
faults:
  - {kind: node-crahs, target: {node: x}, at: 60s}
  - {kind: node-crash, target: {node: x}, at: 60}
phases: {safety: -1m}
budget: {events: 0}
`);
    const codes = text.split('\n').filter((line) => !line.startsWith('  '));
    expect(codes.map((line) => /^s\.yaml:(\d+):\d+ error (SCN-\d+)/.exec(line)?.slice(1).join(' '))).toEqual([
      '6 SCN-011',
      '6 SCN-010',
      '7 SCN-011',
      '9 SCN-012',
      '10 SCN-011',
      '11 SCN-011',
      '12 SCN-011',
    ]);
  });

  it('never lets control characters of a file reach the terminal', () => {
    const { text } = load(`${HEAD}${CLUSTER}"\\e[31mred": 1\n`);
    expect(text).toContain('\\u001b[31mred');
    expect(text).not.toContain('\u001b');
  });
});

describe('twins', () => {
  const base = `${HEAD}${CLUSTER}faults: [{kind: node-crash, target: {node: node-1}, at: 60s}]\n`;

  it('are the scenario with a merge patch and an expectation of their own', () => {
    const { scenario, text } = load(`${base}expect: {fail: SC1}
twin:
  patch: {faults: null, cluster: {nodes: {count: 5}}, bugs: []}
  expect: pass
`);
    expect(text).toBe('');
    expect(scenario?.plan).toMatchObject({ name: 'test', expect: { fail: 'SC1' }, faults: [{}] });
    expect(scenario?.twin).toMatchObject({
      name: 'test (twin)',
      expect: 'pass',
      faults: [],
      cluster: { nodes: { count: 5, zones: ['a', 'b', 'c'] } },
    });
  });

  it('are checked like scenarios; what is wrong is shown in the patch', () => {
    expect(errorsOf(`${base}twin:\n  patch: {cluster: {nodes: {count: 0}}}\n  expect: {fail: XX}\n`)).toEqual([
      's.yaml:9:36 error SCN-011: cluster.nodes.count: a node group needs at least one node',
      's.yaml:10:18 error SCN-020: unknown predicate "XX" (did you mean "X7"?)',
    ]);
    expect(errorsOf(`${base}twin:\n  patch: {falts: []}\n  expect: pass\n`)).toEqual([
      's.yaml:9:11 error SCN-010: unknown field "falts" (did you mean "faults"?)',
    ]);
    expect(errorsOf(`${base}twin:\n  patch: {}\n  expect: {fail: SC11}\n`)[0]).toMatch(
      /^s\.yaml:10:18 error SCN-020: unknown predicate "SC11" \(did you mean "SC1"\?\)/,
    );
    expect(errorsOf(`${base}twin:\n  patch: {cluster: {nodes: {count: 1}}}\n  expect: pass\n`)[0]).toMatch(
      /^s\.yaml:7:44 error SCN-020: unknown node "node-1"/,
    );
    expect(errorsOf(`${base}expect: pas\n`)[0]).toMatch(
      /^s\.yaml:8:9 error SCN-011: expect: expected pass, or \{fail: ID\}/,
    );
    expect(errorsOf(`${base}twin: {patch: nothing, expect: pass}\n`)[0]).toMatch(
      /^s\.yaml:8:15 error SCN-011: twin\.patch/,
    );
    expect(errorsOf(`${base}twin: true\n`)[0]).toMatch(/^s\.yaml:8:7 error SCN-011: twin/);
  });

  it('repeat no problem that the scenario has already', () => {
    expect(errorsOf(`${HEAD}${CLUSTER}bugs: [nope]\ntwin: {patch: {about: x}, expect: pass}\n`)).toHaveLength(1);
  });
});

describe('JSON schema', () => {
  it('is plain data that names every field, for editors', () => {
    const schema = scenarioJsonSchema() as {
      properties: Record<string, unknown>;
      required: string[];
      additionalProperties: unknown;
    };
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(scenarioSchema.shape));
    expect(schema.required).toEqual(['apiVersion', 'kind', 'metadata', 'about', 'cluster']);
    expect(schema.additionalProperties).toBe(false);
    const text = JSON.stringify(schema);
    for (const name of ['node-crash', 'instance-removed', 'set-image', 'drain', 'lossPercent', 'duration'])
      expect(text).toContain(name);
    expect(scenarioJsonSchema()).toEqual(schema);
  });
});

describe('hostile YAML', () => {
  it('ends with a problem, not with a crash or a long wait', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`)
      .join('\n')}\n`;
    const texts = [
      HEAD + bomb,
      `${HEAD}about2: &loop [*loop]\n`,
      `${HEAD}cluster: &c {nodes: *c}\n`,
      '['.repeat(200_000),
      `${HEAD}x: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}\n`,
      `${Array.from({ length: 5_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')}\n`,
      `${HEAD}cluster: {nodes: {count: ${'9'.repeat(400)}}}\n`,
      `${HEAD}cluster: {nodes: {count: .inf}}\n`,
      `${HEAD}cluster: {nodes: {count: .nan}}\n`,
      `${HEAD}cluster: {nodes: {count: 0x7fffffffffffffff}}\n`,
      `${HEAD}cluster: {nodes: {count: 1}}\n__proto__: {polluted: true}\n`,
      `${HEAD}cluster: {nodes: {count: 1}}\nconstructor: {prototype: {polluted: true}}\n`,
      `${HEAD}cluster: {nodes: {count: 1}}\n? {a: 1}\n: 2\n`,
      `${HEAD}cluster: {nodes: {count: 1}}\ntwin: {patch: {__proto__: {polluted: true}}, expect: pass}\n`,
      `${HEAD}cluster: !!js/function 'function () {}'\n`,
      `%YAML 9.9\n---\n${HEAD}`,
      `${HEAD}about3: !<tag:x> y\n`,
      '--- '.repeat(1000),
      '\ufffe\uffff',
    ];
    const started = performance.now();
    for (const text of texts) {
      const { scenario, problems } = load(text);
      expect(scenario, text.slice(0, 200)).toBeNull();
      expect(problems.errorCount, text.slice(0, 200)).toBeGreaterThan(0);
      expect(formatProblems(problems.problems).length).toBeLessThan(20_000);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('of random bytes and cut files never throws', () => {
    const whole = stringify({
      apiVersion: 'seatrial/v1',
      kind: 'Scenario',
      metadata: { name: 'x' },
      about: 'y',
      cluster: { nodes: { count: 3 } },
    });
    for (let end = 0; end < whole.length; end++) expect(() => load(whole.slice(0, end))).not.toThrow();
    let state = 12345;
    for (let round = 0; round < 300; round++) {
      let text = '';
      for (let i = 0; i < 60; i++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        text += ':{}[]-&*!|>\'"%@`#,? \n\tab01'[(state >>> 8) % 27];
      }
      expect(() => load(text)).not.toThrow();
      expect(() => load(`${HEAD}${CLUSTER}faults: ${text}`)).not.toThrow();
    }
  });
});
