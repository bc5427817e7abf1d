/**
 * Splits a template into text and the tokens of its actions. Source: Go text/template/parse lex.go.
 *
 * `{{- ` and ` -}}` trim the text beside them; comments vanish. A broken action is a TemplateError at its place.
 */
import { TemplateError } from './tree.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'string'
  | 'number'
  | 'character'
  | 'space'
  | 'symbol';

/** One token; `text` is the source's text, for strings their value. */
export interface Token {
  readonly kind: TokenKind;
  readonly offset: number;
  readonly text: string;
  /** Offset behind it. */
  readonly end: number;
}

const SPACE = ' \t\r\n';
const COMMENT = /^\{\{(?:-[ \t\r\n]+)?\/\*/;

/** All tokens of `source`, in order. @throws TemplateError */
export function scan(source: string): Token[] {
  const tokens: Token[] = [];
  let trimsNext = false;
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    const trims = open >= 0 && source[open + 2] === '-' && SPACE.includes(source[open + 3] ?? 'x');
    addText(tokens, source.slice(at, end), at, trimsNext, trims);
    trimsNext = false;
    if (open < 0) break;
    const action = COMMENT.test(source.slice(open, open + 40)) ? skipComment(source, open) : null;
    const after = action ?? scanAction(source, open, trims ? open + 4 : open + 2, tokens);
    trimsNext = source[after - 3] === '-' && SPACE.includes(source[after - 4] ?? 'x');
    at = after;
  }
  return tokens;
}

function addText(tokens: Token[], text: string, offset: number, trimLeft: boolean, trimRight: boolean): void {
  const left = trimLeft ? text.replace(/^[ \t\r\n]+/, '') : text;
  const shown = trimRight ? left.replace(/[ \t\r\n]+$/, '') : left;
  const start = offset + text.length - left.length;
  if (shown !== '') tokens.push({ kind: 'text', offset: start, text: shown, end: start + shown.length });
}

/** Offset behind a comment. */
function skipComment(source: string, open: number): number {
  const close = source.indexOf('*/', open);
  if (close < 0) throw new TemplateError(open, 'the comment is not closed');
  const rest = /^(?:[ \t\r\n]+-)?\}\}/.exec(source.slice(close + 2, close + 40));
  if (rest === null) throw new TemplateError(open, 'a comment ends with */}}');
  return close + 2 + rest[0].length;
}

/** Tokens of one action; the answer is the offset behind its `}}`. */
function scanAction(source: string, open: number, start: number, tokens: Token[]): number {
  tokens.push({ kind: 'open', offset: open, text: '{{', end: start });
  for (let at = start; at < source.length; ) {
    const close = /^(?:[ \t\r\n]+-)?\}\}/.exec(source.slice(at, at + 200));
    if (close !== null) {
      const end = at + close[0].length;
      tokens.push({ kind: 'close', offset: at, text: '}}', end });
      return end;
    }
    const token = nextToken(source, at);
    tokens.push(token);
    at = token.end;
  }
  throw new TemplateError(open, 'the action is not closed: }} is missing');
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /[ \t\r\n]+/y],
  ['number', /[+-]?(?:0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)/y],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['identifier', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['character', /'(?:[^'\\\n]|\\.)'/y],
  ['symbol', /:=|[=|(),.]/y],
];

function nextToken(source: string, at: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) continue;
    const [found] = match;
    const text = kind === 'string' || kind === 'character' ? unquote(found, at) : found;
    return { kind, offset: at, text, end: at + found.length };
  }
  const found = source[at] ?? '';
  if (found === '"' || found === '`' || found === "'") throw new TemplateError(at, 'the text is not closed');
  throw new TemplateError(at, `unexpected ${JSON.stringify(found)} in an action`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  "'": "'",
  '\\': '\\',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unquote(quoted: string, offset: number): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return inner;
  return inner.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_whole, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const character = ESCAPES[code];
    if (character === undefined) throw new TemplateError(offset, `unknown escape \\${code}`);
    return character;
  });
}
