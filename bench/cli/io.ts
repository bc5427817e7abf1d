/**
 * The process as commands see it: two text streams, the environment, the current folder.
 *
 * Always: data goes to standard output, everything else to standard error; a reader that closes the pipe early ends the
 * program quietly, a full disk behind standard output is exit code 3.
 */
import { EXIT } from './exit.ts';
import { errorCode, fileFailure } from './tool-failure.ts';

/** Text streams and surroundings of a command. */
export interface Io {
  /** Writes data. */
  out(text: string): void;
  /** Writes remarks, progress and errors. */
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  /** Width of the terminal behind standard output, in columns; absent when it is none. */
  readonly outColumns?: number | undefined;
  /** Width of the terminal behind standard error, in columns. */
  readonly errColumns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The Io of this process. Call once. */
export function processIo(): Io {
  process.stdout.on('error', endOnOutputError);
  process.stderr.on('error', () => {});
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTty: process.stdout.isTTY === true,
    errIsTty: process.stderr.isTTY === true,
    outColumns: process.stdout.columns,
    errColumns: process.stderr.columns ?? 80,
    env: process.env,
    cwd: process.cwd(),
  };
}

/** Variables that mean "nobody is watching": a continuous-integration service. */
const CI_VARIABLES = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE', 'TF_BUILD', 'JENKINS_URL'] as const;

/** True in continuous integration: no redrawn lines, no prompts. */
export function isCi(env: Io['env']): boolean {
  return CI_VARIABLES.some((name) => {
    const value = env[name] ?? '';
    return value !== '' && value !== 'false' && value !== '0';
  });
}

function endOnOutputError(error: Error): void {
  if (errorCode(error) === 'EPIPE') {
    // A command whose last words these were has its answer as soon as it returns; one that goes on would do so for nobody.
    setImmediate(() => process.exit());
    return;
  }
  process.stderr.write(`error: ${fileFailure('write', 'standard output', error).message}\n`);
  process.exit(EXIT.broken);
}
