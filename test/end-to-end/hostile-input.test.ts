/**
 * Paths and flags that once hung the program, ended it without a word, or showed a stack.
 */
import fs, { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callSeatrial, runSeatrial } from '../support/cli.ts';

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: a, image: a}]}
`;
const many = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: 1000000000
  selector: {matchLabels: {a: a}}
  template: {metadata: {labels: {a: a}}, spec: {containers: [{name: a, image: a}]}}
`;

let home = '';
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'seatrial-hostile-'));
  symlinkSync('loop', path.join(home, 'loop'));
  mkdirSync(path.join(home, 'folder.yaml'));
  writeFileSync(path.join(home, 'ends.mjs'), 'process.exit(0);');
  writeFileSync(path.join(home, 'pod.yaml'), manifest);
  writeFileSync(path.join(home, 'list.yaml'), '{apiVersion: v1, kind: List, items: {a: 1}}');
  writeFileSync(path.join(home, 'many.yaml'), many);
  writeFileSync(path.join(home, 'binary.json'), '{"a": "\0"}');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each<readonly [number, RegExp, readonly string[]]>([
  [2, /list\.yaml:1:\d+ error MAN-006: items: expected a list/, ['trial', 'list.yaml']],
  [2, /error MAN-012: 1000000000 pods/, ['compare', 'many.yaml', '--policy', 'best-fit']],
  [2, /loop error CLI-006/, ['conform', 'raft', 'loop']],
  [2, /loop error CLI-006/, ['conform', 'linearizability', 'loop']],
  [2, /loop error CLI-006/, ['conform', 'openb', 'loop']],
  [2, /loop error CLI-006/, ['report', 'loop']],
  [2, /folder\.yaml error MAN-009/, ['search', 'folder.yaml']],
  [2, /folder\.yaml.*EISDIR/, ['serve', 'etcd', '--listen', '127.0.0.1:0', '--restore', 'folder.yaml']],
  [3, /cannot create \/proc\/x: /, ['serve', 'etcd', '--listen', '127.0.0.1:0', '--data-dir', '/proc/x']],
  [2, /--mark-compacted does nothing without --restore/, ['serve', 'etcd', '--mark-compacted']],
  [2, /its top level ends the process/, ['compare', 'pod.yaml', '--policy', 'best-fit,./ends.mjs', '--no-results']],
  [2, /error CLI-005: a suite is not run from standard input\n {2}hint: name its file/, ['bench', 'run', '-']],
  [2, /error CLI-003: a result of standard input needs a file to write: -o FILE/, ['report', '-']],
  [2, /\(standard input\):1:1 error GATE-010: the file is cut off/, ['gate', '-', '--baseline', 'b.json']],
  [2, /binary\.json:1:8 error GATE-010: this is a binary file, expected JSON/, ['gate', 'binary.json']],
  [
    2,
    /folder\.yaml error CLI-006: cannot read: it is a folder, expected a file/,
    ['config', '--config', 'folder.yaml'],
  ],
  [2, /unknown bug switch "zzz"\n {2}hint: seatrial list bugs shows all/, ['search', 'pod.yaml', '--bug', 'zzz']],
  [2, /unknown topic "trail" \(did you mean "trial"\?\)/, ['help', 'trail']],
  [2, /--baseline names a file/, ['gate', '--baseline', '-']],
  [
    2,
    /pod\.yaml error CLI-005: it is named as manifests and as --cluster/,
    ['compare', 'pod.yaml', '--cluster', './pod.yaml'],
  ],
  [
    2,
    /pod\.yaml error CLI-005: it is named as manifests and as --cluster/,
    ['trial', 'pod.yaml', '--cluster', 'pod.yaml'],
  ],
  [
    2,
    /no file and no list is called "operators" \(did you mean "operations"\?\)\ngone\.yaml error SCN-000/,
    ['list', 'operators', 'gone.yaml'],
  ],
])('%d %s', (code, message, argv) => {
  const found = runSeatrial(argv, { cwd: home, input: '' });
  expect(found.code).toBe(code);
  expect(found.err).toMatch(message);
  expect(found.err).not.toMatch(/^ +at /m);
  expect(found.out).toBe('');
});

test('a dump with its nodes is manifests and cluster in one', () => {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: { allocatable: { cpu: '4', memory: '8Gi' } },
  };
  const items = [
    node,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
  ];
  writeFileSync(path.join(home, 'dump.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  expect(runSeatrial(['trial', 'dump.json', '--cluster', 'dump.json', '--dry-run'], { cwd: home })).toMatchObject({
    code: 0,
  });
});

test.each([
  [3, 'error: cannot write results: permission denied', ['compare', 'pod.yaml', '--results', 'results']],
  [3, 'error: cannot write results: permission denied', ['trial', 'pod.yaml', '--results', 'results']],
  [3, 'error: cannot write results: permission denied', ['gate', 'smoke', '--results', 'results']],
  [2, '--report csv=a.csv: the folder . cannot be written', ['trial', 'pod.yaml', '--report', 'csv=a.csv']],
])('%d %s: before the runs', async (code, message, argv) => {
  const { accessSync } = fs;
  // Root may write anywhere.
  fs.accessSync = () => {
    throw Object.assign(new Error('no'), { code: 'EACCES' });
  };
  syncBuiltinESMExports();
  try {
    const found = await callSeatrial(argv, { cwd: home });
    expect(found).toMatchObject({ code, out: '' });
    expect(found.err).toContain(message);
  } finally {
    fs.accessSync = accessSync;
    syncBuiltinESMExports();
  }
});
