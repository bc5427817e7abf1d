/**
 * Validation of Deployment, ReplicaSet, StatefulSet, DaemonSet and Job. Source: Kubernetes 1.34, pkg/apis/apps/validation
 * and pkg/apis/batch/validation.
 */
import type { DaemonSet } from '../daemon-set.ts';
import type { Deployment } from '../deployment.ts';
import { isIntOrPercent, percentOf, scaledValue } from '../int-or-percent.ts';
import type { Job } from '../job.ts';
import { jsonEqual } from '../json-value.ts';
import { compileSelector } from '../label-selector.ts';
import type { IntOrString, LabelSelector } from '../object.ts';
import type { PodTemplateSpec } from '../pod.ts';
import type { ReplicaSet } from '../replica-set.ts';
import type { StatefulSet } from '../stateful-set.ts';
import type { PersistentVolumeClaim } from '../storage.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateIndexes, validateManagedBy, validatePodFailurePolicy } from './job-policies.ts';
import { isEmptySelector, validateSelector } from './object-meta.ts';
import { validateTemplate } from './pod-spec.ts';
import { validateClaimTemplate } from './pod-volumes.ts';
import {
  COMPLETION_MODES,
  REPLACEMENT_POLICIES,
  RETENTION_POLICIES,
  STRATEGIES,
  UPDATE_STRATEGIES,
} from './value-limits.ts';

/** Selector present, not empty, valid. `what` ends the sentence about an empty one. Returns whether it can be used. */
function validateOwnSelector(selector: LabelSelector | undefined, what: string, errors: FieldErrors): boolean {
  if (selector === undefined || selector === null) {
    errors.required('spec.selector');
    return false;
  }
  const before = errors.causes.length;
  validateSelector(selector, 'spec.selector', errors);
  if (isEmptySelector(selector)) {
    errors.invalid('spec.selector', selector, `empty selector is invalid for ${what}`);
  }
  return errors.causes.length === before;
}

/** The template: present, matched by the selector, restarting always. `kind` stands in the messages. */
function validateOwnTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
  kind: string,
  errors: FieldErrors,
): void {
  if (template === undefined) {
    errors.required('spec.template');
    return;
  }
  const labels = template.metadata?.labels;
  if (selector !== undefined && !compileSelector(selector).matches(labels)) {
    errors.invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`');
  }
  validateTemplate(template, 'spec.template', errors);
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== undefined && restartPolicy !== 'Always') {
    errors.notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']);
  }
  if (activeDeadlineSeconds !== undefined) {
    errors.forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`);
  }
}

function validateCount(value: IntOrString | undefined, field: string, errors: FieldErrors): void {
  if (value === undefined) return;
  if (!isIntOrPercent(value)) {
    const rule = "a valid percent string must be a numeric string followed by an ending '%'";
    errors.invalid(field, value, `${rule} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`);
  } else if (typeof value === 'number') errors.nonNegative(field, value);
}

function notAbove100Percent(value: IntOrString | undefined, field: string, errors: FieldErrors): void {
  if (value !== undefined && (percentOf(value) ?? 0) > 100)
    errors.invalid(field, value, 'must not be greater than 100%');
}

const STRATEGY = 'spec.strategy';

