/**
 * run, replay, validate and list over the built command line, as a user calls them.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLI_MAIN, type CliResult, callSeatrial, runSeatrial } from '../support/cli.ts';
import {
  CRASH_SCENARIO,
  EXCUSED_SCENARIO,
  LONG_SCENARIO,
  NO_ROOM_SCENARIO,
  WRONG_SCENARIO,
} from '../support/scenario-text.ts';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  writeFileSync(path.join(scratch, 'crash.yaml'), CRASH_SCENARIO);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const seatrial = (...argv: string[]): Promise<CliResult> => callSeatrial(argv, { cwd: scratch });
const put = (name: string, text: string | Uint8Array) => writeFileSync(path.join(scratch, name), text);
const read = (...parts: string[]) => readFileSync(path.join(scratch, ...parts), 'utf8');

describe('run', () => {
  test('a file and its twin: as expected, exit 0, and a results folder', async () => {
    const { code, out, err } = await seatrial('run', 'crash.yaml', '--seed', '1..3');
    expect(out).toMatch(/^small-crash +pass +pass +3 /m);
    expect(out).toMatch(/^small-crash \(twin\) +pass +pass +3 /m);
    expect(out).toMatch(/verdict: as expected \(6 of 6 cases run, 0 not as expected\)\n$/);
    expect(err).toContain('results: results/run-crash-s1..3-001\n');
    expect(code).toBe(0);
    const folder = path.join('results', 'run-crash-s1..3-001');
    expect(readdirSync(path.join(scratch, folder)).sort()).toEqual([
      'latency.hlog',
      'metrics.csv',
      'replay.json',
      'result.json',
      'run.json',
    ]);
    const result = JSON.parse(read(folder, 'result.json'));
    expect(result).toMatchObject({ complete: true, verdict: 'as expected', seeds: '1..3' });
    expect(result.scenarios[0].podStartupUs.count).toBeGreaterThanOrEqual(12);
    expect(result.scenarios[0].cases[0].digest).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(read(folder, 'run.json'))).toMatchObject({ exitCode: 0, complete: true });
    expect(read(folder, 'metrics.csv')).toMatch(/^small-crash,,pod-startup-p99,virtual,us,\d+$/m);
    expect(read(folder, 'latency.hlog')).toContain('Tag=small-crash.pod-startup-us,');
  });

  test('the result does not depend on the number of workers, nor on being repeated', async () => {
    const texts: CliResult[] = [];
    for (const workers of ['1', '2', '3'])
      texts.push(
        await seatrial('run', 'crash.yaml', '--seed', '1..12', '-j', workers, '-o', 'json', '--no-results', '-q'),
      );
    expect(texts.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(texts[1]?.out).toBe(texts[0]?.out);
    expect(texts[2]?.out).toBe(texts[0]?.out);
    const digests = JSON.parse(texts[0]!.out).scenarios[0].cases.map((each: { digest: string }) => each.digest);
    expect(new Set(digests).size).toBe(12);
    expect(readdirSync(scratch)).toEqual(['crash.yaml']);
  });

  test('an unexpected outcome: exit 1, worst first, and the replay line', async () => {
    put('room.yaml', NO_ROOM_SCENARIO);
    const { code, out } = await seatrial('run', '.', '--seed', '4', '--no-results');
    expect(code).toBe(1);
    expect(out.split('\n')[1]).toMatch(/^no-room +pass +fail (X1|RS1) /);
    expect(out).toMatch(
      /^no-room, seed 4: fail (X1|RS1): .*\n {2}replay: seatrial replay room.yaml --seed 4 --build /m,
    );
    expect(out).toContain('(checks: {excuses: [no-feasible-node]} would excuse it)');
    expect(out).toMatch(/verdict: not as expected \(3 of 3 cases run, 1 not as expected\)\n$/);
  });

  test('an excused case is as expected, and no answer with --strict', async () => {
    put('excused.yaml', EXCUSED_SCENARIO);
    expect(await seatrial('run', 'excused.yaml', '--no-results')).toMatchObject({ code: 0 });
    const strict = await seatrial('run', 'excused.yaml', '--no-results', '--strict');
    expect(strict.code).toBe(4);
    expect(strict.out).toContain('verdict: not decided');
  });

  test('report files in several formats', async () => {
    const { code } = await seatrial(
      'run',
      'crash.yaml',
      '--no-results',
      '-o',
      'ndjson',
      '--report',
      'json=a.json,markdown=b.md',
    );
    expect(code).toBe(0);
    expect(JSON.parse(read('a.json')).verdict).toBe('as expected');
    expect(read('b.md')).toMatch(/^\| scenario \|/);
  });

  test('a case over its time-out is broken: exit 3 with its replay line, the others finish', async () => {
    put('long.yaml', LONG_SCENARIO);
    const { code, out } = await seatrial('run', '.', '--no-results', '--timeout', '3s');
    expect(code).toBe(3);
    expect(out).toMatch(
      /^long, seed 1: broken: no result after 3 s of host time\n {2}replay: seatrial replay long.yaml --seed 1 /m,
    );
    expect(out).toMatch(/^small-crash +pass +pass +1 /m);
    expect(out).toMatch(/verdict: broken \(3 of 3 cases run, 0 not as expected, 1 broken\)\n$/);
  });

  test('Ctrl-C keeps partial results, marked incomplete: exit 130', async () => {
    put('long.yaml', LONG_SCENARIO);
    // As long as this machine needs for the short cases now, and some more.
    const { elapsedMs } = await seatrial('run', 'crash.yaml', '--seed', '1..4', '--no-results');
    const child = spawn(process.execPath, [CLI_MAIN, 'run', 'crash.yaml', 'long.yaml', '--seed', '1..4'], {
      cwd: scratch,
    });
    let out = '';
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    await new Promise((resolve) => setTimeout(resolve, 2000 + 2 * elapsedMs));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(out).toMatch(/verdict: incomplete \(\d+ of 12 cases run/);
    const folder = path.join('results', readdirSync(path.join(scratch, 'results'))[0] ?? '');
    const result = JSON.parse(read(folder, 'result.json'));
    expect(result).toMatchObject({ complete: false, verdict: 'incomplete' });
    expect(result.scenarios[0].outcomes.pass).toBeGreaterThan(0);
    expect(result.scenarios.at(-1).outcomes.missing).toBeGreaterThan(0);
    expect(JSON.parse(read(folder, 'run.json'))).toMatchObject({ exitCode: 130, complete: false });
  });

  test('of standard input is kept, so that its replay line runs', async () => {
    const argv = ['run', '-', '--results', 'piped', '-q'];
    const { code, out } = runSeatrial(argv, { cwd: scratch, input: NO_ROOM_SCENARIO });
    const file = path.join('piped', 'run-stdin-s1-001', 'input.yaml');
    expect([code, out]).toEqual([1, expect.stringContaining(`  replay: seatrial replay ${file} --seed 1 `)]);
    expect((await callSeatrial(['replay', file], { cwd: scratch })).out).toMatch(/^verdict: fail /m);
    expect(out).toMatch(new RegExp(`^  pending: .*: seatrial explain \\S+ ${file} --seed 1 `, 'm'));
    // Manifests beside the reader are not beside the kept file: it holds them.
    put(
      'app.yaml',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: huge}\nspec: {containers: [{name: c, image: x, resources: {requests: {cpu: 99}}}]}\n',
    );
    const input = NO_ROOM_SCENARIO.replace(/^workload:.*(\n .*)*/m, 'workload: {manifests: [app.yaml]}');
    const named = runSeatrial([...argv, '--report', 'json=named.json'], { cwd: scratch, input });
    const whole = path.join('piped', 'run-stdin-s1-002', 'input.yaml');
    expect(read(whole)).toContain('name: huge');
    const again = await callSeatrial(['replay', whole], { cwd: scratch });
    expect([again.code, again.err]).toEqual([named.code, '']);
    expect(read('named.json')).toContain('seatrial run piped/run-stdin-s1-002/input.yaml --seed 1');
    const broken = runSeatrial(['validate', '-'], { cwd: scratch, input: '{"kind": "Scenario", "falts": []' });
    expect([broken.code, broken.err]).toEqual([2, expect.stringMatching(/^\(standard input\):1:\d+ error SCN-003: /)]);
  });
});

