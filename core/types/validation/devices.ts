/**
 * Validation of claims for devices and of device classes. Source: Kubernetes 1.34, pkg/apis/resource/validation/validation.go and the
 * limits of resource.k8s.io/v1 (types.go). Fields of gates that are off by default are checked wherever they stand.
 */
import type {
  DeviceClass,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceClaimSpec,
  ResourceClaimTemplate,
} from '../device.ts';
import { checkDnsSubdomain, isExtendedResource } from '../dns-names.ts';
import { QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../quantity.ts';
import { validateTolerations } from './affinity.ts';
import { validateAttributeName, validateNamed } from './device-names.ts';
import { MAX_SELECTOR_LENGTH, selectorRefusal } from './device-selector.ts';
import { at, type FieldErrors, keyed } from './field-errors.ts';
import { DEVICE_EFFECTS } from './value-limits.ts';
import { validateDriverName } from './volumes.ts';

const MAX_REQUESTS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_CONSTRAINTS = 32;
const MAX_SELECTORS = 32;
const MAX_CONFIGS = 32;
const MAX_PARAMETERS_BYTES = 10 * 1024;

/** Selectors of devices. */
export function validateSelectors(
  selectors: readonly DeviceSelector[] | null | undefined,
  field: string,
  errors: FieldErrors,
): void {
  const count = selectors?.length ?? 0;
  if (count > MAX_SELECTORS) {
    errors.tooMany(field, count, MAX_SELECTORS);
    return;
  }
  (selectors ?? []).forEach(({ cel }, i) => {
    const path = `${at(field, i)}.cel`;
    if (cel === undefined) {
      errors.required(path);
      return;
    }
    const { expression = '' } = cel;
    const detail = selectorRefusal(expression);
    if (expression.length > MAX_SELECTOR_LENGTH) errors.tooLong(`${path}.expression`, MAX_SELECTOR_LENGTH);
    else if (detail !== null) errors.invalid(`${path}.expression`, expression, detail);
  });
}

function validateExact(request: ExactDeviceRequest, path: string, errors: FieldErrors): void {
  const { deviceClassName = '', allocationMode, count = 0 } = request;
  if (deviceClassName === '') errors.required(`${path}.deviceClassName`);
  else errors.invalidAll(`${path}.deviceClassName`, deviceClassName, checkDnsSubdomain(deviceClassName));
  validateSelectors(request.selectors, `${path}.selectors`, errors);
  validateTolerations(request.tolerations, `${path}.tolerations`, errors, DEVICE_EFFECTS);
  const { requests = {} } = request.capacity ?? {};
  for (const name in requests) {
    if (tryParseQuantity(String(requests[name])) !== undefined) continue;
    errors.invalid(keyed(`${path}.capacity.requests`, name), requests[name], QUANTITY_FORMAT_MESSAGE);
  }
  if (allocationMode === 'All') {
    if (count !== 0) errors.invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'");
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.invalid(`${path}.count`, count, 'must be greater than zero');
  } else errors.notSupported(`${path}.allocationMode`, allocationMode, ['All', 'ExactCount']);
}

const NO_NAMES: ReadonlySet<string> = new Set();
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const EITHER = 'exactly one of `exactly` or `firstAvailable` is required';

function validateRequest({ exactly, firstAvailable = [] }: DeviceRequest, path: string, errors: FieldErrors): void {
  if (exactly === undefined && firstAvailable.length === 0) errors.required(path, EITHER);
  if (exactly !== undefined && firstAvailable.length > 0) {
    errors.invalid(path, null, `${EITHER}, but multiple fields are set`);
    return;
  }
  if (exactly !== undefined) validateExact(exactly, `${path}.exactly`, errors);
  validateNamed(firstAvailable, `${path}.firstAvailable`, MAX_ALTERNATIVES, errors, (alternative, field) =>
    validateExact(alternative, field, errors),
  );
}

/** What a constraint may name: requests, and their alternatives as `request/alternative`. */
function requestNames(requests: readonly DeviceRequest[]): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((one) => `${name}/${one.name}`)]),
  );
}

/** Names of requests that a constraint or a configuration is about. */
function validateReferences(
  requests: readonly string[],
  names: ReadonlySet<string>,
  path: string,
  errors: FieldErrors,
): void {
  if (requests.length > MAX_REQUESTS) {
    errors.tooMany(path, requests.length, MAX_REQUESTS);
    return;
  }
  requests.forEach((name, i) => {
    const field = at(path, i);
    if (!names.has(name)) errors.invalid(field, name, NO_REQUEST);
    if (requests.indexOf(name) < i) errors.duplicate(field, name);
  });
}

