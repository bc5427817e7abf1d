/** Validation of rules that taint devices. Source: Kubernetes 1.34, pkg/apis/resource/validation ValidateDeviceTaintRule. */
import type { DeviceTaintRule } from '../device.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../dns-names.ts';
import { validateTaint } from './affinity.ts';
import { validatePoolName } from './device-slices.ts';
import { validateSelectors } from './devices.ts';
import type { FieldErrors } from './field-errors.ts';
import { DEVICE_EFFECTS } from './value-limits.ts';
import { validateDriverName } from './volumes.ts';

/** resource.k8s.io DeviceTaintRule: which devices, and one taint. */
export function validateTaintRule({ spec }: DeviceTaintRule, errors: FieldErrors): void {
  const { deviceClassName, driver, pool, device, selectors } = spec?.deviceSelector ?? {};
  const path = 'spec.deviceSelector';
  if (deviceClassName !== undefined)
    errors.invalidAll(`${path}.deviceClassName`, deviceClassName, checkDnsSubdomain(deviceClassName));
  if (driver !== undefined) validateDriverName(driver, `${path}.driver`, errors);
  if (pool !== undefined) validatePoolName(pool, `${path}.pool`, errors);
  if (device !== undefined) errors.invalidAll(`${path}.device`, device, checkDnsLabel(device));
  validateSelectors(selectors, `${path}.selectors`, errors);
  validateTaint(spec?.taint ?? {}, 'spec.taint', errors, DEVICE_EFFECTS);
}
