/**
 * Where an error of a user's module came from, without the frames of Node, of packages and of seatrial itself.
 *
 * Reads what V8 and esbuild (behind tsx) write: stacks, and syntax errors with a caret under the place.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../cli/package-info.ts';

/** An error as a user is told it. */
export interface PlacedError {
  /** `TypeError: no such thing`, one line. */
  readonly text: string;
  /** Relative to the current folder; absent where no file of the user takes part. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Folders of the package that are not a user's, from sources and compiled. */
const OWN_FOLDERS = ['dist', 'bench', 'core'];
/** Its own files lie beside folders of modules such as users write. */
const OWN_WITHOUT_FOLDERS = 'scenarios';
const CARET = /^(.+):(\d+)\n(.*)\n([ \t]*)(\^*)\s*\n\s*(\w*Error\b.*)$/m;
const TRANSFORM = /^(.+):(\d+):(\d+): ERROR: (.*)$/m;
const FRAME = /^\s+at (?:(?:.*? )?\((.+):(\d+):(\d+)\)|(?:async )?(.+):(\d+):(\d+))$/;

/** The innermost place in a user's file. */
export function placedError(error: unknown): PlacedError {
  if (!(error instanceof Error)) return { text: String(error) };
  return placedStack(error.stack ?? error.message, oneLine(`${error.name}: ${error.message}`));
}

/** The same of a stack alone. */
export function placedStack(stack: string, text = oneLine(stack.split(/\n\s+at /)[0] ?? '')): PlacedError {
  const transform = TRANSFORM.exec(stack);
  if (transform !== null) {
    const [, file = '', line, column, message = ''] = transform;
    return { text: `SyntaxError: ${message}`, ...placeAt(file, Number(line), Number(column) + 1) };
  }
  const caret = CARET.exec(stack);
  if (caret !== null) {
    const [, file = '', line, source = '', indent = '', sign = '', message = ''] = caret;
    // Without a caret it is the end of the line.
    const column = (sign === '' ? source.length : indent.length) + 1;
    return { text: message, ...placeAt(file, Number(line), column) };
  }
  const frame = framesOf(stack).find(({ file }) => isUsers(file));
  return frame === undefined ? { text } : { text, ...placeAt(frame.file, frame.line, frame.column) };
}

/** Whether a user's own line threw it, and not what that line called. */
export function isThrownByUser(error: unknown): boolean {
  const [first] = error instanceof Error ? framesOf(error.stack ?? '') : [];
  return first !== undefined && isUsers(first.file);
}

/** Frames of files, Node's own aside. */
function framesOf(stack: string): { file: string; line: number; column: number }[] {
  return stack.split('\n').flatMap((each) => {
    const [, file1, line1, column1, file2, line2, column2] = FRAME.exec(each) ?? [];
    const file = file1 ?? file2 ?? 'node:';
    return file.startsWith('node:') ? [] : [{ file, line: Number(line1 ?? line2), column: Number(column1 ?? column2) }];
  });
}

/** `mine.mjs:4:12`; '' without a place. */
export function placeText({ file, line, column }: PlacedError): string {
  return file === undefined ? '' : `${file}:${line}:${column}`;
}

function isUsers(file: string): boolean {
  const name = plainPath(file);
  if (!path.isAbsolute(name) || name.includes(`${path.sep}node_modules${path.sep}`)) return false;
  if (path.dirname(name) === path.join(packageRoot(), OWN_WITHOUT_FOLDERS)) return false;
  return !OWN_FOLDERS.some((folder) => name.startsWith(path.join(packageRoot(), folder) + path.sep));
}

function placeAt(file: string, line: number, column: number): Omit<PlacedError, 'text'> {
  return { file: path.relative(process.cwd(), plainPath(file)), line, column };
}

function plainPath(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file.replace(/\?.*$/, '')) : file.replace(/\?.*$/, '');
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
