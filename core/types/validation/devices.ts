/**
 * Validation of devices, classes and claims for them. Source: Kubernetes 1.34, pkg/apis/resource/validation/validation.go and the
 * limits of resource.k8s.io/v1 (types.go).
 */
import type {
  Device,
  DeviceAttribute,
  DeviceClass,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceClaimSpec,
  ResourceClaimTemplate,
  ResourceSlice,
} from '../device.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../dns-names.ts';
import { QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../quantity.ts';
import { validateNodeSelector } from './affinity.ts';
import { MAX_SELECTOR_LENGTH, selectorRefusal } from './device-selector.ts';
import { at, type FieldErrors, keyed } from './field-errors.ts';
import { validateDriverName } from './volumes.ts';

const MAX_REQUESTS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_CONSTRAINTS = 32;
const MAX_SELECTORS = 32;
const MAX_DEVICES = 128;
const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
const MAX_ATTRIBUTE_BYTES = 64;
const MAX_ATTRIBUTE_NAME_LENGTH = 32;
const MAX_DOMAIN_LENGTH = 63;
const C_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SEMANTIC_VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

function validateLabelName(name: string | undefined, field: string, errors: FieldErrors): void {
  if ((name ?? '') === '') errors.required(field);
  else errors.invalidAll(field, name, checkDnsLabel(name as string));
}

/** Items of a list with names: no more than some, each name once. */
function validateNamed<T extends { readonly name?: string | undefined }>(
  items: readonly T[],
  field: string,
  max: number,
  errors: FieldErrors,
  validate: (item: T, path: string) => void,
): void {
  if (items.length > max) {
    errors.tooMany(field, items.length, max);
    return;
  }
  const names = new Set<string>();
  items.forEach((item, i) => {
    const path = at(field, i);
    validateLabelName(item.name, `${path}.name`, errors);
    validate(item, path);
    const { name = '' } = item;
    if (name !== '' && names.has(name)) errors.duplicate(`${path}.name`, name);
    names.add(name);
  });
}

function validateSelectors(
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
  if (allocationMode === 'All') {
    if (count !== 0) errors.invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'");
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.invalid(`${path}.count`, count, 'must be greater than zero');
  } else errors.notSupported(`${path}.allocationMode`, allocationMode, ['All', 'ExactCount']);
}

const EITHER = 'exactly one of `exactly` or `firstAvailable` is required';

function validateRequest({ exactly, firstAvailable = [] }: DeviceRequest, path: string, errors: FieldErrors): void {
  if (exactly === undefined && firstAvailable.length === 0) errors.required(path, EITHER);
  else if (exactly !== undefined && firstAvailable.length > 0) {
    errors.invalid(path, null, `${EITHER}, but multiple fields are set`);
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

function validateConstraint(
  { requests = [], ...constraint }: DeviceConstraint,
  names: ReadonlySet<string>,
  path: string,
  errors: FieldErrors,
): void {
  requests.forEach((name, i) => {
    const field = at(`${path}.requests`, i);
    if (!names.has(name)) errors.invalid(field, name, 'must be the name of a request in the claim');
    if (requests.indexOf(name) < i) errors.duplicate(field, name);
  });
  const { matchAttribute } = constraint;
  if (matchAttribute !== undefined) {
    const field = `${path}.matchAttribute`;
    validateAttributeName(matchAttribute, field, errors);
    if (!matchAttribute.includes('/')) errors.invalid(field, matchAttribute, 'must include a domain');
  } else if (!('distinctAttribute' in constraint)) {
    errors.required(path, 'exactly one of `matchAttribute` or `distinctAttribute` is required');
  }
}

function validateClaimSpec(spec: ResourceClaimSpec | undefined, path: string, errors: FieldErrors): void {
  const requests = spec?.devices?.requests ?? [];
  validateNamed(requests, `${path}.devices.requests`, MAX_REQUESTS, errors, (request, field) =>
    validateRequest(request, field, errors),
  );
  const constraints = spec?.devices?.constraints ?? [];
  const field = `${path}.devices.constraints`;
  if (constraints.length > MAX_CONSTRAINTS) {
    errors.tooMany(field, constraints.length, MAX_CONSTRAINTS);
    return;
  }
  const names = requestNames(requests);
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

/** resource.k8s.io/v1 DeviceClass, its selectors. */
export function validateDeviceClass({ spec }: DeviceClass, errors: FieldErrors): void {
  validateSelectors(spec?.selectors, 'spec.selectors', errors);
}

function validateAttributeName(text: string, field: string, errors: FieldErrors): void {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (slash >= 0) {
    const domain = text.slice(0, slash);
    if (domain === '') errors.required(field, 'the domain must not be empty');
    else errors.invalidAll(field, domain, checkDnsSubdomain(domain));
    if (domain.length > MAX_DOMAIN_LENGTH) errors.tooLong(field, MAX_DOMAIN_LENGTH);
  }
  if (name === '') errors.required(field, 'the name must not be empty');
  else if (!C_IDENTIFIER.test(name)) errors.invalid(field, name, 'must be a valid C identifier');
  if (name.length > MAX_ATTRIBUTE_NAME_LENGTH) errors.tooLong(field, MAX_ATTRIBUTE_NAME_LENGTH);
}

function validateAttribute(attribute: DeviceAttribute, field: string, errors: FieldErrors): void {
  const { string, version } = attribute;
  const set = (['string', 'int', 'bool', 'version'] as const).filter((kind) => attribute[kind] !== undefined);
  if (set.length === 0) errors.required(field, 'exactly one value must be specified');
  else if (set.length > 1) errors.invalid(field, attribute, 'exactly one value must be specified');
  if (string !== undefined && string.length > MAX_ATTRIBUTE_BYTES) {
    errors.tooLong(`${field}.string`, MAX_ATTRIBUTE_BYTES);
  }
  if (version === undefined) return;
  if (version.length > MAX_ATTRIBUTE_BYTES) errors.tooLong(`${field}.version`, MAX_ATTRIBUTE_BYTES);
  else if (!SEMANTIC_VERSION.test(version)) {
    errors.invalid(`${field}.version`, version, 'must be a string compatible with semver.org spec 2.0.0');
  }
}

function validateDevice({ attributes = {}, capacity = {} }: Device, path: string, errors: FieldErrors): void {
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES_AND_CAPACITIES) {
    const detail = `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES_AND_CAPACITIES}`;
    errors.invalid(path, count, detail);
    return;
  }
  for (const name in attributes) {
    const field = keyed(`${path}.attributes`, name);
    validateAttributeName(name, field, errors);
    validateAttribute(attributes[name] as DeviceAttribute, field, errors);
  }
  for (const name in capacity) {
    const field = keyed(`${path}.capacity`, name);
    validateAttributeName(name, field, errors);
    const { value } = capacity[name] as { readonly value?: string };
    // Any quantity will do, also a negative one; none at all is zero.
    if (value !== undefined && tryParseQuantity(String(value)) === undefined) {
      errors.invalid(`${field}.value`, value, QUANTITY_FORMAT_MESSAGE);
    }
  }
}

const WHERE = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
const ONE_OF = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

/** resource.k8s.io/v1 ResourceSlice, its spec. */
export function validateSlice({ spec }: ResourceSlice, errors: FieldErrors): void {
  validateDriverName(spec?.driver, 'spec.driver', errors);
  validatePool(spec?.pool ?? {}, errors);
  const set = WHERE.filter((field) => (spec?.[field] ?? false) !== false && spec?.[field] !== '');
  if (set.length === 0) errors.required('spec', ONE_OF);
  else if (set.length > 1) {
    const last = set.at(-1) as (typeof WHERE)[number];
    errors.invalid(`spec.${last}`, spec?.[last], `${ONE_OF}, but multiple fields are set: ${set.join(', ')}`);
  }
  const { nodeName = '', nodeSelector } = spec ?? {};
  if (nodeName !== '') errors.invalidAll('spec.nodeName', nodeName, checkDnsSubdomain(nodeName));
  if (nodeSelector !== undefined) {
    validateNodeSelector(nodeSelector, 'spec.nodeSelector', errors);
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length > 1) {
      errors.invalid('spec.nodeSelector.nodeSelectorTerms', terms, 'must have exactly one node selector term');
    }
  }
  validateNamed(spec?.devices ?? [], 'spec.devices', MAX_DEVICES, errors, (device, path) =>
    validateDevice(device, path, errors),
  );
}

type Pool = NonNullable<NonNullable<ResourceSlice['spec']>['pool']>;

function validatePool({ name = '', generation = 0, resourceSliceCount = 0 }: Pool, errors: FieldErrors): void {
  if (name === '') errors.required('spec.pool.name');
  else for (const part of name.split('/')) errors.invalidAll('spec.pool.name', part, checkDnsSubdomain(part));
  if (generation < 0) errors.invalid('spec.pool.generation', generation, 'must be greater than or equal to zero');
  if (resourceSliceCount <= 0) {
    errors.invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero');
  }
}
