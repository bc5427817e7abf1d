/**
 * Profiles of a KubeSchedulerConfiguration that no pod of a scenario asks for: whoever wrote them meant some pods to have them.
 */
import { DEFAULT_SCHEDULER_NAME, type SchedulerConfiguration } from '../core/scheduler/configuration/configuration.ts';
import { isRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import type { FieldPath } from './manifest-fields.ts';
import { METADATA_PATHS, valueAt } from './manifest-pods.ts';
import type { Place, ProblemList } from './problem.ts';

/** One warning for each such profile, with the names that pods do ask for; none where there are no pods. `placeOf` tells where a field of the configuration stands. */
export function warnUnusedProfiles(
  { profiles }: SchedulerConfiguration,
  workload: readonly KubeObject[],
  placeOf: (path: FieldPath) => Place,
  problems: ProblemList,
): void {
  const asked = [...new Set(workload.flatMap(schedulerNames))];
  if (asked.length === 0) return;
  profiles.forEach(({ schedulerName }, index) => {
    if (asked.includes(schedulerName)) return;
    const message = `no pod of this scenario asks for the profile "${schedulerName}": spec.schedulerName is ${asked.join(', ')}`;
    problems.warning(placeOf(['profiles', index]), 'SCN-039', message);
  });
}

/** Scheduler that the pods of an object name; empty for what makes no pods. */
function schedulerNames(object: KubeObject): string[] {
  return METADATA_PATHS.flatMap((path) => {
    const spec = valueAt(object, [...path.slice(0, -1), 'spec']);
    if (!isRecord(spec) || !Array.isArray(spec['containers'])) return [];
    const { schedulerName = DEFAULT_SCHEDULER_NAME } = spec;
    return typeof schedulerName === 'string' ? [schedulerName] : [];
  });
}
