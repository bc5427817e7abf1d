/**
 * Decodes the node affinity that a profile adds to every pod (NodeAffinityArgs.addedAffinity). Requirements are checked as
 * component-helpers nodeaffinity does (Kubernetes 1.34, NewNodeSelector); required terms may be none, which no node meets.
 */
import { checkQualifiedName } from '../../types/dns-names.ts';
import type { NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm } from '../../types/pod.ts';
import { fieldRequirementErrors, labelRequirementErrors } from '../framework/requirement-errors.ts';
import { type FieldReader, isAbsent } from './field-reader.ts';
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
  const preferred = reader.list(fields[PREFERRED], [...path, PREFERRED]).map((item, i) => {
    const itemAt = [...path, PREFERRED, i];
    const weighted = reader.fields(item, itemAt, ['weight', 'preference']);
    return {
      // A term that weighs nothing is left out.
      weight: reader.integer(weighted['weight'], [...itemAt, 'weight'], 0, 0, 100),
      preference: term(reader, weighted['preference'], [...itemAt, 'preference']),
    };
  });
  return {
    ...(isAbsent(fields[REQUIRED]) ? {} : { [REQUIRED]: { nodeSelectorTerms: terms } }),
    ...(fields[PREFERRED] === undefined ? {} : { [PREFERRED]: preferred }),
  };
}

function term(reader: FieldReader, value: unknown, path: FieldPath): NodeSelectorTerm {
  const fields = reader.fields(value, path, ['matchExpressions', 'matchFields']);
  const requirements = (key: 'matchExpressions' | 'matchFields') =>
    reader
      .list(fields[key], [...path, key])
      .map((item, i) => requirement(reader, item, [...path, key, i], key === 'matchExpressions'));
  return { matchExpressions: requirements('matchExpressions'), matchFields: requirements('matchFields') };
}

function requirement(reader: FieldReader, value: unknown, path: FieldPath, isLabel: boolean): NodeSelectorRequirement {
  const fields = reader.fields(value, path, ['key', 'operator', 'values']);
  if (isAbsent(fields['operator'])) reader.problem([...path, 'operator'], 'operator is missing');
  const decoded: NodeSelectorRequirement = {
    key: reader.name(fields['key'], [...path, 'key'], 'key'),
    operator: reader.choice(fields['operator'], [...path, 'operator'], 'Exists', OPERATORS),
    values: reader
      .list(fields['values'], [...path, 'values'])
      .map((item, i) => reader.text(item, [...path, 'values', i], '')),
  };
  if (reader.isSound(path)) checkRequirement(reader, decoded, path, isLabel);
  return decoded;
}

function checkRequirement(
  reader: FieldReader,
  decoded: NodeSelectorRequirement,
  path: FieldPath,
  isLabel: boolean,
): void {
  for (const message of isLabel ? checkQualifiedName(decoded.key) : []) reader.problem([...path, 'key'], message);
  const errors = isLabel ? labelRequirementErrors(decoded, false) : fieldRequirementErrors(decoded);
  for (const { field, message } of errors) reader.problem([...path, ...field], message);
}
