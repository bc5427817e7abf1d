/**
 * Answers of shell completion but for the names of commands: flags, their values, names that commands take as arguments, files.
 *
 * Always: quick and silent: a question that cannot be answered gives no words, never an error on the user's prompt.
 */
import { type AnyCommand, commandWord } from './command.ts';
import { type Declared, declaredBy, flagsOf } from './command-flags.ts';
import { FlagReader } from './flag-reader.ts';
import type { Io } from './io.ts';

/** What a shell's script asks with; yargs' own name for it. */
const QUESTION = '--get-yargs-completions';

/** Flags of every command that nothing but a command line may have. */
const TYPED_ONLY = ['config', 'help'];

/**
 * The words for the last one of the command line, or null where yargs knows better (commands). An empty list lets the shell complete files.
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
  const reader = new FlagReader();
  const declared = declaredBy(command, reader);
  const flag = flagNamed(words.at(-2) ?? '', declared);
  if (flag !== undefined && !declared.boolean.includes(flag)) {
    const listed = reader.wordChoices.get(flag) ?? (await command.values?.[flag]?.());
    if (listed !== undefined) return ofList(listed, current);
    return (declared.choices[flag] ?? []).filter((word) => word.startsWith(current));
  }
  if (current.startsWith('-')) return flagsLeft(command, declared, words).filter((word) => word.startsWith(current));
  const known = await command.complete?.(words.slice(1, -1), { io, commands });
  if (known !== undefined) return known.filter((word) => word.startsWith(current));
  return /[<[](paths|file)/.test(command.name) ? [] : null;
}

/** The flag that a word names, in full or by its letter. */
function flagNamed(word: string, { key, alias }: Declared): string | undefined {
  const name = /^--?([a-z-]+)$/.exec(word)?.[1];
  if (name === undefined || !Object.hasOwn(key, name)) return undefined;
  return word.startsWith('--') ? name : Object.keys(alias).find((flag) => alias[flag]?.includes(name));
}

/** Flags that are not on the command line yet. */
function flagsLeft(command: AnyCommand, declared: Declared, words: readonly string[]): string[] {
  const shown = flagsOf(command, declared).filter(({ name }) => !declared.hiddenOptions.includes(name));
  const flags = [...shown.map(({ name }) => name), ...TYPED_ONLY].map((name) => `--${name}`);
  return flags.filter((flag) => !words.slice(0, -1).includes(flag));
}

/** `drain,no` → `drain,node-crash`: what is not in the list yet. */
function ofList(choices: readonly string[], current: string): string[] {
  const before = current.slice(0, current.lastIndexOf(',') + 1);
  const last = current.slice(before.length);
  const used = new Set(before.split(','));
  return choices.filter((choice) => choice.startsWith(last) && !used.has(choice)).map((choice) => before + choice);
}
