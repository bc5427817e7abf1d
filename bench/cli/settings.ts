/**
 * Where a flag's value comes from when the command line does not say it: first the environment, then the config file, then
 * the built-in default.
 *
 * Always: what is found becomes words of the command line, read by the same readers and refused with the same messages, at
 * the place where it stands. A replay line (it carries --build) is complete: for it only settings count that change no result.
 */
import path from 'node:path';
import type { Place } from '../../scenarios/problem.ts';
import { type AnyCommand, commandWord } from './command.ts';
import { type CommandFlag, flagsOf } from './command-flags.ts';
import { type ConfigFile, findConfigFile, readConfigFile } from './config-file.ts';
import type { Io } from './io.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

/** Prefix of environment variables: SEATRIAL_WORKERS, or for one command SEATRIAL_TRIAL_SEEDS. */
const PREFIX = 'SEATRIAL_';
/** Flags whose value is a path; in a config file they are relative to it. */
const PATH_FLAGS: readonly string[] = ['results', 'cluster'];
/** Flags that change no result. */
const HARMLESS: readonly string[] = ['results', 'workers', 'color', 'quiet'];

/** Who said a value. */
export interface Origin {
  /** What a message calls it: `seeds`, `SEATRIAL_SEEDS`. */
  readonly label: string;
  /** For people: `seatrial.config.yaml:3:10`, `SEATRIAL_SEEDS`. */
  readonly shown: string;
  readonly place: Place;
}

/** A value of a flag from outside the command line. */
export interface Setting {
  readonly flag: CommandFlag;
  /** The words to read: `--seeds=3`, `--no-results`. */
  readonly words: readonly string[];
  readonly text: string;
  readonly origin: Origin;
}

/** All settings of a call. */
export interface Settings {
  /** The config file as shown; '' = none. */
  readonly file: string;
  /** Settings of a command by flag. */
  of(command: AnyCommand): ReadonlyMap<string, Setting>;
}

/**
 * Reads config file and environment. `--config FILE` names a file, `--no-config` leaves file and environment out.
 * @throws UserError with all problems of the file.
 */
export async function readSettings(
  commands: readonly AnyCommand[],
  argv: readonly string[],
  io: Io,
): Promise<Settings> {
  const choice = configChoice(argv);
  if (choice === false) return { file: '', of: () => new Map() };
  const problems = new ProblemList();
  const file = choice === undefined ? findConfigFile(io.cwd, problems) : path.resolve(io.cwd, choice);
  const config = file === '' ? null : await readConfigFile(file, io.cwd, problems);
  const hasVariables = Object.keys(io.env).some((name) => name.startsWith(PREFIX));
  if (config === null && !hasVariables) {
    problems.throwIfErrors();
    return { file: '', of: () => new Map() };
  }
  const flags = new Map(commands.map((command) => [commandWord(command), flagsOf(command)]));
  const fromFile = config === null ? new Map<string, Setting>() : readFile(config, flags, io.cwd, problems);
  problems.throwIfErrors();
  return {
    file: config?.file ?? '',
    of: (command) => {
      const word = commandWord(command);
      const found = new Map<string, Setting>();
      for (const flag of flags.get(word) ?? []) {
        const setting =
          fromEnvironment(word, flag, io.env) ?? fromFile.get(`${word} ${flag.name}`) ?? fromFile.get(` ${flag.name}`);
        if (setting !== undefined) found.set(flag.name, setting);
      }
      return found;
    },
  };
}

/** The settings that hold for a command line: not those that it says itself. */
export function settingsFor(settings: Settings, command: AnyCommand, argv: readonly string[]): Setting[] {
  const isReplay = argv.some((word) => /^--build(=|$)/.test(word));
  return [...settings.of(command).values()].filter(
    ({ flag }) => !isSaid(flag, argv) && (!isReplay || HARMLESS.includes(flag.name)),
  );
}

/** One line that names the settings that change results, and who said them: a result without a word on the command line must have its cause. */
export function settingsText(chosen: readonly Setting[]): string {
  const told = chosen.filter(({ flag }) => !HARMLESS.includes(flag.name));
  if (told.length === 0) return '';
  return `settings: ${told.map(({ words, origin }) => `${words.join(' ')} (${origin.shown})`).join(', ')}\n`;
}

