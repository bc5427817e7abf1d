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

/** Nobody holds a profile's weights to the 100 of a pod's; one below 0, with which every cycle fails where it counts, is refused here. */
const MAX_WEIGHT = 2 ** 31 - 1;

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
    const weight = reader.integer(weighted['weight'], [...itemAt, 'weight'], 0, 0, MAX_WEIGHT);
    return { weight, preference: term(reader, weighted['preference'], [...itemAt, 'preference'], weight !== 0) };
  });
  return {
    ...(isAbsent(fields[REQUIRED]) ? {} : { [REQUIRED]: { nodeSelectorTerms: terms } }),
    ...(fields[PREFERRED] === undefined ? {} : { [PREFERRED]: preferred }),
  };
}

/** `counts`: whether what it asks for is looked at; the requirements of a term that weighs nothing are never parsed. */
function term(reader: FieldReader, value: unknown, path: FieldPath, counts = true): NodeSelectorTerm {
  const fields = reader.fields(value, path, ['matchExpressions', 'matchFields']);
  const requirements = (key: 'matchExpressions' | 'matchFields') =>
    reader.list(fields[key], [...path, key]).map((item, i) => {
      const itemAt = [...path, key, i];
      const read = requirementOf(reader, item, itemAt);
      if (counts) checkRequirement(reader, read, itemAt, key === 'matchExpressions');
      return read;
    });
  return { matchExpressions: requirements('matchExpressions'), matchFields: requirements('matchFields') };
}

function requirementOf(reader: FieldReader, value: unknown, path: FieldPath): NodeSelectorRequirement {
  const fields = reader.fields(value, path, ['key', 'operator', 'values']);
  return {
    key: reader.text(fields['key'], [...path, 'key'], ''),
    operator: reader.text(fields['operator'], [...path, 'operator'], '') as NodeSelectorRequirement['operator'],
    values: reader
      .list(fields['values'], [...path, 'values'])
      .map((item, i) => reader.text(item, [...path, 'values', i], '')),
  };
}

function checkRequirement(
  reader: FieldReader,
  decoded: NodeSelectorRequirement,
  path: FieldPath,
  isLabel: boolean,
): void {
  if (!reader.isSound(path)) return;
  const { key, operator } = decoded;
  if (key === '') reader.problem([...path, 'key'], 'key is missing');
  if (operator === ('' as string)) reader.problem([...path, 'operator'], 'operator is missing');
  else reader.choice(operator, [...path, 'operator'], 'Exists', OPERATORS);
  if (!reader.isSound(path)) return;
  for (const message of isLabel ? checkQualifiedName(key) : []) reader.problem([...path, 'key'], message);
  const errors = isLabel ? labelRequirementErrors(decoded, false) : fieldRequirementErrors(decoded);
  for (const { field, message } of errors) reader.problem([...path, ...field], message);
}
