/**
 * Feature gates of devices that are off by default in Kubernetes 1.34; a cluster may have some of them on. What they mean is that of the release
 * in which they were last changed, 1.34 to 1.37.
 */

/** A gate that changes what is allocated here. */
export type DeviceGate =
  | 'DRAConsumableCapacity'
  | 'DRADeviceBindingConditions'
  | 'DRADeviceCompatibilityGroups'
  | 'DRADeviceTaints'
  | 'DRAExtendedResource'
  | 'DRAListTypeAttributes'
  | 'DRAPartitionableDevices'
  | 'DRAWorkloadResourceClaims';

/** All of them. */
export const DEVICE_GATES = [
  'DRAConsumableCapacity',
  'DRADeviceBindingConditions',
  'DRADeviceCompatibilityGroups',
  'DRADeviceTaints',
  'DRAExtendedResource',
  'DRAListTypeAttributes',
  'DRAPartitionableDevices',
  'DRAWorkloadResourceClaims',
] as const satisfies readonly DeviceGate[];

const ON_IN_1_36: readonly DeviceGate[] = [
  'DRAConsumableCapacity',
  'DRADeviceBindingConditions',
  'DRADeviceTaints',
  'DRAExtendedResource',
  'DRAPartitionableDevices',
];

/** A release whose scheduler is simulated. */
export type Release = '1.34' | '1.36';

/** Those that a release of Kubernetes has on by default. */
export function defaultDeviceGates(release: Release): readonly DeviceGate[] {
  return release === '1.36' ? ON_IN_1_36 : [];
}
