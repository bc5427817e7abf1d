/**
 * Runs the built command line: in a process of its own, as a user does, or in the process of the test, which compiles it once a file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The compiled entry; `npm test` builds it first. */
export const CLI_MAIN = path.join(PROJECT_ROOT, 'dist', 'bench', 'cli', 'main.js');

/** What a process left. */
export interface CliResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Host time from start to end, in milliseconds. */
  readonly elapsedMs: number;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

interface BuiltProgram {
  readonly runCli: (commands: unknown, argv: readonly string[], io: object) => Promise<number>;
  readonly COMMANDS: unknown;
}

/** The compiled program; vitest leaves dist/ alone. */
async function builtProgram(): Promise<BuiltProgram> {
  if (!existsSync(CLI_MAIN)) throw new Error(`${CLI_MAIN} is missing: npm run build`);
  const load = (file: string) => import(/* @vite-ignore */ path.join(path.dirname(CLI_MAIN), file));
  return { ...(await load('app.js')), ...(await load('commands.js')) };
}

/**
 * Runs `seatrial <argv>` without a process: what is tested is the command, not its start, its streams or its end. One call at a time;
 * standard input is not there.
 */
export async function callSeatrial(
  argv: readonly string[],
  options: Omit<CliOptions, 'input'> = {},
): Promise<CliResult> {
  const { runCli, COMMANDS } = await builtProgram();
  const before = process.cwd();
  const cwd = options.cwd ?? PROJECT_ROOT;
  const texts = { out: '', err: '' };
  const startedAt = performance.now();
  process.chdir(cwd);
  try {
    const io = {
      out: (text: string) => {
        texts.out += text;
      },
      err: (text: string) => {
        texts.err += text;
      },
      outIsTty: false,
      errIsTty: false,
      errColumns: 80,
      env: { ...options.env },
      cwd,
    };
    const code = await runCli(COMMANDS, argv, io);
    return { code, ...texts, elapsedMs: performance.now() - startedAt };
  } finally {
    process.chdir(before);
  }
}

/** Runs `seatrial <argv>` in a process of its own. Colour and CI variables of the caller are not passed on: they change what is written. */
export function runSeatrial(argv: readonly string[], options: CliOptions = {}): CliResult {
  if (!existsSync(CLI_MAIN)) throw new Error(`${CLI_MAIN} is missing: npm run build`);
  const inherited = { ...process.env };
  for (const name of ['CI', 'FORCE_COLOR', 'NO_COLOR', 'GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY']) delete inherited[name];
  const startedAt = performance.now();
  const run = spawnSync(process.execPath, [CLI_MAIN, ...argv], {
    cwd: options.cwd ?? PROJECT_ROOT,
    encoding: 'utf8',
    timeout: options.timeoutMs ?? 60_000,
    env: { ...inherited, ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  if (run.error !== undefined) throw run.error;
  return { code: run.status, out: run.stdout, err: run.stderr, elapsedMs: performance.now() - startedAt };
}
