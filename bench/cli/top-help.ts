/**
 * The help of the program as a whole: what `--help`, `help` and a bare call print.
 *
 * Written here and not by yargs, whose loading alone costs more than the rest of the start: this text must come within
 * 150 ms. The help of a command is yargs'.
 */
import { type AnyCommand, commandWord } from './command.ts';

/** Flags that every command has, as they are shown. app.ts declares the same to yargs. */
const GLOBAL_FLAGS: readonly (readonly [flag: string, text: string])[] = [
  ['-h, --help', 'show this, or the help of a command'],
  ['    --version', 'print the version'],
  ['    --config', 'config file, or none with --no-config (default: searched)'],
  ['-q, --quiet', 'no progress and no remarks on standard error'],
  ['    --color', 'colours on, or off with --no-color (default: on a terminal)'],
];

const HELP_WORDS: ReadonlySet<string> = new Set(['--help', '-h', 'help']);

/** True for a command line that asks for nothing but the program's help. */
export function asksForTopHelp(argv: readonly string[]): boolean {
  return argv.length > 0 && argv.length <= 2 && argv.every((word) => HELP_WORDS.has(word));
}

/** The text, with a line feed at the end. Commands stand in the order of the list; hidden ones are left out. */
export function topHelp(commands: readonly AnyCommand[]): string {
  const shown = commands.filter((command) => command.describe !== false);
  const width = Math.max(
    ...shown.map((command) => commandWord(command).length),
    ...GLOBAL_FLAGS.map(([flag]) => flag.length),
  );
  const row = (name: string, text: string) => `  ${name.padEnd(width)}  ${text}`;
  return [
    'seatrial <command> [flags]',
    '',
    'Takes your Kubernetes manifests, or a whole simulated control plane, on a sea trial.',
    '',
    'Commands:',
    ...shown.map((command) => row(commandWord(command), command.describe || '')),
    '',
    'Flags:',
    ...GLOBAL_FLAGS.map(([flag, text]) => row(flag, text)),
    '',
    'Flags and examples of a command: seatrial <command> --help',
    'Exit codes: seatrial help exit-codes',
    '',
  ].join('\n');
}
