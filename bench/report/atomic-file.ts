/**
 * Files that are either whole or not there: written beside their place and renamed.
 *
 * Always: a reader never sees half a file, and a failed write leaves no temporary file. Any failure is a ToolFailure that
 * names the path (exit code 3).
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileFailure } from '../cli/tool-failure.ts';

let temporaryCount = 0;

/** Writes `content` to `file`, replacing it. The folder must exist. @throws ToolFailure naming the path. */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  temporaryCount++;
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}-${temporaryCount}.tmp`);
  try {
    writeWhole(temporary, typeof content === 'string' ? Buffer.from(content) : content);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileFailure('write', file, error);
  }
}

/** Creates a folder and its parents. @throws ToolFailure naming the path. */
export function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileFailure('create', folder, error);
  }
}

function writeWhole(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'wx', 0o644);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
