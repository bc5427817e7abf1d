/**
 * Begins the program: answers `--help` and `--version` at once, and loads the frame for everything else.
 */
import { writeSync } from 'node:fs';
import { formatProblem } from '../../scenarios/problem.ts';
import { isThrownByUser, placedError } from '../user-modules/error-place.ts';
import { bugReport } from './bug-report.ts';
import { type AnyCommand, commandWord } from './command.ts';
import { EXIT } from './exit.ts';
import { processIo } from './io.ts';
import { packageVersion } from './package-info.ts';
import { asksForTopHelp, topHelp } from './top-help.ts';

const UNSETTLED_AWAIT = 13;

/** Runs this process's command line and sets its exit code; never throws. */
export async function start(commands: readonly AnyCommand[]): Promise<void> {
  const argv = process.argv.slice(2);
  const io = processIo();
  // Node would exit with 1, which means "a finding".
  process.once('uncaughtException', (error) => {
    const isUsers = isThrownByUser(error);
    io.err(isUsers ? lateThrow(error) : bugReport(error, argv));
    process.exit(isUsers ? EXIT.userError : EXIT.broken);
  });
  process.once('exit', function atExit() {
    const exit = new Error('process.exit was called');
    Error.captureStackTrace(exit, atExit);
    if (isThrownByUser(exit)) {
      writeSync(2, lateThrow(exit));
      process.exitCode = EXIT.userError;
    }
    // The event loop ran dry before the command was done: Node would exit with 13 and say nothing.
    if (Number(process.exitCode) !== UNSETTLED_AWAIT) return;
    writeSync(2, bugReport(new Error('the command waits for something that never comes'), argv));
    process.exitCode = EXIT.broken;
  });
  if (argv.length === 0) {
    io.err(topHelp(commands));
    process.exitCode = EXIT.userError;
  } else if (asksForTopHelp(argv)) {
    io.out(topHelp(commands));
  } else if (argv.length === 1 && argv[0] === '--version') {
    io.out(`${packageVersion()}\n`);
  } else {
    const { runCli } = await import('./app.ts');
    process.exitCode = await runCli(commands, helpOfCommand(commands, argv), io);
  }
}

/** What a module of the user threw, or ended, after its call had ended. */
function lateThrow(error: unknown): string {
  const { text, ...place } = placedError(error);
  const hint = 'a timer or a promise outlived the call that made it: what it does cannot be repeated';
  return `${formatProblem({ severity: 'error', ...place, code: 'OPR-004', message: text, hint })}\n`;
}

/** `help trial` means `trial --help`. */
function helpOfCommand(commands: readonly AnyCommand[], argv: readonly string[]): readonly string[] {
  const [first, word, ...rest] = argv;
  const named = first === 'help' && rest.length === 0 && commands.some((command) => commandWord(command) === word);
  return named && word !== undefined ? [word, '--help'] : argv;
}
