/**
 * Bad input: every problem with its place, its hint, and nothing run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TRIAL_CHOICES } from '../../../bench/cli/trial.ts';
import { casesOf, TRIAL_NAMES } from '../../../bench/trial/battery.ts';
import { withTag } from '../../../bench/trial/case-plan.ts';
import { prepareTrial, type TrialRequest } from '../../../bench/trial/prepare.ts';
import { UserError } from '../../../scenarios/problem.ts';
import { deploymentText } from '../../support/trial-manifests.ts';

const GOOD = deploymentText({ name: 'web' });
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-input-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
const request = (more: Partial<TrialRequest>): TrialRequest => ({
  paths: [folder],
  readStdin: () => '',
  seeds: [1],
  ...more,
});
const problemsOf = (more: Partial<TrialRequest>): string => {
  try {
    prepareTrial(request(more));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('expected a UserError');
};

test('all files of a folder at once, each with its place', () => {
  file('a.yaml', 'kind: [');
  file('b.yaml', '');
  file('c.yaml', 'kind: Deployment\nspec: {replicas: {{ .Values.replicas }}}\n');
  file('d.yaml', 'a: 1\n');
  const text = problemsOf({});
  expect(text).toMatch(/a\.yaml:1:\d+ error MAN-003: broken YAML/);
  expect(text).toMatch(/b\.yaml:1:1 error MAN-004/);
  expect(text).toMatch(/c\.yaml:2:18 error MAN-005.*\n {2}hint: helm template/);
  expect(text).toMatch(/d\.yaml:1:1 error MAN-006/);
});

test('charts and kustomizations say how to render them', () => {
  file('Chart.yaml', 'apiVersion: v2\nname: web\n');
  expect(problemsOf({})).toContain(`helm template ${folder} | seatrial trial -`);
  rmSync(path.join(folder, 'Chart.yaml'));
  file('kustomization.yaml', 'resources: [a.yaml]\n');
  expect(problemsOf({})).toContain(`kubectl kustomize ${folder} | seatrial trial -`);
});

test('a file of something else is an error that says what a folder is, where there are manifests beside it', () => {
  file('values.yaml', 'replicas: 3\n');
  expect(problemsOf({})).not.toContain('a folder is read whole');
  file('a.yaml', GOOD);
  expect(problemsOf({})).toMatch(/values\.yaml:1:1 error MAN-006: .*\n {2}hint: a folder is read whole, as by kubectl/);
});

test('an empty file and a kustomization beside manifests are left out with a warning', () => {
  file('a.yaml', GOOD);
  file('b.yaml', '');
  file('kustomization.yaml', 'resources: [a.yaml]\n');
  const prepared = prepareTrial(request({}));
  expect(prepared.setup.workloads.map(({ id }) => id)).toEqual(['Deployment/demo/web']);
  expect(prepared.warnings.map(({ code, message, hint }) => [code, message, hint])).toEqual([
    ['MAN-004', 'left out: the file is empty, expected Kubernetes objects', undefined],
    [
      'MAN-007',
      'left out: this is a kustomization, not a set of objects',
      `kubectl kustomize ${folder} | seatrial trial -`,
    ],
  ]);
  rmSync(path.join(folder, 'kustomization.yaml'));
  file('Kustomization', 'resources: [a.yaml]\n');
  expect(prepareTrial(request({})).warnings.map(({ code }) => code)).toEqual(['MAN-007', 'MAN-004']);
  // A file that was named itself is no bystander.
  expect(problemsOf({ paths: ['a.yaml', 'b.yaml'].map((name) => path.join(folder, name)) })).toMatch(
    /b\.yaml:1:1 error MAN-004/,
  );
  rmSync(path.join(folder, 'a.yaml'));
  file('kustomization.yaml', 'resources: [a.yaml]\n');
  expect(problemsOf({})).toContain('error MAN-007');
  expect(problemsOf({})).toMatch(/b\.yaml:1:1 error MAN-004/);
});

test('the same object twice, a path that is not there, a conflict of flags', () => {
  file('a.yaml', GOOD);
  file('b.yaml', GOOD);
  const text = problemsOf({ paths: [folder, path.join(folder, 'gone.yaml')], clusterFile: 'x.yaml', nodes: 3 });
  expect(text).toMatch(/b\.yaml:1:1 error MAN-010: Deployment web is given twice, first in .*a\.yaml:1/);
  expect(text).toMatch(/gone\.yaml error MAN-009: cannot read: no such file or folder/);
  expect(text).toContain('CLI-005');
  expect(text).toMatch(/x\.yaml error MAN-009/);
});

test('more zones than nodes', () => {
  file('a.yaml', GOOD);
  expect(problemsOf({ nodes: 2, zones: 3 })).toContain('more zones than nodes');
});

test('standard input beside files', () => {
  const prepared = prepareTrial(
    request({ paths: ['-', file('a.yaml', GOOD)], readStdin: () => deploymentText({ name: 'api' }) }),
  );
  expect(prepared.setup.workloads.map(({ name }) => name)).toEqual(['api', 'web']);
  expect(prepared.input.stdinText).toContain('example/api:1');
});

test('--cluster takes a section and Node objects, and tells what is wrong with them', () => {
  const paths = [file('app.yaml', GOOD)];
  const section = file('cluster.yaml', 'nodes: {count: 4, zones: [a, b]}\n');
  expect(prepareTrial(request({ paths, clusterFile: section })).cluster.text).toBe('4 nodes in 2 zones');
  const node = (name: string, zone: string) =>
    `{apiVersion: v1, kind: Node, metadata: {name: ${name}, labels: {topology.kubernetes.io/zone: ${zone}}}, status: {capacity: {cpu: 2, memory: 4Gi}}}`;
  const nodes = file('nodes.yaml', `apiVersion: v1\nkind: List\nitems: [${node('east', 'x')}, ${node('west', 'z')}]\n`);
  const { setup } = prepareTrial(request({ paths, clusterFile: nodes, only: ['node-crash'] }));
  expect(casesOf(setup).map(({ subject }) => subject)).toEqual(['east', 'west']);
  expect(problemsOf({ paths, clusterFile: file('bad.yaml', 'nodes: {cuont: 4}\n') })).toMatch(
    /bad\.yaml:1:9 error SCN-010: unknown field "cuont" \(did you mean "count"\?\)/,
  );
  expect(problemsOf({ paths, clusterFile: file('none.yaml', 'nodes: {count: 0}\n') })).toContain('at least one node');
});

test('a trial that has nothing to be done to is told, and nothing but such trials is refused', () => {
  const paths = [file('app.yaml', GOOD)];
  const clusterFile = file(
    'nodes.yaml',
    '{apiVersion: v1, kind: Node, metadata: {name: lone}, status: {capacity: {cpu: 2, memory: 4Gi}}}\n',
  );
  const prepared = prepareTrial(request({ paths, clusterFile, only: ['zone-loss', 'drain'] }));
  expect(prepared.cluster.text).toBe('1 node without zones');
  expect(prepared.warnings.map(({ message }) => message)).toEqual([
    'zone-loss is left out: no node has a zone (label topology.kubernetes.io/zone)',
  ]);
  expect(problemsOf({ paths, clusterFile, only: ['zone-loss'] })).toContain('error MAN-015: zone-loss is left out');
});

test('devices of a node that is not there are told', () => {
  const slice = (name: string, node: string) =>
    `apiVersion: resource.k8s.io/v1\nkind: ResourceSlice\nmetadata: {name: ${name}}\nspec: {driver: d, nodeName: ${node}, pool: {name: ${name}, generation: 1, resourceSliceCount: 1}}\n`;
  const paths = [file('app.yaml', GOOD), file('slices.yaml', `${slice('a', 'node-1')}---\n${slice('b', 'gpu-9')}`)];
  expect(prepareTrial(request({ paths })).warnings.map(({ message }) => message)).toEqual([
    'ResourceSlice b: there is no node gpu-9, nobody can use its devices',
  ]);
});

test('the list of trials of the command line is the battery', () => {
  expect([...TRIAL_CHOICES]).toEqual([...TRIAL_NAMES]);
});

test.each([
  ['web:1', 'web:next'],
  ['web', 'web:next'],
  ['registry:5000/shop/web', 'registry:5000/shop/web:next'],
  ['registry:5000/shop/web:1@sha256:0a', 'registry:5000/shop/web:next'],
])('a new tag for %s', (image, expected) => {
  expect(withTag(image, ':next')).toBe(expected);
});

test('what an API server would refuse, every cause with its place', () => {
  const text = (edit: (given: string) => string): string => {
    file('a.yaml', edit(GOOD));
    return problemsOf({});
  };
  expect(text((given) => given.replace(/replicas: .*/, 'replicas: -1'))).toMatch(
    /a\.yaml:\d+:\d+ error MAN-011: Deployment web: spec\.replicas: Invalid value: -1/,
  );
  expect(text((given) => given.replace(/replicas: .*/, 'replicas: many'))).toMatch(
    /MAN-011: Deployment web: spec\.replicas: expected a whole number, found string/,
  );
  expect(text((given) => given.replace(/matchLabels: .*/, 'matchLabels: {app: other}}'))).toMatch(/does not match/);
  const requests = '{cpu: abc, memory: 12Zi}';
  expect(text(() => deploymentText({ name: 'web', requests }))).toMatch(
    /requests\.cpu: "abc" is no quantity.*\n.*requests\.memory: "12Zi" is no quantity/,
  );
});

