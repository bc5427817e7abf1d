/**
 * Answers of shell completion that yargs cannot give: words in comma lists, names that commands take as arguments, files.
 *
 * Always: quick and silent: a question that cannot be answered gives no words, never an error on the user's prompt.
 */
import type { Argv } from 'yargs';
import yargs from 'yargs';
import { type AnyCommand, commandWord, type GlobalArgs } from './command.ts';
import { FlagReader } from './flag-reader.ts';
import type { Io } from './io.ts';

/** What a shell's script asks with; yargs' own name for it. */
const QUESTION = '--get-yargs-completions';

/**
 * The words for the last one of the command line, or null where yargs knows better (commands, flags, choices). An empty list
 * lets the shell complete files.
 */
export async function completeValue(
  commands: readonly AnyCommand[],
  argv: readonly string[],
  io: Io,
): Promise<readonly string[] | null> {
  if (argv[0] !== QUESTION) return null;
  const words = argv.slice(2);
  const current = words.at(-1) ?? '';
  const command = commands.find((each) => commandWord(each) === words[0]);
  if (command === undefined || words.length < 2) return null;
  const flag = /^--([a-z-]+)$/.exec(words.at(-2) ?? '')?.[1];
  const choices = flag === undefined ? undefined : wordChoices(command).get(flag);
  if (choices !== undefined) return ofList(choices, current);
  const isValue = flag !== undefined && takesValue(command, flag);
  if (current.startsWith('-') || isValue) return null;
  const known = await command.complete?.(words.slice(1, -1), { io, commands });
  if (known !== undefined) return known.filter((word) => word.startsWith(current));
  return /[<[](paths|file)/.test(command.name) ? [] : null;
}

/** `drain,no` → `drain,node-crash`: what is not in the list yet. */
function ofList(choices: readonly string[], current: string): string[] {
  const before = current.slice(0, current.lastIndexOf(',') + 1);
  const last = current.slice(before.length);
  const used = new Set(before.split(','));
  return choices.filter((choice) => choice.startsWith(last) && !used.has(choice)).map((choice) => before + choice);
}

function wordChoices(command: AnyCommand): ReadonlyMap<string, readonly string[]> {
  const flags = new FlagReader();
  declare(command, flags);
  return flags.wordChoices;
}

function takesValue(command: AnyCommand, flag: string): boolean {
  const declared = declare(command, new FlagReader()) as unknown as { getOptions(): { boolean: readonly string[] } };
  return !declared.getOptions().boolean.includes(flag);
}

function declare(command: AnyCommand, flags: FlagReader): unknown {
  return command.builder(yargs([]).help(false).version(false) as unknown as Argv<GlobalArgs>, flags);
}