describe('user errors: exit 2, every problem at once, nothing written', () => {
  test('validate and run report the same problems with positions and nearest names', async () => {
    put('wrong.yaml', WRONG_SCENARIO);
    const validated = await seatrial('validate', '.');
    const ran = await seatrial('run', '.');
    expect([validated.code, ran.code]).toEqual([2, 2]);
    expect(ran.err).toBe(validated.err);
    expect(validated.out).toBe('');
    expect(validated.err).toMatch(/^wrong\.yaml:\d+:\d+ error SCN-\d+: .*node-crsh/m);
    expect(validated.err).toMatch(/did you mean "node-crash"/);
    expect(validated.err).toMatch(/did you mean "warmUp"/);
    expect(readdirSync(scratch).sort()).toEqual(['crash.yaml', 'wrong.yaml']);
  });

  test.each([
    [['run'], 'run needs PATHS: '],
    [['run', 'gone.yaml'], 'gone.yaml error SCN-000: cannot read: no such file or folder'],
    [['run', 'crash.yaml', '--seed', 'x'], '--seed "x": expected a seed'],
    [['run', 'crash.yaml', '--report', 'pdf=a'], 'unknown report format "pdf"'],
    [['run', 'crash.yaml', '--report', 'json=no/where.json'], 'the folder no does not exist'],
    [['run', 'crash.yaml', '--timeout', '5'], 'a duration needs a unit'],
    [['replay', 'crash.yaml', '--seed', '1..3'], 'replay runs one seed, not 3'],
    [['validate'], 'validate needs a file or folder, or --schema'],
    [['validate', '--schema', 'crash.yaml'], '--schema takes no paths'],
    [['conform', 'etcd', './etcd'], 'conform etcd reads no data, so not ./etcd either'],
    [
      ['list', 'faults', 'node-crash', 'node-crahs'],
      'list faults: there is no "node-crahs" (did you mean "node-crash"?)',
    ],
    [['bench', 'cor'], 'unknown action "cor" (did you mean "core"?)'],
    [['bench', 'core', '--grep', 'zzz'], 'no kernel\'s name holds "zzz"'],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await seatrial(...argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(readdirSync(scratch)).toEqual(['crash.yaml']);
  });

  test('of a list only the names asked for', async () => {
    const { code, out } = await seatrial('list', 'faults', 'slow-disk', 'node-crash', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out).map(({ fault }: { fault: string }) => fault)).toEqual(['node-crash', 'slow-disk']);
  });

  test('a binary file and an empty one', async () => {
    put(
      'binary.yaml',
      Uint8Array.from({ length: 64 }, (_, index) => index),
    );
    put('empty.yaml', '');
    expect(await seatrial('validate', 'binary.yaml', 'empty.yaml')).toMatchObject({ code: 2 });
  });

  test('a twin that is not there', () => {
    const { code, err } = runSeatrial(['replay', '-', '--twin'], { cwd: scratch, input: NO_ROOM_SCENARIO });
    expect(code).toBe(2);
    expect(err).toContain('(standard input) error CLI-005: this scenario has no twin');
  });
});

