/**
 * The frame with commands made for the test: flags, all problems at once, exit codes of whatever a handler throws.
 */
import { describe, expect, test } from 'vitest';
import { runCli } from '../../../bench/cli/app.ts';
import { type AnyCommand, defineCommand } from '../../../bench/cli/command.ts';
import type { Io } from '../../../bench/cli/io.ts';
import { ToolFailure } from '../../../bench/cli/tool-failure.ts';
import { UserError, userError } from '../../../bench/cli/user-error.ts';

interface SailArgs {
  paths: string[] | undefined;
  seed: readonly number[];
  workers: number;
  bound: number;
  nodes: number;
  only: readonly string[] | undefined;
  assume: readonly string[] | undefined;
  output: string;
}

let seen: SailArgs | undefined;

const sail = defineCommand<SailArgs>({
  name: 'sail <paths..>',
  describe: 'Sails',
  examples: [['seatrial sail a.yaml', 'sails']],
  builder: (parser, flags) =>
    parser
      .positional('paths', flags.paths('files'))
      .option('seed', flags.seeds('seed', { describe: 'seeds', default: '1' }))
      .option('workers', flags.workers('workers', { describe: 'threads', default: '2' }))
      .option('bound', flags.duration('bound', { describe: 'bound', default: '30s', minUs: 1 }))
      .option('nodes', flags.count('nodes', { describe: 'nodes', default: 9, min: 1, max: 5000 }))
      .option('only', flags.words('only', { describe: 'trials', choices: ['node-crash', 'zone-loss'] as const }))
      .option('assume', flags.lists('assume', { describe: 'kinds', known: ['CronJob'] }))
      .option(
        'output',
        flags.choice('output', { alias: 'o', describe: 'format', default: 'text', choices: ['text', 'json'] }),
      ),
  handler: async (args) => {
    seen = args;
    return 0;
  },
});

const failing = (name: string, make: () => unknown): AnyCommand =>
  defineCommand<unknown>({
    name,
    describe: false,
    examples: [],
    builder: (parser) => parser,
    handler: async () => {
      throw make();
    },
  });

const commands = [
  sail,
  failing('sink', () => new Error('assertion failed: bind: cpu overcommitted')),
  failing('leak', () => new ToolFailure('results', 'cannot write results/x: no space left on device (ENOSPC)')),
  failing('drift', () => {
    const place = { file: 'a.yaml', line: 2, column: 3 };
    const second = userError({ ...place, code: 'SCN-001', message: 'no nodes' }).problems;
    const first = userError({ file: 'a.yaml', line: 1, code: 'SCN-002', message: 'no name' }).problems;
    return new UserError([...second, ...first]);
  }),
];

let env: Record<string, string> = {};

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outIsTty: false,
    errIsTty: false,
    errColumns: 80,
    env,
    cwd: '.',
  };
  seen = undefined;
  const code = await runCli(commands, argv, io);
  return { code, out, err };
}

