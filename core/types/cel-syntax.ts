/**
 * Device selectors as trees: a parser for the part of CEL that selectors use. Source: CEL language definition (cel-spec),
 * Kubernetes 1.34 dynamic-resource-allocation/cel.
 *
 * Integers, doubles, strings, booleans and lists; `! - * / % + < <= > >= == != in && || ?:`; fields, indexes, both also optional (`.?name`, `[?key]`),
 * calls, `cel.bind`, and the macros `has`, `all`, `exists`, `exists_one`, `map` and `filter`. Whatever else a text holds (bytes, maps, other functions) is
 * named in a {@link CelError}.
 */

/** A selector that cannot be read, or a value that it cannot be asked about. */
export class CelError extends Error {
  /** Whether every CEL compiler refuses such a selector, too; otherwise it is only not understood here. */
  readonly refused: boolean;

  constructor(message: string, refused = false) {
    super(message);
    this.refused = refused;
  }
}

/** What a function or an operator says of values that it does not take. */
export function noOverload(name: string): CelError {
  return new CelError(`no such overload: ${name.replace('.', '')}`);
}

/** Macros that ask something of every item of a list, or of every key of a map. Source: cel-spec, "Macros". */
export type LoopMacro = 'all' | 'exists' | 'exists_one' | 'map' | 'filter';

/** A selector's tree. */
export type CelNode =
  | { readonly kind: 'literal'; readonly value: string | bigint | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'field'; readonly of: CelNode; readonly field: string; readonly optional: boolean }
  | { readonly kind: 'index'; readonly of: CelNode; readonly at: CelNode; readonly optional: boolean }
  | { readonly kind: 'call'; readonly name: string; readonly of: CelNode | null; readonly args: readonly CelNode[] }
  | {
      readonly kind: 'macro';
      readonly name: LoopMacro;
      readonly of: CelNode;
      readonly variable: string;
      readonly args: readonly CelNode[];
    }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly of: CelNode }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: CelNode; readonly right: CelNode }
  | { readonly kind: 'choice'; readonly test: CelNode; readonly yes: CelNode; readonly no: CelNode }
  | { readonly kind: 'list'; readonly items: readonly CelNode[] };

/** Functions, and methods with a leading dot; what is not here is not understood. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'has cel.bind size quantity isQuantity semver isSemver .size .startsWith .endsWith .contains .matches .lowerAscii ' +
    '.upperAscii .isGreaterThan .isLessThan .compareTo .sign .isInteger .asInteger .major .minor .patch ' +
    '.or .orValue .hasValue .value optional.of optional.none'
  ).split(' '),
);

/** Names that functions of a library begin with. */
const LIBRARIES: ReadonlySet<string> = new Set(['cel', 'optional']);

/** How many arguments follow the variable: at least, at most. */
const LOOP_MACROS: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['all', [1, 1]],
  ['exists', [1, 1]],
  ['exists_one', [1, 1]],
  ['map', [1, 2]],
  ['filter', [1, 1]],
]);

