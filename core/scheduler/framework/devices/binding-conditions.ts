/**
 * Devices that have to be made ready for a node: pods wait for conditions in their claim's status before they are bound (gate
 * DRADeviceBindingConditions). Source: Kubernetes 1.34, plugins/dynamicresources (isClaimReadyForBinding).
 */
import { type Device, type DeviceAllocation, deviceKey, type ResourceClaim } from '../../../types/device.ts';
import type { DeviceGate } from '../../../types/device-gates.ts';

/** What a device asks of those who bind a pod that uses it. */
export interface DeviceBinding {
  readonly conditions: readonly string[];
  readonly failures: readonly string[];
  /** Its claim can be used from one node alone. */
  readonly toNode: boolean;
}

const NO_NAMES: readonly string[] = [];
/** Of most devices, and of all while the gate is off. */
const NO_BINDING: DeviceBinding = { conditions: NO_NAMES, failures: NO_NAMES, toNode: false };

/** What a device asks under these gates. */
export function bindingOf(
  { bindingConditions, bindingFailureConditions, bindsToNode = false }: Device,
  gates: ReadonlySet<DeviceGate>,
): DeviceBinding {
  const conditions = bindingConditions ?? NO_NAMES;
  if (!gates.has('DRADeviceBindingConditions') || (conditions.length === 0 && !bindsToNode)) return NO_BINDING;
  return { conditions, failures: bindingFailureConditions ?? NO_NAMES, toNode: bindsToNode };
}

/** Whether pods wait for any device of an allocation. */
export function hasBindingConditions(allocation: DeviceAllocation | undefined): boolean {
  return (allocation?.devices.results ?? []).some(({ bindingConditions }) => (bindingConditions ?? []).length > 0);
}

/** Whether all devices of a claim are ready, and why one never will be (`''` for none). */
export function readinessOf({ metadata, status }: ResourceClaim): {
  readonly ready: boolean;
  readonly failure: string;
} {
  const waits = { ready: false, failure: '' };
  if (status?.allocation === undefined) return waits;
  for (const result of status.allocation.devices.results) {
    const wanted = result.bindingConditions ?? NO_NAMES;
    if (wanted.length === 0) continue;
    const own = status.devices?.find((each) => deviceKey(each) === deviceKey(result));
    if (own === undefined) return waits;
    const isTrue = (name: string) => own.conditions?.find(({ type }) => type === name)?.status === 'True';
    const failed = (result.bindingFailureConditions ?? NO_NAMES).find(isTrue);
    if (failed !== undefined) {
      const { reason = '', message = '' } = own.conditions?.find(({ type }) => type === failed) ?? {};
      const failure = `claim ${metadata.name} binding failed: reason=${reason}, message=${JSON.stringify(message)}`;
      return { ready: false, failure };
    }
    if (!wanted.every(isTrue)) return waits;
  }
  return { ready: true, failure: '' };
}
