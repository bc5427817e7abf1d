/**
 * Which build is running: a digest over the compiled code that decides what a seed gives: core, scenario loader, trials and comparisons.
 *
 * Replay lines carry it; another build replays them with a warning. Cost: reads about 900 small files, once.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../cli/package-info.ts';
import { fileFailure } from '../cli/tool-failure.ts';

const DIGITS = 12;
const AREAS = ['core', 'scenarios', 'bench/trial', 'bench/compare', 'bench/traces'];

let cached = '';

/** Twelve hex digits; equal for equal code, wherever it is installed. @throws ToolFailure when dist/ is missing. */
export function buildDigest(): string {
  if (cached !== '') return cached;
  const hash = createHash('sha256');
  const root = path.join(packageRoot(), 'dist');
  for (const area of AREAS) {
    for (const file of compiledFiles(root, area)) {
      hash.update(`${file}\n`);
      hash.update(readFileSync(path.join(root, file)));
    }
  }
  cached = hash.digest('hex').slice(0, DIGITS);
  return cached;
}

function compiledFiles(root: string, area: string): string[] {
  try {
    return readdirSync(path.join(root, area), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js'))
      .map((name) => path.posix.join(area, name.split(path.sep).join('/')))
      .sort();
  } catch (error) {
    throw fileFailure('read', path.join(root, area), error);
  }
}
