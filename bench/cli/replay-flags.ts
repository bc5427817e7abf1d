/**
 * The flags that end a replay line, for every command that prints one.
 */
import type { FlagReader } from './flag-reader.ts';

/** `--build` and `--inputs`, to be declared with `options()`. */
export function replayFlags(flags: FlagReader) {
  return {
    build: flags.optionalText('build', { describe: 'Build that printed a replay line; another one warns' }),
    inputs: flags.optionalText('inputs', { describe: 'Digest of the files behind a replay line; others warn' }),
  } as const;
}
