/**
 * From the words of a command line to suites: files, folders, names of suites that come with seatrial.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { listYamlFiles } from '../../scenarios/files.ts';
import { listOwnFiles } from '../../scenarios/own-files.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { nearestName } from '../../scenarios/suggest.ts';
import { packageRoot } from '../cli/package-info.ts';
import { CLI_CODES } from '../cli/user-error.ts';
import { loadSuite, type Suite } from './load-suite.ts';

/** Loads every suite that the words mean; problems are added, and a word that means none is one. */
export function findSuites(words: readonly string[], cwd: string, problems: ProblemList): Suite[] {
  const suites: Suite[] = [];
  for (const file of new Set(words.flatMap((word) => filesOf(word, cwd, problems)))) {
    const suite = loadSuite(file, problems);
    if (suite !== null) suites.push(suite);
  }
  return suites;
}

/** Files of the suites that come with seatrial, by name. */
export function shippedSuites(cwd: string): ReadonlyMap<string, string> {
  const folder = path.join(packageRoot(), 'bench', 'suites');
  const relative = path.relative(cwd, folder);
  const shown = relative.startsWith('..') || relative === '' ? folder : relative;
  // The compiled package holds only the YAML files there, a clone the sources too; folders hold files of another kind.
  const listed = existsSync(folder) ? listYamlFiles(shown, new ProblemList(), '') : [];
  const files = listed.filter((file) => path.dirname(file) === shown);
  return new Map(files.map((file) => [path.basename(file, path.extname(file)), file]));
}

function filesOf(word: string, cwd: string, problems: ProblemList): string[] {
  if (word === '-') {
    const hint =
      'name its file: the scenarios lie beside it, and lines that run a case again name it; validate - checks one';
    problems.error({}, CLI_CODES.conflict, 'a suite is not run from standard input', { hint });
    return [];
  }
  if (!existsSync(path.resolve(cwd, word))) {
    const shipped = shippedSuites(cwd);
    const file = shipped.get(word);
    if (file !== undefined) return [file];
    const names = [...shipped.keys()];
    const nearest = nearestName(word, names);
    const hint = nearest === undefined ? `suites that come with seatrial: ${names.join(', ')}` : undefined;
    problems.error({}, CLI_CODES.noInput, `no file and no suite is called "${word}"`, { nearest, hint });
    return [];
  }
  const before = problems.errorCount;
  const suites = listOwnFiles('Suite', word, problems, 'SUI-000');
  if (suites.length === 0 && problems.errorCount === before)
    problems.error({}, CLI_CODES.noInput, `no suite below ${word}`);
  return suites;
}
