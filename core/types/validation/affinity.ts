/**
 * Validation of what steers scheduling: affinity, tolerations, taints, topology spread. Source: Kubernetes 1.34,
 * pkg/apis/core/validation/validation.go.
 */
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../dns-names.ts';
import type { Taint } from '../node.ts';
import type { LabelSelector } from '../object.ts';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
} from '../pod.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateSelector } from './object-meta.ts';
import { NODE_POLICIES, SPREAD_MODES, TAINT_EFFECTS, TOLERATION_OPERATORS } from './value-limits.ts';

/** Values of labels are looked at where a node has to have one, not where it had better. */
function validateTerm(term: NodeSelectorTerm, isRequired: boolean, path: string, errors: FieldErrors): void {
  (term.matchExpressions ?? []).forEach(({ key = '', operator, values }, i) => {
    const field = at(`${path}.matchExpressions`, i);
    const count = values?.length ?? 0;
    if (operator === 'In' || operator === 'NotIn') {
      if (count === 0) errors.required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (count > 0)
        errors.forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (operator === 'Gt' || operator === 'Lt') {
      if (count !== 1)
        errors.required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else errors.invalid(`${field}.operator`, operator, 'not a valid selector operator');
    errors.invalidAll(`${field}.key`, key, checkQualifiedName(key));
    if (!isRequired) return;
    values?.forEach((value, k) => {
      errors.invalidAll(at(`${field}.values`, k), value, checkLabelValue(value));
    });
  });
  (term.matchFields ?? []).forEach(({ key, operator, values }, i) => {
    const field = at(`${path}.matchFields`, i);
    if (operator !== 'In' && operator !== 'NotIn') {
      errors.invalid(`${field}.operator`, operator, 'not a valid selector operator');
    } else if (values?.length !== 1) {
      errors.required(
        `${field}.values`,
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      );
    }
    if (key !== 'metadata.name') errors.invalid(`${field}.key`, key, 'not a valid field selector key');
    else
      values?.forEach((value, k) => {
        errors.invalidAll(at(`${field}.values`, k), value, checkDnsSubdomain(value));
      });
  });
}

function validateWeight(weight: number, path: string, errors: FieldErrors): void {
  if (!(weight >= 1 && weight <= 100)) errors.invalid(`${path}.weight`, weight, 'must be in the range 1-100');
}

/** Keys whose values a pod's own labels add to a selector. */
function validateLabelKeys(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: string,
  errors: FieldErrors,
): void {
  if (keys === undefined || keys.length === 0) return;
  if (selector === undefined) errors.forbidden(path, 'must not be specified when labelSelector is not set');
  else
    keys.forEach((key, i) => {
      errors.invalidAll(at(path, i), key, checkQualifiedName(key));
    });
}

function validatePodTerm(term: PodAffinityTerm | undefined, path: string, errors: FieldErrors): void {
  const { topologyKey = '', labelSelector, namespaceSelector, namespaces } = term ?? {};
  validateSelector(labelSelector, `${path}.labelSelector`, errors);
  validateSelector(namespaceSelector, `${path}.namespaceSelector`, errors);
  for (const name of namespaces ?? []) errors.invalidAll(`${path}.namespace`, name, checkDnsLabel(name));
  validateLabelKeys(term?.matchLabelKeys, labelSelector, `${path}.matchLabelKeys`, errors);
  validateLabelKeys(term?.mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`, errors);
  term?.matchLabelKeys?.forEach((key, i) => {
    if (term.mismatchLabelKeys?.includes(key) === true)
      errors.invalid(at(`${path}.matchLabelKeys`, i), key, 'exists in both matchLabelKeys and mismatchLabelKeys');
  });
  if (topologyKey === '') errors.required(`${path}.topologyKey`, 'can not be empty');
  errors.invalidAll(`${path}.topologyKey`, topologyKey, checkQualifiedName(topologyKey));
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function validatePodAffinity(affinity: PodAffinity | undefined, path: string, errors: FieldErrors): void {
  (affinity?.[REQUIRED] ?? []).forEach((term, i) => {
    validatePodTerm(term, at(`${path}.${REQUIRED}`, i), errors);
  });
  (affinity?.[PREFERRED] ?? []).forEach(({ weight, podAffinityTerm }, i) => {
    const field = at(`${path}.${PREFERRED}`, i);
    validateWeight(weight, field, errors);
    validatePodTerm(podAffinityTerm, `${field}.podAffinityTerm`, errors);
  });
}

/** Terms of which a node has to meet one. */
export function validateNodeSelector(selector: NodeSelector, path: string, errors: FieldErrors): void {
  const field = `${path}.nodeSelectorTerms`;
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) errors.required(field, 'must have at least one node selector term');
  terms.forEach((term, i) => {
    validateTerm(term, true, at(field, i), errors);
  });
}

/** Node and pod affinity. */
export function validateAffinity(affinity: Affinity | undefined, path: string, errors: FieldErrors): void {
  if (affinity === undefined) return;
  const required = affinity.nodeAffinity?.[REQUIRED];
  if (required !== undefined) validateNodeSelector(required, `${path}.nodeAffinity.${REQUIRED}`, errors);
  (affinity.nodeAffinity?.[PREFERRED] ?? []).forEach(({ weight, preference }, i) => {
    const field = at(`${path}.nodeAffinity.${PREFERRED}`, i);
    validateWeight(weight, field, errors);
    if (preference !== undefined) validateTerm(preference, false, `${field}.preference`, errors);
  });
  validatePodAffinity(affinity.podAffinity, `${path}.podAffinity`, errors);
  validatePodAffinity(affinity.podAntiAffinity, `${path}.podAntiAffinity`, errors);
}

/** Tolerations of a pod, or of a claim for devices, whose taints have other effects. */
export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  path: string,
  errors: FieldErrors,
  effects: readonly string[] = TAINT_EFFECTS,
): void {
  (tolerations ?? []).forEach(({ key, operator, value, effect, tolerationSeconds }, i) => {
    const field = at(path, i);
    const hasKey = (key ?? '') !== '';
    if (hasKey) errors.invalidAll(`${field}.key`, key, checkQualifiedName(key as string));
    else if (operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.invalid(`${field}.operator`, operator ?? '', detail);
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.invalid(`${field}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (operator === undefined || operator === '' || operator === 'Equal') {
      errors.invalidAll(`${field}.operator`, value ?? '', checkLabelValue(value ?? ''));
    } else if (operator === 'Exists') {
      if ((value ?? '') !== '')
        errors.invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'");
    } else errors.notSupported(`${field}.operator`, operator, TOLERATION_OPERATORS);
    if ((effect ?? '') !== '') errors.oneOf(`${field}.effect`, effect, effects);
  });
}

/** A taint's key, value and effect. */
export function validateTaint(
  { key = '', value = '', effect }: Partial<Taint>,
  field: string,
  errors: FieldErrors,
  effects: readonly string[],
): void {
  errors.invalidAll(`${field}.key`, key, checkQualifiedName(key));
  errors.invalidAll(`${field}.value`, value, checkLabelValue(value));
  errors.oneOf(`${field}.effect`, effect, effects);
}

/** Taints of a node (or device): valid keys and effects, one taint a key and effect. */
export function validateTaints(
  taints: readonly Taint[] | undefined,
  path: string,
  errors: FieldErrors,
  effects: readonly string[] = TAINT_EFFECTS,
): void {
  if (taints === undefined || taints.length === 0) return;
  const seen = new Map<string, Set<string>>();
  taints.forEach((taint, i) => {
    const field = at(path, i);
    const { key, effect } = taint;
    validateTaint(taint, field, errors, effects);
    const keys = seen.get(effect) ?? new Set<string>();
    if (keys.has(key)) {
      errors.duplicate(field, taint);
    }
    keys.add(key);
    seen.set(effect, keys);
  });
}

/** Topology spread constraints. */
export function validateSpread(spec: PodSpec, path: string, errors: FieldErrors): void {
  const seen = new Set<string>();
  (spec.topologySpreadConstraints ?? []).forEach((constraint, i) => {
    const field = at(path, i);
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    if (!(maxSkew > 0)) errors.invalid(`${field}.maxSkew`, maxSkew ?? 0, 'must be greater than zero');
    if ((topologyKey ?? '') === '') errors.required(`${field}.topologyKey`, 'can not be empty');
    if (!SPREAD_MODES.includes(whenUnsatisfiable))
      errors.notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable ?? '', SPREAD_MODES);
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, pair);
    seen.add(pair);
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.invalid(`${field}.minDomains`, minDomains, 'must be greater than zero');
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        errors.invalid(`${field}.minDomains`, minDomains, 'can only use minDomains if whenUnsatisfiable=DoNotSchedule');
      }
    }
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const)
      errors.oneOf(`${field}.${policy}`, constraint[policy], NODE_POLICIES, false);
    validateLabelKeys(constraint.matchLabelKeys, labelSelector, `${field}.matchLabelKeys`, errors);
    validateSelector(labelSelector, `${field}.labelSelector`, errors);
  });
}
