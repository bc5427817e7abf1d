/**
 * Validation of what devices share: counters of partitionable devices, and amounts of devices that several claims may have. Source:
 * Kubernetes 1.34, pkg/apis/resource/validation/validation.go (validateCounterSet, validateDeviceCounterConsumption, validateRequestPolicy).
 */
import type { Counters, DeviceCapacity, ResourceSlice } from '../device.ts';
import { QUANTITY_FORMAT_MESSAGE, type Quantity, tryParseQuantity } from '../quantity.ts';
import { validateNamed } from './device-names.ts';
import { at, type FieldErrors, keyed } from './field-errors.ts';

const MAX_SETS = 32;

function validateQuantity(value: unknown, field: string, errors: FieldErrors): Quantity | undefined {
  if (value === undefined) return undefined;
  const quantity = tryParseQuantity(String(value));
  if (quantity === undefined) errors.invalid(field, value, QUANTITY_FORMAT_MESSAGE);
  return quantity;
}

function validateCounters(counters: Counters | undefined, field: string, errors: FieldErrors): void {
  if (counters === undefined || Object.keys(counters).length === 0) errors.required(field);
  for (const name in counters) {
    const path = `${keyed(field, name)}.value`;
    const value = counters[name]?.value;
    if (validateQuantity(value, path, errors)?.isNegative === true) {
      errors.invalid(path, value, 'must be greater than or equal to zero');
    }
  }
}

/** Sets of counters and what the devices of the slice take of them. Sets of a pool may stand in a slice of their own, so names are looked up only where the slice has some. */
export function validateSharedCounters({ spec }: ResourceSlice, errors: FieldErrors): void {
  const { sharedCounters: sets = [], devices = [] } = spec ?? {};
  validateNamed(sets, 'spec.sharedCounters', MAX_SETS, errors, ({ counters }, path) =>
    validateCounters(counters, `${path}.counters`, errors),
  );
  const known = new Map(sets.map(({ name, counters }) => [name, counters ?? {}]));
  devices.forEach(({ consumesCounters = [] }, i) => {
    const taken = new Set<string>();
    consumesCounters.forEach(({ counterSet = '', counters }, j) => {
      const path = at(`${at('spec.devices', i)}.consumesCounters`, j);
      if (counterSet === '') errors.required(`${path}.counterSet`);
      else if (taken.has(counterSet)) errors.duplicate(`${path}.counterSet`, counterSet);
      taken.add(counterSet);
      validateCounters(counters, `${path}.counters`, errors);
      const set = known.get(counterSet);
      if (known.size === 0 || counterSet === '') return;
      if (set === undefined) errors.invalid(`${path}.counterSet`, counterSet, 'must reference a counterSet');
      else
        for (const name in counters) {
          if (!Object.hasOwn(set, name))
            errors.invalid(keyed(`${path}.counters`, name), name, 'must reference a counter');
        }
    });
  });
}

/** In which amounts a capacity is given out. */
export function validateRequestPolicy(
  { requestPolicy }: DeviceCapacity,
  capacity: Quantity | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (requestPolicy === undefined) return;
  const { validValues, validRange, default: standard } = requestPolicy;
  if (validValues !== undefined && validRange !== undefined) {
    errors.forbidden(
      `${field}.validValues`,
      'exactly one policy can be specified, cannot specify `validValues` and `validRange` at the same time',
    );
  }
  const most = (value: unknown, path: string): Quantity | undefined => {
    const quantity = validateQuantity(value, path, errors);
    if (quantity !== undefined && capacity !== undefined && quantity.nanos > capacity.nanos) {
      errors.invalid(path, value, 'must be less than or equal to the capacity value');
    }
    return quantity;
  };
  const least = most(standard, `${field}.default`);
  if (least === undefined && standard === undefined && (validValues ?? validRange) !== undefined) {
    errors.required(`${field}.default`, 'required when validValues or validRange is defined');
  }
  const seen = new Set<bigint>();
  (validValues ?? []).forEach((value, i) => {
    const quantity = most(value, at(`${field}.validValues`, i));
    if (quantity === undefined) return;
    if (seen.has(quantity.nanos)) errors.duplicate(at(`${field}.validValues`, i), value);
    seen.add(quantity.nanos);
  });
  if (least !== undefined && seen.size > 0 && !seen.has(least.nanos)) {
    errors.invalid(`${field}.default`, standard, 'default value is not valid according to the requestPolicy');
  }
  if (validRange === undefined) return;
  const min = most(validRange.min, `${field}.validRange.min`);
  const max = most(validRange.max, `${field}.validRange.max`);
  const step = most(validRange.step, `${field}.validRange.step`);
  if (min !== undefined && max !== undefined && min.nanos > max.nanos) {
    errors.invalid(`${field}.validRange.min`, validRange.min, 'must be less than or equal to max');
  }
  if (step !== undefined && step.nanos <= 0n) {
    errors.invalid(`${field}.validRange.step`, validRange.step, 'must be greater than zero');
  }
}
