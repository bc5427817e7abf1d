/** Validation of PodGroups. Source: Kubernetes 1.37, pkg/apis/scheduling/validation and the declared limits of scheduling.k8s.io. */
import { checkQualifiedName } from '../dns-names.ts';
import type { PodGroup } from '../pod-group.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateClaimRefs } from './pod-claims.ts';
import { PREEMPTION_POLICIES } from './value-limits.ts';

/** Most topology constraints of a group. */
const TOPOLOGIES_MAX = 1;

/** scheduling.k8s.io PodGroup: a gang that needs so many pods, or pods that go by themselves; one place for all of them, claims that they share. */
export function validatePodGroup({ spec }: PodGroup, errors: FieldErrors): void {
  const path = 'spec.schedulingPolicy';
  const { basic, gang } = spec?.schedulingPolicy ?? {};
  validateUnion(path, { basic, gang }, true, errors);
  if (gang !== undefined) {
    const { minCount } = gang;
    if (minCount === undefined) errors.required(`${path}.gang.minCount`);
    else if (minCount < 1) errors.invalid(`${path}.gang.minCount`, minCount, 'must be greater than zero');
  }
  const { single, all } = spec?.disruptionMode ?? {};
  validateUnion('spec.disruptionMode', { single, all }, spec?.disruptionMode !== undefined, errors);
  const topology = spec?.schedulingConstraints?.topology ?? [];
  if (topology.length > TOPOLOGIES_MAX)
    errors.tooMany('spec.schedulingConstraints.topology', topology.length, TOPOLOGIES_MAX);
  topology.forEach(({ key = '' }, i) => {
    const field = `${at('spec.schedulingConstraints.topology', i)}.key`;
    if (key === '') errors.required(field);
    else errors.invalidAll(field, key, checkQualifiedName(key));
  });
  errors.oneOf('spec.preemptionPolicy', spec?.preemptionPolicy, PREEMPTION_POLICIES, false);
  validateClaimRefs(spec?.resourceClaims, 'spec.resourceClaims', errors);
}

/** Of some fields one at most is set; one at least where that is `needed`. */
function validateUnion(
  path: string,
  members: Readonly<Record<string, unknown>>,
  needed: boolean,
  errors: FieldErrors,
): void {
  const names = Object.keys(members).map((name) => `\`${name}\``);
  const given = names.filter((_name, i) => Object.values(members)[i] !== undefined);
  const oneOf = `exactly one of ${names.join(', ')} is required`;
  if (given.length > 1) errors.invalid(path, `{${given.join(', ')}}`, `${oneOf}, but multiple fields are set`);
  else if (given.length === 0 && needed) errors.required(path, oneOf);
}
