/**
 * Reads files and folders of scenarios and manifests from disk; what cannot be read becomes a problem with its path.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readBounded } from './bounded-read.ts';
import type { ManifestText } from './manifests.ts';
import type { ProblemList } from './problem.ts';
import { FILE_BYTES_MAX } from './yaml-source.ts';

const FILES_MAX = 10_000;

/** The text of one file, or null with a problem. */
export function readTextFile(
  path: string,
  problems: ProblemList,
  code: string,
  bytesMax = FILE_BYTES_MAX,
): string | null {
  try {
    const found = statSync(path);
    // A regular file is read in one go; its size is known.
    if (found.isFile() && found.size <= bytesMax) return readFileSync(path, 'utf8');
    const bytes = found.isFile() ? null : readBounded(path, bytesMax);
    if (bytes === null) problems.error({ file: path }, code, `the file is larger than ${bytesMax} bytes`);
    return bytes?.toString('utf8') ?? null;
  } catch (error) {
    problems.error({ file: path }, code, `cannot read: ${readFailure(error, path)}`);
    return null;
  }
}

/** The YAML and JSON files of a path: itself, or those of a folder and its subfolders by name. Hidden ones are left out. */
export function listYamlFiles(path: string, problems: ProblemList, code: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const files: string[] = [];
    walk(path, files);
    if (files.length === 0) problems.error({ file: path }, code, 'the folder holds no .yaml, .yml or .json file');
    return files;
  } catch (error) {
    // A folder far below may be the one that cannot be read.
    const file = (error as NodeJS.ErrnoException).path ?? path;
    problems.error({ file }, code, `cannot read: ${readFailure(error, file)}`);
    return [];
  }
}

/** All manifest texts of the paths. What seatrial itself wrote into a folder is left out, so that a second trial of `.` reads what the first did. */
export function readManifestTexts(
  paths: readonly string[],
  problems: ProblemList,
  bytesMax = FILE_BYTES_MAX,
): ManifestText[] {
  const texts: ManifestText[] = [];
  for (const path of paths) {
    for (const file of listYamlFiles(path, problems, 'MAN-009')) {
      if (file !== path && isOwnFile(file)) continue;
      const text = readTextFile(file, problems, 'MAN-009', bytesMax);
      if (text !== null) texts.push(file === path ? { file, text } : { file, text, folder: path });
    }
  }
  return texts;
}

function walk(folder: string, files: string[]): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || files.length >= FILES_MAX) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, files);
    else if (/\.(ya?ml|json)$/.test(entry.name)) files.push(path);
  }
}

/** A config file, or a file in the folder of a run. */
function isOwnFile(file: string): boolean {
  if (/^seatrial\.config\.(ya?ml|json)$/.test(basename(file))) return true;
  return existsSync(join(dirname(file), 'run.json')) && existsSync(join(dirname(file), 'result.json'));
}

/** Why `path` could not be read, in the words of messages. */
export function readFailure(error: unknown, path: string): string {
  const code = (error as { code?: string }).code;
  // What is no UTF-8 in a name has become U+FFFD before it gets here.
  if (code === 'ENOENT' && path.includes('\ufffd')) return 'its name is not UTF-8';
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder, expected a file';
  if (code === 'ENOTDIR') return 'a part of the path is not a folder';
  if (code === 'ENAMETOOLONG') return 'the name is too long';
  if (code === 'ELOOP') return 'too many symbolic links';
  return (error as Error).message;
}
