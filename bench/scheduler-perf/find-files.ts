/**
 * From the words of a command line to performance-config.yaml files: files, folders, or the cases that come with seatrial.
 */
import path from 'node:path';
import { listYamlFiles } from '../../scenarios/files.ts';
import type { ProblemList } from '../../scenarios/problem.ts';
import { packageRoot } from '../cli/package-info.ts';
import { CLI_CODES } from '../cli/user-error.ts';

const NAME = 'performance-config.yaml';

/** The files that the words mean; without words the own cases. */
export function findPerfConfigs(words: readonly string[], cwd: string, problems: ProblemList): readonly string[] {
  const given = words.length > 0 ? words : [ownFolder(cwd)];
  return [...new Set(given.flatMap((word) => filesOf(word, problems)))];
}

function ownFolder(cwd: string): string {
  const folder = path.join(packageRoot(), 'bench', 'suites', 'scheduler-perf');
  const relative = path.relative(cwd, folder);
  return relative.startsWith('..') ? folder : relative;
}

/** A file is taken whatever its name; of a folder those with the original's name. */
function filesOf(word: string, problems: ProblemList): readonly string[] {
  const listed = listYamlFiles(word, problems, 'SPF-000');
  if (listed.length === 1 && listed[0] === word) return listed;
  const found = listed.filter((file) => path.basename(file) === NAME);
  if (found.length === 0 && listed.length > 0) problems.error({}, CLI_CODES.noInput, `no ${NAME} below ${word}`);
  return found;
}
