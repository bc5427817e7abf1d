/**
 * What a command is: one object a file, listed in main.ts.
 *
 * Always: a command's file imports nothing heavy; its handler loads what it needs with `import()`, so that `--help` and a
 * typing error cost no start-up time. A handler runs only after the whole command line was found valid, and returns its
 * exit code instead of ending the process.
 */
import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { Colours } from '../report/colour.ts';
import type { ProgressWriter } from '../report/progress.ts';
import type { ExitCode } from './exit.ts';
import type { FlagReader } from './flag-reader.ts';
import type { Interrupt } from './interrupt.ts';
import type { Io } from './io.ts';

/** Flags that every command has. */
export interface GlobalArgs {
  /** `--color` / `--no-color`; undefined when not given. */
  readonly color: boolean | undefined;
  /** No progress and no remarks on standard error; errors are still shown. */
  readonly quiet: boolean;
  /** A config file instead of the one that would be found; read before the command line is parsed. */
  readonly config?: string | undefined;
}

/** What a handler gets besides its arguments. */
export interface CommandRun {
  readonly io: Io;
  /** Colours of standard output. */
  readonly colours: Colours;
  /** All commands, for those that speak about others. */
  readonly commands: readonly AnyCommand[];
  /** The command line after the program's name, for run.json and replay lines. */
  readonly argv: readonly string[];
  /** Begins a progress display on standard error; one at a time. */
  startProgress(): ProgressWriter;
  /** Begins to watch for Ctrl-C and SIGTERM: without this call they end the process at once. `stopping`: what is said at the first one. */
  watchInterrupts(stopping?: string): Interrupt;
}

/** A command. `A` is what its builder adds to the arguments. */
export interface Command<A> {
  /** Name and positionals in yargs' notation: `trial <paths..>`. */
  readonly name: string;
  /** One line for `--help`; false hides the command. */
  readonly describe: string | false;
  /** Command lines with a comment each, shown under the command's help. */
  readonly examples: readonly (readonly [line: string, comment: string])[];
  /** Words that may come next as an argument, after `before`; for shell completion, quick and without side effects. */
  readonly complete?: (
    before: readonly string[],
    context: { readonly io: Io; readonly commands: readonly AnyCommand[] },
  ) => Promise<readonly string[]> | readonly string[];
  /** Values of flags that may be read from a list, one or several behind commas; for shell completion. */
  readonly values?: Readonly<Record<string, () => Promise<readonly string[]>>>;
  /** false: config file and environment are not for this command. */
  readonly ownSettings?: false;
  /** Declares positionals and flags. Called for help and completion too: no side effects. */
  readonly builder: (parser: Argv<GlobalArgs>, flags: FlagReader) => Argv<A & GlobalArgs>;
  /** Does the work and returns the exit code. @throws UserError (exit 2), ToolFailure (exit 3). */
  readonly handler: (args: ArgumentsCamelCase<A & GlobalArgs>, run: CommandRun) => Promise<ExitCode>;
}

/** A command whose argument types are forgotten, as the list in main.ts holds it. */
export interface AnyCommand extends Omit<Command<unknown>, 'builder' | 'handler'> {
  readonly builder: (parser: Argv<GlobalArgs>, flags: FlagReader) => Argv<GlobalArgs>;
  readonly handler: (args: ArgumentsCamelCase<GlobalArgs>, run: CommandRun) => Promise<ExitCode>;
}

/** Checks that handler and builder agree on the argument types, then forgets the types. */
export function defineCommand<A>(command: Command<A>): AnyCommand {
  return command as unknown as AnyCommand;
}

/** The word that calls a command: `trial` of `trial <paths..>`. */
export function commandWord(command: Pick<AnyCommand, 'name'>): string {
  return command.name.split(' ', 1)[0] ?? command.name;
}
