/**
 * Files that are either whole or not there: written beside their place and renamed.
 *
 * Always: a reader never sees half a file, and a failed write leaves no temporary file. Any failure is a ToolFailure that
 * names the path (exit code 3).
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { statPath } from '../cli/stat-path.ts';
import { errorCode, fileFailure } from '../cli/tool-failure.ts';

let temporaryCount = 0;

/** Writes `content` to `file`, replacing it. The folder must exist. @throws ToolFailure naming the path. */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  if (isSpecial(file)) {
    writeSpecial(file, bytes);
    return;
  }
  temporaryCount++;
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}-${temporaryCount}.tmp`);
  try {
    writeWhole(temporary, bytes, 'wx');
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileFailure('write', file, error);
  }
}

/** Creates a folder and its parents. @throws ToolFailure naming the path. */
export function createFolder(folder: string): void {
  try {
    makeFolder(path.resolve(folder));
  } catch (error) {
    throw fileFailure('create', folder, error);
  }
}

/** By hand: Node's own `recursive` never returns where a file system answers ENOENT below a folder that exists (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  const parent = path.dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run may have made it meanwhile.
    if (errorCode(error) !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}

/** Pipes and devices (`/dev/stderr`, `/dev/null`) are written, never replaced. */
function isSpecial(file: string): boolean {
  const found = statPath(file);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function writeSpecial(file: string, bytes: Uint8Array): void {
  try {
    writeWhole(file, bytes, 'w');
  } catch (error) {
    throw fileFailure('write', file, error);
  }
}

function writeWhole(file: string, bytes: Uint8Array, flags: 'w' | 'wx'): void {
  const descriptor = openSync(file, flags, 0o644);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    if (flags === 'wx') fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
