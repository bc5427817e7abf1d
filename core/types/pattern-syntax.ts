/**
 * Regular expressions in RE2's syntax, read into a tree. Source: github.com/google/re2/wiki/Syntax, Go's regexp/syntax.
 *
 * Whatever RE2 refuses (look-around, back-references, repetitions beyond 1000, one right after another) is a {@link PatternError} here.
 */

/** A text that is no regular expression. */
export class PatternError extends Error {}

type Test = (code: number) => boolean;

/** A pattern's tree; `before` and `after` are the characters around a place, −1 for none. */
export type PatternNode =
  | { readonly kind: 'char'; readonly test: Test }
  | { readonly kind: 'assert'; readonly holds: (before: number, after: number) => boolean }
  | { readonly kind: 'all'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'any'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly least: number; readonly most: number };

const MAX_DEPTH = 250;
const MAX_REPEAT = 1_000;
const LINE_END = 10;

const within = (...ranges: readonly (readonly [string, string])[]): Test => {
  const codes = ranges.map(([from, to]) => [from.charCodeAt(0), to.charCodeAt(0)] as const);
  return (code) => codes.some(([from, to]) => code >= from && code <= to);
};
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);
const among =
  (chars: string): Test =>
  (code) =>
    chars.includes(String.fromCodePoint(code));

const UPPER = within(['A', 'Z']);
const LOWER = within(['a', 'z']);
const DIGIT = within(['0', '9']);
const WORD = within(['A', 'Z'], ['a', 'z'], ['0', '9'], ['_', '_']);
const SHORT: Readonly<Record<string, Test>> = { d: DIGIT, w: WORD, s: among('\t\n\f\r ') };
const POSIX: Readonly<Record<string, Test>> = {
  alnum: within(['A', 'Z'], ['a', 'z'], ['0', '9']),
  alpha: within(['A', 'Z'], ['a', 'z']),
  ascii: (code) => code <= 0x7f,
  blank: among('\t '),
  cntrl: (code) => code <= 0x1f || code === 0x7f,
  digit: DIGIT,
  graph: within(['!', '~']),
  lower: LOWER,
  print: within([' ', '~']),
  punct: within(['!', '/'], [':', '@'], ['[', '`'], ['{', '~']),
  space: among('\t\n\v\f\r '),
  upper: UPPER,
  word: WORD,
  xdigit: within(['0', '9'], ['A', 'F'], ['a', 'f']),
};
const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const isWordAt = (code: number): boolean => code >= 0 && WORD(code);
const atWordEdge = (before: number, after: number): boolean => isWordAt(before) !== isWordAt(after);

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** Reads a pattern. @throws PatternError */
export function parsePattern(text: string): PatternNode {
  const reader = new PatternReader(text);
  const node = reader.alternatives(0);
  if (!reader.atEnd) throw new PatternError('unexpected )');
  return node;
}