/** The value of --config, false for --no-config, undefined when neither is said; the last one counts. */
function configChoice(argv: readonly string[]): string | false | undefined {
  let choice: string | false | undefined;
  argv.forEach((word, index) => {
    if (word === '--no-config') choice = false;
    else if (word === '--config') choice = argv[index + 1] ?? '';
    else if (word.startsWith('--config=')) choice = word.slice('--config='.length);
  });
  return choice;
}

function isSaid({ name, alias }: CommandFlag, argv: readonly string[]): boolean {
  return argv.some(
    (word) =>
      word === `--${name}` ||
      word.startsWith(`--${name}=`) ||
      word === `--no-${name}` ||
      (alias !== '' && /^-[a-z]/i.test(word) && word[1] === alias),
  );
}

function fromEnvironment(command: string, flag: CommandFlag, env: Io['env']): Setting | undefined {
  const upper = (text: string): string => text.replaceAll('-', '_').toUpperCase();
  for (const name of [`${PREFIX}${upper(command)}_${upper(flag.name)}`, `${PREFIX}${upper(flag.name)}`]) {
    const text = env[name] ?? '';
    if (text === '') continue;
    const origin = { label: name, shown: name, place: {} };
    if (flag.kind !== 'switch' && !(flag.name === 'results' && /^(false|no|off)$/.test(text))) {
      return { flag, words: [`--${flag.name}=${text}`], text, origin };
    }
    const isOff = /^(0|false|no|off)$/i.test(text);
    return { flag, words: [isOff ? `--no-${flag.name}` : `--${flag.name}`], text: String(!isOff), origin };
  }
  return undefined;
}

/** Settings of the file by `command flag`, for all commands under ` flag`. */
function readFile(
  config: ConfigFile,
  flags: ReadonlyMap<string, readonly CommandFlag[]>,
  cwd: string,
  problems: ProblemList,
): Map<string, Setting> {
  const found = new Map<string, Setting>();
  const all = [...flags.values()].flat();
  for (const [key, value] of Object.entries(config.value as Record<string, unknown>)) {
    const own = flags.get(key);
    if (own !== undefined && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) add(key, name, inner, own, [key, name]);
    } else if (own !== undefined) {
      problems.error(
        config.place([key], true),
        CLI_CODES.badValue,
        `"${key}": expected the settings of ${key}, as a map`,
      );
    } else add('', key, value, all, [key]);
  }
  return found;

  function add(
    command: string,
    name: string,
    value: unknown,
    known: readonly CommandFlag[],
    at: readonly string[],
  ): void {
    const flag = known.find((each) => each.name === name);
    if (flag === undefined) {
      const names = [...new Set([...known.map((each) => each.name), ...(command === '' ? flags.keys() : [])])];
      const what = command === '' ? 'setting' : `setting of ${command}`;
      problems.unknownName(config.place(at, true), CLI_CODES.unknownFlag, what, name, names);
      return;
    }
    const place = config.place(at);
    const setting = settingOf(flag, value, config, cwd, place);
    if (setting === null) {
      problems.error(
        place,
        CLI_CODES.badValue,
        `${name}: expected ${flag.kind === 'switch' ? 'true or false' : 'a value'}`,
      );
    } else found.set(`${command} ${name}`, setting);
  }
}

function settingOf(flag: CommandFlag, value: unknown, config: ConfigFile, cwd: string, place: Place): Setting | null {
  const at = place.line === undefined || place.line === 0 ? '' : `:${place.line}:${place.column ?? 1}`;
  const origin: Origin = { label: flag.name, shown: `${config.file}${at}`, place };
  if (typeof value === 'boolean') {
    if (flag.kind !== 'switch' && !(flag.name === 'results' && !value)) return null;
    return { flag, words: [value ? `--${flag.name}` : `--no-${flag.name}`], text: String(value), origin };
  }
  if (flag.kind === 'switch') return null;
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  const texts: string[] = [];
  for (const item of items) {
    if (typeof item !== 'string' && typeof item !== 'number') return null;
    texts.push(
      PATH_FLAGS.includes(flag.name) ? path.relative(cwd, path.resolve(config.folder, `${item}`)) || '.' : `${item}`,
    );
  }
  const words =
    flag.kind === 'list' ? texts.map((text) => `--${flag.name}=${text}`) : [`--${flag.name}=${texts.join(',')}`];
  return { flag, words, text: texts.join(','), origin };
}
