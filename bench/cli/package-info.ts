/**
 * Where the installed package is, and which version it has.
 *
 * The compiled files lie one level deeper (dist/) than the sources, so the folder is found by its package.json.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ToolFailure } from './tool-failure.ts';

/** Folders between this file and the package's root, at most. */
const DEPTH_MAX = 5;

/** The package's root folder (package.json, scenarios/), an absolute path. @throws ToolFailure when there is none. */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    folder = path.dirname(folder);
  }
  throw new ToolFailure(folder, 'package.json of seatrial is missing: the installation is damaged');
}

/** The package's version. */
export function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8'));
  const version = typeof content === 'object' && content !== null && 'version' in content ? content.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
