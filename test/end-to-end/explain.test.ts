/** `seatrial explain` over the built command line: text, JSON, and input that cannot be used. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runSeatrial } from '../support/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'seatrial-explain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dump = path.join(folder, 'dump.json');
const broken = path.join(folder, 'broken.json');
const node = (name: string, cpu: string, taints: object[] = []) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { taints },
  status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
});
const pod = (name: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'app:v1', resources: { requests: { cpu, memory: '1Gi' } } }] },
});
const list = (...items: object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const gpu = [{ key: 'gpu', effect: 'NoSchedule' }];
writeFileSync(
  dump,
  list(node('big', '8'), node('small', '2'), node('tainted', '64', gpu), pod('web', '1'), pod('huge', '32')),
);
writeFileSync(broken, list(node('big', '8'), pod('web', 'many')));

test('text: the choice, a row a node, what would change it', () => {
  const { code, out } = runSeatrial(['explain', 'shop/web', dump]);
  expect(out).toMatch(/^pod shop\/web, pending\nbest: big\n/);
  expect(out).toMatch(/tainted .*TaintToleration: node\(s\) had untolerated taint \{gpu: \}/);
  expect(out).toMatch(/without TaintToleration: 3 nodes fit, best: big/);
  expect(code).toBe(0);
});

test('JSON: a pod that fits nowhere is a finding', () => {
  const { code, out } = runSeatrial(['explain', 'shop/huge', dump, '-o', 'json']);
  expect(JSON.parse(out)).toMatchObject({ pod: 'shop/huge', best: [] });
  expect(code).toBe(1);
});

test.each([
  ['no namespace', ['explain', 'web', dump], /is no namespace\/name/],
  ['no dump', ['explain', 'shop/web'], /no dump is named/],
  ['an unknown pod', ['explain', 'shop/nobody', dump], /no pod shop\/nobody/],
  ['a missing file', ['explain', 'shop/web', path.join(folder, 'none.json')], /cannot read/],
  ['a quantity that is none', ['explain', 'shop/web', broken], /the objects cannot be used/],
])('%s is exit 2', (_what, args, message) => {
  const { code, err } = runSeatrial(args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});