test('wrong types, refusals, absurd amounts and names of nothing come in one round', () => {
  const pod = '      serviceAccountName: nobody';
  file(
    'a.yaml',
    deploymentText({ name: 'web', pod })
      .replace(/replicas: .*/, 'replicas: many')
      .replace(/cpu: [^,}\s]+/, 'cpu: "20000"'),
  );
  file('b.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: B_}\nspec: {ports: [{port: 80}]}\n');
  const text = problemsOf({});
  for (const each of [
    'replicas: expected a whole number',
    'more than any node has',
    'Service B_: metadata.name',
    'MAN-022',
  ])
    expect(text).toContain(each);
});

test('more replicas than any cluster holds', () => {
  file('a.yaml', deploymentText({ name: 'web', replicas: 1_000_000_000 }));
  expect(problemsOf({})).toMatch(/MAN-012: 1000000000 pods, expected at most 150000\n {2}hint: .*Deployment\/.*\/web/);
});

test('a cluster file with amounts, costs or nodes that are none', () => {
  file('a.yaml', GOOD);
  const other = mkdtempSync(path.join(os.tmpdir(), 'seatrial-cluster-'));
  const clusterFile = path.join(other, 'c.yaml');
  const cluster = (text: string): string => {
    writeFileSync(clusterFile, text);
    return problemsOf({ clusterFile });
  };
  try {
    expect(cluster('nodes: {count: 3, capacity: {cpu: lots}}\n')).toMatch(/1:\d+ error SCN-011: .*"lots" is no amount/);
    expect(cluster('nodes: {count: 3}\ncosts: {bogus: 4}\n')).toMatch(/2:9 error SCN-020: unknown cost "bogus"/);
    const node = 'apiVersion: v1\nkind: Node\nmetadata: {name: lone}\n';
    expect(cluster(`${node}spec: {taints: x}\nstatus: {capacity: {cpu: 4, memory: 8Gi}}\n`)).toMatch(
      /4:\d+ error MAN-011: Node lone: spec\.taints: expected a list, found string/,
    );
    writeFileSync(clusterFile, 'nodes: {count: 3, zones: [a]}\ncontrolPlane: {storeMembers: 2}\n');
    expect(prepareTrial(request({ clusterFile })).warnings.map(({ code }) => code)).toEqual(['SCN-030']);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test('a volume that nobody could have is refused where it is asked for', () => {
  const claim = (storage: string, indent: string): string =>
    [`{accessModes: [ReadWriteOnce],`, ` resources: {requests: {storage: ${storage}}}}`].join(`\n${indent}`);
  const head = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n';
  file('claim.yaml', `${head}spec: ${claim('"1e300"', '  ')}\n`);
  expect(problemsOf({})).toMatch(
    /claim\.yaml:5:\d+ error MAN-011: PersistentVolumeClaim data: storage "1e300" is more than any volume holds \(1 PiB\)/,
  );
});

test('a pod that asks for more than any node has is refused where it says so', () => {
  const text = deploymentText({ name: 'web' }).replace(/cpu: [^,}\s]+/, 'cpu: "20000"');
  expect(text).toContain('cpu: "20000"');
  file('web.yaml', text);
  expect(problemsOf({})).toMatch(
    /web\.yaml:\d+:\d+ error MAN-011: Deployment web: container \S+: cpu "20000" is more than any node has \(10,000 cores\)/,
  );
});

test.each([
  ['initContainers', '{}'],
  ['volumes', '{}'],
  ['resourceClaims', '{}'],
  ['priorityClassName', '1000'],
  ['containers', '[{name: c, image: b, env: {A: b}}]'],
  ['containers', '[{name: c, image: b, envFrom: [null]}]'],
  ['containers', '[null]'],
])('a pod whose %s is %s is told its mistake, and nothing more is asked of it', (field, value) => {
  file(
    'a.yaml',
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: b}], ${field}: ${value}}\n`.replace(
      field === 'containers' ? 'containers: [{name: c, image: b}], ' : '\0',
      '',
    ),
  );
  expect(problemsOf({})).toMatch(/a\.yaml:4:\d+ error MAN-011: Pod p: spec\./);
});

test('what is null is not there, and a generated name gets a number', () => {
  file('a.yaml', deploymentText({ name: 'web', pod: '      initContainers: null\n      volumes: null' }));
  const job =
    'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: sum-}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: b}]}}}\n';
  file('b.yaml', `${job}---\n${job}`);
  const { inventory } = prepareTrial(request({}));
  expect(inventory.workloads.map(({ id }) => id)).toEqual([
    'Deployment/demo/web',
    'Job/default/sum-1',
    'Job/default/sum-2',
  ]);
});
