/**
 * `init` and the config file, as a user meets them.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CliResult, runSeatrial } from '../support/cli.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function seatrial(argv: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = home): CliResult {
  return runSeatrial(argv, { cwd, env });
}

function put(name: string, content: string): void {
  mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
  writeFileSync(path.join(home, name), content);
}

const read = (name: string): string => readFileSync(path.join(home, name), 'utf8');

describe('init', () => {
  test('what it writes is valid and passes, by the line that it prints; a second call changes nothing', () => {
    const first = seatrial(['init']);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(
      /\nnext: seatrial run seatrial\/first-scenario\.yaml\n {6}seatrial trial seatrial\/web\.yaml .*\n$/,
    );
    expect(read('.gitignore')).toBe('results/\n');
    expect(parse(read('.github/workflows/seatrial.yaml'))).toMatchObject({ name: 'seatrial' });
    expect(seatrial(['validate', 'seatrial']).out).toBe('valid: 1 scenario, 0 twins, 0 warnings\n');
    const run = seatrial(['run', 'seatrial/first-scenario.yaml']);
    expect(run.out).toMatch(/^verdict: as expected \(3 of 3 cases run/m);
    expect(existsSync(path.join(home, 'results', 'run-first-scenario-s1..3-001'))).toBe(true);
    expect(seatrial(['trial', 'seatrial/web.yaml']).out).toMatch(/^verdict: survived \(workloads: 1 survived;/m);
    expect(read('seatrial/web.yaml')).toContain('kind: Service');
    const again = seatrial(['init']);
    expect(again.code).toBe(0);
    expect(again.out).not.toContain('wrote');
  });

  test('the workflow runs what npm ci installed, nothing that bears the name on a registry', () => {
    seatrial(['init']);
    const workflow = parse(read('.github/workflows/seatrial.yaml')) as {
      jobs: { seatrial: { steps: { run?: string }[] } };
    };
    const lines = workflow.jobs.seatrial.steps.flatMap(({ run }) => run ?? []);
    expect(lines).toEqual([
      'npm ci',
      'npx --no seatrial run seatrial --report html=run.html',
      'npx --no seatrial trial seatrial/web.yaml --report html=trial.html',
    ]);
    expect(read('.github/workflows/seatrial.yaml')).not.toMatch(/--yes|seatrial@/);
  });

  test.each([
    ['node_modules\n', true],
    ['node_modules\nresults/\n', false],
    ['/results\r\n', false],
    ['my-results/\n', true],
  ])('a .gitignore of %j is kept, and what it lacks is said', (content, isTold) => {
    put('.gitignore', content);
    const { code, out } = seatrial(['init', '.', '--force']);
    expect([code, out.includes('.gitignore: results/')]).toEqual([0, isTold]);
    expect(read('.gitignore')).toBe(content);
  });

  test('keeps what is there: all obstacles at once, nothing written; --force replaces', () => {
    put('seatrial.config.yaml', 'workers: 1\n');
    put('seatrial/first-scenario.yaml', 'mine');
    const refused = seatrial(['init']);
    expect(refused.code).toBe(2);
    expect(refused.err.match(/is there already/g)).toHaveLength(2);
    expect(existsSync(path.join(home, '.github'))).toBe(false);
    expect(read('seatrial.config.yaml')).toBe('workers: 1\n');
    expect(seatrial(['init', '.', '--force']).code).toBe(0);
    expect(read('seatrial.config.yaml')).toContain('results: results');
  });

  test('a file where a folder is needed: exit 2, nothing is written', () => {
    put('.github', 'a file');
    const { code, err } = seatrial(['init']);
    expect(code).toBe(2);
    expect(err).toContain('.github is in the way: it is no folder');
    expect(existsSync(path.join(home, 'seatrial.config.yaml'))).toBe(false);
    expect(existsSync(path.join(home, 'seatrial', 'first-scenario.yaml'))).toBe(false);
  });
});

describe('config', () => {
  const value = (result: CliResult, setting: string): string =>
    new RegExp(`^\\S+ +${setting} +(.*?)$`, 'm').exec(result.out)?.[1]?.replace(/ +/g, ' ').trim() ?? '';

  test('a default that depends is told in words', () => {
    expect(seatrial(['config', 'trial']).out).toMatch(/^trial +nodes +9, or as many as it takes +default$/m);
  });

  test('flag before environment before file before default', () => {
    mkdirSync(path.join(home, '.git'));
    put('seatrial.config.yaml', 'workers: 1\nresults: out\nvalidate: {schema: true}\nlist: {output: json}\n');
    mkdirSync(path.join(home, 'below'));
    const below = path.join(home, 'below');
    const shown = seatrial(['config', 'run'], { SEATRIAL_RUN_SEED: '4..5', SEATRIAL_SEED: '9' }, below);
    expect(value(shown, 'seed')).toBe('4..5 SEATRIAL_RUN_SEED');
    expect(value(shown, 'workers')).toBe('1 ../seatrial.config.yaml:1:10');
    expect(value(shown, 'results')).toBe('../out ../seatrial.config.yaml:2:10');
    expect(value(shown, 'timeout')).toBe('10m default');
    expect(seatrial(['list', 'faults']).out).toMatch(/^\[\n/);
    expect(seatrial(['list', 'faults'], { SEATRIAL_OUTPUT: 'markdown' }).out).toMatch(/^\| fault/);
    expect(seatrial(['list', 'faults', '-o', 'text'], { SEATRIAL_OUTPUT: 'markdown' }).out).toMatch(/^fault /);
    expect(seatrial(['list', 'faults', '--no-config']).out).toMatch(/^fault /);
    expect(seatrial(['config']).out).toMatch(/^config file: seatrial\.config\.yaml\n/);
  });

  test('a module gives settings too; JSON as well; a named file instead of the one that is found', () => {
    put('seatrial.config.mjs', 'export default { list: { output: "json" } };');
    expect(seatrial(['list', 'faults']).out).toMatch(/^\[\n/);
    put('other.json', '{"list": {"output": "markdown"}}');
    expect(seatrial(['list', 'faults', '--config', 'other.json']).out).toMatch(/^\| fault/);
  });

  test('a command takes a map of settings', () => {
    put('seatrial.config.yaml', 'trial: 5\n');
    expect(seatrial(['list']).err).toContain('1:1 error CLI-004: "trial": expected the settings of trial, as a map');
  });

  test('a module that never ends or ends the process is a problem', () => {
    for (const top of ['await new Promise(() => {});', 'process.exit(0);']) {
      put('seatrial.config.mjs', `${top} export default {};`);
      const { code, err } = seatrial(['list']);
      expect(code).toBe(2);
      expect(err).toContain('seatrial.config.mjs error CLI-004: cannot be loaded: its top level');
    }
  });

  test.each([
    ['\nnull.x; export default {};', '2:6 error CLI-004: cannot be loaded: TypeError: '],
    ['export default {list};', '1:17 error CLI-004: cannot be loaded: ReferenceError: '],
    ['\nPromise.reject(new Error("late")); export default {};', '2:16 error CLI-004: cannot be loaded: Error: late'],
    ['export default {\n  list: };', '2:9 error CLI-004: cannot be loaded: SyntaxError: '],
  ])('a module that fails says where: %j', (source, problem) => {
    put('seatrial.config.mjs', source);
    const { code, err } = seatrial(['list']);
    expect([code, err.slice(0, err.indexOf('\n'))]).toEqual([2, expect.stringContaining(problem)]);
  });

  test('all problems of a file with their places; a bad value where it stands', () => {
    put('seatrial.config.yaml', 'workrs: 2\ntrial: {sead: 1, strict: 3}\n');
    const unknown = seatrial(['list']);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain(
      'seatrial.config.yaml:1:1 error CLI-001: unknown setting "workrs" (did you mean "workers"?)',
    );
    expect(unknown.err).toContain('seatrial.config.yaml:2:9 error CLI-001: unknown setting of trial "sead"');
    expect(unknown.err).toContain('seatrial.config.yaml:2:26 error CLI-004: strict: expected true or false');
    put('seatrial.config.yaml', 'list:\n  output: xml\n');
    expect(seatrial(['list']).err).toContain(
      'seatrial.config.yaml:2:11 error CLI-004: output "xml": expected text, json or markdown',
    );
    expect(seatrial(['list', '--no-config'], { SEATRIAL_OUTPUT: 'xml' }).code).toBe(0);
    rmSync(path.join(home, 'seatrial.config.yaml'));
    expect(seatrial(['list'], { SEATRIAL_OUTPUT: 'xml' }).err).toContain(
      'error CLI-004: SEATRIAL_OUTPUT "xml": expected',
    );
  });

  test.each([
    ['broken YAML', 'a: [1', /seatrial\.config\.yaml:1:\d+ error CFG-003: broken YAML/],
    ['a list', '- 1', /expected flags by name/],
    ['two files', '', /two config files in .*seatrial\.config\.yaml, seatrial\.config\.json/],
  ])('%s', (name, content, message) => {
    put('seatrial.config.yaml', content);
    if (name === 'two files') put('seatrial.config.json', '{}');
    const { code, err } = seatrial(['list']);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(seatrial(['--help']).code).toBe(0);
  });

  test('a replay line is complete: settings that change results do not reach it', () => {
    put('seatrial.config.yaml', 'trial: {nodes: 1, output: json}\nresults: out\n');
    put('app.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: x}]}\n');
    const line = ['trial', 'app.yaml', '--only', 'store-crash', '--seed', '1', '--build', '0'];
    const replayed = seatrial(line);
    expect(replayed.out).toContain('cluster: 9 nodes');
    expect(existsSync(path.join(home, 'out'))).toBe(true);
    expect(JSON.parse(seatrial(line.slice(0, -2)).out).cluster.text).toContain('1 node');
  });
});
