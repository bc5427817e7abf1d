/** Claims, slices, classes, and what an allocation of them says. */
import { ClusterObjects } from '../../../../../core/scheduler/framework/cluster-objects.ts';
import { allocate } from '../../../../../core/scheduler/framework/devices/allocator.ts';
import { claimToAllocate, type PodDeviceClaim } from '../../../../../core/scheduler/framework/devices/device-claims.ts';
import { poolsOf } from '../../../../../core/scheduler/framework/devices/pools.ts';
import { NodeInfo } from '../../../../../core/scheduler/framework/node-info.ts';
import type { DeviceRequest, ResourceClaim, ResourceSlice } from '../../../../../core/types/device.ts';
import type { DeviceGate, Release } from '../../../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../../../core/types/object.ts';
import { makeNode } from '../../objects.ts';

export const API = 'resource.k8s.io/v1';
export const DRIVER = 'd.example.com';

export function slice(
  name: string,
  spec: Partial<NonNullable<ResourceSlice['spec']>>,
  devices: readonly string[],
): ResourceSlice {
  return {
    apiVersion: API,
    kind: 'ResourceSlice',
    metadata: { name },
    spec: {
      driver: DRIVER,
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: devices.map((text) => {
        const [device = '', root = ''] = text.split('@');
        return { name: device, attributes: { root: { string: root }, size: { int: device.length } } };
      }),
      ...spec,
    },
  };
}

const deviceClass = (name: string, ...expressions: string[]): KubeObject => ({
  apiVersion: API,
  kind: 'DeviceClass',
  metadata: { name },
  spec: { selectors: expressions.map((expression) => ({ cel: { expression } })) },
});

export const exactly = (name: string, more: object = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'any', allocationMode: 'ExactCount', count: 1, ...more },
});

export function claim(
  name: string,
  requests: readonly DeviceRequest[],
  constraints: readonly object[] = [],
): ResourceClaim {
  return {
    apiVersion: API,
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'n' },
    spec: { devices: { requests, constraints } },
  };
}

/** Devices by claim, `null` for too few, or the refusal. */
export function outcome(
  slices: readonly ResourceSlice[],
  claims: readonly ResourceClaim[],
  taken: readonly string[] = [],
  gates: readonly DeviceGate[] = [],
  release: Release = '1.34',
) {
  const objects = new ClusterObjects(gates, release);
  for (const object of [
    ...slices,
    deviceClass('any'),
    deviceClass('long', `device.attributes["${DRIVER}"].size > 1`),
  ]) {
    objects.put(object);
  }
  objects.put(deviceClass('foreign', 'device.driver == "other"'));
  if (taken.length > 0) {
    const results = taken.map((device) => ({ request: 'r', driver: DRIVER, pool: 'p', device }));
    objects.put({ ...claim('other', []), status: { allocation: { devices: { results } } } });
  }
  const wanted: PodDeviceClaim[] = [];
  for (const one of claims) {
    const read = claimToAllocate(one, objects);
    if (typeof read === 'string') return read;
    wanted.push(read);
  }
  const node = new NodeInfo(makeNode('a', { zone: 'z' }));
  const found = allocate(poolsOf(objects, node), wanted, objects.devices, node.name);
  if (found === null || typeof found === 'string') return found;
  return found.map(({ devices }) =>
    devices.results
      .map(({ request, device, consumedCapacity }) => {
        return `${request}=${device}${consumedCapacity === undefined ? '' : ` (${Object.values(consumedCapacity)})`}`;
      })
      .join(' '),
  );
}

export const LOCAL = { nodeName: 'a' };
