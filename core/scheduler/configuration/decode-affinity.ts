/** Decodes the node affinity that a profile adds to every pod (NodeAffinityArgs.addedAffinity). */
import type { NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm } from '../../types/pod.ts';
import type { FieldReader } from './field-reader.ts';
import type { FieldPath } from './problem.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;

/** A node affinity from plain data. */
export function decodeAddedAffinity(reader: FieldReader, value: unknown, path: FieldPath): NodeAffinity {
  const fields = reader.fields(value, path, [REQUIRED, PREFERRED]);
  const at = [...path, REQUIRED];
  const required = reader.fields(fields[REQUIRED], at, ['nodeSelectorTerms']);
  const termsAt = [...at, 'nodeSelectorTerms'];
  const terms = reader
    .list(required['nodeSelectorTerms'], termsAt)
    .map((item, i) => term(reader, item, [...termsAt, i]));
  if (fields[REQUIRED] !== undefined && terms.length === 0) reader.problem(termsAt, 'at least one term is needed');
  const preferred = reader.list(fields[PREFERRED], [...path, PREFERRED]).map((item, i) => {
    const itemAt = [...path, PREFERRED, i];
    const weighted = reader.fields(item, itemAt, ['weight', 'preference']);
    return {
      weight: reader.integer(weighted['weight'], [...itemAt, 'weight'], 1, 1, 100),
      preference: term(reader, weighted['preference'], [...itemAt, 'preference']),
    };
  });
  return {
    ...(fields[REQUIRED] === undefined ? {} : { [REQUIRED]: { nodeSelectorTerms: terms } }),
    ...(fields[PREFERRED] === undefined ? {} : { [PREFERRED]: preferred }),
  };
}

function term(reader: FieldReader, value: unknown, path: FieldPath): NodeSelectorTerm {
  const fields = reader.fields(value, path, ['matchExpressions', 'matchFields']);
  const requirements = (key: string) =>
    reader.list(fields[key], [...path, key]).map((item, i) => requirement(reader, item, [...path, key, i]));
  return { matchExpressions: requirements('matchExpressions'), matchFields: requirements('matchFields') };
}

function requirement(reader: FieldReader, value: unknown, path: FieldPath): NodeSelectorRequirement {
  const fields = reader.fields(value, path, ['key', 'operator', 'values']);
  if (fields['operator'] === undefined) reader.problem([...path, 'operator'], 'operator is missing');
  return {
    key: reader.name(fields['key'], [...path, 'key'], 'key'),
    operator: reader.choice(fields['operator'], [...path, 'operator'], 'Exists', OPERATORS),
    values: reader
      .list(fields['values'], [...path, 'values'])
      .map((item, i) => reader.text(item, [...path, 'values', i], '')),
  };
}