class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;
  #flags: Flags = { i: false, m: false, s: false };

  constructor(text: string) {
    this.#chars = [...text];
  }

  get atEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  alternatives(depth: number): PatternNode {
    if (depth > MAX_DEPTH) throw new PatternError('expression nests too deeply');
    const branches: PatternNode[] = [];
    let parts: PatternNode[] = [];
    while (!this.atEnd && this.#next !== ')') {
      if (this.#takes('|')) {
        branches.push({ kind: 'all', parts });
        parts = [];
      } else this.#item(parts, depth);
    }
    branches.push({ kind: 'all', parts });
    return branches.length === 1 ? (branches[0] as PatternNode) : { kind: 'any', parts: branches };
  }

  get #next(): string {
    return this.#chars[this.#at] ?? '';
  }

  #takes(text: string): boolean {
    if (!this.#rest(text.length).startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  #rest(length: number): string {
    return this.#chars.slice(this.#at, this.#at + length).join('');
  }

  #item(parts: PatternNode[], depth: number): void {
    if (this.#takes('\\Q')) {
      while (!this.atEnd && !this.#takes('\\E')) parts.push(this.#char(literal(this.#code())));
      return;
    }
    if (this.#repetition() !== null) throw new PatternError('missing argument to repetition operator');
    const node = this.#atom(depth);
    if (node === null) return;
    const times = this.#repetition();
    if (times !== null && this.#repetition() !== null) throw new PatternError('invalid nested repetition operator');
    parts.push(times === null ? node : { kind: 'repeat', of: node, ...times });
  }

  /** `*`, `+`, `?` or `{…}`, greedy or not; a brace that counts nothing is a character. */
  #repetition(): { least: number; most: number } | null {
    const sign = this.#next;
    if (sign === '{') {
      const match = /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(this.#rest(22));
      if (match === null) return null;
      const [whole, from = '', comma, to = ''] = match;
      const least = Number(from);
      const most = comma === undefined ? least : to === '' ? Number.POSITIVE_INFINITY : Number(to);
      if (least > MAX_REPEAT || (Number.isFinite(most) && most > MAX_REPEAT) || most < least) {
        throw new PatternError(`invalid repeat count ${whole}`);
      }
      this.#at += whole.length;
      this.#takes('?');
      return { least, most };
    }
    if (sign !== '*' && sign !== '+' && sign !== '?') return null;
    this.#at++;
    this.#takes('?');
    return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
  }

  #atom(depth: number): PatternNode | null {
    const { m, s } = this.#flags;
    if (this.#takes('(')) return this.#group(depth);
    if (this.#takes('[')) return this.#char(this.#class());
    if (this.#takes('.')) return { kind: 'char', test: s ? () => true : (code) => code !== LINE_END };
    if (this.#takes('^')) return assertion((before) => before < 0 || (m && before === LINE_END));
    if (this.#takes('$')) return assertion((_, after) => after < 0 || (m && after === LINE_END));
    if (this.#takes('\\A')) return assertion((before) => before < 0);
    if (this.#takes('\\z')) return assertion((_, after) => after < 0);
    if (this.#takes('\\b')) return assertion(atWordEdge);
    if (this.#takes('\\B')) return assertion((before, after) => !atWordEdge(before, after));
    return this.#char(this.#next === '\\' ? this.#escapedTest() : literal(this.#code()));
  }

  /** After the opening bracket; flags for what follows are no part. */
  #group(depth: number): PatternNode | null {
    const before = this.#flags;
    const name = /^\?P?<(\w+)>/.exec(this.#rest(80));
    if (name !== null) this.#at += name[0].length;
    else if (this.#takes('?')) {
      const flags = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(this.#rest(12));
      if (flags === null) throw new PatternError('invalid or unsupported Perl syntax');
      const [whole, on = '', off = '', end] = flags;
      this.#at += whole.length;
      const flag = (key: 'i' | 'm' | 's'): boolean => !off.includes(key) && (on.includes(key) || before[key]);
      this.#flags = { i: flag('i'), m: flag('m'), s: flag('s') };
      if (end === ')') return null;
    }
    const node = this.alternatives(depth + 1);
    if (!this.#takes(')')) throw new PatternError('missing closing )');
    this.#flags = before;
    return node;
  }

  #char(test: Test): PatternNode {
    return { kind: 'char', test: this.#flags.i ? anyCase(test) : test };
  }

  #code(): number {
    return (this.#chars[this.#at++] as string).codePointAt(0) as number;
  }

  /** After the opening bracket of a class. */
  #class(): Test {
    const negated = this.#takes('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#next !== ']'; first = false) {
      if (this.atEnd) throw new PatternError('missing closing ]');
      tests.push(this.#classItem());
    }
    this.#at++;
    const test: Test = (code) => tests.some((each) => each(code));
    const whole = this.#flags.i ? anyCase(test) : test;
    return negated ? not(whole) : whole;
  }

  #classItem(): Test {
    const posix = /^\[:(\^?)(\w*):\]/.exec(this.#rest(16));
    if (posix !== null) {
      const test = Object.hasOwn(POSIX, posix[2] ?? '') ? POSIX[posix[2] ?? ''] : undefined;
      if (test === undefined) throw new PatternError(`invalid character class range ${posix[0]}`);
      this.#at += posix[0].length;
      return posix[1] === '' ? test : not(test);
    }
    if (this.#next === '\\' && /^\\[dwsDWSpP]/.test(this.#rest(2))) return this.#escapedTest();
    const from = this.#classCode();
    if (this.#next !== '-' || this.#chars[this.#at + 1] === ']') return literal(from);
    this.#at++;
    if (this.atEnd) throw new PatternError('missing closing ]');
    const to = this.#classCode();
    if (to < from) throw new PatternError('invalid character class range');
    return (code) => code >= from && code <= to;
  }

  #classCode(): number {
    return this.#next === '\\' ? this.#escapedCode() : this.#code();
  }

  #escapedTest(): Test {
    const letter = this.#chars[this.#at + 1] ?? '';
    const short = SHORT[letter.toLowerCase()];
    if (short !== undefined && /[dwsDWS]/.test(letter)) {
      this.#at += 2;
      return /[dws]/.test(letter) ? short : not(short);
    }
    if (letter === 'p' || letter === 'P') return this.#property(letter === 'P');
    return literal(this.#escapedCode());
  }

  /** `\pL`, `\p{Greek}`, `\P{^Lu}`. */
  #property(negated: boolean): Test {
    const match = /^\\[pP](?:\{(\^?)(\w+)\}|([A-Z]))/.exec(this.#rest(40));
    if (match === null) throw new PatternError('invalid character class range');
    this.#at += match[0].length;
    const [, caret, name = '', letter = name] = match;
    const test = propertyTest(letter);
    return negated === (caret === '^') ? test : not(test);
  }

  /** After a backslash: one character. */
  #escapedCode(): number {
    const found =
      /^\\(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2})|([afnrtv])|([!-/:-@[-`{-~]))/.exec(
        this.#rest(12),
      );
    if (found === null) throw new PatternError(`invalid escape sequence \`${this.#rest(2)}\``);
    this.#at += found[0].length;
    const [, braced, hex = braced, octal, control, sign] = found;
    if (hex !== undefined) {
      const code = Number.parseInt(hex, 16);
      if (code > 0x10_ffff) throw new PatternError(`invalid escape sequence \`${found[0]}\``);
      return code;
    }
    if (octal !== undefined) return Number.parseInt(octal, 8);
    return control === undefined ? (sign as string).charCodeAt(0) : (CONTROL[control] as number);
  }
}

function literal(wanted: number): Test {
  return (code) => code === wanted;
}

function assertion(holds: (before: number, after: number) => boolean): PatternNode {
  return { kind: 'assert', holds };
}

function anyCase(test: Test): Test {
  return (code) => {
    const char = String.fromCodePoint(code);
    return [char, char.toLowerCase(), char.toUpperCase()].some((each) => {
      return [...each].length === 1 && test(each.codePointAt(0) as number);
    });
  };
}

/** A general category or a script. */
function propertyTest(name: string): Test {
  if (name === 'Any') return () => true;
  for (const property of [/^[A-Z][a-z]?$/.test(name) ? name : '', `Script=${name}`]) {
    if (property === '') continue;
    try {
      const expression = new RegExp(`^\\p{${property}}$`, 'u');
      return (code) => expression.test(String.fromCodePoint(code));
    } catch {
      // Not a property of this sort.
    }
  }
  throw new PatternError(`invalid character class range \`\\p{${name}}\``);
}
