/**
 * The config file: `seatrial.config.yaml` (.yml, .json, .mjs) in the current folder or the nearest one above it, up to the root
 * of the git repository.
 *
 * Its top level holds flags by name, for every command that has them, and commands by name with flags of their own:
 * `workers: 50%`, `trial: {seeds: 3}`. Always: every value keeps its place, so that a bad one is reported where it stands.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Place, ProblemList } from '../../scenarios/problem.ts';
import { CLI_CODES, UserError } from './user-error.ts';

const NAMES = ['seatrial.config.yaml', 'seatrial.config.yml', 'seatrial.config.json', 'seatrial.config.mjs'] as const;

/** A config file as read. */
export interface ConfigFile {
  /** As shown: relative to the current folder where that is shorter. */
  readonly file: string;
  /** The folder that its paths are relative to, absolute. */
  readonly folder: string;
  readonly value: unknown;
  place(path: readonly string[], key?: boolean): Place;
}

/** Finds the config file; '' when there is none. Two in one folder are a problem. */
export function findConfigFile(cwd: string, problems: ProblemList): string {
  for (const folder of foldersUpToGitRoot(cwd)) {
    const found = NAMES.filter((name) => existsSync(path.join(folder, name)));
    if (found.length > 1) {
      problems.error({}, CLI_CODES.conflict, `two config files in ${folder}: ${found.join(', ')}`);
      return '';
    }
    if (found[0] !== undefined) return path.join(folder, found[0]);
  }
  return '';
}

/** Reads `file`, an absolute path; null after a problem. A module is run: it is the user's own. */
export async function readConfigFile(file: string, cwd: string, problems: ProblemList): Promise<ConfigFile | null> {
  const relative = path.relative(cwd, file);
  const shown = relative.startsWith(path.join('..', '..', '..')) ? file : relative;
  const folder = path.dirname(file);
  const config = file.endsWith('.mjs')
    ? await readModule(file, shown, folder, problems)
    : await readText(file, shown, folder, problems);
  if (config === null) return null;
  if (typeof config.value === 'object' && config.value !== null && !Array.isArray(config.value)) return config;
  problems.error({ file: shown }, CLI_CODES.badValue, 'expected flags by name, such as workers: 50%');
  return null;
}

function foldersUpToGitRoot(cwd: string): string[] {
  const folders: string[] = [];
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    folders.push(folder);
    if (existsSync(path.join(folder, '.git'))) return folders;
    if (path.dirname(folder) === folder) return folders.slice(0, 1);
  }
}

async function readText(
  file: string,
  shown: string,
  folder: string,
  problems: ProblemList,
): Promise<ConfigFile | null> {
  const { readYaml } = await import('../../scenarios/yaml-source.ts');
  const before = problems.errorCount;
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { readFailure } = await import('../../scenarios/files.ts');
    problems.error({ file: shown }, CLI_CODES.noInput, `cannot read: ${readFailure(error, file)}`);
    return null;
  }
  const [document] = readYaml(shown, text, problems, 'CFG');
  if (problems.errorCount > before) return null;
  if (document === undefined) return { file: shown, folder, value: {}, place: () => ({ file: shown }) };
  return { file: shown, folder, value: document.value, place: (at, key) => document.place(at, key) };
}

async function readModule(
  file: string,
  shown: string,
  folder: string,
  problems: ProblemList,
): Promise<ConfigFile | null> {
  const { importDefault } = await import('../user-modules/import-module.ts');
  const purpose = { what: 'config', code: CLI_CODES.badValue, fields: [] };
  try {
    const value = await importDefault(file, shown, purpose);
    return { file: shown, folder, value, place: () => ({ file: shown }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems.problems.push(...error.problems);
    return null;
  }
}
