/**
 * How much of a device's capacity a request takes, where a device serves several requests at one time. Source: Kubernetes 1.34 to 1.36,
 * resource.k8s.io/v1 (CapacityRequestPolicy), gate DRAConsumableCapacity.
 *
 * An amount that is not named is the policy's default, without a policy all there is. One that is named is rounded up to the next valid value, or to
 * minimum and steps of a valid range; above the largest valid amount the device is out of the question.
 */
import type { Device, DeviceCapacity } from '../../../types/device.ts';
import { Quantity, tryParseQuantity } from '../../../types/quantity.ts';

/** Amounts by the name of the capacity. */
export type Amounts = ReadonlyMap<string, Quantity>;

const NOTHING: Amounts = new Map();
const ZERO = new Quantity(0n, 'DecimalSI');

/** The amounts that a request names. */
export function requestedAmounts(requests: Readonly<Record<string, string | number>> | undefined): Amounts {
  const entries = Object.entries(requests ?? {});
  return entries.length === 0 ? NOTHING : new Map(entries.map(([name, text]) => [name, quantityOf(text)]));
}

function quantityOf(text: string | number | undefined): Quantity {
  return tryParseQuantity(String(text ?? '0')) ?? ZERO;
}

/** What a device has of each capacity, billionths. */
export function capacityOf({ capacity = {} }: Device): ReadonlyMap<string, bigint> {
  return new Map(Object.entries(capacity).map(([name, { value }]) => [name, quantityOf(value).nanos]));
}

/** What a request takes of each capacity of a device that is shared; `null` when it can take no valid amount, or asks for what is not there. */
export function consumptionOf({ capacity = {} }: Device, requested: Amounts): Amounts | null {
  for (const name of requested.keys()) if (!Object.hasOwn(capacity, name)) return null;
  const taken = new Map<string, Quantity>();
  for (const [name, has] of Object.entries(capacity)) {
    const amount = validAmount(has, requested.get(name));
    if (amount === null || amount.nanos > quantityOf(has.value).nanos) return null;
    taken.set(name, amount);
  }
  return taken;
}

/** Whether a device that serves one request only has as much as is asked for. */
export function coversRequest({ capacity = {} }: Device, requested: Amounts): boolean {
  for (const [name, amount] of requested) {
    const has = Object.hasOwn(capacity, name) ? capacity[name] : undefined;
    if (has === undefined || amount.nanos > quantityOf(has.value).nanos) return false;
  }
  return true;
}

function validAmount({ value, requestPolicy }: DeviceCapacity, requested: Quantity | undefined): Quantity | null {
  const { default: fallback, validValues = [], validRange } = requestPolicy ?? {};
  if (requested === undefined) return quantityOf(fallback ?? value);
  if (validValues.length > 0) {
    const values = validValues.map(quantityOf).sort((a, b) => a.compare(b));
    return values.find(({ nanos }) => nanos >= requested.nanos) ?? null;
  }
  return validRange === undefined ? requested : inRange(validRange, requested);
}

type Range = NonNullable<NonNullable<DeviceCapacity['requestPolicy']>['validRange']>;

function inRange({ min, max, step }: Range, requested: Quantity): Quantity | null {
  const least = quantityOf(min);
  let { nanos } = requested;
  if (nanos < least.nanos) nanos = least.nanos;
  const width = step === undefined ? 0n : quantityOf(step).nanos;
  if (width > 0n) nanos += (width - ((nanos - least.nanos) % width)) % width;
  return max !== undefined && nanos > quantityOf(max).nanos ? null : new Quantity(nanos, requested.format);
}
