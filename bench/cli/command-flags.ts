/**
 * The flags that a command declares, read from its own builder: what a config file, the environment, `config` and completion may name.
 */
import type { Argv } from 'yargs';
import yargs from 'yargs';
import type { AnyCommand, GlobalArgs } from './command.ts';
import { FlagReader } from './flag-reader.ts';

/** One flag. */
export interface CommandFlag {
  /** Without dashes: `fail-on`. */
  readonly name: string;
  readonly kind: 'switch' | 'text' | 'list';
  /** One letter, or ''. */
  readonly alias: string;
  /** The built-in default as text, or in words where it depends; '' = none. */
  readonly defaultText: string;
}

/** Flags of every command. app.ts declares them. */
const GLOBAL_FLAGS: readonly CommandFlag[] = [
  { name: 'color', kind: 'switch', alias: '', defaultText: '' },
  { name: 'quiet', kind: 'switch', alias: 'q', defaultText: 'false' },
];

/** What was declared on a parser, by name. */
export interface Declared {
  readonly key: Readonly<Record<string, unknown>>;
  readonly boolean: readonly string[];
  readonly array: readonly string[];
  readonly alias: Readonly<Record<string, readonly string[]>>;
  readonly default: Readonly<Record<string, unknown>>;
  readonly defaultDescription: Readonly<Record<string, string>>;
  readonly choices: Readonly<Record<string, readonly string[]>>;
  readonly hiddenOptions: readonly string[];
}

/** What was declared on `parser`; yargs has no typed access to it. */
export function declaredOn(parser: Argv<GlobalArgs>): Declared {
  return (parser as unknown as { getOptions(): Declared }).getOptions();
}

/** What `command` alone declares, its flags read by `reader`. */
export function declaredBy(command: AnyCommand, reader: FlagReader): Declared {
  const parser = yargs([]).help(false).version(false) as unknown as Argv<GlobalArgs>;
  return declaredOn(command.builder(parser, reader));
}

/** Flags of `command`, those of all commands included; positionals are none. */
export function flagsOf(command: AnyCommand, declared = declaredBy(command, new FlagReader())): CommandFlag[] {
  const positionals = new Set([...command.name.matchAll(/[<[]([a-z-]+)/g)].map(([, name]) => name));
  const aliases = new Set(Object.values(declared.alias).flat());
  const own = Object.keys(declared.key).filter(
    (name) => !positionals.has(name) && !aliases.has(name) && name.length > 1,
  );
  return [
    ...own.map((name): CommandFlag => {
      const kind = declared.boolean.includes(name) ? 'switch' : declared.array.includes(name) ? 'list' : 'text';
      const fallback = declared.default[name] ?? declared.defaultDescription[name];
      return {
        name,
        kind,
        alias: declared.alias[name]?.find((each) => each.length === 1) ?? '',
        defaultText: fallback === undefined ? '' : String(fallback),
      };
    }),
    ...GLOBAL_FLAGS,
  ];
}
