/**
 * Validation of the devices that drivers publish. Source: Kubernetes 1.34, pkg/apis/resource/validation/validation.go and the limits of
 * resource.k8s.io/v1 (types.go).
 */
import type { Device, DeviceAttribute, DeviceCapacity, ResourceSlice } from '../device.ts';
import { checkDnsSubdomain } from '../dns-names.ts';
import { QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../quantity.ts';
import { validateNodeSelector, validateTaints } from './affinity.ts';
import { validateAttributeName, validateNamed } from './device-names.ts';
import { validateRequestPolicy, validateSharedCounters } from './device-shares.ts';
import { type FieldErrors, keyed } from './field-errors.ts';
import { DEVICE_EFFECTS } from './value-limits.ts';
import { validateDriverName } from './volumes.ts';

const MAX_POOL_NAME_LENGTH = 253;
const MAX_DEVICES = 128;
const MAX_ATTRIBUTES_AND_CAPACITIES = 32;
const MAX_ATTRIBUTE_BYTES = 64;
const SEMANTIC_VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Lists since 1.36 (gate DRAListTypeAttributes). */
const KINDS = ['string', 'int', 'bool', 'version', 'strings', 'ints', 'bools', 'versions'] as const;

function validateAttribute(attribute: DeviceAttribute, field: string, errors: FieldErrors): void {
  const { string, version } = attribute;
  const set = KINDS.filter((kind) => attribute[kind] !== undefined);
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

function validateDevice({ attributes = {}, capacity = {}, taints }: Device, path: string, errors: FieldErrors): void {
  validateTaints(taints, `${path}.taints`, errors, DEVICE_EFFECTS);
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
    const amount = capacity[name] as DeviceCapacity;
    const value = amount.value as string | undefined;
    // Any quantity will do, also a negative one; none at all is zero.
    const quantity = value === undefined ? undefined : tryParseQuantity(String(value));
    if (value !== undefined && quantity === undefined) errors.invalid(`${field}.value`, value, QUANTITY_FORMAT_MESSAGE);
    validateRequestPolicy(amount, quantity, `${field}.requestPolicy`, errors);
  }
}

const WHERE = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
const ONE_OF = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

/** resource.k8s.io/v1 ResourceSlice, its spec. */
export function validateSlice(slice: ResourceSlice, errors: FieldErrors): void {
  const { spec } = slice;
  validateDriverName(spec?.driver, 'spec.driver', errors);
  validatePool(spec?.pool ?? {}, errors);
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec?.[field] === false) errors.invalid(`spec.${field}`, false, 'must be either unset or set to true');
  }
  if (spec?.nodeName === '') errors.invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string');
  const set = WHERE.filter((field) => (spec?.[field] ?? false) !== false && spec?.[field] !== '');
  const shown = `{${set.map((field) => `\`${field}\``).join(', ')}}`;
  if (set.length === 0) errors.required('spec', ONE_OF);
  else if (set.length > 1) errors.invalid('spec', shown, `${ONE_OF}, but multiple fields are set`);
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
  validateSharedCounters(slice, errors);
}

type Pool = NonNullable<NonNullable<ResourceSlice['spec']>['pool']>;

/** The name of a pool of devices: DNS subdomains with a slash between them. */
export function validatePoolName(name: string, field: string, errors: FieldErrors): void {
  if (name.length > MAX_POOL_NAME_LENGTH) errors.tooLong(field, MAX_POOL_NAME_LENGTH);
  if (name === '') errors.required(field);
  else for (const part of name.split('/')) errors.invalidAll(field, part, checkDnsSubdomain(part));
}

function validatePool({ name = '', generation = 0, resourceSliceCount = 0 }: Pool, errors: FieldErrors): void {
  validatePoolName(name, 'spec.pool.name', errors);
  if (generation < 0) errors.invalid('spec.pool.generation', generation, 'must be greater than or equal to zero');
  if (resourceSliceCount <= 0) {
    errors.invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero');
  }
}
