/**
 * Every printed replay line, pasted into a shell, gives the same verdict and the same digest.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI_MAIN, callSeatrial } from '../support/cli.ts';
import { CRASH_SCENARIO, NO_ROOM_SCENARIO, SINGLE_REPLICA } from '../support/scenario-text.ts';

/** A folder whose name a shell would take apart, and a program for a flag. */
const FOLDER = "./-it's my $HOME (copy)";

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  const program = path.join(scratch, 'seatrial');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI_MAIN}' "$@"\n`);
  chmodSync(program, 0o755);
  mkdirSync(path.join(scratch, FOLDER));
  writeFileSync(path.join(scratch, FOLDER, 'room.yaml'), NO_ROOM_SCENARIO);
  // Passes, although a failure is expected; and the twin fails, although it should pass.
  const surprising = CRASH_SCENARIO.replace(
    /^twin:.*$/m,
    'expect: {fail: RS1}\ntwin: {patch: {faults: []}, expect: {fail: X1}}',
  );
  writeFileSync(path.join(scratch, FOLDER, 'surprise.yaml'), surprising);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Case {
  readonly file: string;
  readonly twin: boolean;
  readonly seed: number;
  readonly outcome: string;
  readonly predicate: string;
  readonly digest: string;
}

/** Runs a line as a person would: pasted into a shell, with `seatrial` on the path. */
function paste(line: string): { code: number | null; out: string; err: string } {
  const env = { ...process.env, PATH: `${scratch}:${process.env['PATH'] ?? ''}` };
  const run = spawnSync('sh', ['-c', line], { cwd: scratch, encoding: 'utf8', env });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

describe('replay lines of run', () => {
  test('each gives the verdict and digest of its case', async () => {
    const ran = await callSeatrial(
      ['run', FOLDER, '--seed', '3,8', '--no-results', '-q', '--report', 'ndjson=cases.ndjson,text=text'],
      {
        cwd: scratch,
      },
    );
    expect(ran.code).toBe(1);
    const lines = [...ran.out.matchAll(/^ {2}replay: (seatrial .*)$/gm)].map((match) => match[1] ?? '');
    const listed = await callSeatrial(['run', FOLDER, '--seed', '3,8', '--no-results', '-q', '-o', 'ndjson'], {
      cwd: scratch,
    });
    const cases = listed.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Case & { type: string })
      .filter(({ type }) => type === 'case');
    expect(lines).toHaveLength(6);
    expect(cases).toHaveLength(6);
    for (const line of lines) {
      const { code, out, err } = paste(line);
      expect(code).toBe(1);
      const seed = Number(/--seed (\d+)/.exec(line)?.[1]);
      const twin = line.includes(' --twin');
      const file = line.includes('room.yaml') ? 'room.yaml' : 'surprise.yaml';
      const original = cases.find((each) => each.file.endsWith(file) && each.twin === twin && each.seed === seed);
      expect(out).toContain(`\ndigest: ${original?.digest}\n`);
      expect(out).toMatch(/^verdict: .*: no\)$/m);
      if (original?.outcome === 'fail') expect(out).toContain(`verdict: fail ${original.predicate}: `);
      // A replay that is not as expected ends with its own line, and with no warning of another build.
      expect(out).toContain(`\nreplay: ${line}\n`);
      expect(err).toBe('');
    }
  });
});

describe('replay lines of trial', () => {
  test('each repeats its trial with its seed: same mark, same digest', async () => {
    writeFileSync(path.join(scratch, 'single app.yaml'), SINGLE_REPLICA);
    const argv = ['trial', 'single app.yaml', '--nodes', '3', '--only', 'node-crash,rolling-update', '--seeds', '2'];
    const ran = await callSeatrial([...argv, '-q', '-o', 'json'], { cwd: scratch });
    expect(ran.code).toBe(1);
    const card = JSON.parse(ran.out) as { workloads: { rows: Row[] }[] };
    const failed = card.workloads.flatMap(({ rows }) => rows).filter(({ replay }) => replay !== '');
    expect(failed.map(({ trial }) => trial)).toContain('node-crash');
    for (const row of failed) {
      const { code, out } = paste(row.replay);
      expect(code).toBe(row.mark === 'failed' ? 1 : 0);
      expect(out).toContain(`digest: ${row.digest}\n`);
      expect(out).toMatch(new RegExp(`^ *${row.mark} +${row.trial} `, 'm'));
    }
  });
});

