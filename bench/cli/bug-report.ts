/**
 * What is printed when seatrial itself is wrong: the error with its stack, the version, and the line that shows it again.
 */
import { packageVersion } from './package-info.ts';
import { shellLine } from './shell-line.ts';

/** The text of a bug report, with a line feed at the end; its last line can be pasted into a shell. */
export function bugReport(error: unknown, argv: readonly string[]): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `bug in seatrial ${packageVersion()}: ${text}\nreplay: ${shellLine(['seatrial', ...argv])}\n`;
}