describe('replay', () => {
  test('verdict, faults with what they hit, timeline and digest; the same digest as run', async () => {
    const { code, out } = await seatrial('replay', 'crash.yaml', '--seed', '2');
    expect(code).toBe(0);
    expect(out).toMatch(/^verdict: pass \(expected pass: yes\)$/m);
    expect(out).toMatch(/^f1 +node-crash +\+40\.000 s +60\.0 s +kubelet-node-\d +1 node powered off$/m);
    expect(out).toMatch(/^ +\+0\.000 s {2}cluster is up, workload is applied$/m);
    expect(out).toMatch(/heal point/);
    expect(out).toMatch(/^rules without an occasion here: \d+ \(--verbose names them\)$/m);
    const digest = /^digest: ([0-9a-f]{64})$/m.exec(out)?.[1];
    const ran = JSON.parse((await seatrial('run', 'crash.yaml', '--seed', '1..2', '--no-results', '-o', 'json')).out);
    expect(ran.scenarios[0].cases[1].digest).toBe(digest);
    const verbose = await seatrial('replay', 'crash.yaml', '--seed', '2', '--verbose');
    expect(verbose.out).toMatch(/^rules without an occasion here: [A-Z]+\d+, /m);
    const twin = await seatrial('replay', 'crash.yaml', '--seed', '2', '--twin', '-o', 'json');
    expect(JSON.parse(twin.out).digest).toBe(ran.scenarios[1].cases[1].digest);
  });

  test('an interleaving gives another digest, and the same one each time', async () => {
    const digestOf = async (...more: string[]) =>
      JSON.parse((await seatrial('replay', 'crash.yaml', '-o', 'json', ...more)).out).digest;
    const plain = await digestOf();
    const other = await digestOf('--interleaving', '1');
    expect(other).not.toBe(plain);
    expect(await digestOf('--interleaving', '1')).toBe(other);
  });

  test('another build warns', async () => {
    const { code, err } = await seatrial('replay', 'crash.yaml', '--build', '0123456789ab');
    expect(code).toBe(0);
    expect(err).toMatch(
      /^warning: this is build [0-9a-f]{12}, the line is from build 0123456789ab: the result may differ$/m,
    );
  });
});

