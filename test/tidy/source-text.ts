/**
 * A TypeScript source with everything that is not code blanked out, so that simple patterns cannot be fooled.
 *
 * TypeScript 7 has no JavaScript API, so this is a scanner of our own: comments, the insides of strings, template texts and
 * regular expressions become spaces. Always: `code` has the length and the line breaks of the source, so an offset is the
 * same place in both. Limit: a regular expression after `)` is taken for a division.
 */

/** A source file and its blanked twin. */
export interface SourceText {
  /** Path relative to the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Code only; quotes of strings are kept, their insides are spaces. */
  readonly code: string;
  /** Comments only, the rest blank. */
  readonly comments: string;
}

const KEYWORDS_BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new do else yield await instanceof default extends'.split(' '),
);

/** Blanks a source. `path` is kept as given. */
export function readSource(path: string, text: string): SourceText {
  const scanner = new Scanner(text);
  scanner.run();
  return { path, text, code: scanner.code.join(''), comments: scanner.comments.join('') };
}

/** Line number of an offset, from 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf('\n'); index !== -1 && index < offset; index = text.indexOf('\n', index + 1)) line++;
  return line;
}

class Scanner {
  readonly code: string[];
  readonly comments: string[];
  readonly #text: string;
  #at = 0;
  /** For each open template expression: the depth of braces inside it. */
  readonly #templateDepths: number[] = [];

  constructor(text: string) {
    this.#text = text;
    this.code = blankOf(text);
    this.comments = blankOf(text);
  }

  run(): void {
    if (this.#text.startsWith('#!')) this.#skipTo(endOfLine(this.#text, 0), undefined);
    while (this.#at < this.#text.length) this.#step();
  }

  #step(): void {
    const character = this.#text[this.#at]!;
    const next = this.#text[this.#at + 1];
    if (character === '/' && next === '/') this.#skipTo(endOfLine(this.#text, this.#at), this.comments);
    else if (character === '/' && next === '*') this.#skipTo(this.#endOfBlockComment(), this.comments);
    else if (character === "'" || character === '"') this.#string(character);
    else if (character === '`') this.#template();
    else if (character === '/' && this.#regexMayStart()) this.#regex();
    else if (this.#templateDepths.length === 0 || !this.#braceInTemplate(character)) this.#keep();
  }

  #endOfBlockComment(): number {
    const end = this.#text.indexOf('*/', this.#at + 2);
    return end === -1 ? this.#text.length : end + 2;
  }

  #keep(): void {
    this.code[this.#at] = this.#text[this.#at]!;
    this.#at++;
  }

  #skipTo(end: number, keepIn: string[] | undefined): void {
    for (; this.#at < end; this.#at++) if (keepIn !== undefined) keepIn[this.#at] = this.#text[this.#at]!;
  }

  #string(quote: string): void {
    this.#keep();
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote && this.#text[this.#at] !== '\n') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    }
    if (this.#text[this.#at] === quote) this.#keep();
  }

  /** Blanks template text up to its end or to the next `${`. */
  #template(): void {
    this.#keep();
    this.#templateText();
  }

  #templateText(): void {
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at += 2;
      else if (character === '`') {
        this.#keep();
        return;
      } else if (character === '$' && this.#text[this.#at + 1] === '{') {
        this.#at += 2;
        this.#templateDepths.push(0);
        return;
      } else this.#at++;
    }
  }

  /** Counts braces inside a template expression; true when the expression ended here. */
  #braceInTemplate(character: string): boolean {
    const last = this.#templateDepths.length - 1;
    if (character === '{') this.#templateDepths[last]!++;
    if (character !== '}') return false;
    if (this.#templateDepths[last]! > 0) {
      this.#templateDepths[last]!--;
      return false;
    }
    this.#templateDepths.pop();
    this.#at++;
    this.#templateText();
    return true;
  }

  #regexMayStart(): boolean {
    let before = this.#at - 1;
    while (before >= 0 && (this.code[before] === ' ' || this.code[before] === '\n')) before--;
    if (before < 0) return true;
    const character = this.code[before]!;
    if (/[\w$]/.test(character)) {
      const word = /[\w$]+$/.exec(this.code.slice(Math.max(0, before - 20), before + 1).join(''))?.[0] ?? '';
      return KEYWORDS_BEFORE_REGEX.has(word);
    }
    return !/[)\]'"`]/.test(character);
  }

  #regex(): void {
    this.#at++;
    let inClass = false;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at++;
      else if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      else if (character === '/' && !inClass) break;
      this.#at++;
    }
    this.#at++;
  }
}

function blankOf(text: string): string[] {
  const blank = new Array<string>(text.length);
  for (let index = 0; index < text.length; index++) blank[index] = text[index] === '\n' ? '\n' : ' ';
  return blank;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
