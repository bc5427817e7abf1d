/**
 * Validation of metadata and label selectors. Source: Kubernetes 1.34, apimachinery api/validation/objectmeta.go and
 * meta/v1/validation.
 */
import {
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
} from '../dns-names.ts';
import { jsonEqual } from '../json-value.ts';
import type { LabelSelector, ObjectMeta, OwnerReference, StringMap } from '../object.ts';
import { EVENTS, LEASES, PODDISRUPTIONBUDGETS, type ResourceType } from '../resource-type.ts';
import { at, type FieldErrors } from './field-errors.ts';

const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const LABEL_NAMES: ReadonlySet<string> = new Set(['Namespace', 'StatefulSet']);

function checkName(type: ResourceType, name: string): readonly string[] {
  if (!type.simulated) return checkPathSegment(name);
  if (type.kind === 'Service') return checkDns1035Label(name);
  // Of budgets nobody asks more than of any path.
  if (type === PODDISRUPTIONBUDGETS) return checkPathSegment(name);
  return LABEL_NAMES.has(type.kind) ? checkDnsLabel(name) : checkDnsSubdomain(name);
}

/** Label maps without fault: the pods of one template share theirs. */
const fineLabels = new WeakSet<StringMap>();

/** Keys and values of a label map. */
export function validateLabels(labels: StringMap | undefined, field: string, errors: FieldErrors): void {
  if (labels === undefined || fineLabels.has(labels)) return;
  const before = errors.causes.length;
  for (const key in labels) {
    errors.invalidAll(field, key, checkQualifiedName(key));
    errors.invalidAll(field, labels[key], checkLabelValue(labels[key] as string));
  }
  if (errors.causes.length === before) fineLabels.add(labels);
}

/** Keys and size of annotations. */
export function validateAnnotations(annotations: StringMap | undefined, field: string, errors: FieldErrors): void {
  let size = 0;
  for (const key in annotations) {
    errors.invalidAll(field, key, checkQualifiedName(key.toLowerCase()));
    size += key.length + (annotations[key] as string).length;
  }
  if (size > MAX_ANNOTATIONS_BYTES) errors.tooLong(field, MAX_ANNOTATIONS_BYTES);
}

function validateOwners(owners: readonly OwnerReference[] | undefined, field: string, errors: FieldErrors): void {
  let controller: OwnerReference | undefined;
  for (const owner of owners ?? []) {
    if ((owner.apiVersion ?? '') === '') errors.invalid(`${field}.apiVersion`, '', 'version must not be empty');
    if ((owner.kind ?? '') === '') errors.invalid(`${field}.kind`, '', 'must not be empty');
    if ((owner.name ?? '') === '') errors.invalid(`${field}.name`, '', 'must not be empty');
    if ((owner.uid ?? '') === '') errors.invalid(`${field}.uid`, '', 'must not be empty');
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      const names = `${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`;
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
      errors.invalid(field, owners, detail);
    }
    controller ??= owner;
  }
}

/** Metadata of a new object; its name may still have to be generated. */
export function validateMeta(type: ResourceType, meta: ObjectMeta, errors: FieldErrors): void {
  const { name, generateName, namespace } = meta;
  if (generateName !== undefined && generateName !== '') {
    const probe = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName;
    errors.invalidAll('metadata.generateName', generateName, checkName(type, probe));
  }
  if (name === undefined || name === '') {
    if ((generateName ?? '') === '') errors.required('metadata.name', 'name or generateName is required');
  } else errors.invalidAll('metadata.name', name, checkName(type, name));
  if (type.namespaced) {
    if ((namespace ?? '') === '') errors.required('metadata.namespace');
    else errors.invalidAll('metadata.namespace', namespace, checkDnsLabel(namespace as string));
  } else if ((namespace ?? '') !== '') errors.forbidden('metadata.namespace', 'not allowed on this type');
  validateParts(meta, errors);
  if (hasOwnRules(type)) validateFinalizerDomains(meta, errors);
}

/** What metadata says about an object, for creates and updates of all kinds. */
function validateParts(meta: ObjectMeta, errors: FieldErrors): void {
  validateDescription(meta, errors);
  const { finalizers } = meta;
  if (finalizers === undefined) return;
  const field = 'metadata.finalizers';
  for (const finalizer of finalizers) errors.invalidAll(field, finalizer, checkQualifiedName(finalizer));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
}

