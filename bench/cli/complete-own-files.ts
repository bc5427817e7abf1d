/**
 * Scenario files and suites for shell completion: those in the current folder and one level below.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isOwnFile, type OwnKind } from '../../scenarios/own-files.ts';
import { statPath } from './stat-path.ts';

/** Files looked into, at most: completion must not read a whole disk. */
const FILES_MAX = 200;

/** Paths relative to `cwd`, and folders that hold some; empty where there are none or they cannot be read. */
export function ownFiles(cwd: string, kinds: readonly OwnKind[]): string[] {
  const found: string[] = [];
  let looked = 0;
  for (const folder of ['.', ...foldersIn(cwd)]) {
    for (const name of namesIn(path.join(cwd, folder))) {
      if (!/\.(ya?ml|json)$/.test(name) || ++looked > FILES_MAX) continue;
      const file = path.join(folder, name);
      if (kinds.some((kind) => isOwnFile(path.join(cwd, file), kind))) found.push(file);
    }
  }
  return found;
}

function foldersIn(cwd: string): string[] {
  return namesIn(cwd).filter((name) => {
    return !name.startsWith('.') && name !== 'node_modules' && statPath(path.join(cwd, name))?.isDirectory() === true;
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
