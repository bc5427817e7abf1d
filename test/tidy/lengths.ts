/**
 * Length of files and functions, and the header comment of a file.
 *
 * Functions are found by brackets in blanked code: a `{` after `=>`, or after a parameter list and an optional return type
 * when what stands before the list is not `if`, `for`, `while`, `switch`, `catch` or `with`.
 */
import type { Finding } from './finding.ts';
import { lineOf, type SourceText } from './source-text.ts';

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;

const CONTROL_WORDS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with']);
const TYPE_WORDS_BEFORE_OPERAND = new Set('keyof typeof readonly unique infer is asserts extends new in'.split(' '));

/** A function found in a source: first and last line of it, from 1. */
export interface FunctionSpan {
  readonly name: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Files over the limit; test data and documents are not sources and not measured. */
export function checkFileLength(source: SourceText): readonly Finding[] {
  const lines = source.text.split('\n').length - (source.text.endsWith('\n') ? 1 : 0);
  if (lines <= FILE_LINES_MAX) return [];
  return [{ path: source.path, line: 0, message: `${lines} lines, at most ${FILE_LINES_MAX}: split it by ideas` }];
}

/** Functions over the limit. Blocks of test files (`describe`, `test`) are lists, not functions, and not measured. */
export function checkFunctionLength(source: SourceText): readonly Finding[] {
  if (source.path.endsWith('.test.ts')) return [];
  return functionsOf(source)
    .filter((span) => span.lastLine - span.firstLine + 1 > FUNCTION_LINES_MAX)
    .map((span) => ({
      path: source.path,
      line: span.firstLine,
      message: `${span.name} has ${span.lastLine - span.firstLine + 1} lines, at most ${FUNCTION_LINES_MAX}: the parent branches, helpers compute`,
    }));
}

/** A file begins with a comment that says why it exists; tests and generated data excepted. */
export function checkHeader(source: SourceText): readonly Finding[] {
  if (!/^(?:core|scenarios|bench)\//.test(source.path)) return [];
  const start = source.text.startsWith('#!') ? source.text.indexOf('\n') + 1 : 0;
  const header = /^\s*\/\*\*[\s\S]*?\*\//.exec(source.text.slice(start))?.[0] ?? '';
  if (header.replace(/[\s*/]/g, '').length >= 20) return [];
  return [
    { path: source.path, line: 1, message: 'the file has no header comment: why it exists, what always holds, cost' },
  ];
}

/** All functions with a body in braces. */
export function functionsOf(source: SourceText): readonly FunctionSpan[] {
  const { code } = source;
  const spans: FunctionSpan[] = [];
  const add = (name: string, start: number, open: number) => {
    const close = matching(code, open);
    spans.push({ name, firstLine: lineOf(code, start), lastLine: lineOf(code, close) });
  };
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '{' && endsWithArrow(code, at)) add('an arrow function', arrowStart(code, at), at);
    if (code[at] !== '(') continue;
    const name = wordBefore(code, at);
    if (CONTROL_WORDS.has(name)) continue;
    const open = bodyAfterParameters(code, matching(code, at) + 1);
    if (open !== -1) add(name === '' || name === 'function' ? 'a function' : name, at, open);
  }
  return spans;
}

/** Offset of the bracket that closes the one at `open`, or the end of the code. */
function matching(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const character = code[at]!;
    if (character === '(' || character === '[' || character === '{') depth++;
    else if ((character === ')' || character === ']' || character === '}') && --depth === 0) return at;
  }
  return code.length;
}

function endsWithArrow(code: string, at: number): boolean {
  return code.slice(0, at).trimEnd().endsWith('=>');
}

/** Where an arrow function begins: its parameter list, or its single parameter; the arrow itself when in doubt. */
function arrowStart(code: string, bodyOpen: number): number {
  const arrow = code.lastIndexOf('=>', bodyOpen);
  let at = arrow - 1;
  while (at > 0 && /\s/.test(code[at]!)) at--;
  if (code[at] !== ')') return at;
  let depth = 0;
  for (; at >= 0; at--) {
    if (code[at] === ')') depth++;
    else if (code[at] === '(' && --depth === 0) return at;
  }
  return arrow;
}

/** The word before a parameter list; type parameters are stepped over. */
function wordBefore(code: string, at: number): string {
  let end = at;
  while (end > 0 && /\s/.test(code[end - 1]!)) end--;
  if (code[end - 1] === '>') {
    let depth = 0;
    while (end > 0) {
      end--;
      if (code[end] === '>' && code[end - 1] !== '=') depth++;
      else if (code[end] === '<' && --depth === 0) break;
    }
  }
  return /[\w$#]+$/.exec(code.slice(Math.max(0, end - 60), end))?.[0] ?? '';
}

/** Offset of the `{` of a body that follows a parameter list, or -1 when none does. */
function bodyAfterParameters(code: string, from: number): number {
  let at = skipSpace(code, from);
  if (code[at] === '{') return at;
  if (code[at] !== ':') return -1;
  at = skipSpace(code, at + 1);
  let needsOperand = true;
  let afterGroup = false;
  while (at < code.length) {
    const character = code[at]!;
    if (character === '{' && !needsOperand) return at;
    const isGroup = character === '{' || character === '(' || character === '[' || character === '<';
    if (isGroup) {
      at = character === '<' ? closeAngle(code, at) + 1 : matching(code, at) + 1;
      needsOperand = false;
    } else if (/[\w$'"`.-]/.test(character)) {
      const word = /^(?:'[^'\n]*'|"[^"\n]*"|`[^`]*`|[\w$.-]+)/.exec(code.slice(at))?.[0] ?? character;
      if (!needsOperand && !TYPE_WORDS_BEFORE_OPERAND.has(word)) return -1;
      at += word.length;
      needsOperand = TYPE_WORDS_BEFORE_OPERAND.has(word);
    } else if (character === '|' || character === '&') {
      at++;
      needsOperand = true;
    } else if (character === '=' && code[at + 1] === '>' && afterGroup && code[skipSpace(code, at + 2)] !== '{') {
      at += 2;
      needsOperand = true;
    } else return -1;
    afterGroup = character === '(';
    at = skipSpace(code, at);
  }
  return -1;
}

function closeAngle(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '<') depth++;
    else if (code[at] === '>' && code[at - 1] !== '=' && --depth === 0) return at;
  }
  return code.length;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (at < code.length && /\s/.test(code[at]!)) at++;
  return at;
}