/** By binding strength, weakest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<=', '>=', '<', '>', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

const TOKEN =
  /\s*(?:(\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|0x[0-9a-fA-F]+|\d+)(u?)|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[-+*/%!<>?:.,()[\]{}])|(["']))/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" };
/** Longest selector (CELSelectorExpressionMaxLength), most words and signs in it, and deepest nesting. */
const MAX_LENGTH = 10_240;
const MAX_TOKENS = 3_000;
const MAX_DEPTH = 250;

/** Maps and messages, comments, strings in three quotes, optional fields, names from the root: CEL that is not understood here. */
const BEYOND = /\{|\/\/|'''|"""|\?\s*\.|\.\s*\?|\[\s*\?|(?:^|[^\w\s)\]}"'.])\s*\./;

interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'string' | 'end';
  readonly text: string;
  readonly column: number;
}

/** Parses a selector. @throws CelError with the column, from 1. */
export function parseCel(text: string): CelNode {
  if (text.length > MAX_LENGTH) throw new CelError(`the selector is longer than ${MAX_LENGTH} characters`);
  const tokens = tokensOf(text);
  if (tokens.length > MAX_TOKENS) throw new CelError(`the selector has more than ${MAX_TOKENS} words and signs`);
  return new Parser(tokens, !BEYOND.test(text)).whole();
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const place = at + (/\S/.exec(text.slice(at))?.index ?? 0);
      // A field's name may stand between backquotes.
      throw new CelError(`column ${place + 1}: "${text[place]}" is not understood`, text[place] !== '`');
    }
    const [whole, number, unsigned, name, sign, quote] = match;
    const column = TOKEN.lastIndex - whole.trimStart().length + 1;
    at = TOKEN.lastIndex;
    if (number !== undefined) {
      if (unsigned !== '' || /[A-Za-z_]/.test(text[at] ?? '')) {
        throw new CelError(`column ${column}: only integers and doubles are understood`);
      }
      tokens.push({ kind: 'number', text: number, column });
    } else if (name !== undefined) {
      if (/^[rRbB]{1,2}$/.test(name) && /["']/.test(text[at] ?? '')) {
        throw new CelError(`column ${column}: raw strings and bytes are not understood`);
      }
      tokens.push({ kind: 'name', text: name, column });
    } else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, column });
    else {
      const { value, end } = stringAt(text, at, quote as string, column);
      tokens.push({ kind: 'string', text: value, column });
      at = end;
    }
  }
  tokens.push({ kind: 'end', text: '', column: text.length + 1 });
  return tokens;
}

const INT_MAX = 2n ** 63n - 1n;

/** A whole number is a bigint of 64 bits, a double a number. */
function numberOf({ text, column }: Token): bigint | number {
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) return Number(text);
  const value = BigInt(text);
  // Its negation alone would be one more.
  if (value > INT_MAX + 1n) throw new CelError(`column ${column}: invalid int literal`, true);
  return value;
}

function stringAt(text: string, from: number, quote: string, column: number): { value: string; end: number } {
  let value = '';
  for (let i = from; i < text.length; i++) {
    const char = text[i] as string;
    if (char === quote) return { value, end: i + 1 };
    if (char !== '\\') {
      value += char;
      continue;
    }
    const escaped = ESCAPES[text[++i] ?? ''];
    if (escaped === undefined) throw new CelError(`column ${i + 1}: this escape is not understood`);
    value += escaped;
  }
  throw new CelError(`column ${column}: the string does not end`, !BEYOND.test(text));
}

class Parser {
  readonly #tokens: readonly Token[];
  /** Whether what this parser cannot read is no CEL at all. */
  readonly #isPlain: boolean;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], isPlain: boolean) {
    this.#tokens = tokens;
    this.#isPlain = isPlain;
  }

  whole(): CelNode {
    const node = this.#expression();
    if (this.#next.kind !== 'end') throw this.#unexpected();
    return node;
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #expression(): CelNode {
    if (++this.#depth > MAX_DEPTH)
      throw new CelError(`column ${this.#next.column}: expression recursion limit exceeded: ${MAX_DEPTH}`, true);
    const test = this.#level(0);
    this.#depth--;
    if (!this.#takes('?')) return test;
    const yes = this.#level(0);
    this.#expect(':');
    return { kind: 'choice', test, yes, no: this.#expression() };
  }

  #level(level: number): CelNode {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    while (this.#next.kind !== 'string' && operators.includes(this.#next.text)) {
      const operator = this.#next.text;
      this.#at++;
      left = { kind: 'binary', operator, left, right: this.#level(level + 1) };
    }
    return left;
  }

  #unary(): CelNode {
    const signs: ('!' | '-')[] = [];
    while (this.#isSign('!') || this.#isSign('-')) signs.push(this.#tokens[this.#at++]?.text as '!' | '-');
    let node = this.#member();
    if (node.kind === 'literal' && node.value === INT_MAX + 1n && signs.at(-1) !== '-') {
      throw new CelError(`column ${this.#next.column}: invalid int literal`, true);
    }
    for (const operator of signs.reverse()) node = { kind: 'unary', operator, of: node };
    return node;
  }

  #member(): CelNode {
    let node = this.#primary();
    for (;;) {
      if (this.#takes('[')) {
        const optional = this.#takes('?');
        node = { kind: 'index', of: node, at: this.#expression(), optional };
        this.#expect(']');
      } else if (this.#takes('.')) {
        const optional = this.#takes('?');
        const { text, kind, column } = this.#next;
        if (kind !== 'name') throw this.#unexpected();
        this.#at++;
        if (optional || !this.#takes('(')) node = { kind: 'field', of: node, field: text, optional };
        else if (node.kind === 'name' && LIBRARIES.has(node.name))
          node = this.#call(`${node.name}.${text}`, null, column);
        else if (LOOP_MACROS.has(text)) node = this.#macro(text as LoopMacro, node, column);
        else node = this.#call(`.${text}`, node, column);
      } else return node;
    }
  }

  /** After the opening bracket. */
  #call(name: string, of: CelNode | null, column: number): CelNode {
    if (!FUNCTIONS.has(name))
      throw new CelError(`column ${column}: the function ${name.replace('.', '')} is not understood`);
    return { kind: 'call', name, of, args: this.#list(')') };
  }

  /** After the opening bracket. */
  #macro(name: LoopMacro, of: CelNode, column: number): CelNode {
    const [variable, ...args] = this.#list(')');
    const [least, most] = LOOP_MACROS.get(name) as readonly [number, number];
    const [second] = args;
    if ((name === 'all' || name === 'exists') && args.length === 2 && second?.kind === 'name') {
      throw new CelError(`column ${column}: ${name}() with two variables is not understood`);
    }
    if (args.length < least || args.length > most || variable?.kind !== 'name') {
      throw new CelError(`column ${column}: ${name}() wants a simple name, then what is asked of each item`, true);
    }
    return { kind: 'macro', name, of, variable: variable.name, args };
  }

  #list(end: string): readonly CelNode[] {
    const items: CelNode[] = [];
    while (!this.#takes(end)) {
      items.push(this.#expression());
      if (this.#takes(',')) continue;
      this.#expect(end);
      return items;
    }
    return items;
  }

  #primary(): CelNode {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.kind === 'number') return { kind: 'literal', value: numberOf(token) };
    if (token.kind === 'name') return this.#named(token);
    if (token.text === '[') return { kind: 'list', items: this.#list(']') };
    if (token.text === '(') {
      const node = this.#expression();
      this.#expect(')');
      return node;
    }
    this.#at--;
    throw this.#unexpected();
  }

  #named({ text, column }: Token): CelNode {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
    if (text === 'null') return { kind: 'literal', value: null };
    return this.#takes('(') ? this.#call(text, null, column) : { kind: 'name', name: text };
  }

  #isSign(text: string): boolean {
    return this.#next.kind === 'sign' && this.#next.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#isSign(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected();
  }

  #unexpected(): CelError {
    const { kind, text, column } = this.#next;
    return new CelError(
      `column ${column}: ${kind === 'end' ? 'the selector ends too early' : `"${text}" is not expected`}`,
      this.#isPlain,
    );
  }
}
