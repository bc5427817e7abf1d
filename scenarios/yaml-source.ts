/**
 * YAML text with positions: every value of a parsed document can be traced back to `file:line:column`.
 */
import { type Document, isCollection, isMap, LineCounter, type Node, parseAllDocuments, stringify } from 'yaml';
import type { Place, ProblemList } from './problem.ts';
import { findAliases } from './yaml-aliases.ts';
import { KUBECTL_DIALECT } from './yaml-dialect.ts';

/** Largest file that is read, bytes. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** JSON beyond this is read without positions: the YAML reader takes a second a megabyte. */
const POSITIONS_MAX_BYTES = 1 << 20;
const TOO_DEEP = 'nested too deeply';
/** Deepest value of a file: what results and replays hold of it lies a little deeper there. */
const NESTING_MAX = 80;
/** Most documents of one file. */
const DOCUMENTS_MAX = 100_000;
/** Most values that one alias may stand for. */
const ALIAS_COUNT_MAX = 1000;

/** Editors on Windows begin UTF-8 with it; it takes no column. */
const BYTE_ORDER_MARK = '\ufeff';

/** One document of a YAML file. */
export interface YamlDocument {
  readonly value: unknown;
  /** Where the value (or with `key`, the field's name) at `path` stands; the nearest enclosing value if it is absent. */
  place(path: readonly (string | number)[], key?: boolean): Place;
}

/** Reads all documents of `given`, after its byte order mark. Syntax errors, binary content and empty files become problems; codes SCN-00n, MAN-00n, SUI-00n, CFG-00n or SPF-00n by `prefix`; manifests (MAN) are read as kubectl does. */
export function readYaml(
  file: string,
  given: string,
  problems: ProblemList,
  prefix: 'SCN' | 'MAN' | 'SUI' | 'CFG' | 'SPF',
): YamlDocument[] {
  const text = given.startsWith(BYTE_ORDER_MARK) ? given.slice(1) : given;
  const unread = unreadable(text.slice(0, 65_536));
  if (unread !== null) {
    problems.error({ file, line: 1, column: 1 }, `${prefix}-001`, unread.message, { hint: unread.hint });
    return [];
  }
  const json = text.length > POSITIONS_MAX_BYTES ? parsedJson(text) : undefined;
  if (json !== undefined) return [{ value: json, place: (path) => ({ file: `${file}${listItem(path)}` }) }];
  const lines = new LineCounter();
  const documents = parse(text, lines, prefix === 'MAN');
  if (documents === null) {
    problems.error({ file, line: 1, column: 1 }, `${prefix}-003`, `broken YAML: ${TOO_DEEP}`);
    return [];
  }
  if (documents.length > DOCUMENTS_MAX) {
    problems.error({ file }, `${prefix}-002`, `more than ${DOCUMENTS_MAX} documents in one file`);
    return [];
  }
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const found: YamlDocument[] = [];
  for (const document of documents) {
    // What follows a nesting that was given up is the parser's, not the user's.
    const deep = document.errors.find(({ message }) => reasonOf(message) === TOO_DEEP);
    for (const error of deep === undefined ? document.errors : [deep]) {
      problems.error(placeAt(error.pos[0]), `${prefix}-003`, `broken YAML: ${reasonOf(error.message)}`);
    }
    if (document.errors.length > 0) continue;
    const aliases = text.includes('*') && text.includes('&') ? findAliases(document) : null;
    if (aliases?.circular) {
      const { range, source } = aliases.circular;
      const message = `*${source} stands inside the value that it names: &${source} would hold itself`;
      problems.error(placeAt(range?.[0] ?? 0), `${prefix}-003`, message);
      continue;
    }
    try {
      const value: unknown = document.toJS({ maxAliasCount: ALIAS_COUNT_MAX });
      if (value === null || value === undefined) continue;
      const deepest = pathBelow(value, NESTING_MAX);
      if (deepest === null) found.push({ value, place: (path, key = false) => placeAt(offsetOf(document, path, key)) });
      else {
        const message = `nested deeper than ${NESTING_MAX} levels`;
        problems.error(placeAt(offsetOf(document, deepest, false)), `${prefix}-003`, message);
      }
    } catch (error) {
      const { message } = error as Error;
      const { nested } = aliases ?? {};
      if (nested !== undefined && message.includes('alias count')) {
        const text = `aliases of aliases: *${nested.source} and what it names unfold to more than ${ALIAS_COUNT_MAX} values`;
        const hint = 'write the values out, or put each into a file of its own';
        problems.error(placeAt(nested.range?.[0] ?? 0), `${prefix}-003`, text, { hint });
      } else problems.error(placeAt(document.range?.[0] ?? 0), `${prefix}-003`, `broken YAML: ${reasonOf(message)}`);
    }
  }
  return found;
}

