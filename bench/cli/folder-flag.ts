/**
 * Looks at a folder that a flag names before any work is done: a file in the way is the user's mistake, not a failed write.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { statPath } from './stat-path.ts';
import { fileFailure } from './tool-failure.ts';
import { CLI_CODES, type ProblemList } from './user-error.ts';

/** Adds a problem when `folder`, or the nearest part of its path that exists, is no folder; nothing = the flag was not given, or taken back. */
export function checkFolderFlag(flag: string, folder: string | null | undefined, problems: ProblemList): void {
  if (folder === undefined || folder === null) return;
  const existing = nearestThere(folder);
  if (statPath(existing)?.isDirectory() === true) return;
  const which = existing === path.resolve(folder) ? '' : `${path.relative(process.cwd(), existing)} `;
  problems.error({}, CLI_CODES.badValue, `--${flag} "${folder}": ${which}is not a folder`);
}

/**
 * A folder that cannot be written is better known before the runs than after them. Nothing is made yet: what runs may still refuse its input.
 * @throws ToolFailure.
 */
export function checkWritable(folder: string | null): void {
  if (folder === null) return;
  try {
    accessSync(nearestThere(folder), constants.W_OK);
  } catch (error) {
    throw fileFailure('write', folder, error);
  }
}

/** The folder, or the nearest part of its path that is there. */
function nearestThere(folder: string): string {
  let existing = path.resolve(folder);
  while (statPath(existing) === undefined && path.dirname(existing) !== existing) existing = path.dirname(existing);
  return existing;
}