function validateStrategy({ strategy }: Deployment['spec'], errors: FieldErrors): void {
  if (strategy === undefined) return;
  const { type, rollingUpdate } = strategy;
  if (type === 'Recreate') {
    if (rollingUpdate !== undefined) {
      errors.forbidden(`${STRATEGY}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'");
    }
    return;
  }
  errors.oneOf(`${STRATEGY}.type`, type, STRATEGIES);
  if (type !== 'RollingUpdate') return;
  if (rollingUpdate === undefined) {
    errors.required(`${STRATEGY}.rollingUpdate`, 'this should be defaulted and never be nil');
    return;
  }
  const { maxUnavailable, maxSurge } = rollingUpdate;
  validateCount(maxUnavailable, `${STRATEGY}.rollingUpdate.maxUnavailable`, errors);
  validateCount(maxSurge, `${STRATEGY}.rollingUpdate.maxSurge`, errors);
  if (scaledValue(maxUnavailable, 100, false) === 0 && scaledValue(maxSurge, 100, true) === 0) {
    errors.invalid(`${STRATEGY}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  }
  notAbove100Percent(maxUnavailable, `${STRATEGY}.rollingUpdate.maxUnavailable`, errors);
}

/** apps/v1 Deployment, its spec. */
export function validateDeployment({ spec }: Deployment, errors: FieldErrors): void {
  errors.nonNegative('spec.replicas', spec.replicas);
  const usable = validateOwnSelector(spec.selector, 'deployment', errors);
  validateOwnTemplate(spec.template, usable ? spec.selector : undefined, 'ReplicaSet', errors);
  validateStrategy(spec, errors);
  errors.nonNegative('spec.minReadySeconds', spec.minReadySeconds);
  errors.nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit);
  const deadline = spec.progressDeadlineSeconds;
  if (deadline === undefined) return;
  errors.nonNegative('spec.progressDeadlineSeconds', deadline);
  if (deadline <= (spec.minReadySeconds ?? 0)) {
    errors.invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds');
  }
}

/** Selectors of apps/v1 kinds never change. */
export function validateSelectorUnchanged(
  next: { readonly selector?: LabelSelector | undefined },
  old: { readonly selector?: LabelSelector | undefined },
  errors: FieldErrors,
): void {
  if (!jsonEqual(next.selector, old.selector)) errors.immutable('spec.selector', next.selector);
}

/** apps/v1 ReplicaSet, its spec. */
export function validateReplicaSet({ spec }: ReplicaSet, errors: FieldErrors): void {
  errors.nonNegative('spec.replicas', spec.replicas);
  errors.nonNegative('spec.minReadySeconds', spec.minReadySeconds);
  const usable = validateOwnSelector(spec.selector, 'deployment', errors);
  validateOwnTemplate(spec.template, usable ? spec.selector : undefined, 'ReplicaSet', errors);
}

/** apps/v1 StatefulSet, its spec. */
export function validateStatefulSet({ spec }: StatefulSet, errors: FieldErrors): void {
  const policy = spec.podManagementPolicy as string | undefined;
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    if ((policy ?? '') === '') errors.required('spec.podManagementPolicy');
    else errors.invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'");
  }
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if ((type ?? '') === '') errors.required('spec.updateStrategy');
  else if (type !== 'OnDelete' && type !== 'RollingUpdate') {
    errors.invalid('spec.updateStrategy', spec.updateStrategy, "must be 'RollingUpdate' or 'OnDelete'");
  } else if (type === 'OnDelete' && rollingUpdate !== undefined) {
    errors.invalid(
      'spec.updateStrategy.rollingUpdate',
      rollingUpdate,
      "only allowed for updateStrategy 'RollingUpdate'",
    );
  }
  errors.nonNegative('spec.updateStrategy.rollingUpdate.partition', rollingUpdate?.partition);
  errors.nonNegative('spec.replicas', spec.replicas);
  errors.nonNegative('spec.minReadySeconds', spec.minReadySeconds);
  errors.nonNegative('spec.ordinals.start', spec.ordinals?.start);
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const policy = spec.persistentVolumeClaimRetentionPolicy?.[field];
    errors.oneOf(`spec.persistentVolumeClaimRetentionPolicy.${field}`, policy, RETENTION_POLICIES, false);
  }
  errors.nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit);
  (spec.volumeClaimTemplates ?? []).forEach((claim, i) => {
    validateClaimTemplate(claim as PersistentVolumeClaim, at('spec.volumeClaimTemplates', i), errors);
  });
  const usable = validateOwnSelector(spec.selector, 'statefulset', errors);
  validateOwnTemplate(withClaimVolumes(spec), usable ? spec.selector : undefined, 'StatefulSet', errors);
}

/** The template with the volumes that the controller adds for the claims: mounts may name them. */
function withClaimVolumes({ template, volumeClaimTemplates = [] }: StatefulSet['spec']): PodTemplateSpec | undefined {
  const claims = volumeClaimTemplates.map((claim) => claim.metadata?.name).filter((name) => name !== undefined);
  if (claims.length === 0 || template?.spec === undefined) return template;
  const present = template.spec.volumes ?? [];
  const added = claims
    .filter((name) => !present.some((volume) => volume.name === name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...present, ...added] } };
}