test('a line whose files were edited meanwhile says so', async () => {
  const app = path.join(scratch, 'edited.yaml');
  writeFileSync(app, SINGLE_REPLICA);
  const argv = ['trial', 'edited.yaml', '--nodes', '3', '--only', 'node-crash', '--seeds', '1', '-q'];
  const ran = await callSeatrial(argv, { cwd: scratch });
  const line = /seatrial trial .*--inputs \w+/.exec(ran.out)?.[0] ?? '';
  writeFileSync(app, SINGLE_REPLICA.replace('replicas: 1', 'replicas: 2'));
  expect(paste(line).err).toMatch(
    /^warning: the files have changed since the line was printed \(inputs \w{8}, now \w{8}\)/m,
  );
});

interface Row {
  readonly trial: string;
  readonly mark: string;
  readonly replay: string;
  readonly digest: string;
}

describe('replay up to a moment', () => {
  const file = `${FOLDER}/room.yaml`;

  test('shows any part of the state then, and names what there is', async () => {
    const { code, out } = await callSeatrial(['replay', file, '--until', '30s', '--inspect', 'scheduler-0'], {
      cwd: scratch,
    });
    expect(out).toMatch(/^at \+30\.000 s, after event \d+, scheduler-0:\n {2}process: /);
    expect(out).toContain('\n  queue/ (');
    // The count is of what is listed after it.
    const whole = await callSeatrial(['replay', file, '--until', '30s', '--inspect', '.'], { cwd: scratch });
    const lists = [...whole.out.matchAll(/^ {2}\S+\/ \((\d+)\): (.*[^…])$/gm)];
    expect(lists.length).toBeGreaterThan(3);
    for (const [, count, list = ''] of lists) expect(list.split(', ')).toHaveLength(Number(count));
    expect(code).toBe(0);
    const wrong = await callSeatrial(['replay', file, '--until', '30s', '--inspect', 'scheduler-0/quee'], {
      cwd: scratch,
    });
    expect(wrong.err).toContain('unknown part of scheduler-0 "quee" (did you mean "queue"?)');
    expect(wrong.code).toBe(2);
  });

  test('a moment that cannot be is exit 2, one that does not come a warning', async () => {
    for (const [until, message] of [
      ['30', /a duration needs a unit/],
      ['violatin', /unknown moment "violatin" \(did you mean "violation"\?\)/],
    ] as const) {
      const { code, err, out } = await callSeatrial(['replay', file, '--until', until], { cwd: scratch });
      expect(err).toMatch(message);
      expect(code).toBe(2);
      expect(out).toBe('');
    }
    const late = await callSeatrial(['replay', file, '--until', '900h', '-o', 'json'], { cwd: scratch });
    expect(late.err).toContain('the run ended before 900h');
    expect(JSON.parse(late.out)).toMatchObject({ reached: false });
  });
});

describe('stories', () => {
  test('a case is told; a failing one is shrunk, and its line replays it', async () => {
    const file = `${FOLDER}/room.yaml`;
    const told = await callSeatrial(['replay', file, '--story', 'told', '-q'], { cwd: scratch });
    expect(told.err).toContain('story: told/room.md, told/room.svg');
    const small = await callSeatrial(['replay', file, '--minimise', 'small', '-q'], { cwd: scratch });
    const line = /^replay: (seatrial replay small\/room-minimal\.yaml .*)$/m.exec(small.err)?.[1] ?? '';
    expect(paste(line)).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(scratch, 'small', 'room-minimal.md'), 'utf8')).toContain(
      `In the folder of this page:\n\n\`\`\`sh\n${line.replace('small/', '')}\n`,
    );
  });

  test('a case that passes has nothing to shrink', async () => {
    const { code, err } = await callSeatrial(['replay', `${FOLDER}/surprise.yaml`, '--minimise', 'none'], {
      cwd: scratch,
    });
    expect(err).toContain('seed 1 passes: there is nothing to shrink');
    expect(code).toBe(2);
  });
});
