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

/** What is wrong with one requirement. */
export interface RequirementError {
  /** The requirement's field, and which of its values if it is one. */
  readonly field: readonly (string | number)[];
  /** The same as the API machinery writes it behind the requirement's path. */
  readonly where: string;
  readonly message: string;
}

/** Errors of a requirement on labels; `countsBytes`: lengths are told in bytes (1.36), not in characters. */
export function labelRequirementErrors(
  requirement: NodeSelectorRequirement,
  countsBytes: boolean,
): readonly RequirementError[] {
  const { key, operator } = requirement;
  const values = requirement.values ?? [];
  if (!OPERATORS.includes(operator)) return [operatorError(operator)];
  return [
    ...countErrors(operator, values),
    ...values.flatMap((value, i) =>
      integerErrors(operator, value).map((message) => ({ field: ['values', i], where: `.values[${i}]`, message })),
    ),
    ...values.flatMap((value, i) =>
      valueErrors(value, countsBytes).map((message) => ({
        field: ['values', i],
        where: `.values[${i}][${key}]`,
        message,
      })),
    ),
  ];
}

/** Errors of a requirement on fields: one value, compared for equality. */
export function fieldRequirementErrors(requirement: NodeSelectorRequirement): readonly RequirementError[] {
  const { operator } = requirement;
  const values = requirement.values ?? [];
  if (operator !== 'In' && operator !== 'NotIn') return [operatorError(operator)];
  if (values.length === 1) return [];
  return [valuesError(`Invalid value: ${JSON.stringify(values)}: must have one element`)];
}

function operatorError(operator: string): RequirementError {
  return { field: ['operator'], where: '.operator', message: `Unsupported value: "${operator}"` };
}

function valuesError(message: string): RequirementError {
  return { field: ['values'], where: '.values', message };
}

function countErrors(operator: string, values: readonly string[]): readonly RequirementError[] {
  const shown = `[${values.map((value) => JSON.stringify(value)).join(',')}]`;
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [valuesError(`Invalid value: ${shown}: for 'in', 'notin' operators, values set can't be empty`)];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [valuesError(`Invalid value: ${shown}: values set must be empty for exists and does not exist`)];
  }
  if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1) {
    return [valuesError(`Invalid value: ${shown}: for 'Gt', 'Lt' operators, exactly one value is required`)];
  }
  return [];
}

function integerErrors(operator: string, value: string): readonly string[] {
  if ((operator !== 'Gt' && operator !== 'Lt') || int64Of(value) !== null) return [];
  return [`Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`];
}

function valueErrors(value: string, countsBytes: boolean): readonly string[] {
  const errors: string[] = [];
  if (value.length > MAX_LABEL_LENGTH) {
    const unit = countsBytes ? 'bytes' : 'characters';
    errors.push(`Invalid value: "${value}": must be no more than ${MAX_LABEL_LENGTH} ${unit}`);
  }
  if (!LABEL_VALUE.test(value)) errors.push(`Invalid value: "${value}": ${VALUE_MESSAGE}`);
  return errors;
}
