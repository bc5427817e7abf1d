import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readManifestTexts } from '../../scenarios/files.ts';
import { readManifests } from '../../scenarios/manifests.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'seatrial-manifests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Names of the objects of `text`, and the lines a user would read. */
function read(text: string, file = 'app.yaml') {
  const problems = new ProblemList();
  const objects = readManifests([{ file, text }], problems);
  return {
    objects,
    names: objects.map(({ object }) => `${object.kind}/${object.metadata.name}`),
    lines: problems.problems.map(formatProblem),
  };
}

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

describe('manifests', () => {
  it('may stand in many documents, empty ones among them, with their places', () => {
    const { names, objects, lines } = read(
      `# comment\n---\n${config('a')}---\n---\n# nothing\n---\n${config('b')}...\n`,
    );
    expect(lines).toEqual([]);
    expect(names).toEqual(['ConfigMap/a', 'ConfigMap/b']);
    expect(objects.map(({ place }) => place.line)).toEqual([3, 10]);
  });

  it('may stand in lists, also nested and typed ones', () => {
    const { names, lines, objects } = read(`apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
  - apiVersion: apps/v1
    kind: DeploymentList
    items:
      - metadata: {name: b}
      - metadata: {name: c}
  - {apiVersion: v1, kind: List, items: []}
  - {apiVersion: v1, kind: List}
`);
    expect(lines).toEqual([]);
    expect(names).toEqual(['ConfigMap/a', 'Deployment/b', 'Deployment/c']);
    expect(objects[1]?.object.apiVersion).toBe('apps/v1');
    expect(objects[2]?.place).toMatchObject({ line: 11, column: 9 });
  });

  it('are read as kubectl reads YAML: merged maps, words as booleans, octal modes', () => {
    const { lines, objects } = read(`apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: &l {app: web}
  annotations: {<<: *l, app: front, tier: x}
  more: [yes, off, y, N, "on", 0644, 08, 12:30, 2026-01-02, nope]
`);
    expect(lines).toEqual([]);
    expect(objects[0]?.object.metadata).toMatchObject({
      annotations: { app: 'front', tier: 'x' },
      more: [true, false, true, false, 'on', 420, 8, '12:30', '2026-01-02', 'nope'],
    });
  });

  it.each([
    ['a: &a [x, *a]', '1:11', '*a stands inside the value that it names: &a would hold itself'],
    [
      `a: &a [x${',x'.repeat(40)}]\nb: &b [*a${',*a'.repeat(40)}]\nc: [*b${',*b'.repeat(40)}]`,
      '3:5',
      'aliases of aliases: *b and what it names unfold to more than 1000 values',
    ],
  ])('with anchors that do not end are refused at the alias: %s', (text, place, message) => {
    expect(read(text).lines.join('\n')).toContain(`app.yaml:${place} error MAN-003: ${message}`);
  });

  it('may be JSON', () => {
    expect(read('{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}}\n').names).toEqual(['Namespace/x']);
  });

  it('keep kinds that nobody knows, and take generateName for a name', () => {
    expect(read('apiVersion: example.com/v1\nkind: Database\nmetadata: {name: main}\n').names).toEqual([
      'Database/main',
    ]);
    expect(read('apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-}\n').lines).toEqual([]);
  });

  it('must be objects with apiVersion, kind and a name', () => {
    expect(read('- 1\n').lines).toEqual([
      'app.yaml:1:1 error MAN-006: expected a Kubernetes object with apiVersion and kind',
    ]);
    expect(read('just text\n').lines[0]).toMatch(/MAN-006/);
    expect(read('kind: Pod\nmetadata: {name: a}\n').lines[0]).toMatch(/MAN-006/);
    expect(read(`${config('a')}---\napiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n`).lines).toEqual([
      'app.yaml:8:3 error MAN-008: Pod: metadata.name is required',
    ]);
    expect(read('apiVersion: v1\nkind: Pod\n').lines[0]).toMatch(/1:1 error MAN-008/);
    expect(read('apiVersion: v1\nkind: Pod\nmetadata: {name: n}\n').lines[0]).toMatch(
      /MAN-008.* is required.*quote the name/s,
    );
    expect(read('apiVersion: v1\nkind: List\nitems: [1]\n').lines[0]).toMatch(/3:9 error MAN-006/);
  });

  it('report all that is wrong and keep the rest', () => {
    const { names, lines } = read(`${config('a')}---\nkind: Pod\n---\nfoo: [\n---\n${config('b')}`);
    expect(names).toContain('ConfigMap/a');
    expect(lines.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['', 'app.yaml:1:1 error MAN-004: the file is empty, expected Kubernetes objects'],
    [' \n\t\n', 'app.yaml:1:1 error MAN-004: the file is empty, expected Kubernetes objects'],
    ['\u0000{{\u0000', 'app.yaml:1:1 error MAN-001: this is a binary file, expected YAML text'],
    ['a: b: c\n', 'app.yaml:1:4 error MAN-003: broken YAML: '],
    [`${config('a')}kind: Secret\n`, 'app.yaml:4:1 error MAN-003: broken YAML: Map keys must be unique'],
    ['['.repeat(100_000), 'error MAN-003: broken YAML: nested too deeply'],
    [`a: ${'['.repeat(90)}${']'.repeat(90)}`, 'app.yaml:1:83 error MAN-003: nested deeper than 80 levels'],
  ])('%# refuse what is no YAML', (text, line) => {
    const { names, lines } = read(text);
    expect(lines[0]).toContain(line);
    expect(names).toEqual([]);
    if (line.includes('nested')) expect(lines).toHaveLength(1);
  });

  it('may hold nothing but comments', () => {
    expect(read('# Source: chart/templates/empty.yaml\n---\n# nothing\n')).toMatchObject({ names: [], lines: [] });
  });
});

describe('templates that nobody rendered', () => {
  it.each([
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-x\n', '4:9'],
    ['apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: {{ .Values.replicas }}\n', '5:13'],
    ['{{- if .Values.enabled }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n{{- end }}\n', '1:1'],
    ['# {{ not this one }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  {{- include "x" . | nindent 2 }}\n', '5:3'],
  ])('%# are told from YAML, with the command that renders them', (text, place) => {
    const { names, lines } = read(text);
    expect(lines).toEqual([
      `app.yaml:${place} error MAN-005: this is a template that was not rendered\n  hint: helm template CHART | seatrial trial -`,
    ]);
    expect(names).toEqual([]);
  });

  it('are not confused with text that contains braces', () => {
    const { names, lines } = read(`# {{ comment }}
apiVersion: v1
kind: ConfigMap
metadata: {name: rules, annotations: {summary: "{{ $labels.instance }} is down"}}
data:
  alerts: |
    description: {{ $value }} errors
  inline: 'up {{ $x }}'
  flow: {a: {b: c}}
`);
    expect(lines).toEqual([]);
    expect(names).toEqual(['ConfigMap/rules']);
  });
});

describe('kustomizations', () => {
  it('get the command that builds them', () => {
    const line = 'error MAN-007: this is a kustomization, not a set of objects\n  hint: kubectl kustomize';
    expect(read('resources: [a.yaml]\n', 'app/kustomization.yaml').lines).toEqual([
      `app/kustomization.yaml:1:1 ${line} app | seatrial trial -`,
    ]);
    expect(read('apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n').lines).toEqual([
      `app.yaml:1:1 ${line} . | seatrial trial -`,
    ]);
  });
});

it('scenarios and suites of seatrial are no manifests', () => {
  const scenario = 'apiVersion: seatrial/v1\nkind: Scenario\nmetadata: {name: a}\n';
  expect(read(scenario).lines).toEqual([
    'app.yaml:1:1 error MAN-024: this is a Scenario of seatrial, not a manifest\n  hint: seatrial run FILE',
  ]);
  const problems = new ProblemList();
  const web = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n';
  const texts = [
    { file: 'k8s/web.yaml', text: web, folder: 'k8s' },
    { file: 'k8s/suite.yaml', text: scenario.replace('Scenario', 'Suite'), folder: 'k8s' },
  ];
  expect(readManifests(texts, problems)).toHaveLength(1);
  expect(problems.problems).toMatchObject([
    {
      severity: 'warning',
      message: 'left out: this is a Suite of seatrial, not a manifest',
      hint: 'seatrial bench run FILE',
    },
  ]);
});

describe('folders of manifests', () => {
  it('are read in the order of names, deep, without hidden files, runs and others', () => {
    mkdirSync(join(folder, 'b'), { recursive: true });
    mkdirSync(join(folder, '.git'), { recursive: true });
    mkdirSync(join(folder, 'results', 'trial-001'), { recursive: true });
    for (const own of ['seatrial.config.yaml', 'results/trial-001/run.json', 'results/trial-001/result.json'])
      writeFileSync(join(folder, own), '{}');
    writeFileSync(join(folder, 'results/trial-001/input.yaml'), config('own'));
    for (const file of ['z.yaml', 'a.yml', 'b/c.json', '.git/x.yaml', 'notes.txt']) {
      const name = file.replace(/\W/g, '');
      const text = file.endsWith('.json')
        ? `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`
        : config(name);
      writeFileSync(join(folder, file), text);
    }
    const problems = new ProblemList();
    const texts = readManifestTexts([folder, join(folder, 'z.yaml'), join(folder, 'nope')], problems);
    expect(texts.map(({ file }) => file.slice(folder.length + 1))).toEqual(['a.yml', 'b/c.json', 'z.yaml', 'z.yaml']);
    expect(problems.problems).toMatchObject([{ code: 'MAN-009', message: 'cannot read: no such file or folder' }]);
    expect(readManifests(texts, problems)).toHaveLength(4);
  });

  it('without any are a problem', () => {
    mkdirSync(join(folder, 'empty'));
    const problems = new ProblemList();
    expect(readManifestTexts([join(folder, 'empty')], problems)).toEqual([]);
    expect(problems.problems[0]?.message).toMatch(/holds no \.yaml/);
  });

  it('may hold files that are not text', () => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'x.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x80]));
    const problems = new ProblemList();
    readManifests(readManifestTexts([join(folder, 'bin')], problems), problems);
    expect(problems.problems).toMatchObject([{ code: 'MAN-001' }]);
  });
});
