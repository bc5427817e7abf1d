/** `seatrial explain` over the built command line: text, JSON, and input that cannot be used. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { callSeatrial, runSeatrial } from '../support/cli.ts';

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

test('text: the choice, nodes by reason, what would change it', async () => {
  const { code, out } = await callSeatrial(['explain', 'shop/web', dump]);
  expect(out).toMatch(/^pod shop\/web, pending\nbest: big \(2 of 3 nodes fit\)\n/);
  expect(out).toMatch(/ 1 {2}TaintToleration {2}node\(s\) had untolerated taint \{gpu: \} {2}do not help +tainted/);
  expect(out).toMatch(/without TaintToleration: 3 nodes fit, best: big/);
  expect(code).toBe(0);
});

test('a dump on standard input', () => {
  const input = readFileSync(dump, 'utf8');
  expect(runSeatrial(['explain', 'shop/web', '-'], { input }).out).toMatch(/^pod shop\/web, pending\nbest: big /);
  const { code, err } = runSeatrial(['explain', 'shop/web', '-'], { input: '{"kind": ' });
  expect(err).toMatch(/^\(standard input\):1/);
  expect(code).toBe(2);
});

test('a scenario on standard input', () => {
  const input = readFileSync(scenario, 'utf8');
  const { err, out } = runSeatrial(['explain', 'shop/web', '-', '--seed', '1'], { input });
  expect([err, out]).toEqual(['', expect.stringMatching(/^pod shop\/web.*: \d+ decisions? on it\n/)]);
});

test('a dump with an object twice is refused', async () => {
  const { code, err } = await callSeatrial(['explain', 'shop/web', dump, `${folder}/./${path.basename(dump)}`]);
  expect([code, err]).toEqual([2, expect.stringMatching(/error MAN-010: Node \S+ is given twice, first in /)]);
});

test('JSON: a pod that fits nowhere is a finding', async () => {
  const { code, out } = await callSeatrial(['explain', 'shop/huge', dump, '-o', 'json']);
  expect(JSON.parse(out)).toMatchObject({ pod: 'shop/huge', best: [] });
  expect(code).toBe(1);
});

const scenario = path.join(folder, 'room.yaml');
writeFileSync(
  scenario,
  `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: room}
about: One pod fits, one does not.
cluster: {nodes: {count: 2, capacity: {cpu: "4", memory: 8Gi}}}
workload: {objects: [${JSON.stringify(pod('web', '1'))}, ${JSON.stringify(pod('huge', '32'))}]}
checks: {excuses: [no-feasible-node]}
phases: {warmUp: 20s, safety: 20s}
`,
);

test('a pod of a run: its decisions, one node, another weight', async () => {
  const change = ['--without', 'NodeResourcesFit', '--weight', 'ImageLocality=7'];
  const { code, out } = await callSeatrial([
    'explain',
    'shop/huge',
    scenario,
    '--attempt',
    '1',
    '--node',
    'node-1',
    ...change,
  ]);
  expect(out).toMatch(/^pod shop\/huge: 1 decision on it\n→ {3}1 .* scheduler-0 {2}no node fits\n/);
  expect(out).toMatch(/^0\/2 nodes are available: 2 Insufficient cpu\./m);
  expect(out).toMatch(/^node-1 .*NodeResourcesFit: Insufficient cpu$/m);
  expect(out).toMatch(/without NodeResourcesFit, with ImageLocality at weight 7:\n {2}best: node-0/);
  expect(code).toBe(1);
});

test.each([
  ['no name', ['explain', 'shop/', dump], /is no namespace\/name/],
  ['no dump', ['explain', 'shop/web'], /no dump and no scenario is named/],
  ['an unknown pod', ['explain', 'shop/nobody', dump], /no pod shop\/nobody/],
  [
    'a missing file',
    ['explain', 'shop/web', path.join(folder, 'none.json'), '--seed', '7'],
    /^(?!(.|\n)*does nothing)(.|\n)*cannot read/,
  ],
  ['an unknown pod of a run', ['explain', 'shop/we', scenario], /no pod shop\/we .*\n.*its pods: shop\/web/],
  [
    'what does not go together',
    ['explain', 'shop/web', dump, '--at', '3s', '--without', 'NodePort', '--weight', 'NodePorts=3,NodeAffinity=many'],
    /"NodePort" is no plugin \(did you mean "NodePorts"\?\)(.|\n)*"NodePorts" is no plugin that scores(.|\n)*NodeAffinity=many(.|\n)*--at does nothing for a dump/,
  ],
  ['a quantity that is none', ['explain', 'shop/web', broken], /the objects cannot be used/],
])('%s is exit 2', async (_what, args, message) => {
  const { code, err } = await callSeatrial(args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});
