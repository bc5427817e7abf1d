/**
 * Validation of a Job's policies: failed pods, success by indexes, limits for each index, the controller in charge. Source: Kubernetes 1.34,
 * pkg/apis/batch/validation and apimachinery util/validation (IsDomainPrefixedPath).
 */
import { checkDnsSubdomain, checkQualifiedName } from '../dns-names.ts';
import type { JobSpec, PodFailurePolicyRule } from '../job.ts';
import { at, type FieldErrors } from './field-errors.ts';

const RULES_MAX = 20;
const PATTERNS_MAX = 20;
const EXIT_CODES_MAX = 255;
const MANAGED_BY_MAX = 63;
const SUCCEEDED_INDEXES_MAX_BYTES = 64 * 1024;
/** Of parallelism and maxFailedIndexes of an Indexed Job. */
const INDEXED_MAX = 100_000;
/** Beyond so many completions limits for each index need tighter bounds. */
const MANY_COMPLETIONS = 100_000;
const MANY_COMPLETIONS_LIMIT = 10_000;

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** Whether Indexed, and what only such a Job may say. */
export function validateIndexes(spec: JobSpec, errors: FieldErrors): void {
  const { backoffLimitPerIndex, completionMode, completions, maxFailedIndexes, parallelism = 1 } = spec;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.required('spec.backoffLimitPerIndex', 'when maxFailedIndexes is specified');
  }
  if (completionMode !== 'Indexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'] as const) {
      if (spec[field] !== undefined) errors.invalid(`spec.${field}`, spec[field], 'requires indexed completion mode');
    }
    return;
  }
  if (completions === undefined) {
    errors.required('spec.completions', 'when completion mode is Indexed');
    return;
  }
  if (parallelism > INDEXED_MAX) {
    const rule = `must be less than or equal to ${INDEXED_MAX} when completion mode is Indexed`;
    errors.invalid('spec.parallelism', parallelism, rule);
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    errors.invalid('spec.maxFailedIndexes', maxFailedIndexes, 'must be less than or equal to completions');
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > INDEXED_MAX) {
    errors.invalid('spec.maxFailedIndexes', maxFailedIndexes, `must be less than or equal to ${INDEXED_MAX}`);
  }
  if (completions > MANY_COMPLETIONS && backoffLimitPerIndex !== undefined) validateManyIndexes(spec, errors);
  if (spec.successPolicy !== undefined) validateSuccessPolicy(spec.successPolicy.rules, completions, errors);
}

function validateManyIndexes({ maxFailedIndexes, parallelism = 1 }: JobSpec, errors: FieldErrors): void {
  const above = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  const rule = `must be less than or equal to ${MANY_COMPLETIONS_LIMIT} ${above}`;
  if (maxFailedIndexes === undefined) {
    errors.required('spec.maxFailedIndexes', `must be specified when completions are above ${MANY_COMPLETIONS}`);
  } else if (maxFailedIndexes > MANY_COMPLETIONS_LIMIT) errors.invalid('spec.maxFailedIndexes', maxFailedIndexes, rule);
  if (parallelism > MANY_COMPLETIONS_LIMIT) errors.invalid('spec.parallelism', parallelism, rule);
}

/** The rules by which a Job succeeds early. */
function validateSuccessPolicy(
  rules: NonNullable<JobSpec['successPolicy']>['rules'] | undefined,
  completions: number,
  errors: FieldErrors,
): void {
  const field = 'spec.successPolicy.rules';
  if (rules === undefined || rules.length === 0) {
    errors.required(field, 'at least one rules must be specified when the successPolicy is specified');
    return;
  }
  if (rules.length > RULES_MAX) errors.tooMany(field, rules.length, RULES_MAX);
  for (const [i, { succeededCount, succeededIndexes }] of rules.entries()) {
    const path = at(field, i);
    if (succeededCount === undefined && succeededIndexes === undefined) {
      errors.required(path, 'at least one of succeededCount or succeededIndexes must be specified');
    }
    const named = succeededIndexes === undefined ? undefined : countIndexes(succeededIndexes, completions);
    if (typeof named === 'string') {
      errors.invalid(`${path}.succeededIndexes`, succeededIndexes, `error parsing succeededIndexes: ${named}`);
    }
    if (succeededIndexes !== undefined && succeededIndexes.length > SUCCEEDED_INDEXES_MAX_BYTES) {
      errors.tooLong(`${path}.succeededIndexes`, SUCCEEDED_INDEXES_MAX_BYTES);
    }
    if (succeededCount === undefined) continue;
    errors.nonNegative(`${path}.succeededCount`, succeededCount);
    const most: readonly (readonly [number | string | undefined, string])[] = [
      [completions, 'the number of specified completions'],
      [typeof named === 'string' ? 0 : named, 'the number of indexes in the specified succeededIndexes field'],
    ];
    for (const [limit, what] of most) {
      if (typeof limit !== 'number' || succeededCount <= limit) continue;
      errors.invalid(`${path}.succeededCount`, succeededCount, `must be less than or equal to ${limit} (${what})`);
    }
  }
}

