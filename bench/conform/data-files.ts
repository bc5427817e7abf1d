/**
 * Files of recorded data, plain or compressed: `x.csv` and `x.csv.gz` are the same to every format.
 */

import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readFailure } from '../../scenarios/files.ts';
import { statPath } from '../cli/stat-path.ts';
import { CLI_CODES, UserError, type UserProblem } from '../cli/user-error.ts';

/** Largest text of one file after decompression, bytes: a wrong file must not take the machine's memory. */
const TEXT_BYTES_MAX = 1 << 30;

/**
 * Files below a folder, or the one file named, whose name without `.gz` ends with one of `endings`; sorted by path.
 * @throws UserError when the path does not exist.
 */
export function dataFiles(root: string, endings: readonly string[]): readonly string[] {
  const found = statPath(root);
  if (found === undefined) throw dataError({ file: root, message: 'no such file or folder' });
  if (!found.isDirectory()) return hasEnding(root, endings) ? [root] : [];
  return entriesBelow(root)
    .filter((entry) => entry.isFile() && hasEnding(entry.name, endings))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
}

function entriesBelow(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw dataError({ file: folder, message: error instanceof Error ? error.message : String(error) });
  }
}

/** The file as it is or with `.gz` behind its name; undefined when there is neither. */
export function plainOrCompressed(file: string): string | undefined {
  return [file, `${file}.gz`].find((name) => statPath(name)?.isFile() === true);
}

/** The text of a file, decompressed when its name ends with `.gz`. @throws UserError naming the file, also for bytes that are no text. */
export function readDataText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.includes(0) || !isUtf8(bytes)) throw dataError({ file, message: 'a binary file, not text' });
  return bytes.toString('utf8');
}

function readBytes(file: string): Buffer {
  try {
    const bytes = readFileSync(file);
    return file.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: TEXT_BYTES_MAX }) : bytes;
  } catch (error) {
    throw dataError({ file, message: `cannot read: ${readFailure(error, file)}` });
  }
}

/** A UserError about a file of recorded data. */
export function dataError(problem: Omit<UserProblem, 'severity' | 'code'>): UserError {
  return new UserError([{ severity: 'error', code: CLI_CODES.noInput, ...problem }]);
}

function hasEnding(name: string, endings: readonly string[]): boolean {
  const bare = name.endsWith('.gz') ? name.slice(0, -3) : name;
  return endings.some((ending) => bare.endsWith(ending));
}
