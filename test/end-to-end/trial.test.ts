/**
 * `seatrial trial` as a user runs it: cards, exit codes, replay lines, bad input.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLI_MAIN, callSeatrial, PROJECT_ROOT, runSeatrial } from '../support/cli.ts';
import { deploymentText, objectText } from '../support/trial-manifests.ts';

const SHOP = path.join(PROJECT_ROOT, 'scenarios', 'examples', 'shop');

interface Row {
  readonly trial: string;
  readonly mark: string;
  readonly replay: string;
  readonly digest: string;
  readonly reasons: readonly string[];
  readonly blockers: readonly string[];
}
interface Card {
  readonly digest: string;
  readonly verdict: string;
  readonly cluster: { readonly text: string };
  readonly workloads: readonly { readonly id: string; readonly mark: string; readonly rows: readonly Row[] }[];
}

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-trial-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const trial = (argv: readonly string[]) => callSeatrial(['trial', ...argv], { cwd: scratch });
const piped = (argv: readonly string[], input: string) => runSeatrial(['trial', ...argv], { cwd: scratch, input });
const keep = (name: string, text: string): string => {
  writeFileSync(path.join(scratch, name), text);
  return name;
};
const cardOf = (out: string): Card => JSON.parse(out) as Card;
const rowsOf = (card: Card, id: string): readonly Row[] => card.workloads.find((each) => each.id === id)?.rows ?? [];

test('the cluster on standard input is kept, and the line names it; manifests cannot come from there too', () => {
  const app = keep('app.yaml', deploymentText({ name: 'web', replicas: 1 }));
  const nodes = '{"nodes": {"names": ["m"], "count": 1}}';
  const argv = ['--cluster', '-', '--only', 'node-crash', '--seeds', '1', '-q'];
  const { out } = piped([app, ...argv], nodes);
  const file = 'results/trial-app-s1-001/input.yaml';
  expect(out).toContain(`seatrial trial app.yaml --only node-crash --seed 1 --cluster ${file} `);
  expect(readFileSync(path.join(scratch, file), 'utf8')).toBe(nodes);
  const both = piped(['-', ...argv], nodes);
  expect([both.code, both.err]).toEqual([2, expect.stringContaining('standard input holds manifests or the cluster')]);
});

describe('the example application', () => {
  test('both weaknesses are found, with what blocked, on any number of workers', async () => {
    const argv = [SHOP, '--only', 'zone-loss,drain', '--seeds', '1', '-o', 'json'];
    const one = await trial([...argv, '--workers', '1']);
    const two = await trial([...argv, '--workers', '2']);
    expect(one.code).toBe(1);
    expect(two.out).toBe(one.out);
    const card = cardOf(one.out);
    expect(card.workloads[0]?.id).toBe('Deployment/shop/checkout');
    expect(rowsOf(card, 'Deployment/shop/checkout')[0]).toMatchObject({ trial: 'zone-loss', mark: 'failed' });
    expect(rowsOf(card, 'Deployment/shop/checkout')[0]?.blockers.join()).toContain('single replica');
    const drain = rowsOf(card, 'StatefulSet/shop/cart').find((row) => row.trial === 'drain');
    expect(drain?.mark).toBe('degraded');
    expect(drain?.blockers.join()).toContain('unsatisfiable budget: PodDisruptionBudget shop/cart');
    const kept = readdirSync(path.join(scratch, 'results'));
    expect(kept).toEqual(['trial-shop-s1-001', 'trial-shop-s1-002']);
    expect(readFileSync(path.join(scratch, 'results', kept[0] ?? '', 'result.json'), 'utf8')).toBe(one.out);
  });

  test('a pasted replay line gives the same mark and digest', async () => {
    const program = path.join(scratch, 'seatrial');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI_MAIN}' "$@"\n`);
    chmodSync(program, 0o755);
    const { out } = await trial([
      SHOP,
      '--only',
      'zone-loss,store-crash',
      '--seed',
      '3,4',
      '--tolerate',
      '12s',
      '-o',
      'json',
    ]);
    const row = rowsOf(cardOf(out), 'Deployment/shop/checkout')[0];
    expect(row?.replay).toMatch(
      /--only zone-loss --seed [34] --tolerate 12s --build [0-9a-f]{12} --inputs [0-9a-f]{8}$/,
    );
    const env = { ...process.env, PATH: `${scratch}:${process.env['PATH'] ?? ''}` };
    const again = execFileSync('sh', ['-c', `${row?.replay} || true`], { cwd: scratch, env, encoding: 'utf8' });
    expect(again).toContain(`digest: ${row?.digest}\n`);
    expect(again).toMatch(/failed +zone-loss/);
    expect(again.trimEnd().split('\n').at(-1)).toMatch(/^verdict: failed /);
  });
});

describe('standard input', () => {
  test('is kept, and the replay line names the kept file', async () => {
    const single = deploymentText({ name: 'web', replicas: 1 });
    const { code, out, err } = piped(['-', '--only', 'zone-loss', '--seeds', '1', '-o', 'json'], single);
    expect(err).not.toContain('error');
    expect(code).toBe(1);
    const row = rowsOf(cardOf(out), 'Deployment/demo/web')[0];
    expect(row?.replay).toContain('trial results/trial-stdin-s1-001/input.yaml --only zone-loss');
    expect(readFileSync(path.join(scratch, 'results/trial-stdin-s1-001/input.yaml'), 'utf8')).toBe(single);
    expect(
      (await trial(['results/trial-stdin-s1-001/input.yaml', '--only', 'zone-loss', '--seed', '1'])).out,
    ).toContain(`digest: ${row?.digest}\n`);
  });
});

describe('marks and exit codes', () => {
  const budget = (limits: string) =>
    objectText('policy/v1', 'PodDisruptionBudget', 'web', `spec: {${limits}, selector: {matchLabels: {app: web}}}`);

  test('a budget makes the difference between degraded and survived; --fail-on degraded fails', async () => {
    const bare = keep('bare.yaml', deploymentText({ name: 'web' }));
    const kept = keep('kept.yaml', `${deploymentText({ name: 'web' })}---\n${budget('maxUnavailable: 1')}`);
    const argv = ['--only', 'drain', '--seeds', '1', '-q', '--no-results'];
    expect(await trial([bare, ...argv])).toMatchObject({ code: 0, err: '' });
    expect((await trial([bare, ...argv, '--fail-on', 'degraded'])).code).toBe(1);
    const good = await trial([kept, ...argv, '--fail-on', 'degraded']);
    expect(good.out).toMatch(/survived +drain/);
    expect(good.code).toBe(0);
    expect(readdirSync(scratch).sort()).toEqual(['bare.yaml', 'kept.yaml']);
  });

  const apart = `      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}`;

  test('anti-affinity without room is named with the words of the scheduler', async () => {
    const file = keep('full.yaml', deploymentText({ name: 'web', replicas: 3, pod: apart }));
    const { out } = await trial([file, '--only', 'node-crash', '--nodes', '3', '--seeds', '1', '-o', 'json']);
    const row = rowsOf(cardOf(out), 'Deployment/demo/web')[0];
    expect(row?.mark).toBe('degraded');
    expect(row?.blockers[0]).toMatch(/^anti-affinity without room: 0\/3 nodes are available/);
    expect(row?.replay).toContain('--nodes 3');
  });

  test('a pod without a node comes with the line that explains it', async () => {
    const file = keep('twins.yaml', deploymentText({ name: 'web', replicas: 2, pod: apart }));
    const { out } = await trial([file, '--nodes', '1', '--zones', '1', '--only', 'api-outage', '--seeds', '1']);
    expect(out).toContain(
      "  what blocked:\n    anti-affinity without room: 0/1 nodes are available: 1 node(s) didn't match pod",
    );
    const [, pod = '', line = ''] = /^ {2}pending:\n {4}(\S+): seatrial (explain .*)$/m.exec(out) ?? [];
    const explained = await callSeatrial(line.split(' '), { cwd: scratch });
    expect(explained.out).toContain(`pod ${pod}: `);
    expect(explained.out).toContain('\nit is pending: unschedulable after ');
    expect(explained.code).toBe(1);
  });

  test('a volume that is not simulated: unknown, exit 0, with --strict 4', async () => {
    const pod = '      volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]';
    const file = keep('claim.yaml', `${deploymentText({ name: 'web', pod })}---\n${budget('maxUnavailable: 1')}`);
    const argv = [file, '--only', 'drain,store-crash', '--seeds', '1'];
    const loose = await trial(argv);
    expect(loose.out).toMatch(/unknown +drain .*not simulated: volume data \(PersistentVolumeClaim data\)/);
    expect(loose.out).toMatch(/survived +store-crash/);
    expect(loose.code).toBe(0);
    expect((await trial([...argv, '--strict'])).code).toBe(4);
    const harmless = await trial([...argv, '--strict', '--assume', 'PersistentVolumeClaim']);
    expect(harmless.out).toMatch(/survived +drain/);
    expect(harmless.code).toBe(0);
  });

  test('a workload that is not ready even without a fault: once in the head, once under its name, with why', async () => {
    const text = deploymentText({ name: 'web' }).replace(
      'labels: {app: web}}\n    spec:',
      "labels: {app: web}, annotations: {seatrial.dev/never-ready: 'true'}}\n    spec:",
    );
    const { out } = await trial([keep('never.yaml', text), '--only', 'store-crash,api-outage', '--seed', '1']);
    expect(out).toContain('\n  not ready even without a fault, to be mended first: Deployment/demo/web (0 of 3)\n');
    expect(out).toMatch(
      /^ {4}container main runs, but its readiness probe does not succeed \(seatrial.dev\/never-ready/m,
    );
  });

  test('Markdown has the rows of the text', async () => {
    const file = keep('app.yaml', deploymentText({ name: 'web' }));
    const { out } = await trial([file, '--only', 'store-crash', '--seed', '1', '-o', 'markdown']);
    expect(out).toContain('## Deployment/demo/web (3 replicas): survived');
    expect(out).toMatch(/^\| survived \| store-crash \|/m);
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^\*\*verdict: survived /);
  });
});

describe('nothing is run or written', () => {
  test('--list and --dry-run', async () => {
    expect((await trial(['--list'])).out).toMatch(/^broken-image +each workload/m);
    const dry = await trial([SHOP, '--dry-run', '--zones', '2', '--nodes', '4', '--only', 'zone-loss']);
    expect(dry.code).toBe(0);
    expect(dry.out).toContain('cluster: 4 nodes in 2 zones');
    expect(dry.out).toMatch(/^zone-loss +4$/m);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test.each<[string, readonly string[], string]>([
    ['no path', [], 'error CLI-003: trial needs a file'],
    ['unknown trial', ['.', '--only', 'node-crahs'], '(did you mean "node-crash"?)'],
    ['seed and seeds', [SHOP, '--seed', '1', '--seeds', '2'], '--seed and --seeds exclude each other'],
    ['a time without a unit', [SHOP, '--tolerate', '10'], 'a duration needs a unit'],
    ['no nodes', [SHOP, '--nodes', '0'], '--nodes "0"'],
    ['a path that is not there', ['gone.yaml'], 'gone.yaml error MAN-009'],
  ])('%s: exit 2', async (_name, argv, message) => {
    const { code, out, err } = await trial(argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
    expect(readdirSync(scratch)).toEqual([]);
  });

  test.each([
    ['nothing runnable', objectText('v1', 'ConfigMap', 'a'), 'found 1 ConfigMap'],
    ['binary', '\u0001\u0002ELF', 'binary file'],
    ['empty', '', 'empty'],
    [
      'what the API server refuses',
      deploymentText({ name: 'web' }).replace('matchLabels: {app: web}', 'matchLabels: {app: other}'),
      'error MAN-011: Deployment web',
    ],
  ])('%s on standard input: exit 2', (_name, input, message) => {
    const { code, err } = piped(['-', '--only', 'store-crash', '--seeds', '1', '-q'], input);
    expect(err).toContain(message);
    expect(code).toBe(2);
    expect(readdirSync(scratch)).toEqual([]);
  });
});