/** How many indexes a text such as `0,2-4` names, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let total = 0;
  let previous = -1;
  for (const part of text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2) {
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    }
    for (const limit of limits) {
      if (!/^\+?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
      if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`;
    }
    const [first = 0, last = first] = limits.map(Number);
    if (limits.length === 2 && first >= last) return `non-increasing order, previous: ${first}, current: ${last}`;
    if (first <= previous) return `non-increasing order, previous: ${previous}, current: ${first}`;
    total += last - first + 1;
    previous = last;
  }
  return total;
}

/** The rules for failed pods, and what they ask of the rest of the spec. */
export function validatePodFailurePolicy(spec: JobSpec, errors: FieldErrors): void {
  const { podFailurePolicy, template } = spec;
  if (podFailurePolicy === undefined) return;
  const { containers = [], initContainers = [] } = template?.spec ?? {};
  const field = 'spec.podFailurePolicy.rules';
  const rules = podFailurePolicy.rules ?? [];
  if (rules.length > RULES_MAX) errors.tooMany(field, rules.length, RULES_MAX);
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  for (const [i, rule] of rules.entries()) {
    const path = at(field, i);
    errors.oneOf(`${path}.action`, rule.action, ACTIONS);
    if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
      errors.invalid(`${path}.action`, rule.action, 'requires the backoffLimitPerIndex to be set');
    }
    const hasConditions = (rule.onPodConditions ?? []).length > 0;
    if (rule.onExitCodes !== undefined) validateExitCodes(rule.onExitCodes, `${path}.onExitCodes`, names, errors);
    if (hasConditions) validateConditions(rule.onPodConditions ?? [], `${path}.onPodConditions`, errors);
    const both = 'specifying both OnExitCodes and OnPodConditions is not supported';
    const none = 'specifying one of OnExitCodes and OnPodConditions is required';
    if (hasConditions === (rule.onExitCodes !== undefined)) errors.invalidAsAWhole(path, hasConditions ? both : none);
  }
}

function validateExitCodes(
  { containerName, operator, values = [] }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  path: string,
  containers: ReadonlySet<string>,
  errors: FieldErrors,
): void {
  errors.oneOf(`${path}.operator`, operator, ['In', 'NotIn']);
  if (containerName !== undefined && !containers.has(containerName)) {
    const rule = 'must be one of the container or initContainer names in the pod template';
    errors.invalid(`${path}.containerName`, containerName, rule);
  }
  const field = `${path}.values`;
  if (values.length === 0) errors.invalid(field, values, 'at least one value is required');
  if (values.length > EXIT_CODES_MAX) errors.tooMany(field, values.length, EXIT_CODES_MAX);
  const seen = new Set<number>();
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) errors.invalid(at(field, i), value, 'must not be 0 for the In operator');
    if (seen.has(value)) errors.duplicate(at(field, i), value);
    seen.add(value);
  }
  if (values.some((value, i) => value < (values[i - 1] ?? value))) errors.invalid(field, values, 'must be ordered');
}

function validateConditions(
  patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>,
  path: string,
  errors: FieldErrors,
): void {
  if (patterns.length > PATTERNS_MAX) errors.tooMany(path, patterns.length, PATTERNS_MAX);
  for (const [i, { type = '', status }] of patterns.entries()) {
    errors.invalidAll(`${at(path, i)}.type`, type, checkQualifiedName(type));
    errors.oneOf(`${at(path, i)}.status`, status, ['False', 'True', 'Unknown']);
  }
}

/** The name of the controller in charge: a domain, a slash, a path. */
export function validateManagedBy(name: string | undefined, errors: FieldErrors): void {
  const field = 'spec.managedBy';
  if (name === undefined) return;
  if (name.length > MANAGED_BY_MAX) errors.tooLong(field, MANAGED_BY_MAX);
  if (name === '') {
    errors.required(field);
    return;
  }
  const slash = name.indexOf('/');
  const path = name.slice(slash + 1);
  if (slash <= 0 || path === '') {
    errors.invalid(field, name, 'must be a domain-prefixed path (such as "acme.io/foo")');
    return;
  }
  errors.invalidAll(field, name.slice(0, slash), checkDnsSubdomain(name.slice(0, slash)));
  if (!PATH.test(path))
    errors.invalid(field, path, `Invalid path (regex used for validation is '${PATH.source.slice(1, -1)}')`);
}
