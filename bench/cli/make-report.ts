/**
 * The work of `seatrial report`: reads everything, then writes one file.
 *
 * Always: a file that is no report of seatrial is never replaced without --force; nothing is written when anything is wrong.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../report/atomic-file.ts';
import { reportPage } from '../report/page/page.ts';
import { readReport } from '../report/page/read-report.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { ReportArgs } from './report.ts';
import { statPath } from './stat-path.ts';
import { fileFailure } from './tool-failure.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

/** A report names its maker within so many bytes. */
const HEAD_BYTES = 4096;
const MAKER = '<meta name="generator" content="seatrial">';

/** Runs the command. @throws UserError with all problems of all files; ToolFailure. */
export async function makeReport(args: ReportArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const problems = new ProblemList();
  const paths = args.paths ?? [];
  const file = args.output ?? defaultFile(paths, problems);
  if (file !== '-' && file !== '') checkTarget(file, args.force, problems);
  const input = readReport(paths, problems);
  problems.throwIfErrors();
  const page = reportPage(input);
  if (file === '-') run.io.out(page);
  else {
    writeFileAtomic(file, page);
    if (!args.quiet) run.io.err(`report: ${file}\n`);
  }
  return EXIT.yes;
}

/** report.html in the folder of the run; '' after a problem. */
function defaultFile(paths: readonly string[], problems: ProblemList): string {
  const [only = ''] = paths;
  if (paths.length === 1 && only === '-') {
    problems.error({}, CLI_CODES.missingArgument, 'a result of standard input needs a file to write: -o FILE');
    return '';
  }
  if (paths.length === 1) {
    const isFolder = statPath(only)?.isDirectory() === true;
    return path.join(isFolder ? only : path.dirname(only), 'report.html');
  }
  problems.error({}, CLI_CODES.missingArgument, 'several results need a file to write: -o FILE');
  return '';
}

function checkTarget(file: string, force: boolean, problems: ProblemList): void {
  const folder = path.dirname(file);
  if (statPath(folder)?.isDirectory() !== true) {
    problems.error({}, CLI_CODES.badValue, `-o ${file}: the folder ${folder} does not exist`);
    return;
  }
  const found = statPath(file);
  if (found?.isDirectory() === true) problems.error({}, CLI_CODES.badValue, `-o ${file}: it is a folder`);
  else if (found?.isFile() === true && found.size > 0 && !force && !isReport(file)) {
    problems.error({}, CLI_CODES.conflict, `-o ${file}: the file is there and is no report`, {
      hint: '--force replaces it',
    });
  }
}

function isReport(file: string): boolean {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const length = readSync(descriptor, head, 0, HEAD_BYTES, 0);
      return head.toString('utf8', 0, length).includes(MAKER);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileFailure('read', file, error);
  }
}
