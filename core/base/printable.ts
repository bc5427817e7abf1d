/**
 * Text of unknown origin for terminals and reports: nothing in it moves the cursor, turns the direction of writing or fills a screen.
 */

/**
 * Text of unknown origin, such as names from files, with its control characters written out, those that turn the direction of writing included: they must
 * not reach a terminal.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same on one line of at most about `lengthMax` characters: the middle of longer ones is left out, as their end often names a place. */
export function printableLine(text: string, lengthMax: number): string {
  const end = Math.floor(lengthMax / 4);
  const short = text.length <= lengthMax ? text : `${text.slice(0, lengthMax - end - 1)}…${text.slice(-end)}`;
  return printable(short.replace(/\s*\n\s*/g, ' '));
}
