/**
 * Reader of data-driven test files (the syntax of cockroachdb/datadriven): directives with arguments, input and expected output.
 *
 * A directive is a line, input lines, a line of four dashes, and the output up to the first blank line; output with blank
 * lines stands between doubled lines of dashes. `#` begins a comment between directives, a trailing backslash goes on in the
 * next line. Any text is read; what cannot be read is a {@link DirectiveError} with its line.
 */

/** One argument: `key`, `key=value` or `key=(value, value)`. */
export interface Argument {
  readonly key: string;
  readonly values: readonly string[];
}

export interface Directive {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly command: string;
  readonly args: readonly Argument[];
  readonly input: string;
  readonly expected: string;
}

/** Something a file may not contain; the message says what, without the line. */
export class DirectiveError extends Error {
  override name = 'DirectiveError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const SEPARATOR = '----';

/** All directives of a file, in order; those of subtests among the others. @throws DirectiveError */
export function readDirectives(text: string): readonly Directive[] {
  return new Reader(text).readAll();
}

class Reader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    const lines = text.split('\n');
    if (lines[lines.length - 1] === '') lines.pop();
    this.#lines = lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  readAll(): readonly Directive[] {
    const directives: Directive[] = [];
    const subtests: string[] = [];
    for (;;) {
      const next = this.#next();
      if (next === null) break;
      if (next.command === 'subtest') this.#subtest(next, subtests);
      else directives.push(next);
    }
    if (subtests.length > 0) throw new DirectiveError(this.#lines.length, `subtest ${subtests.at(-1)} has no end`);
    return directives;
  }

  #subtest({ line, args }: Directive, open: string[]): void {
    const name = args[0]?.key ?? '';
    if (name !== 'end') {
      if (args.length !== 1) throw new DirectiveError(line, 'invalid syntax for subtest');
      const outer = open.at(-1);
      if (outer !== undefined && !name.startsWith(`${outer}/`)) {
        throw new DirectiveError(line, `name of nested subtest must begin with "${outer}/"`);
      }
      open.push(name);
      return;
    }
    const ended = open.pop();
    if (ended === undefined) throw new DirectiveError(line, 'subtest end without corresponding start');
    if (args.length === 2 && args[1]?.key !== ended) {
      throw new DirectiveError(line, `mismatched subtest end: expected "${ended}", got "${args[1]?.key}"`);
    }
  }

  #next(): Directive | null {
    while (this.#at < this.#lines.length) {
      const lineNumber = this.#at + 1;
      let line = this.#take().trim();
      if (line.startsWith('#')) continue;
      while (line.endsWith('\\') && this.#at < this.#lines.length) line = `${line.slice(0, -1)} ${this.#take().trim()}`;
      const { command, args } = parseLine(line, lineNumber);
      if (command === '') continue;
      if (command === 'subtest') return { line: lineNumber, command, args, input: '', expected: '' };
      const input: string[] = [];
      let separated = false;
      while (this.#at < this.#lines.length && !separated) {
        const text = this.#take();
        if (text === SEPARATOR) separated = true;
        else input.push(text);
      }
      const expected = separated ? this.#expected() : '';
      return { line: lineNumber, command, args, input: input.join('\n').trim(), expected };
    }
    return null;
  }

  #expected(): string {
    let output = '';
    if (this.#lines[this.#at] !== SEPARATOR) {
      while (this.#at < this.#lines.length) {
        const line = this.#take();
        if (line.trim() === '') break;
        output += `${line}\n`;
      }
      return output;
    }
    this.#at++;
    while (this.#at < this.#lines.length) {
      const line = this.#take();
      if (line !== SEPARATOR || this.#lines[this.#at] !== SEPARATOR) {
        output += `${line}\n`;
        continue;
      }
      this.#at++;
      if (this.#at < this.#lines.length && this.#take() !== '') {
        throw new DirectiveError(this.#at, 'non-blank line after end of double ---- separator section');
      }
      break;
    }
    return output;
  }

  #take(): string {
    return this.#lines[this.#at++] as string;
  }
}

/** Command and arguments of one line. Only blanks separate; quotes mean nothing; parentheses may nest. */
export function parseLine(text: string, lineNumber: number): { command: string; args: readonly Argument[] } {
  const line = text.trim();
  const end = line.indexOf(' ');
  if (end < 0) return { command: line, args: [] };
  const args: Argument[] = [];
  let rest = line.slice(end).trim();
  while (rest !== '') {
    const cut = rest.search(/[ =]/);
    const key = cut < 0 ? rest : rest.slice(0, cut);
    if (key === '') throw new DirectiveError(lineNumber, `cannot parse directive: ${line}`);
    rest = cut < 0 ? '' : rest.slice(cut);
    let values: readonly string[] = [];
    if (rest.startsWith('=')) [values, rest] = parseValues(rest.slice(1), line, lineNumber);
    args.push({ key, values });
    rest = rest.trim();
  }
  return { command: line.slice(0, end), args };
}

function parseValues(text: string, line: string, lineNumber: number): [readonly string[], string] {
  if (!text.startsWith('(')) {
    const end = text.indexOf(' ');
    return end < 0 ? [[text], ''] : [[text.slice(0, end)], text.slice(end)];
  }
  const values: string[] = [];
  let depth = 1;
  let from = 1;
  let at = 1;
  while (depth > 0) {
    if (at === text.length) throw new DirectiveError(lineNumber, `cannot parse directive: ${line}`);
    const char = text[at++];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 1) {
      values.push(text.slice(from, at - 1));
      while (text[at] === ' ') at++;
      from = at;
    }
  }
  values.push(text.slice(from, at - 1));
  return [values, text.slice(at)];
}
