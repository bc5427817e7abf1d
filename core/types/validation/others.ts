/**
 * Validation of the kinds that run no pods. Source: Kubernetes 1.34, pkg/apis/core/validation, policy, scheduling,
 * coordination, discovery and apps validation.
 */
import type { ConfigMap } from '../config-map.ts';
import type { ControllerRevision } from '../controller-revision.ts';
import { checkConfigKey } from '../dns-names.ts';
import type { EndpointSlice } from '../endpoint-slice.ts';
import type { Event } from '../event.ts';
import { isIntOrPercent, percentOf } from '../int-or-percent.ts';
import { jsonEqual } from '../json-value.ts';
import type { Lease } from '../lease.ts';
import type { Namespace } from '../namespace.ts';
import type { Node } from '../node.ts';
import type { PodDisruptionBudget } from '../pod-disruption-budget.ts';
import { type PriorityClass, SYSTEM_PRIORITIES } from '../priority-class.ts';
import type { Secret } from '../secret.ts';
import { validateTaints } from './affinity.ts';
import { at, type FieldErrors, keyed } from './field-errors.ts';
import { validateFinalizer, validateSelector } from './object-meta.ts';
import { validateAmount } from './resources.ts';
import * as limits from './value-limits.ts';

const MAX_DATA_BYTES = 1024 * 1024;
const MAX_ENDPOINTS = 1000;

/** policy/v1 PodDisruptionBudget. */
export function validateBudget({ spec }: PodDisruptionBudget, errors: FieldErrors): void {
  if (spec === undefined) return;
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set');
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[field];
    if (value === undefined) continue;
    if (!isIntOrPercent(value)) {
      const rule = "a valid percent string must be a numeric string followed by an ending '%'";
      errors.invalid(`spec.${field}`, value, `${rule} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`);
    } else if (typeof value === 'number') errors.nonNegative(`spec.${field}`, value);
    else if ((percentOf(value) ?? 0) > 100) errors.invalid(`spec.${field}`, value, 'must not be greater than 100%');
  }
  validateSelector(spec.selector, 'spec.selector', errors);
  errors.oneOf('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, limits.EVICTION_POLICIES, false);
}

/** The largest value that users may give; above are the system's classes. */
export const HIGHEST_USER_PRIORITY = 1_000_000_000;

function systemClassProblem({ metadata: { name }, value, globalDefault }: PriorityClass): string {
  if (!Object.hasOwn(SYSTEM_PRIORITIES, name)) return `${name} is not a known system priority class`;
  if (SYSTEM_PRIORITIES[name] !== value) return `value of ${name} PriorityClass must be ${SYSTEM_PRIORITIES[name]}`;
  return globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : '';
}

