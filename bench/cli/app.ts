/**
 * The frame around all commands: reads the command line, runs one command, turns whatever happens into an exit code.
 *
 * Always: yargs only parses; it never prints, exits or runs anything itself. Every problem of a command line is printed
 * at once. Repeated flags: the last one counts.
 */
import yargs, { type Argv } from 'yargs';
import { makeColours, wantsColour } from '../report/colour.ts';
import { ProgressWriter } from '../report/progress.ts';
import { bugReport } from './bug-report.ts';
import { type AnyCommand, type CommandRun, commandWord, type GlobalArgs } from './command.ts';
import { completeValue } from './complete-values.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { FlagReader, hideStdin, showStdin } from './flag-reader.ts';
import { watchInterrupts } from './interrupt.ts';
import { type Io, isCi } from './io.ts';
import { packageVersion } from './package-info.ts';
import { knownFlags, knownPositionals, type ParseFailure, readFailure, readSwitchValues } from './parse-failure.ts';
import { readSettings, settingsFor, settingsText } from './settings.ts';
import { pathWord } from './shell-line.ts';
import { systemFailure, ToolFailure } from './tool-failure.ts';
import { UserError, userErrorReport } from './user-error.ts';

const PROGRAM = 'seatrial';
const HELP_COLUMNS_MAX = 110;
const OF_EVERY_COMMAND = ['color', 'config', 'quiet', 'help', 'version'];

/** A command line after parsing: help or completion text to print, or a command to run. */
interface Parsed {
  readonly output: string;
  readonly command: AnyCommand | undefined;
  readonly args: Parameters<AnyCommand['handler']>[0] | undefined;
}

/** Runs a command line and returns the exit code of the process; never throws. */
export async function runCli(commands: readonly AnyCommand[], argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const words = await completeValue(commands, argv, io);
    if (words !== null) {
      io.out(words.map((word) => `${word}\n`).join(''));
      return EXIT.yes;
    }
    const parsed = await parseCommandLine(commands, argv, io);
    if (parsed.output !== '') io.out(`${parsed.output}\n`);
    if (parsed.command === undefined || parsed.args === undefined) return EXIT.yes;
    return await parsed.command.handler(parsed.args, commandRun(commands, parsed.args, argv, io));
  } catch (error) {
    return reportError(error, commands, argv, io);
  }
}

/**
 * The yargs parser with all commands on it. `chosen` is called with the command that the line names.
 * Exported for help texts and completion scripts.
 */
export function buildParser(
  commands: readonly AnyCommand[],
  flags: FlagReader,
  chosen: (command: AnyCommand, args: Parameters<AnyCommand['handler']>[0]) => void,
): Argv<GlobalArgs> {
  const base = yargs([])
    .scriptName(PROGRAM)
    .locale('en')
    .exitProcess(false)
    .parserConfiguration({
      // True, or of several positionals only the last would stay; FlagReader takes the last of a repeated flag.
      'duplicate-arguments-array': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': true,
    })
    .usage('$0 <command> [flags]')
    .option('color', flags.optionalSwitch({ global: true, describe: 'Colours on or off (default: on a terminal)' }))
    .option(
      'config',
      flags.optionalText('config', {
        global: true,
        describe: 'Config file; none with --no-config (default: searched)',
      }),
    )
    .option('quiet', flags.switch({ alias: 'q', global: true, describe: 'No progress, no remarks' }))
    .help('help', 'Show help')
    .alias('help', 'h')
    .version(packageVersion())
    .strict()
    .demandCommand(1)
    .epilogue('Exit codes: seatrial help exit-codes');
  base.wrap(Math.min(HELP_COLUMNS_MAX, base.terminalWidth() || HELP_COLUMNS_MAX));
  for (const command of commands) {
    base.command({
      command: command.name,
      describe: command.describe,
      builder: (parser: Argv) => {
        // Beside its comment a long line would be broken in the middle.
        for (const [line, comment] of command.examples) parser.example(`# ${comment}`, '').example(line, '');
        const built = command.builder(parser.demandCommand(0) as Argv<GlobalArgs>, flags) as Argv;
        // What the command has of its own is shown first.
        return built.group([], 'Options:').group(OF_EVERY_COMMAND, 'Of every command:');
      },
      handler: (args) => chosen(command, withStdinShown(args) as unknown as Parameters<AnyCommand['handler']>[0]),
    });
  }
  return base as unknown as Argv<GlobalArgs>;
}