/** The way to the first list or map that lies so many levels below `value`; null without one. */
function pathBelow(value: unknown, levels: number): (string | number)[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return [];
  const list = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    const rest = pathBelow(item, levels - 1);
    if (rest !== null) return [list ? Number(key) : key, ...rest];
  }
  return null;
}

/** The plain data of a JSON text; undefined for anything else. */
function parsedJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** ` items[3]` of whatever lies below that item of a list. */
function listItem([list, index]: readonly (string | number)[]): string {
  return index === undefined ? '' : ` ${list}[${index}]`;
}

/** The parser's first line without its full stop; a stack overflow said in the user's terms. */
function reasonOf(message: string): string {
  if (message.includes('call stack')) return TOO_DEEP;
  return message.split('\n')[0]?.trim().replace(/\.$/, '') ?? '';
}

/** Null if the text is nested so deeply that the parser gives up. */
function parse(text: string, lineCounter: LineCounter, asKubectl: boolean): Document[] | null {
  try {
    const common = { lineCounter, prettyErrors: false, strict: true, uniqueKeys: true, logLevel: 'error' } as const;
    const options = asKubectl ? { ...common, ...KUBECTL_DIALECT } : common;
    const documents = parseAllDocuments(text, options);
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function offsetOf(document: Document, path: readonly (string | number)[], key: boolean): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const part = path.slice(0, depth);
    if (key && depth === path.length && depth > 0) {
      const offset = offsetOfKey(document, part);
      if (offset !== undefined) return offset;
    }
    const node = (depth === 0 ? document.contents : document.getIn(part, true)) as Node | null | undefined;
    if (node !== null && typeof node === 'object' && node.range) return node.range[0];
  }
  return document.range?.[0] ?? 0;
}

function offsetOfKey(document: Document, path: readonly (string | number)[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const name = path[path.length - 1];
  for (const pair of parent.items) {
    const keyNode = pair.key as Node & { value?: unknown };
    if (keyText(keyNode) === `${name}` && keyNode.range) return keyNode.range[0];
  }
  return undefined;
}

/** A key as a field of plain data is called: a list or a map is its own text, as the parser has it. */
function keyText(node: Node & { readonly value?: unknown }): string {
  if (isCollection(node)) return stringify(node, { collectionStyle: 'flow' }).trim();
  return node.value === null ? '' : String(node.value);
}

/** Why what was decoded as UTF-8 is no text of that encoding; null where it is one. */
function unreadable(text: string): { readonly message: string; readonly hint?: string } | null {
  if (/^\ufffd\ufffd(?:[^\u0000]\u0000|\u0000[^\u0000])/.test(text)) {
    const hint = 'Windows PowerShell writes UTF-16 with ">": take "| Out-File -Encoding utf8" instead';
    return { message: 'this is UTF-16, expected UTF-8', hint };
  }
  if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) return { message: 'this is a binary file, expected YAML text' };
  return text.includes('\ufffd') ? { message: 'this is not UTF-8: some bytes are no characters of it' } : null;
}
