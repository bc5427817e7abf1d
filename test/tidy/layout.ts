/**
 * What may lie at the top level, and what no file may mention: paths of somebody's machine.
 */
import type { Finding } from './finding.ts';
import { lineOf } from './source-text.ts';

/** Names at the top level; nothing else is committed there. */
const TOP_LEVEL: readonly string[] = [
  'core',
  'scenarios',
  'bench',
  'docs',
  'results',
  'test',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'README.md',
  'LICENSE',
  '.gitignore',
  '.ci',
];

/** Names that tools leave at the top level and .gitignore keeps out. */
export const TOP_LEVEL_IGNORED: readonly string[] = ['.git', 'node_modules', 'dist', 'coverage'];

/** Home folders and working folders; built from parts so that this file does not hold one. */
const MACHINE_PATH = new RegExp(
  [
    '/ho' + 'me/[a-z]\\w*',
    '/Us' + 'ers/[A-Za-z]\\w*',
    '/ro' + 'ot/',
    '/wo' + 'rk/\\w',
    '/tm' + 'p/(?:contract|bash_jobs)',
    '[A-Z]:\\\\Us' + 'ers',
  ]
    .map((part) => `(?<![\\w.])${part}`)
    .join('|'),
  'g',
);

/** Judges the names found at the top level. */
export function checkTopLevel(names: readonly string[]): readonly Finding[] {
  return names
    .filter((name) => !TOP_LEVEL.includes(name) && !TOP_LEVEL_IGNORED.includes(name))
    .map((name) => ({ path: name, line: 0, message: 'not a name of the top level, put it into a folder' }));
}

/** Paths of a machine in a text file of any kind. */
export function checkMachinePaths(path: string, text: string): readonly Finding[] {
  return [...text.matchAll(MACHINE_PATH)].map((match) => ({
    path,
    line: lineOf(text, match.index),
    message: `"${match[0]}" is a path of one machine`,
  }));
}
