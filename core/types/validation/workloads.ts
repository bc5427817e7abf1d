/**
 * Validation of Deployment, ReplicaSet, StatefulSet, DaemonSet and Job. Source: Kubernetes 1.34, pkg/apis/apps/validation
 * and pkg/apis/batch/validation.
 */
import type { DaemonSet } from '../daemon-set.ts';
import { generatedLabels } from '../defaults/job-selector.ts';
import type { Deployment } from '../deployment.ts';
import { checkDnsLabel } from '../dns-names.ts';
import { isIntOrPercent, percentOf, scaledValue } from '../int-or-percent.ts';
import type { Job } from '../job.ts';
import { jsonEqual } from '../json-value.ts';
import { compileSelector } from '../label-selector.ts';
import type { IntOrString, LabelSelector } from '../object.ts';
import type { PodSpec, PodTemplateSpec } from '../pod.ts';
import type { ReplicaSet } from '../replica-set.ts';
import type { StatefulSet } from '../stateful-set.ts';
import type { PersistentVolumeClaim } from '../storage.ts';
import { at, type FieldErrors, keyed } from './field-errors.ts';
import { validateIndexes, validateManagedBy, validatePodFailurePolicy } from './job-policies.ts';
import { isEmptySelector, validateSelector } from './object-meta.ts';
import { validateTemplate } from './pod-spec.ts';
import {
  COMPLETION_MODES,
  REPLACEMENT_POLICIES,
  RETENTION_POLICIES,
  STRATEGIES,
  UPDATE_STRATEGIES,
} from './value-limits.ts';
import { validateClaimSpec } from './volumes.ts';

/**
 * The selector: present, not empty, valid. `what` ends the sentence about an empty one. Returns whether it can be used; the server looks at the template of
 * most kinds only where it can.
 */
function validateOwnSelector(selector: LabelSelector | undefined, what: string, errors: FieldErrors): boolean {
  if (selector === undefined) {
    errors.required('spec.selector');
    return true;
  }
  const before = errors.causes.length;
  validateSelector(selector, 'spec.selector', errors);
  const isValid = errors.causes.length === before;
  if (isEmptySelector(selector)) errors.invalid('spec.selector', selector, `empty selector is invalid for ${what}`);
  if (!isValid) errors.invalid('spec.selector', selector, 'invalid label selector');
  return isValid;
}