function validateDescription(meta: ObjectMeta, errors: FieldErrors): void {
  validateLabels(meta.labels, 'metadata.labels', errors);
  validateAnnotations(meta.annotations, 'metadata.annotations', errors);
  validateOwners(meta.ownerReferences, 'metadata.ownerReferences', errors);
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** Kinds whose finalizers nobody asks for a domain. */
const ANY_FINALIZER: ReadonlySet<ResourceType> = new Set([PODDISRUPTIONBUDGETS, EVENTS, LEASES]);

/** Whether finalizers of a kind need a domain; those of kinds that others define do not. */
function hasOwnRules(type: ResourceType): boolean {
  return type.simulated && !ANY_FINALIZER.has(type);
}

function validateFinalizerDomains({ finalizers }: ObjectMeta, errors: FieldErrors): void {
  finalizers?.forEach((finalizer, i) => {
    validateFinalizerDomain(finalizer, at('metadata.finalizers', i), errors);
  });
}

function validateFinalizerDomain(finalizer: string, field: string, errors: FieldErrors): void {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return;
  errors.invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
}

/** A finalizer of a namespace's spec. */
export function validateFinalizer(finalizer: string, field: string, errors: FieldErrors): void {
  errors.invalidAll(field, finalizer, checkQualifiedName(finalizer));
  validateFinalizerDomain(finalizer, field, errors);
}

/** Kinds that look at the whole object again on an update, besides at what changed. */
const LOOKED_AT_WHOLE: ReadonlySet<string> = new Set(
  'ConfigMap ControllerRevision CSINode Job Namespace Node Pod Secret ServiceAccount StorageClass'.split(' '),
);

/**
 * Metadata of an update, of a status if `isStatus`, against the stored one. What is wrong is said as often as the real server comes by: once
 * for any object and once for its change, then by the rules of the kind.
 */
export function validateMetaUpdate(
  type: ResourceType,
  next: ObjectMeta,
  old: ObjectMeta,
  isStatus: boolean,
  errors: FieldErrors,
): void {
  if (next === old) return;
  // Nearly all updates are right: a look at what has changed tells, and only what is wrong is said in full.
  const isDescribedAnew =
    next.labels !== old.labels ||
    next.annotations !== old.annotations ||
    next.finalizers !== old.finalizers ||
    (next.ownerReferences !== old.ownerReferences && !jsonEqual(next.ownerReferences, old.ownerReferences));
  if (isDescribedAnew) {
    validateParts(next, errors);
    if (hasOwnRules(type)) validateFinalizerDomains(next, errors);
  }
  validateIdentity(next, old, errors);
  if (errors.causes.length === 0) return;
  errors.causes.length = 0;
  validateParts(next, errors);
  validateChange(next, old, errors);
  if (!type.simulated || type === PODDISRUPTIONBUDGETS || type === EVENTS) return;
  validateChange(next, old, errors);
  if (hasOwnRules(type)) validateFinalizerDomains(next, errors);
  if (isStatus || !LOOKED_AT_WHOLE.has(type.kind)) return;
  validateParts(next, errors);
  validateFinalizerDomains(next, errors);
}

function validateChange(next: ObjectMeta, old: ObjectMeta, errors: FieldErrors): void {
  validateIdentity(next, old, errors);
  validateDescription(next, errors);
}

/** What an update may not touch. */
function validateIdentity(next: ObjectMeta, old: ObjectMeta, errors: FieldErrors): void {
  if (old.deletionTimestamp !== undefined && next.finalizers !== old.finalizers) {
    const added = (next.finalizers ?? []).filter((finalizer) => !(old.finalizers ?? []).includes(finalizer));
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      const rule = 'no new finalizers can be added if the object is being deleted';
      errors.forbidden('metadata.finalizers', `${rule}, found new finalizers []string{${list}}`);
    }
  }
  if ((next.generation ?? 0) < (old.generation ?? 0) && next.generation !== undefined) {
    errors.invalid('metadata.generation', next.generation, 'must not be decremented');
  }
  if (next.name !== old.name) errors.immutable('metadata.name', next.name);
  if ((next.namespace ?? '') !== (old.namespace ?? '')) errors.immutable('metadata.namespace', next.namespace);
  if ((next.uid ?? old.uid) !== old.uid) errors.immutable('metadata.uid', next.uid);
  if ((next.deletionTimestamp ?? old.deletionTimestamp) !== old.deletionTimestamp) {
    errors.immutable('metadata.deletionTimestamp', next.deletionTimestamp);
  }
  const grace = next.deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds;
  if (grace !== old.deletionGracePeriodSeconds) errors.immutable('metadata.deletionGracePeriodSeconds', grace);
}

/** A label selector's keys, operators and values. */
export function validateSelector(selector: LabelSelector | undefined, field: string, errors: FieldErrors): void {
  if (selector === undefined) return;
  validateLabels(selector.matchLabels, `${field}.matchLabels`, errors);
  (selector.matchExpressions ?? []).forEach((requirement, i) => {
    const path = at(`${field}.matchExpressions`, i);
    const count = requirement.values?.length ?? 0;
    switch (requirement.operator) {
      case 'In':
      case 'NotIn':
        if (count === 0) errors.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (count > 0) {
          errors.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        break;
      default:
        errors.invalid(`${path}.operator`, requirement.operator, 'not a valid selector operator');
    }
    const { key = '' } = requirement;
    errors.invalidAll(`${path}.key`, key, checkQualifiedName(key));
    (requirement.values ?? []).forEach((value, k) => {
      errors.invalidAll(at(`${path}.values`, k), value, checkLabelValue(value));
    });
  });
}

/** Whether a selector has no requirement at all. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions?.length ?? 0) === 0;
}
