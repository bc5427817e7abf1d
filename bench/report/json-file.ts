/**
 * Reads JSON files that a person may have cut, mangled or mistaken: every failure with its line and column.
 */
import { statSync } from 'node:fs';
import { readTextFile } from '../../scenarios/files.ts';
import type { ProblemList } from '../../scenarios/problem.ts';
import { readStandardInput, STDIN_NAME } from '../cli/standard-input.ts';
import { errorCode } from '../cli/tool-failure.ts';

/** Largest file that is read: results are megabytes, and a slip of the keyboard must not fill the memory. */
export const JSON_BYTES_MAX = 256 * 1024 * 1024;

export interface JsonFileRules {
  readonly code: string;
  readonly hint?: string | undefined;
  /** Whether it is a problem that there is no such file. */
  readonly absent: 'fine' | 'problem';
}

/** The parsed file, `-` for standard input; undefined when it is absent or after a problem. */
export function readJsonFile(file: string, problems: ProblemList, rules: JsonFileRules): unknown {
  if (file === '-') return parseJson(STDIN_NAME, readStandardInput(JSON_BYTES_MAX), problems, rules);
  if (rules.absent === 'fine' && isAbsent(file)) return undefined;
  const text = readTextFile(file, problems, rules.code, JSON_BYTES_MAX);
  return text === null ? undefined : parseJson(file, text, problems, rules);
}

function isAbsent(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

function parseJson(file: string, text: string, problems: ProblemList, { code, hint }: JsonFileRules): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const at = brokenAt(text);
    const before = text.slice(0, at).split('\n');
    const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    const isBinary = text.includes('\0');
    const cut = at === text.length ? 'the file is cut off: its JSON ends too early' : 'broken JSON';
    problems.error(place, code, isBinary ? 'this is a binary file, expected JSON' : cut, { hint });
    return undefined;
  }
}

/** Where the first character stands that no JSON can have there; the text's length when it only ends too early. */
function brokenAt(text: string): number {
  // A prefix that can still be completed "ends" unexpectedly; the engine's messages do not always give the position.
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (canBeCompleted(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function canBeCompleted(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? message.includes('end of JSON') : Number(position) >= prefix.length;
  }
}
