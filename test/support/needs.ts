/**
 * What a test needs from outside the project: the recorded data, and programs such as a browser or a real etcd.
 *
 * Always: a missing need skips the test and says so, but never in CI, where it is a failure: everything is present there.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

const inCi = (process.env['CI'] ?? '') !== '' && process.env['CI'] !== 'false';

/** Folder of the recorded data, an absolute path; set by test/vitest.config.ts. */
export const SHARED_DIR = process.env['SHARED'] ?? '';

/**
 * True when the test must be skipped because `relative` does not exist below the recorded data; use with `test.skipIf`.
 * @throws in CI, where nothing may skip.
 */
export function lacksData(relative: string): boolean {
  const missing = !existsSync(path.join(SHARED_DIR, relative));
  return skipOrFail(missing, `recorded data "${relative}" below SHARED=${SHARED_DIR}`);
}

/**
 * Absolute path of the first of `names` on PATH, or undefined, when the test must be skipped; `variable` names an
 * environment variable that overrules the search.
 * @throws in CI, where nothing may skip.
 */
export function findProgram(names: readonly string[], variable?: string): string | undefined {
  const given = variable === undefined ? undefined : process.env[variable];
  if (given !== undefined && given !== '') return given;
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of names) if (existsSync(path.join(folder, name))) return path.join(folder, name);
  }
  skipOrFail(true, `program ${names.join(' or ')}`);
  return undefined;
}

function skipOrFail(missing: boolean, what: string): boolean {
  if (missing && inCi) throw new Error(`${what} is missing, and in CI nothing may skip`);
  if (missing) process.stderr.write(`skipped: ${what} is missing\n`);
  return missing;
}
