/**
 * What is wrong with one node selector requirement, in the words of the API machinery (Kubernetes 1.34, apimachinery
 * labels.NewRequirement and util/validation): these texts reach users in a pod's condition.
 */
import { int64Of } from '../../types/node-affinity.ts';
import type { NodeSelectorRequirement } from '../../types/pod.ts';

const MAX_LABEL_LENGTH = 63;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Errors of a requirement on labels; `countsBytes`: lengths are told in bytes (1.36), not in characters. */
export function labelRequirementErrors(
  requirement: NodeSelectorRequirement,
  path: string,
  countsBytes: boolean,
): readonly string[] {
  const { key, operator } = requirement;
  const values = requirement.values ?? [];
  if (!OPERATORS.includes(operator)) return [`${path}.operator: Unsupported value: "${operator}"`];
  return [
    ...countErrors(operator, values, `${path}.values`),
    ...values.flatMap((value, i) => integerErrors(operator, value, `${path}.values[${i}]`)),
    ...values.flatMap((value, i) => valueErrors(value, `${path}.values[${i}][${key}]`, countsBytes)),
  ];
}

/** Errors of a requirement on fields: one value, compared for equality. */
export function fieldRequirementErrors(requirement: NodeSelectorRequirement, path: string): readonly string[] {
  const { operator } = requirement;
  const values = requirement.values ?? [];
  if (operator !== 'In' && operator !== 'NotIn') return [`${path}.operator: Unsupported value: "${operator}"`];
  if (values.length === 1) return [];
  return [`${path}.values: Invalid value: ${JSON.stringify(values)}: must have one element`];
}

function countErrors(operator: string, values: readonly string[], path: string): readonly string[] {
  const shown = `[${values.map((value) => JSON.stringify(value)).join(',')}]`;
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [`${path}: Invalid value: ${shown}: for 'in', 'notin' operators, values set can't be empty`];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [`${path}: Invalid value: ${shown}: values set must be empty for exists and does not exist`];
  }
  if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1) {
    return [`${path}: Invalid value: ${shown}: for 'Gt', 'Lt' operators, exactly one value is required`];
  }
  return [];
}

function integerErrors(operator: string, value: string, path: string): readonly string[] {
  if ((operator !== 'Gt' && operator !== 'Lt') || int64Of(value) !== null) return [];
  return [`${path}: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`];
}

function valueErrors(value: string, path: string, countsBytes: boolean): readonly string[] {
  const errors: string[] = [];
  if (value.length > MAX_LABEL_LENGTH) {
    errors.push(
      `${path}: Invalid value: "${value}": must be no more than ${MAX_LABEL_LENGTH} ${countsBytes ? 'bytes' : 'characters'}`,
    );
  }
  if (!LABEL_VALUE.test(value)) errors.push(`${path}: Invalid value: "${value}": ${VALUE_MESSAGE}`);
  return errors;
}
