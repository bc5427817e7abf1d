/**
 * The project's files, as the tidy test sees them. Folders that tools fill are left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOP_LEVEL_IGNORED } from './layout.ts';
import { readSource, type SourceText } from './source-text.ts';

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Only what is committed below results/ belongs to the project. */
const IGNORED_BELOW = new Set(['node_modules', ...TOP_LEVEL_IGNORED]);
const TEXT_FILE = /\.(?:ts|mts|js|mjs|json|ya?ml|md|txt|csv|html|css|sh)$/;

/** Paths of all files, relative to the root, with `/`, sorted. */
export function projectFiles(): readonly string[] {
  const files: string[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(path.join(PROJECT_ROOT, folder), { withFileTypes: true })) {
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (IGNORED_BELOW.has(entry.name) || (folder === 'results' && entry.name !== 'baselines')) continue;
      if (entry.isDirectory()) visit(relative);
      else if (entry.isFile()) files.push(relative);
    }
  };
  visit('');
  return files.sort();
}

/** Names at the top level. */
export function topLevelNames(): readonly string[] {
  return readdirSync(PROJECT_ROOT);
}

/** Text files of the project with their content. */
export function textFiles(files: readonly string[]): readonly { readonly path: string; readonly text: string }[] {
  return files
    .filter((file) => TEXT_FILE.test(file) || file === '.ci/run' || file === '.gitignore')
    .filter((file) => file !== 'package-lock.json')
    .map((file) => ({ path: file, text: readFileSync(path.join(PROJECT_ROOT, file), 'utf8') }));
}

/** TypeScript sources, blanked. */
export function sources(files: readonly string[]): readonly SourceText[] {
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readSource(file, readFileSync(path.join(PROJECT_ROOT, file), 'utf8')));
}
