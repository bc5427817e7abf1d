/**
 * Which flags a user typed, for those that would do nothing beside others: what config file and environment say of them is no request.
 */

/** Those of `flags` that stand on the command line, by name without dashes; `aliases` maps names to their letter. */
export function typedFlags(
  argv: readonly string[],
  flags: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return flags.filter((flag) => {
    const letter = aliases[flag];
    return words.some(
      (word) =>
        word === `--${flag}` ||
        word.startsWith(`--${flag}=`) ||
        (letter !== undefined && word.startsWith(`-${letter}`)),
    );
  });
}
