/**
 * Conditions in a scenario that could never come true: contradictions, and places that do not exist.
 */
import { COMPONENTS } from '../core/chaos/targets.ts';
import { BUILT_IN_TYPES } from '../core/types/resource-type.ts';
import { shapeOf } from '../core/types/validation/shapes.ts';
import { checkConditionValue } from './check-condition-values.ts';
import { formatDuration } from './duration.ts';
import type { WhenFile } from './fault-schema.ts';
import { checkField } from './field-of-shape.ts';
import { TASK_LABELS } from './kinds.ts';
import type { ProblemList } from './problem.ts';
import { nearestName } from './suggest.ts';
import type { YamlDocument } from './yaml-source.ts';

type Path = (string | number)[];

/** Where an object's change can be seen, besides a component's informer. */
const PLACES = ['store', 'apiserver'];

/** Times of a sequence rise: an earlier one that is looked for later is over already. */
function checkRising(list: readonly WhenFile[], path: Path, document: YamlDocument, problems: ProblemList): void {
  let lastUs = -1;
  list.forEach((each, index) => {
    if (!('at' in each)) return;
    if (each.at < lastUs) {
      const message = `${formatDuration(each.at)} is over when ${formatDuration(lastUs)} has come: the times of a sequence rise`;
      problems.error(document.place([...path, index, 'at']), 'SCN-027', message);
    }
    lastUs = Math.max(lastUs, each.at);
  });
}

/** Checks one `when`, whose shape is right; with operators any label of a task may be one of theirs. */
export function checkCondition(
  when: WhenFile,
  path: Path,
  hasOperators: boolean,
  document: YamlDocument,
  problems: ProblemList,
): void {
  for (const name of ['all', 'any', 'sequence'] as const) {
    const list = (when as Partial<Record<typeof name, WhenFile[]>>)[name];
    list?.forEach((each, index) => checkCondition(each, [...path, name, index], hasOperators, document, problems));
  }
  if ('sequence' in when) checkRising(when.sequence, [...path, 'sequence'], document, problems);
  if ('task' in when && !hasOperators && !TASK_LABELS.includes(when.task)) {
    problems.unknownName(document.place([...path, 'task']), 'SCN-020', 'label of a task', when.task, TASK_LABELS);
  }
  if (!('object' in when)) return;
  const { object, change, field, from, to, seenBy } = when;
  const kinds = BUILT_IN_TYPES.map(({ kind }) => kind);
  const near = kinds.includes(object) ? undefined : nearestName(object, kinds);
  if (near !== undefined) {
    const message = `kind "${object}" is no kind of Kubernetes: unless it is one of yours, this never comes true`;
    problems.warning(document.place([...path, 'object']), 'SCN-033', message, { nearest: near });
  }
  const conflict = (name: string, message: string): void =>
    problems.error(document.place([...path, name]), 'SCN-027', message);
  if (field !== undefined && change !== 'changed')
    conflict('field', `"field" goes with change: changed, not ${change}`);
  const type = BUILT_IN_TYPES.find(({ kind }) => kind === object);
  if (field?.split('.').includes('') === true)
    conflict('field', `"${field}" is no path of a field: between its dots stand names`);
  else if (field !== undefined && type !== undefined) {
    const shape = checkField(field, object, shapeOf(type), document.place([...path, 'field']), problems);
    for (const name of ['from', 'to'] as const) {
      const text = when[name];
      if (shape !== null && text !== undefined)
        checkConditionValue(text, field, object, shape, document.place([...path, name]), problems);
    }
  }
  if (field === undefined && from !== undefined) conflict('from', '"from" needs a "field"');
  if (field === undefined && to !== undefined) conflict('to', '"to" needs a "field"');
  if (from !== undefined && from === to) conflict('to', `a field that goes from "${from}" to "${to}" never changes`);
  const places = [...PLACES, ...Object.keys(COMPONENTS).filter((name) => name !== 'etcd' && name !== 'apiserver')];
  if (seenBy !== undefined && !places.includes(seenBy) && !seenBy.startsWith('operator-')) {
    problems.unknownName(document.place([...path, 'seenBy']), 'SCN-020', 'place', seenBy, places);
  }
}
