/**
 * Fields of devices and their claims that belong to feature gates which Kubernetes 1.34 has off by default, and what such a field comes to while its
 * gate is off; of a PodGroup its other gated field, too. Source: Kubernetes 1.34 (1.37 for lists of values and PodGroups), pkg/features and the API types of resource.k8s.io.
 */

import type { DeviceGate } from '../types/device-gates.ts';
import { isRecord } from '../types/json-value.ts';
import type { KubeObject } from '../types/object.ts';

/** A field of an object, as often as the object has it. */
export interface GatedField {
  /** Where it stands first. */
  readonly path: readonly (string | number)[];
  readonly count: number;
  readonly gate: string;
  /** What it comes to here. */
  readonly effect: string;
}

interface Rule {
  /** Names of fields; `*` stands for each member of a list or map. */
  readonly pattern: readonly string[];
  readonly gate: string;
  readonly effect: string;
}

const WITHHELD = 'such a device is never allocated';
const IGNORED = 'it has no effect';
const PARTITIONS = 'DRAPartitionableDevices';
const CAPACITY = 'DRAConsumableCapacity';
const TAINTS = 'DRADeviceTaints';
const BINDING = 'DRADeviceBindingConditions';
const LISTS = 'DRAListTypeAttributes';

function rule(path: string, gate: string, effect: string): Rule {
  return { pattern: path.split('.'), gate, effect };
}

function ofClaim(spec: string): readonly Rule[] {
  const requests = `${spec}.devices.requests.*`;
  return [
    ...[`${requests}.exactly`, `${requests}.firstAvailable.*`].flatMap((request) => [
      rule(`${request}.tolerations`, TAINTS, IGNORED),
      rule(`${request}.capacity`, CAPACITY, IGNORED),
    ]),
    rule(`${spec}.devices.constraints.*.distinctAttribute`, CAPACITY, 'no pod with such a claim is placed'),
  ];
}

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  DeviceClass: [rule('spec.extendedResourceName', 'DRAExtendedResource', 'the class stands for no extended resource')],
  DeviceTaintRule: [rule('spec', TAINTS, 'it taints no device')],
  PodGroup: [
    rule('spec.resourceClaims', 'DRAWorkloadResourceClaims', 'each pod has claims of its own only'),
    rule('spec.preemptionPolicy', 'PodGroupPreemptionPolicy', 'what its pods say counts'),
  ],
  ResourceClaim: ofClaim('spec'),
  ResourceClaimTemplate: ofClaim('spec.spec'),
  ResourceSlice: [
    rule('spec.sharedCounters', PARTITIONS, IGNORED),
    rule('spec.perDeviceNodeSelection', PARTITIONS, 'no device of the slice is ever allocated'),
    rule('spec.devices.*.consumesCounters', PARTITIONS, WITHHELD),
    rule('spec.devices.*.taints', TAINTS, IGNORED),
    rule('spec.devices.*.allowMultipleAllocations', CAPACITY, 'one claim has the whole device'),
    rule('spec.devices.*.capacity.*.requestPolicy', CAPACITY, IGNORED),
    ...['strings', 'ints', 'bools', 'versions'].map((list) =>
      rule(`spec.devices.*.attributes.*.${list}`, LISTS, 'the attribute is not there'),
    ),
    rule('spec.devices.*.bindingConditions', BINDING, WITHHELD),
    rule('spec.devices.*.bindsToNode', BINDING, IGNORED),
  ],
};

/** The fields behind gates that are off (all but `gates`) which an object has and that say something, in the order of the table. */
export function gatedDeviceFields(object: KubeObject, gates: readonly DeviceGate[] = []): readonly GatedField[] {
  const rules = Object.hasOwn(RULES, object.kind) ? (RULES[object.kind] as readonly Rule[]) : [];
  return rules.flatMap(({ pattern, gate, effect }) => {
    if (gates.some((on) => on === gate)) return [];
    const paths = pathsOf(object, pattern, 0);
    const [path] = paths;
    return path === undefined ? [] : [{ path, count: paths.length, gate, effect }];
  });
}

/** Every place that a pattern leads to from a value, without those that say nothing. */
function pathsOf(value: unknown, pattern: readonly string[], from: number): (string | number)[][] {
  const name = pattern[from];
  if (name === undefined) return saysNothing(value) ? [] : [[]];
  if (name !== '*') {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return [];
    return pathsOf(value[name], pattern, from + 1).map((rest) => [name, ...rest]);
  }
  const members: readonly [string | number, unknown][] = Array.isArray(value)
    ? value.map((member, i) => [i, member])
    : isRecord(value)
      ? Object.entries(value)
      : [];
  return members.flatMap(([key, member]) => pathsOf(member, pattern, from + 1).map((rest) => [key, ...rest]));
}

function saysNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