describe('flags', () => {
  test('defaults pass through the same reader', async () => {
    expect(await run('sail', 'a.yaml', '007')).toMatchObject({ code: 0, err: '' });
    expect(seen).toMatchObject({
      paths: ['a.yaml', '007'],
      seed: [1],
      workers: 2,
      bound: 30_000_000,
      nodes: 9,
      output: 'text',
    });
    expect(seen?.only).toBeUndefined();
  });

  test('values are read', async () => {
    const line = 'sail - --seed 1..3,9 --workers=1 --bound 1m30s --nodes 20 --only zone-loss,node-crash -o json';
    expect(await run(...line.split(' '))).toMatchObject({ code: 0 });
    expect(seen).toMatchObject({ paths: ['-'], seed: [1, 2, 3, 9], bound: 90_000_000, nodes: 20, output: 'json' });
    expect(seen?.only).toEqual(['zone-loss', 'node-crash']);
  });

  test('after -- a word is a path, whatever it begins with', async () => {
    expect(await run('sail', '--seed', '2', '--', '-a.yaml', '--seed', 'b')).toMatchObject({ code: 0, err: '' });
    expect(seen).toMatchObject({ paths: ['./-a.yaml', './--seed', 'b'], seed: [2] });
    expect(await run('sail', '--', '-')).toMatchObject({ code: 0, err: '' });
    expect(seen).toMatchObject({ paths: ['-'] });
  });

  test('the last of a repeated flag counts', async () => {
    expect(await run('sail', 'a', '--seed', '1', '--seed', '2')).toMatchObject({ code: 0 });
    expect(seen?.seed).toEqual([2]);
    expect(await run('sail', 'a', '-q', '--quiet', '--color', '--no-color')).toMatchObject({ code: 0 });
    expect(seen).toMatchObject({ quiet: true, color: false });
  });

  test('all of a list count, each word once; none between commas is refused', async () => {
    expect(await run('sail', 'a', '--assume', 'CronJob, nfs', '--assume', 'csi,nfs')).toMatchObject({ code: 0 });
    expect(seen?.assume).toEqual(['CronJob', 'nfs', 'csi']);
    expect((await run('sail', 'a', '--assume', 'nfs,')).err).toContain(
      '--assume "nfs,": expected words between commas',
    );
    expect(await run('sail', 'a')).toMatchObject({ code: 0 });
    expect(seen?.assume).toBeUndefined();
  });

  test.each([
    [['--quiet=true'], false],
    [['-q'], false],
    [['--quiet=false'], true],
    [['--quiet', '--no-quiet'], true],
    [[], true],
  ])('settings from outside are told unless it is quiet: %j', async (words, isTold) => {
    env = { SEATRIAL_NODES: '12' };
    const { err } = await run('sail', 'a', ...words);
    env = {};
    expect(seen?.nodes).toBe(12);
    expect(err).toBe(isTold ? 'settings: --nodes=12 (SEATRIAL_NODES)\n' : '');
  });

  test('every problem at once, and the handler does not run', async () => {
    const line = 'sail a --seed abc --workers 0 --bound 30 --nodes 0 --only node-crsh,zone-loss -o jsn --sed 3';
    const { code, out, err } = await run(...line.split(' '));
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(seen).toBeUndefined();
    expect(err.split('\n').sort()).toEqual(
      [
        'error CLI-001: unknown flag "--sed" (did you mean "--seed"?)',
        'error CLI-004: --bound "30": a duration needs a unit: 30s, 30m or 30ms',
        'error CLI-004: --nodes "0": expected 1 to 5000',
        'error CLI-004: --only "node-crsh": expected node-crash or zone-loss (did you mean "node-crash"?)',
        'error CLI-004: --output "jsn": expected text or json (did you mean "json"?)',
        'error CLI-004: --seed "abc": expected a seed such as 7, a range 1..20 or a list 3,5,9',
        'error CLI-004: --workers "0": expected 1 to 256 threads',
        'See `seatrial sail --help`.',
        '',
      ].sort(),
    );
  });

  test.each([
    [['sail'], 'error CLI-003: sail needs PATHS: files'],
    [['sail', 'a', '--seed'], 'error CLI-003: --seed needs a value'],
    [['sail', 'a', '--seed='], 'error CLI-004: --seed "": expected a seed'],
    [['sail', 'a', '--nodes', '-3'], 'error CLI-004: --nodes "-3": expected a whole number'],
    [['sail', 'a', '--nodes', '3.5'], 'error CLI-004: --nodes "3.5": expected a whole number'],
    [['sial', 'a'], 'error CLI-002: unknown command "sial" (did you mean "sail"?)\nSee `seatrial --help`.'],
    [['row'], 'error CLI-002: unknown command "row"\n  hint: known: sail'],
    [['sail', 'a', '--quiet=maybe'], 'error CLI-004: --quiet "maybe": it is a switch and takes no value'],
    [['sail', 'a', '--nodes', '3\n4\u202e'], 'error CLI-004: --nodes "3\\n4\\u202e": expected a whole number'],
    [['sail', 'a', '-x'], 'error CLI-001: unknown flag "-x"'],
    [['sail', 'a', '--x'], 'error CLI-001: unknown flag "--x"'],
    [['--seed', '3'], 'error CLI-003: a command is missing'],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(seen).toBeUndefined();
  });

  test('help of a command shows flags and examples on standard output', async () => {
    const { code, out, err } = await run('sail', '--help');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toContain('seatrial sail <paths..>');
    expect(out).toContain('--bound');
    expect(out).toContain('  # sails\n  seatrial sail a.yaml\n');
    // Its own flags first; that a switch is off, or a list empty, is not worth a word.
    expect(out).toMatch(/\nOptions:\n.*--bound.*\nOf every command:\n.*--quiet/s);
    expect(out).not.toMatch(/\[default: (false|\[\])\]/);
  });
});

describe('what a handler throws', () => {
  test('a bug: exit 3 with a replay line', async () => {
    const { code, err } = await run('sink', '--no-color');
    expect(code).toBe(3);
    expect(err).toContain('bind: cpu overcommitted');
    expect(err.trimEnd().split('\n').at(-1)).toBe('replay: seatrial sink --no-color');
  });

  test('a broken tool: exit 3 with its cause and no stack', async () => {
    const { code, err } = await run('leak');
    expect(code).toBe(3);
    expect(err).toBe('error: cannot write results/x: no space left on device (ENOSPC)\n');
  });

  test('errors in files: exit 2, all of them, by line', async () => {
    const { code, err } = await run('drift');
    expect(code).toBe(2);
    expect(err).toBe('a.yaml:1 error SCN-002: no name\na.yaml:2:3 error SCN-001: no nodes\n');
  });
});