/** scheduling/v1 PriorityClass. */
export function validatePriorityClass(object: PriorityClass, errors: FieldErrors): void {
  const { name = '' } = object.metadata;
  if (name.startsWith('system-')) {
    const detail = "priority class names with 'system-' prefix are reserved for system use only. error:";
    const problem = systemClassProblem(object);
    if (problem !== '') errors.forbidden('metadata.name', `${detail} ${problem}`);
  } else if (object.value > HIGHEST_USER_PRIORITY) {
    errors.forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`);
  }
  errors.oneOf('preemptionPolicy', object.preemptionPolicy, limits.PREEMPTION_POLICIES);
}

/** Values and preemption of a PriorityClass never change. */
export function validatePriorityClassUpdate(next: PriorityClass, old: PriorityClass, errors: FieldErrors): void {
  if (next.value !== old.value) errors.forbidden('value', 'may not be changed in an update.');
  if (next.preemptionPolicy !== old.preemptionPolicy) errors.immutable('preemptionPolicy', next.preemptionPolicy);
}

/** coordination/v1 Lease. */
export function validateLease({ spec }: Lease, errors: FieldErrors): void {
  const { leaseDurationSeconds, leaseTransitions } = spec ?? {};
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0');
  }
  errors.nonNegative('spec.leaseTransitions', leaseTransitions);
}

/** core/v1 Namespace. */
export function validateNewNamespace({ spec }: Namespace, errors: FieldErrors): void {
  const field = 'spec.finalizers';
  for (const finalizer of spec?.finalizers ?? []) validateFinalizer(finalizer, field, errors);
}

/** The finalizers of a Namespace after its own subresource changed them. */
export function validateFinalized({ spec }: Namespace, _old: Namespace, errors: FieldErrors): void {
  (spec?.finalizers ?? []).forEach((finalizer, i) => {
    const field = at('spec.finalizers', i);
    validateFinalizer(finalizer, field, errors);
  });
}

/** core/v1 Node. */
export function validateNode({ spec, status }: Node, errors: FieldErrors): void {
  // The server looks for taints where they once were.
  validateTaints(spec?.taints, 'metadata.taints', errors);
  for (const list of ['capacity', 'allocatable'] as const)
    for (const name in status?.[list])
      validateAmount(name, status[list][name] as string | number, `status.${list}.${name}`, errors);
}

/** A Node keeps its pod range and its instance once they are set. */
export function validateNodeUpdate(next: Node, old: Node, errors: FieldErrors): void {
  const before = old.spec?.podCIDRs ?? [];
  if (before.length > 0 && !jsonEqual(next.spec?.podCIDRs, before)) {
    const detail = 'node updates may not change podCIDR except from "" to valid';
    errors.forbidden('spec.podCIDRs', detail);
  }
  const providerId = old.spec?.providerID ?? '';
  if (providerId !== '' && (next.spec?.providerID ?? '') !== providerId) {
    errors.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid');
  }
}

/** discovery/v1 EndpointSlice. */
export function validateEndpointSlice(slice: EndpointSlice, errors: FieldErrors): void {
  errors.oneOf('addressType', slice.addressType, limits.ADDRESS_TYPES);
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > MAX_ENDPOINTS) errors.tooMany('endpoints', endpoints.length, MAX_ENDPOINTS);
  else {
    endpoints.forEach(({ addresses }, i) => {
      if ((addresses?.length ?? 0) === 0) {
        errors.required(`${at('endpoints', i)}.addresses`, 'must contain at least 1 address');
      }
    });
  }
  const names = new Set<string>();
  (slice.ports ?? []).forEach(({ name }, i) => {
    if (names.has(name ?? '')) errors.duplicate(`${at('ports', i)}.name`, name ?? '');
    names.add(name ?? '');
  });
}

/** An EndpointSlice keeps its address type. */
export function validateEndpointSliceUpdate(next: EndpointSlice, old: EndpointSlice, errors: FieldErrors): void {
  if (next.addressType !== old.addressType) errors.immutable('addressType', next.addressType);
}

/** core/v1 Event. */
export function validateEvent(event: Event, errors: FieldErrors): void {
  const involved = event.involvedObject?.namespace ?? '';
  const expected = involved === '' ? 'default' : involved;
  const { namespace } = event.metadata;
  if (namespace !== expected && !(involved === '' && namespace === 'kube-system')) {
    errors.invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  }
}

interface KeyedData {
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly binaryData?: Readonly<Record<string, string>> | undefined;
  readonly immutable?: boolean | undefined;
}

function validateData(object: KeyedData, errors: FieldErrors): void {
  let size = 0;
  for (const field of ['data', 'binaryData'] as const) {
    for (const key in object[field]) {
      errors.invalidAll(keyed(field, key), key, checkConfigKey(key));
      size += (object[field][key] as string).length;
    }
  }
  for (const key in object.binaryData) {
    if (object.data !== undefined && Object.hasOwn(object.data, key)) {
      errors.invalid(keyed('data', key), key, 'duplicate of key present in binaryData');
    }
  }
  if (size > MAX_DATA_BYTES) errors.tooLong('[]', MAX_DATA_BYTES);
}

/** core/v1 ConfigMap. */
export function validateConfigMap(object: ConfigMap, errors: FieldErrors): void {
  validateData(object, errors);
}

/** core/v1 Secret. */
export function validateSecret(object: Secret, errors: FieldErrors): void {
  validateData({ data: object.data }, errors);
}

/** Immutable ConfigMaps and Secrets stay as they are; a Secret keeps its type. */
export function validateDataUpdate(next: ConfigMap | Secret, old: ConfigMap | Secret, errors: FieldErrors): void {
  if (old.immutable === true) {
    if (next.immutable !== true) errors.forbidden('immutable', 'field is immutable when `immutable` is set');
    for (const field of ['data', 'binaryData'] as const) {
      const a = (next as KeyedData)[field];
      const b = (old as KeyedData)[field];
      if (!jsonEqual(a, b)) errors.forbidden(field, 'field is immutable when `immutable` is set');
    }
  }
  const type = (next as Secret).type;
  if (type !== (old as Secret).type) errors.immutable('type', type);
}

/** apps/v1 ControllerRevision. */
export function validateRevision(object: ControllerRevision, errors: FieldErrors): void {
  if (object.data === undefined || object.data === null) errors.required('data', 'data is mandatory');
  errors.nonNegative('revision', object.revision);
}

/** The data of a ControllerRevision never changes. */
export function validateRevisionUpdate(next: ControllerRevision, old: ControllerRevision, errors: FieldErrors): void {
  if (!jsonEqual(next.data, old.data)) errors.immutable('data', next.data);
}