/** Arguments with `-` where the words say standard input. */
function withStdinShown(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = Object.entries(args).map(([name, value]) => [
    name,
    typeof value === 'string' ? showStdin(value) : value,
  ]);
  return Object.fromEntries(shown);
}

/** @throws UserError with all problems of the line. */
async function parseCommandLine(commands: readonly AnyCommand[], line: readonly string[], io: Io): Promise<Parsed> {
  const argv = withoutEndOfFlags(line);
  const flags = new FlagReader();
  const { words, told } = await withSettings(commands, argv, io, flags);
  const failures: ParseFailure[] = [];
  let command: AnyCommand | undefined;
  let args: Parsed['args'];
  const parser = buildParser(commands, flags, (chosenCommand, chosenArgs) => {
    command = chosenCommand;
    args = chosenArgs;
    readSwitchValues(parser, argv, flags.problems);
  });
  parser.fail((message: string | null, error: Error | undefined) => {
    failures.push({
      message: message ?? error?.message ?? '',
      knownFlags: knownFlags(parser),
      positionals: knownPositionals(parser),
    });
  });
  let output = '';
  await parser.parseAsync(hideStdin(words), {}, (_error, _args, text) => {
    output = withoutPlainDefaults(text);
  });
  if (output === '') {
    const context = { words: commands.filter((each) => each.describe !== false).map(commandWord), argv };
    for (const failure of failures) readFailure(failure, context, flags.problems);
    flags.problems.throwIfErrors();
    if (args?.quiet !== true) io.err(told);
  }
  return { output, command, args };
}

/** A help text that does not say of each switch that it is off, and of each list that it is empty; what stands right stays there. */
function withoutPlainDefaults(help: string): string {
  return help.replace(
    /((?:\[\w+\] ?)+)( \[default: (?:false|\[\])\])$/gm,
    (_all, type: string, said: string) => ' '.repeat(said.length) + type,
  );
}

/** The words without `--`, after which yargs knows no positionals: what begins with a dash there is a path in every line that is printed, `-` standard input. */
function withoutEndOfFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  if (end < 0) return [...argv];
  return [...argv.slice(0, end), ...argv.slice(end + 1).map(pathWord)];
}

/** The command line with what environment and config file say, right after the command's word, and what is to be told of that. */
async function withSettings(
  commands: readonly AnyCommand[],
  argv: readonly string[],
  io: Io,
  flags: FlagReader,
): Promise<{ words: readonly string[]; told: string }> {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const command = commands.find((each) => commandWord(each) === argv[at]);
  const asksForHelp = argv.some((word) => word === '--help' || word === '-h' || word.startsWith('--get-yargs'));
  if (command === undefined || command.describe === false || command.ownSettings === false || asksForHelp) {
    return { words: argv, told: '' };
  }
  const settings = await readSettings(
    commands.filter(({ describe }) => describe !== false),
    argv,
    io,
  );
  const chosen = settingsFor(settings, command, argv);
  for (const { flag, origin } of chosen) flags.origins.set(flag.name, origin);
  const words = [...argv.slice(0, at + 1), ...chosen.flatMap((setting) => setting.words), ...argv.slice(at + 1)];
  return { words, told: settingsText(chosen) };
}

function commandRun(commands: readonly AnyCommand[], args: GlobalArgs, argv: readonly string[], io: Io): CommandRun {
  const isTty = io.outIsTty;
  return {
    io,
    argv,
    commands,
    colours: makeColours(wantsColour({ flag: args.color, env: io.env, isTty }), io.outColumns),
    startProgress: () =>
      new ProgressWriter({
        write: io.err,
        mode: args.quiet ? 'silent' : io.errIsTty && !isCi(io.env) ? 'redraw' : 'lines',
        columns: io.errColumns,
        nowMs: () => performance.now(),
      }),
    watchInterrupts: (stopping = 'stopping; partial results are kept') =>
      watchInterrupts(() => io.err(`\n${stopping} (once more to kill)\n`)),
  };
}

function reportError(error: unknown, commands: readonly AnyCommand[], argv: readonly string[], io: Io): ExitCode {
  if (error instanceof UserError) {
    const named = commands.map(commandWord).find((word) => word === argv[0]);
    io.err(userErrorReport(error, named === undefined ? `${PROGRAM} --help` : `${PROGRAM} ${named} --help`));
    return EXIT.userError;
  }
  const failure = error instanceof ToolFailure ? error : systemFailure(error);
  if (failure !== undefined) {
    io.err(`error: ${failure.message}\n`);
    return EXIT.broken;
  }
  io.err(bugReport(error, argv));
  return EXIT.broken;
}
