/**
 * Command lines to paste into a POSIX shell: every failure ends with one.
 *
 * Always: the shell gives back exactly the words that went in.
 */

/** Joins words, quoting those that need it: `seatrial run 'my app.yaml' --seed 7`. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** A path as a word that is no flag: joined with a name, `./-x` has lost its beginning. */
export function pathWord(file: string): string {
  return file.startsWith('-') && file !== '-' ? `./${file}` : file;
}

/** Quotes one word where a shell would change it. */
function shellWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