function validateConstraint(
  { requests = [], ...constraint }: DeviceConstraint,
  names: ReadonlySet<string>,
  path: string,
  errors: FieldErrors,
): void {
  validateReferences(requests, names, `${path}.requests`, errors);
  for (const kind of ['matchAttribute', 'distinctAttribute'] as const) {
    const attribute = constraint[kind];
    if (attribute === undefined) continue;
    const field = `${path}.${kind}`;
    validateAttributeName(attribute, field, errors);
    if (!attribute.includes('/')) errors.invalid(field, attribute, 'must include a domain');
  }
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute === undefined && distinctAttribute === undefined) errors.required(`${path}.matchAttribute`);
}

/** Settings for drivers, of a claim or a class. */
function validateConfig(
  config: readonly DeviceConfiguration[],
  names: ReadonlySet<string>,
  path: string,
  errors: FieldErrors,
): void {
  if (config.length > MAX_CONFIGS) {
    errors.tooMany(path, config.length, MAX_CONFIGS);
    return;
  }
  config.forEach(({ requests = [], opaque }, i) => {
    const field = at(path, i);
    validateReferences(requests, names, `${field}.requests`, errors);
    if (opaque === undefined) {
      errors.required(`${field}.opaque`);
      return;
    }
    validateDriverName(opaque.driver, `${field}.opaque.driver`, errors);
    const { parameters } = opaque;
    const place = `${field}.opaque.parameters`;
    if (parameters === undefined || parameters === null) errors.required(place);
    else if (typeof parameters !== 'object' || Array.isArray(parameters)) {
      errors.invalid(place, '<value omitted>', 'must be a valid JSON object');
    } else if (JSON.stringify(parameters).length > MAX_PARAMETERS_BYTES) errors.tooLong(place, MAX_PARAMETERS_BYTES);
  });
}

/** Specs that were found valid: claims of one template share theirs. */
const valid = new WeakSet<ResourceClaimSpec>();

function validateClaimSpec(spec: ResourceClaimSpec = {}, path: string, errors: FieldErrors): void {
  if (valid.has(spec)) return;
  const errorsBefore = errors.causes.length;
  checkClaimSpec(spec, path, errors);
  if (errors.causes.length === errorsBefore && typeof spec === 'object') valid.add(spec);
}

function checkClaimSpec(spec: ResourceClaimSpec, path: string, errors: FieldErrors): void {
  const requests = spec.devices?.requests ?? [];
  validateNamed(requests, `${path}.devices.requests`, MAX_REQUESTS, errors, (request, field) =>
    validateRequest(request, field, errors),
  );
  const names = requestNames(requests);
  validateConfig(spec.devices?.config ?? [], names, `${path}.devices.config`, errors);
  const constraints = spec.devices?.constraints ?? [];
  const field = `${path}.devices.constraints`;
  if (constraints.length > MAX_CONSTRAINTS) {
    errors.tooMany(field, constraints.length, MAX_CONSTRAINTS);
    return;
  }
  constraints.forEach((constraint, i) => {
    validateConstraint(constraint, names, at(field, i), errors);
  });
}

/** resource.k8s.io/v1 ResourceClaim, its spec. */
export function validateDeviceClaim({ spec }: ResourceClaim, errors: FieldErrors): void {
  validateClaimSpec(spec, 'spec', errors);
}

/** resource.k8s.io/v1 ResourceClaimTemplate, the spec of its claims. */
export function validateClaimTemplate({ spec }: ResourceClaimTemplate, errors: FieldErrors): void {
  validateClaimSpec(spec?.spec, 'spec.spec', errors);
}

/** resource.k8s.io/v1 DeviceClass, its selectors and settings. */
export function validateDeviceClass({ spec }: DeviceClass, errors: FieldErrors): void {
  validateSelectors(spec?.selectors, 'spec.selectors', errors);
  validateConfig(spec?.config ?? [], NO_NAMES, 'spec.config', errors);
  const name = spec?.extendedResourceName;
  if (name !== undefined && !isExtendedResource(name)) {
    errors.invalid('spec.extendedResourceName', name, 'must be a valid extended resource name');
  }
}
