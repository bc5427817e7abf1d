/**
 * What makes pods a group for GangScheduling: a size that the scheduler would not understand is an error here, not a group of one there, and groups that no
 * scheduler heeds are told.
 */
import { GANG_MIN_LABEL, isGangSize } from '../core/scheduler/groups/gangs.ts';
import { isRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import { isPodGroup } from '../core/types/pod-group.ts';
import type { FieldPath } from './manifest-fields.ts';
import { METADATA_PATHS, valueAt } from './manifest-pods.ts';
import type { Place, ProblemList } from './problem.ts';

/** Reports the sizes of groups that are none, or more than the workload has pods, of an object's pods; `placeOf` tells where its fields stand. */
export function checkGangLabels(object: KubeObject, placeOf: (path: FieldPath) => Place, problems: ProblemList): void {
  for (const path of METADATA_PATHS) {
    const labels = valueAt(object, [...path, 'labels']);
    const size = isRecord(labels) ? labels[GANG_MIN_LABEL] : undefined;
    if (typeof size !== 'string') continue;
    const place = placeOf([...path, 'labels', GANG_MIN_LABEL]);
    const count = podsAtOnce(object, path);
    if (!isGangSize(size))
      problems.error(place, 'MAN-013', `${GANG_MIN_LABEL}: "${size}", expected a count of pods from 1 to 9999999`);
    else if (count !== undefined && count < Number(size)) {
      const message = `${GANG_MIN_LABEL}: "${size}", and this ${object.kind} has ${count} at once: with GangScheduling they wait for ever unless others are of their group`;
      problems.warning(place, 'MAN-013', message);
    }
  }
}

/** Warns of what an object says about groups of pods while no scheduler of the cluster heeds them; see Heeded. */
export function warnUnheededGroups(
  object: KubeObject,
  placeOf: (path: FieldPath) => Place,
  problems: ProblemList,
): void {
  const found: readonly FieldPath[] = isPodGroup(object)
    ? ['schedulingPolicy', 'schedulingConstraints', 'priority', 'priorityClassName', 'disruptionMode'].map((field) => [
        'spec',
        field,
      ])
    : METADATA_PATHS.map((path) => [...path.slice(0, -1), 'spec', 'schedulingGroup']);
  for (const path of found) {
    const value = valueAt(object, path) ?? null;
    // Of policies `basic` says that each pod goes by itself.
    if (value === null || (isRecord(value) && Object.keys(value).every((key) => key === 'basic'))) continue;
    const message = `${object.kind} ${object.metadata.name}: ${path.join('.')}: no profile of the scheduler enables GangScheduling, which is off by default: each pod goes by itself`;
    problems.warning(placeOf(path), 'MAN-018', message);
  }
}

/** How many pods a workload has at once whose template's metadata stand at `path`; undefined where that is not known. */
function podsAtOnce(object: KubeObject, path: FieldPath): number | undefined {
  if (path.at(-2) !== 'template') return undefined;
  const spec = valueAt(object, path.slice(0, -2));
  if (!isRecord(spec) || object.kind === 'DaemonSet') return undefined;
  const field = object.kind === 'Job' || object.kind === 'CronJob' ? 'parallelism' : 'replicas';
  const count = spec[field] ?? 1;
  return typeof count === 'number' ? count : undefined;
}
