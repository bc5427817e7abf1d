/**
 * Controllers of users: the example's mistake is found and shrunk to one fault, the interface compiles outside the repository, and modules that cannot
 * be used are refused with their place.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callSeatrial, PROJECT_ROOT, runSeatrial } from '../support/cli.ts';

let scratch = '';

beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-operator-'));
  cpSync(path.join(PROJECT_ROOT, 'scenarios', 'operators'), scratch, { recursive: true });
  mkdirSync(path.join(scratch, 'node_modules'));
  symlinkSync(PROJECT_ROOT, path.join(scratch, 'node_modules', 'seatrial'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A module with the given body of its reconciler, and a scenario that runs it. */
function operatorWith(name: string, source: string): string {
  writeFileSync(path.join(scratch, `${name}.mjs`), source);
  const scenario = readFileSync(path.join(scratch, 'website.yaml'), 'utf8');
  writeFileSync(path.join(scratch, `${name}.yaml`), scenario.replace('./website-operator.ts', `./${name}.mjs`));
  return `${name}.yaml`;
}

const head = `const WEBSITE = { apiVersion: 'example.com/v1', kind: 'Website' };\n`;

describe('controllers of users', () => {
  it('the example, copied elsewhere, is searched: its mistake is found and shrunk to one crash', async () => {
    const args = ['search', 'website.yaml', '--profile', 'pattern', '--runs', '24', '--no-corpus'];
    const { code, out } = await callSeatrial(args, { cwd: scratch });
    expect(out).toMatch(/^X1 Deployment {2}Deployment demo\/shop: 0 of 1 replicas are available/m);
    expect(out).toMatch(/shrunk in \d+ runs: process-crash; 0 operations, 1 object\n/);
    expect(code).toBe(1);
    const line = /replay: seatrial (.*)$/m.exec(out)?.[1] ?? '';
    expect((await callSeatrial(line.split(' '), { cwd: scratch })).out).toContain('expected fail X1: yes');
    // The finding's own folder may be given away, and be replayed from anywhere.
    const finding = line.split(' ')[1] as string;
    expect(readFileSync(path.join(scratch, finding), 'utf8')).toContain('module: ./modules/website-operator.ts');
    const moved = mkdtempSync(path.join(os.tmpdir(), 'seatrial-moved-'));
    cpSync(path.join(scratch, path.dirname(finding)), moved, { recursive: true });
    const [, , ...flags] = line.split(' ');
    const again = await callSeatrial(['replay', path.join(moved, path.basename(finding)), ...flags], {
      cwd: os.tmpdir(),
    });
    rmSync(moved, { recursive: true, force: true });
    expect(again.out).toContain('expected fail X1: yes');
    expect(again.err).not.toContain('warning');
  });

  it('the example compiles outside the repository', async () => {
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
    const tsc = path.join(PROJECT_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const run = spawnSync(process.execPath, [tsc, ...options, 'website-operator.ts'], {
      cwd: scratch,
      encoding: 'utf8',
    });
    expect(run.stdout).toBe('');
    expect(run.status).toBe(0);
  });

  it.each([
    ['no-default', 'export const operator = {};', /no default export/],
    [
      'wrong-shape',
      'export default { name: "No Good", reconciles: {} };',
      /name must be.*reconciles needs.*reconcile is no function/s,
    ],
    ['broken', 'export default {', /broken\.mjs:1:17 error OPR-001: cannot be loaded: SyntaxError/],
    [
      'throws-at-load',
      'throw new Error("not today");',
      /at-load\.mjs:1:7 error OPR-001: cannot be loaded: Error: not t/,
    ],
    ['lacks-a-package', 'import "no-such-thing";', /cannot be loaded: Error: Cannot find package 'no-such-thing'/],
  ])('%s: exit 2 with the module and the reason', async (name, source, message) => {
    const file = operatorWith(name, source);
    const { code, err } = await callSeatrial(['run', file], { cwd: scratch });
    expect(await callSeatrial(['validate', file], { cwd: scratch })).toMatchObject({ code: 2, err });
    expect(err).toMatch(message);
    expect(err).toContain(`${name}.mjs`);
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });

  it('a module that is not there is named with its place', async () => {
    const scenario = readFileSync(path.join(scratch, 'website.yaml'), 'utf8').replace('website-operator.ts', 'gone.ts');
    writeFileSync(path.join(scratch, 'gone.yaml'), scenario);
    const { code, err } = await callSeatrial(['validate', 'gone.yaml'], { cwd: scratch });
    expect(err).toMatch(/gone\.yaml:\d+:\d+ error SCN-028/);
    expect(code).toBe(2);
  });

  it('a reconciler that throws is a finding, and the run goes on', async () => {
    const file = operatorWith(
      'throwing',
      `${head}export default { name: 'throwing', reconciles: WEBSITE, *reconcile() { throw new Error('no idea'); } };`,
    );
    const { code, out } = await callSeatrial(['run', file, '--no-results'], { cwd: scratch });
    expect(out).toContain('fail OP1: operator throwing threw on demo/shop: no idea');
    expect(code).toBe(1);
  });

  it('a reconciler that is not deterministic is refused by a search', async () => {
    const file = operatorWith(
      'moody',
      `${head}export default { name: 'moody', reconciles: WEBSITE, *reconcile(api, namespace, name) {
        yield* api.patch(WEBSITE, namespace, name, { metadata: { annotations: { mood: String(Math.random()) } } });
        api.requeueAfter(10);
      } };`,
    );
    const { code, err } = await callSeatrial(['search', file, '--runs', '2', '--no-corpus', '--no-results'], {
      cwd: scratch,
    });
    const difference =
      /moody\.mjs error OPR-002: two runs with seed 1 differ \(\w+, \w+\); first at \+\d+\.\d+ s: apiserver-0 is asked by operator-moody-0 to patch Website demo\/shop/;
    expect(err).toMatch(difference);
    expect(code).toBe(2);
    for (const command of ['replay', 'run']) {
      const again = await callSeatrial([command, file], { cwd: scratch });
      expect(again.err).toMatch(difference);
      expect(again).toMatchObject({ code: 2, out: '' });
    }
  });

  it('a reconciler that loops without a request is stopped and named', async () => {
    const file = operatorWith(
      'loop',
      `${head}export default { name: 'loop', reconciles: WEBSITE, *reconcile() { for (;;) {} } };`,
    );
    const { code, err } = await callSeatrial(['run', file, '--timeout', '2s', '--no-results'], { cwd: scratch });
    expect(err).toMatch(/loop\.mjs error OPR-003: no result after 2 s of host time/);
    expect(code).toBe(2);
  });

  it.each(['setTimeout(() => process.exit(0), 1)', 'setTimeout(() => { throw new Error("late"); }, 1)'])(
    'what a timer of a reconciler does to the process is an error, never a success: %s',
    (call) => {
      const file = operatorWith(
        'late',
        `${head}export default { name: 'late', reconciles: WEBSITE, *reconcile() {\n  ${call};\n} };`,
      );
      const { code, err } = runSeatrial(['run', file, '--no-results'], { cwd: scratch });
      expect(err).toMatch(/^late\.mjs:3:\d+ error OPR-004: Error: (process\.exit was called|late)\n/m);
      expect(code).toBe(2);
    },
  );

  it('a reconciler that never ends its work is named, also where it uses up its budget', async () => {
    const file = operatorWith(
      'endless',
      `${head}export default { name: 'endless', reconciles: WEBSITE, *reconcile(api, namespace, name) {
        for (;;) { try { yield* api.read(WEBSITE, namespace, name); } catch {} }
      } };`,
    );
    const scenario = readFileSync(path.join(scratch, file), 'utf8');
    writeFileSync(path.join(scratch, file), `${scenario}budget: {events: 5000}\n`);
    const { code, out } = await callSeatrial(['run', file, '--no-results'], { cwd: scratch });
    expect(out).toContain('OP1: operator endless has not ended its reconcile of demo/shop after 39 s');
    expect(code).toBe(1);
  });
});