describe('validate and list', () => {
  test('a valid folder', async () => {
    expect(await seatrial('validate', '.')).toMatchObject({
      code: 0,
      out: 'valid: 1 scenario, 1 twin, 0 warnings\n',
      err: '',
    });
  });

  test('suites are read too, of a file, a folder or standard input, with all their problems and those of the scenarios beside', async () => {
    const head = 'apiVersion: seatrial/v1\nkind: Suite\nmetadata: {name: own}\nabout: One.\n';
    const good = `${head}benchmarks: [{scenario: ../crash.yaml}]\n`;
    const folder = path.join(scratch, 'suites');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'good.yaml'), good);
    const valid = { code: 0, out: 'valid: 1 suite, 1 benchmark, 0 warnings\n', err: '' };
    expect(await seatrial('validate', 'suites')).toMatchObject(valid);
    expect(await seatrial('validate', 'suites/good.yaml')).toMatchObject(valid);
    expect(runSeatrial(['validate', '-'], { cwd: folder, input: good })).toMatchObject(valid);
    expect((await seatrial('validate', '.')).out).toBe('valid: 1 scenario, 1 twin, 1 suite, 1 benchmark, 0 warnings\n');
    writeFileSync(
      path.join(folder, 'bad.yaml'),
      `${head}seed: 1\nobjectives: [pods > many]\nbenchmarks: [{scenario: gone.yaml}]\n`,
    );
    const { code, err } = await seatrial('validate', 'suites', 'gone.yaml');
    rmSync(folder, { recursive: true });
    expect(code).toBe(2);
    expect(err.match(/^\S+ error \S+(?=:)/gm)?.sort()).toEqual([
      'gone.yaml error SCN-000',
      'suites/bad.yaml:5:1 error SUI-010',
      'suites/bad.yaml:6:14 error SUI-011',
      'suites/bad.yaml:7:25 error SUI-020',
    ]);
  });

  test('the JSON schema names every field of a scenario', async () => {
    const schema = JSON.parse((await seatrial('validate', '--schema')).out);
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['cluster', 'faults', 'phases', 'twin']));
  });

  test('list: scenarios of a folder, and names', async () => {
    expect((await seatrial('list', '.')).out).toMatch(
      /^small-crash +crash\.yaml +pass \+ twin +1 +4 +One node of four/m,
    );
    const rows = JSON.parse((await seatrial('list', 'predicates', '-o', 'json')).out);
    expect(rows).toEqual(expect.arrayContaining([expect.objectContaining({ predicate: 'RS1' })]));
    for (const name of ['faults', 'operations', 'excuses', 'bugs', 'marks', 'costs']) {
      const { code, out } = await seatrial('list', name);
      expect(code).toBe(0);
      expect(out.split('\n').length).toBeGreaterThan(4);
    }
    expect((await seatrial('list', 'marks')).err).toContain('seatrial help card');
    expect((await seatrial('list', 'marks', '--quiet')).err).toBe('');
  });
});