const STATEFUL_SET_RULE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** What an update may not change in a StatefulSet. */
export function validateStatefulSetUpdate(
  { spec: next }: StatefulSet,
  { spec: old }: StatefulSet,
  errors: FieldErrors,
): void {
  for (const field of ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'] as const) {
    if (next[field] !== old[field] && !jsonEqual(next[field], old[field])) {
      errors.forbidden('spec', STATEFUL_SET_RULE);
      return;
    }
  }
}

/** apps/v1 DaemonSet, its spec. */
export function validateDaemonSet({ spec }: DaemonSet, errors: FieldErrors): void {
  const usable = validateOwnSelector(spec.selector, 'daemonset', errors);
  validateOwnTemplate(spec.template, usable ? spec.selector : undefined, 'DaemonSet', errors);
  errors.nonNegative('spec.minReadySeconds', spec.minReadySeconds);
  errors.nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  errors.oneOf('spec.updateStrategy.type', type, UPDATE_STRATEGIES);
  if (type !== 'RollingUpdate') return;
  const field = 'spec.updateStrategy.rollingUpdate';
  if (rollingUpdate === undefined) {
    errors.required(field);
    return;
  }
  const { maxUnavailable, maxSurge } = rollingUpdate;
  validateCount(maxUnavailable, `${field}.maxUnavailable`, errors);
  validateCount(maxSurge, `${field}.maxSurge`, errors);
  const hasUnavailable = scaledValue(maxUnavailable, 100, true) !== 0;
  const hasSurge = scaledValue(maxSurge, 100, true) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.invalid(`${field}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero');
  } else if (!hasUnavailable && !hasSurge) {
    errors.required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0');
  }
  notAbove100Percent(maxUnavailable, `${field}.maxUnavailable`, errors);
  notAbove100Percent(maxSurge, `${field}.maxSurge`, errors);
}

/** batch/v1 Job, its spec. The selector may still have to be generated. */
export function validateJob({ spec }: Job, errors: FieldErrors): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    errors.nonNegative(`spec.${field}`, spec[field]);
  }
  errors.oneOf('spec.completionMode', spec.completionMode, COMPLETION_MODES, false);
  validateIndexes(spec, errors);
  validateManagedBy(spec.managedBy, errors);
  validatePodFailurePolicy(spec, errors);
  const replacement = spec.podFailurePolicy === undefined ? REPLACEMENT_POLICIES : ['Failed'];
  errors.oneOf('spec.podReplacementPolicy', spec.podReplacementPolicy, replacement, false);
  if (spec.manualSelector === true) validateOwnSelector(spec.selector, 'job', errors);
  if (spec.template === undefined) {
    errors.required('spec.template');
    return;
  }
  if (spec.selector !== undefined && !compileSelector(spec.selector).matches(spec.template.metadata?.labels)) {
    const labels = spec.template.metadata?.labels ?? null;
    errors.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  }
  validateTemplate(spec.template, 'spec.template', errors);
  const restartPolicy = spec.template.spec?.restartPolicy;
  if (restartPolicy === 'Always')
    errors.required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"');
}

/** What an update may not change in a Job. A suspended Job that never started may change its template. */
export function validateJobUpdate(next: Job, old: Job, errors: FieldErrors): void {
  const a = next.spec;
  const b = old.spec;
  const elastic = a.completionMode === 'Indexed' && a.completions === a.parallelism;
  if (a.completions !== b.completions && !elastic) errors.immutable('spec.completions', a.completions);
  if (!jsonEqual(a.selector, b.selector)) errors.immutable('spec.selector', a.selector);
  const mutableTemplate = b.suspend === true && old.status?.startTime === undefined;
  if (!mutableTemplate && a.template !== b.template && !jsonEqual(a.template, b.template)) {
    errors.immutable('spec.template', a.template);
  }
  for (const field of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    if (!jsonEqual(a[field], b[field])) errors.immutable(`spec.${field}`, a[field]);
  }
}
