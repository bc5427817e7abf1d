/**
 * The KubeSchedulerConfiguration that a test case names: checked here, handed on as plain data.
 */
import path from 'node:path';
import { readTextFile } from '../../../scenarios/files.ts';
import { type Place, ProblemList } from '../../../scenarios/problem.ts';
import { readSchedulerConfigurationText } from '../../../scenarios/scheduler-configuration-file.ts';
import { readYaml } from '../../../scenarios/yaml-source.ts';

/** Reads the file `name` beside `file`; null without one, or with problems. */
export function readSchedulerSettings(
  file: string,
  name: string | undefined,
  place: Place,
  problems: ProblemList,
): Readonly<Record<string, unknown>> | null {
  if (name === undefined) return null;
  const found = path.join(path.dirname(file), name);
  const unread = new ProblemList();
  const text = readTextFile(found, unread, 'SPF-020');
  for (const { message } of unread.problems) problems.error(place, 'SPF-020', `${name}: ${message}`);
  if (text === null || readSchedulerConfigurationText(found, text, problems) === null) return null;
  return readYaml(found, text, problems, 'SPF')[0]?.value as Readonly<Record<string, unknown>>;
}
