/**
 * Labels that make pods a group for GangScheduling: a size that the scheduler would not understand is an error here, not a group of one there.
 */
import { GANG_MIN_LABEL, isGangSize } from '../core/scheduler/gangs.ts';
import { isRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import { METADATA_PATHS, valueAt } from './annotation-checks.ts';
import type { FieldPath } from './manifest-fields.ts';
import type { Place, ProblemList } from './problem.ts';

/** Reports the sizes of groups that are none, of an object's pods; `placeOf` tells where its fields stand. */
export function checkGangLabels(object: KubeObject, placeOf: (path: FieldPath) => Place, problems: ProblemList): void {
  for (const path of METADATA_PATHS) {
    const labels = valueAt(object, [...path, 'labels']);
    const size = isRecord(labels) ? labels[GANG_MIN_LABEL] : undefined;
    if (typeof size !== 'string' || isGangSize(size)) continue;
    const place = placeOf([...path, 'labels', GANG_MIN_LABEL]);
    problems.error(place, 'MAN-013', `${GANG_MIN_LABEL}: "${size}", expected a count of pods from 1 to 9999999`);
  }
}