/** The labels that a selector has to match; none matches one that is not there. */
function validateOwnLabels(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
  errors: FieldErrors,
): void {
  const labels = template?.metadata?.labels;
  if (!compileSelector(selector).matches(labels))
    errors.invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`');
}

/** A template of pods that restart always. `kind` stands in the messages. */
function validateOwnTemplate(template: PodTemplateSpec | undefined, kind: string, errors: FieldErrors): void {
  validateTemplate(template, 'spec.template', errors);
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
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
  if (type !== 'RollingUpdate') {
    errors.notSupported(STRATEGY, strategy, STRATEGIES);
    return;
  }
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

function validateReplicated({ selector, template }: ReplicaSet['spec'], errors: FieldErrors): void {
  if (!validateOwnSelector(selector, 'deployment', errors)) return;
  validateOwnLabels(template, selector, errors);
  validateOwnTemplate(template, 'ReplicaSet', errors);
}

/** apps/v1 Deployment, its spec. */
export function validateDeployment({ spec }: Deployment, errors: FieldErrors): void {
  errors.nonNegative('spec.replicas', spec.replicas);
  validateReplicated(spec, errors);
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
  validateReplicated(spec, errors);
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
  if (!validateOwnSelector(spec.selector, 'statefulset', errors)) return;
  validateOwnLabels(spec.template, spec.selector, errors);
  validateOwnTemplate(withClaimVolumes(spec), 'StatefulSet', errors);
}

/** What is looked at once, for it never changes: the claims and the Service of a new StatefulSet. */
export function validateNewStatefulSet({ spec }: StatefulSet, errors: FieldErrors): void {
  (spec.volumeClaimTemplates ?? []).forEach((claim, i) => {
    const { spec = {} } = claim as PersistentVolumeClaim;
    validateClaimSpec(spec, `${at('spec.volumeClaimTemplates', i)}.spec`, errors);
  });
  const { serviceName = '' } = spec;
  if (serviceName !== '') errors.invalidAll('spec.serviceName', serviceName, checkDnsLabel(serviceName));
}

/** The template with the volumes that the controller adds for the claims: mounts may name them. Host names are the controller's to give. */
function withClaimVolumes({ template, volumeClaimTemplates = [] }: StatefulSet['spec']): PodTemplateSpec | undefined {
  if (template?.spec === undefined) return template;
  const { hostname = '', subdomain = '', ...spec } = template.spec;
  const isPlain = hostname === '' && subdomain === '';
  if (volumeClaimTemplates.length === 0) return isPlain ? template : { ...template, spec };
  const claims = new Set(volumeClaimTemplates.map((claim) => claim.metadata?.name ?? ''));
  const added = [...claims].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const present = (spec.volumes ?? []).filter((volume) => !claims.has(volume.name));
  return { ...template, spec: { ...spec, volumes: [...added, ...present] } };
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
  const before = errors.causes.length;
  validateSelector(spec.selector, 'spec.selector', errors);
  if (errors.causes.length === before) validateOwnLabels(spec.template, spec.selector, errors);
  if (spec.selector !== undefined && isEmptySelector(spec.selector))
    errors.invalid('spec.selector', spec.selector, 'empty selector is invalid for daemonset');
  validateOwnTemplate(spec.template, 'DaemonSet', errors);
  errors.nonNegative('spec.minReadySeconds', spec.minReadySeconds);
  errors.nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    errors.notSupported('spec.updateStrategy', spec.updateStrategy, UPDATE_STRATEGIES);
    return;
  }
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
export function validateJob({ metadata, spec }: Job, errors: FieldErrors): void {
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
  errors.pointerOneOf('spec.podReplacementPolicy', spec.podReplacementPolicy, replacement);
  validateJobSelector({ metadata, spec }, errors);
  validateTemplate(spec.template, 'spec.template', errors);
  const restartPolicy = spec.template?.spec?.restartPolicy ?? 'Always';
  if (restartPolicy === 'Always')
    errors.required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"');
  else if (spec.podFailurePolicy !== undefined && restartPolicy === 'OnFailure') {
    const rule = 'only "Never" is supported when podFailurePolicy is specified';
    errors.invalid('spec.template.spec.restartPolicy', restartPolicy, rule);
  }
}

/** The selector of a Job: chosen by hand, or one that the server makes of its uid and name, which it will not have yet. */
function validateJobSelector({ metadata, spec }: Pick<Job, 'metadata' | 'spec'>, errors: FieldErrors): void {
  const { selector, template, manualSelector } = spec;
  if (selector === undefined) {
    if (manualSelector !== true) return;
    errors.required('spec.selector');
  }
  const labels = manualSelector === true ? undefined : generatedLabels(metadata);
  const before = errors.causes.length;
  validateSelector(selector, 'spec.selector', errors);
  if (errors.causes.length > before) return;
  if (labels !== undefined && !compileSelector(selector).matches(labels))
    errors.invalid('spec.selector', selector, '`selector` not auto-generated');
  if (!compileSelector(selector).matches({ ...template?.metadata?.labels, ...labels }))
    validateOwnLabels(template, selector, errors);
}

/** What a new Job is looked at for once: whether its pods can have the names that they will get. */
export function validateNewJob({ metadata, spec }: Job, errors: FieldErrors): void {
  if (spec.completionMode !== 'Indexed' || !((spec.completions ?? 0) > 0)) return;
  const last = `${metadata.name}-${(spec.completions as number) - 1}`;
  if (checkDnsLabel(last).length > 0)
    errors.invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${last}`);
}

/** What an update may not change in a Job. One that waits for its first start may say anew where its pods go. */
export function validateJobUpdate(next: Job, old: Job, errors: FieldErrors): void {
  const a = next.spec;
  const b = old.spec;
  const elastic = a.completionMode === 'Indexed' && a.completions === a.parallelism;
  if (a.completions !== b.completions && !elastic) errors.immutable('spec.completions', a.completions);
  if (!jsonEqual(a.selector, b.selector)) errors.immutable('spec.selector', a.selector);
  const labels = a.manualSelector === true ? {} : generatedLabels(old.metadata);
  for (const key in labels) {
    const field = keyed('spec.template.metadata.labels', key);
    const value = a.template?.metadata?.labels?.[key];
    if (value === undefined) errors.required(field, `must be '${labels[key]}'`);
    else if (value !== labels[key]) errors.invalid(field, a.template?.metadata?.labels, `must be '${labels[key]}'`);
  }
  const isWaiting = b.suspend === true && old.status?.startTime === undefined;
  const before = isWaiting ? withPlacement(b.template, a.template) : b.template;
  if (a.template !== before && !jsonEqual(a.template, before)) errors.immutable('spec.template', a.template);
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

/** `template` with what another says of where pods go: node affinity, node selector, tolerations, gates, labels and annotations. */
function withPlacement(template: PodTemplateSpec, next: PodTemplateSpec): PodTemplateSpec {
  const { nodeAffinity: _, ...pods } = template.spec?.affinity ?? {};
  const { nodeAffinity } = next.spec?.affinity ?? {};
  const affinity = nodeAffinity === undefined ? pods : { ...pods, nodeAffinity };
  const isGone = next.spec?.affinity === undefined && Object.keys(affinity).length === 0;
  const { nodeSelector, tolerations, schedulingGates } = next.spec ?? {};
  return {
    ...template,
    metadata: { ...template.metadata, labels: next.metadata?.labels, annotations: next.metadata?.annotations },
    spec: {
      ...(template.spec as PodSpec),
      affinity: isGone || template.spec === undefined ? undefined : affinity,
      nodeSelector,
      tolerations,
      schedulingGates,
    },
  };
}
