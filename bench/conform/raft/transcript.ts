/**
 * What an interaction test prints: log lines of the nodes above the level, and what the directives say.
 *
 * Level NONE silences everything; only the error of a directive is shown then.
 */
import type { RaftLogger } from '../../../core/raft/logger.ts';

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'NONE'];

export class Transcript implements RaftLogger {
  level = 0;
  #text = '';

  /** Whether nothing is shown. */
  get quiet(): boolean {
    return this.level === LEVELS.length - 1;
  }

  write(text: string): void {
    if (!this.quiet) this.#text += text;
  }

  /** Takes out everything written so far. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** Runs `body`; what it writes is indented by two blanks, line by line. */
  indented(body: () => void): void {
    const before = this.take();
    body();
    const lines = this.take().split('\n');
    if (lines[lines.length - 1] === '') lines.pop();
    this.#text = before + lines.map((line) => `  ${line}\n`).join('');
  }

  /** Sets the level by name, in any case; a string is the error. */
  setLevel(name: string): string | null {
    const level = LEVELS.indexOf(name.toUpperCase());
    if (level < 0) return `log levels must be either of [${LEVELS.join(' ')}]`;
    this.level = level;
    return null;
  }

  debug(text: string): void {
    this.#log(0, text);
  }

  info(text: string): void {
    this.#log(1, text);
  }

  warning(text: string): void {
    this.#log(2, text);
  }

  error(text: string): void {
    this.#log(3, text);
  }

  #log(level: number, text: string): void {
    if (this.level <= level) this.write(`${LEVELS[level]} ${text}\n`);
  }
}
