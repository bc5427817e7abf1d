/**
 * Begins the program: answers `--help` and `--version` at once, and loads the frame for everything else.
 */
import { writeSync } from 'node:fs';
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
    io.err(bugReport(error, argv));
    process.exit(EXIT.broken);
  });
  // The event loop ran dry before the command was done: Node would exit with 13 and say nothing.
  process.once('exit', () => {
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

/** `help trial` means `trial --help`. */
function helpOfCommand(commands: readonly AnyCommand[], argv: readonly string[]): readonly string[] {
  const [first, word, ...rest] = argv;
  const named = first === 'help' && rest.length === 0 && commands.some((command) => commandWord(command) === word);
  return named && word !== undefined ? [word, '--help'] : argv;
}
