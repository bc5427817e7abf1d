/**
 * Reads KubeSchedulerConfiguration files (kubescheduler.config.k8s.io/v1): every problem at once, with file, line and column.
 * Code of all of them: CFG-001.
 */
import { defaultConfiguration, type SchedulerConfiguration } from '../core/scheduler/configuration/configuration.ts';
import { decodeSchedulerConfiguration } from '../core/scheduler/configuration/decode.ts';
import type { SchedulerVersion } from '../core/scheduler/configuration/default-plugins.ts';
import { type ConfigurationProblem, pathText } from '../core/scheduler/configuration/problem.ts';
import type { Profile } from '../core/scheduler/configuration/profile.ts';
import { type ProfileChoices, profilesOf } from '../core/scheduler/configuration/to-profile.ts';
import { readTextFile } from './files.ts';
import type { ProblemList } from './problem.ts';
import { readYaml, type YamlDocument } from './yaml-source.ts';

const CODE = 'CFG-001';

/** kube-scheduler's own configuration. */
export function standardConfiguration(version: SchedulerVersion): SchedulerConfiguration {
  return defaultConfiguration(version);
}

/** The configuration in `file`; null with problems. */
export function readSchedulerConfiguration(
  file: string,
  problems: ProblemList,
  version: SchedulerVersion = '1.34',
): SchedulerConfiguration | null {
  const text = readTextFile(file, problems, CODE);
  return text === null ? null : readSchedulerConfigurationText(file, text, problems, version);
}

/** The same from text. */
export function readSchedulerConfigurationText(
  file: string,
  text: string,
  problems: ProblemList,
  version: SchedulerVersion = '1.34',
): SchedulerConfiguration | null {
  const before = problems.errorCount;
  const [document, second] = readYaml(file, text, problems, 'SCN');
  if (problems.errorCount > before) return null;
  if (document === undefined) {
    problems.error({ file, line: 1, column: 1 }, CODE, 'the file is empty, expected a KubeSchedulerConfiguration');
    return null;
  }
  if (second !== undefined) problems.error(second.place([]), CODE, 'one document is expected, this file holds more');
  const decoded = decodeSchedulerConfiguration(document.value, version);
  reportConfigurationProblems(decoded.problems, document, [], problems);
  return problems.errorCount > before ? null : decoded.configuration;
}

/** The profiles in `file`, ready for a scheduler; null with problems. */
export function readSchedulerProfiles(
  file: string,
  problems: ProblemList,
  choices: ProfileChoices = {},
  version: SchedulerVersion = '1.34',
): readonly [Profile, ...Profile[]] | null {
  const configuration = readSchedulerConfiguration(file, problems, version);
  return configuration === null ? null : profilesOf(configuration, choices);
}

/** Adds the problems of a configuration that stands at `path` of a document. */
export function reportConfigurationProblems(
  found: readonly ConfigurationProblem[],
  document: YamlDocument,
  path: readonly (string | number)[],
  problems: ProblemList,
): void {
  for (const problem of found) {
    const unknownField = problem.message.startsWith('unknown field');
    const where = pathText(problem.path);
    const message = unknownField || where === '' ? problem.message : `${where}: ${problem.message}`;
    const hint = problem.hint === '' ? undefined : problem.hint;
    problems.error(document.place([...path, ...problem.path], unknownField), CODE, message, { hint });
  }
}
