/**
 * Validation of pod specs and templates. A spec found valid is remembered by identity, since all pods of a template share
 * it. Source: Kubernetes 1.34, pkg/apis/core/validation/validation.go ValidatePodSpec, ValidatePodUpdate.
 */
import { checkDnsLabel, checkDnsSubdomain } from '../dns-names.ts';
import { jsonEqual } from '../json-value.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec, Toleration } from '../pod.ts';
import { validateAffinity, validateSpread, validateTolerations } from './affinity.ts';
import { validateContainers } from './container.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validatePodClaims } from './pod-claims.ts';
import { validatePodSettings } from './pod-settings.ts';
import { validatePodVolumes } from './pod-volumes.ts';
import { validateRequirements } from './resources.ts';
import { validatePodSecurity } from './security.ts';
import { DNS_POLICIES, PREEMPTION_POLICIES, RESTART_POLICIES } from './value-limits.ts';

const MAX_INT32 = 2_147_483_647;

function validateSpec(spec: PodSpec, path: string, errors: FieldErrors): void {
  const volumes = validatePodVolumes(spec.volumes, `${path}.volumes`, errors);
  validateContainers(spec, path, volumes, errors);
  validatePodClaims(spec, path, errors);
  errors.oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  errors.oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  errors.oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, PREEMPTION_POLICIES, false);
  validateLabels(spec.nodeSelector, `${path}.nodeSelector`, errors);
  validateRequirements(spec.resources, `${path}.resources`, errors);
  validatePodSecurity(spec, `${path}.securityContext`, errors);
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const) {
    const name = spec[field];
    if (name !== undefined && (name !== '' || field === 'runtimeClassName'))
      errors.invalidAll(`${path}.${field}`, name, checkDnsSubdomain(name));
  }
  for (const field of ['hostname', 'subdomain'] as const) {
    const name = spec[field];
    if (name !== undefined && name !== '') errors.invalidAll(`${path}.${field}`, name, checkDnsLabel(name));
  }
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && !(deadline >= 1 && deadline <= MAX_INT32)) {
    errors.invalid(`${path}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_INT32}, inclusive`);
  }
  validateAffinity(spec.affinity, `${path}.affinity`, errors);
  validateTolerations(spec.tolerations, `${path}.tolerations`, errors);
  validateSpread(spec, `${path}.topologySpreadConstraints`, errors);
  const group = spec.schedulingGroup?.podGroupName;
  if (group !== undefined) {
    errors.invalidAll(`${path}.schedulingGroup.podGroupName`, group, checkDnsSubdomain(group));
  } else if (spec.schedulingGroup !== undefined) errors.required(`${path}.schedulingGroup.podGroupName`);
  validatePodSettings(spec, path, errors);
}

const validSpecs = new WeakSet<PodSpec>();

/** A pod spec at `path`. */
export function validatePodSpec(spec: PodSpec | undefined, path: string, errors: FieldErrors): void {
  if (spec === undefined || spec === null) {
    errors.required(`${path}.containers`);
    return;
  }
  if (validSpecs.has(spec)) return;
  const before = errors.causes.length;
  validateSpec(spec, path, errors);
  if (errors.causes.length === before) validSpecs.add(spec);
}

/** core/v1 Pod, its spec; a node is chosen once no gate is left. */
export function validatePod({ spec }: Pod, errors: FieldErrors): void {
  validatePodSpec(spec, 'spec', errors);
  if ((spec.nodeName ?? '') !== '' && (spec.schedulingGates?.length ?? 0) > 0)
    errors.forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared');
}

/** A pod template at `path`. */
export function validateTemplate(template: PodTemplateSpec | undefined, path: string, errors: FieldErrors): void {
  // The server leaves the metadata out of these paths.
  validateLabels(template?.metadata?.labels, `${path}.labels`, errors);
  validateAnnotations(template?.metadata?.annotations, `${path}.annotations`, errors);
  validatePodSpec(template?.spec, `${path}.spec`, errors);
}

const POD_UPDATE_RULE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** `next` with the images of `old`, so that a comparison does not see them. */
function withImagesOf(next: readonly Container[] | undefined, old: readonly Container[] | undefined): unknown {
  return next?.map((container, i) => ({ ...container, image: old?.[i]?.image }));
}

function changesOnlyAllowed(next: PodSpec, old: PodSpec): boolean {
  const gated = (old.schedulingGates?.length ?? 0) > 0;
  const comparable: PodSpec = {
    ...next,
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    nodeSelector: gated ? old.nodeSelector : next.nodeSelector,
    affinity: gated ? old.affinity : next.affinity,
    terminationGracePeriodSeconds:
      next.terminationGracePeriodSeconds === 1 && (old.terminationGracePeriodSeconds ?? 0) < 0
        ? old.terminationGracePeriodSeconds
        : next.terminationGracePeriodSeconds,
    containers: withImagesOf(next.containers, old.containers) as readonly Container[],
    initContainers: withImagesOf(next.initContainers, old.initContainers) as readonly Container[] | undefined,
  };
  return jsonEqual(comparable, old);
}

/** What an update may do to a pod: see the rule's text. */
export function validatePodUpdate(next: Pod, old: Pod, errors: FieldErrors): void {
  if (next.spec === old.spec || jsonEqual(next.spec, old.spec)) return;
  for (const list of ['containers', 'initContainers'] as const) {
    if ((next.spec[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0)) {
      errors.forbidden(`spec.${list}`, 'pod updates may not add or remove containers');
      return;
    }
    (next.spec[list] ?? []).forEach((container, i) => {
      if ((container.image ?? '') === '') errors.required(`${at(`spec.${list}`, i)}.image`);
    });
  }
  const kept = next.spec.tolerations ?? [];
  const sameButSeconds = (a: Toleration, b: Toleration) =>
    a.key === b.key && a.operator === b.operator && a.value === b.value && a.effect === b.effect;
  if (!(old.spec.tolerations ?? []).every((toleration) => kept.some((k) => sameButSeconds(k, toleration)))) {
    errors.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds');
  }
  const gates = (old.spec.schedulingGates ?? []).map(({ name }) => name);
  for (const { name } of next.spec.schedulingGates ?? []) {
    if (!gates.includes(name)) {
      errors.forbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${name}'`);
    }
  }
  if (!changesOnlyAllowed(next.spec, old.spec)) errors.forbidden('spec', POD_UPDATE_RULE);
}
