/**
 * What a test needs from outside the project: the recorded data.
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

function skipOrFail(missing: boolean, what: string): boolean {
  if (missing && inCi) throw new Error(`${what} is missing, and in CI nothing may skip`);
  if (missing) process.stderr.write(`skipped: ${what} is missing\n`);
  return missing;
}
