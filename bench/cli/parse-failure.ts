/**
 * Turns what yargs says about a command line into problems with a code and a suggestion.
 *
 * yargs reports text only; with the locale fixed to English these forms are stable, and whatever is not recognised is
 * passed on as it is. A test holds each form, so that an update of yargs that changes one is seen.
 */
import type { Argv } from 'yargs';
import type { GlobalArgs } from './command.ts';
import { declaredOn } from './command-flags.ts';
import { quoted, showStdin } from './flag-reader.ts';
import { CLI_CODES, type ProblemList } from './user-error.ts';

/** A positional, and what it is: its choices, or what the help says of it. */
export interface Positional {
  readonly name: string;
  readonly about: string;
}

/** One message of yargs, with what was declared when it was written: flags and positionals of the command in question. */
export interface ParseFailure {
  readonly message: string;
  readonly knownFlags: readonly string[];
  readonly positionals: readonly Positional[];
}

/** What is needed to name alternatives. */
export interface FailureContext {
  /** Names of the visible commands. */
  readonly words: readonly string[];
  readonly argv: readonly string[];
}

/** Adds the problems that one message of yargs stands for. */
export function readFailure(failure: ParseFailure, context: FailureContext, problems: ProblemList): void {
  const message = showStdin(failure.message);
  const [firstLine = ''] = message.split('\n');
  const unknown = /^Unknown (argument|command)s?: (.*)$/.exec(firstLine);
  if (unknown !== null) {
    const names = [...new Set((unknown[2] ?? '').split(', ').map((name) => kebab(name)))];
    // Behind a word that is no command nothing can be told from an argument.
    const [word] = names.filter((name) => flagOf(name, context) === undefined);
    const told = names.filter((name) => name === word || knowsCommand(context) || flagOf(name, context) !== undefined);
    for (const name of told) addUnknown(name, failure, context, problems);
    return;
  }
  const noValue = /^Not enough arguments following: (.*)$/.exec(firstLine);
  if (noValue !== null) {
    problems.error({}, CLI_CODES.missingArgument, `--${kebab(noValue[1] ?? '')} needs a value`);
    return;
  }
  const tooFew = /^Not enough non-option arguments: got (\d+), need at least (\d+)/.exec(firstLine);
  if (tooFew !== null) {
    problems.error(
      {},
      CLI_CODES.missingArgument,
      missingPositional(failure, context, Number(tooFew[1]), Number(tooFew[2])),
    );
    return;
  }
  const noChoice = /^Invalid values:\s+Argument: (\S+), Given: "(.*)", Choices: (.*)$/s.exec(message);
  if (noChoice !== null) {
    const [what = '', given = '', choices = ''] = noChoice.slice(1);
    const known = [...choices.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
    problems.unknownName({}, CLI_CODES.badValue, what, given, known);
    return;
  }
  // Said a second time, with the name of the positional.
  const isSaid = problems.problems.some(({ code }) => code === CLI_CODES.missingArgument);
  if (isSaid && /^Missing required arguments?: /.test(firstLine)) return;
  problems.error({}, CLI_CODES.conflict, message.replaceAll('\n', ' ').trim() || 'the command line cannot be read');
}

function addUnknown(name: string, failure: ParseFailure, context: FailureContext, problems: ProblemList): void {
  const asFlag = flagOf(name, context);
  if (asFlag !== undefined) {
    const dashes = asFlag.startsWith('--no-') ? '--no-' : asFlag.startsWith('--') ? '--' : '-';
    problems.unknownName({}, CLI_CODES.unknownFlag, 'flag', `${dashes}${name}`, failure.knownFlags);
    return;
  }
  if (knowsCommand(context)) problems.error({}, CLI_CODES.unknownFlag, `unexpected argument "${name}"`);
  else problems.unknownName({}, CLI_CODES.unknownCommand, 'command', name, context.words);
}

function knowsCommand({ words, argv }: FailureContext): boolean {
  return words.includes(argv[0] ?? '');
}

/** The word that gives a flag of that name. */
function flagOf(name: string, { argv }: FailureContext): string | undefined {
  return argv.find((word) => /^--?/.test(word) && flagName(word) === name);
}

function missingPositional(
  { positionals }: ParseFailure,
  context: FailureContext,
  got: number,
  needed: number,
): string {
  if (!knowsCommand(context)) return 'a command is missing';
  const missing = positionals.slice(got, needed).map(({ name, about }) => `${name.toUpperCase()}: ${about}`);
  return `${context.argv[0]} needs ${missing.join('; ')}`;
}

/** What else yargs knows of the declared; it has no typed access to it. */
interface Internals {
  getGroups(): Record<string, readonly string[]>;
  getInternalMethods(): { getUsageInstance(): { getDescriptions(): Record<string, string | undefined> } };
}

/** Positionals declared on the parser, in their order. */
export function knownPositionals(parser: Argv<GlobalArgs>): Positional[] {
  const internals = parser as unknown as Internals;
  const descriptions = internals.getInternalMethods().getUsageInstance().getDescriptions();
  const { choices } = declaredOn(parser);
  return (internals.getGroups()['Positionals:'] ?? []).map((name) => ({
    name,
    about: choices[name]?.join(', ') ?? descriptions[name] ?? '',
  }));
}

/** Names of all flags declared on the parser, as typed: `--seed`. yargs has no typed access to the positionals among them. */
export function knownFlags(parser: Argv<GlobalArgs>): string[] {
  const positionals = (parser as unknown as Internals).getGroups()['Positionals:'] ?? [];
  const keys = Object.keys(declaredOn(parser).key).filter((name) => !positionals.includes(name));
  const names = new Set(keys.map(kebab));
  return [...names].filter((name) => name.length > 1).map((name) => `--${name}`);
}

/** Adds a problem for each switch with a value other than true and false, which yargs would read as false without a word. */
export function readSwitchValues(parser: Argv<GlobalArgs>, argv: readonly string[], problems: ProblemList): void {
  const { boolean } = declaredOn(parser);
  for (const word of argv) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (!boolean.includes(name) || value === 'true' || value === 'false') continue;
    problems.error({}, CLI_CODES.badValue, `--${name} ${quoted(value)}: it is a switch and takes no value`);
  }
}

function flagName(word: string): string {
  return kebab(word.replace(/^--?(no-)?/, '').replace(/=.*$/s, ''));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
