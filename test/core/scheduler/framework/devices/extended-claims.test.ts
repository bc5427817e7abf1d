/** Claims that schedulers make for extended resources: whose they are, and what names their shares. */
import { expect, test } from 'vitest';
import { ClusterObjects } from '../../../../../core/scheduler/framework/cluster-objects.ts';
import { allocate } from '../../../../../core/scheduler/framework/devices/allocator.ts';
import { DeviceLedger } from '../../../../../core/scheduler/framework/devices/device-ledger.ts';
import {
  extendedClaimToAllocate,
  extendedDemandsOf,
} from '../../../../../core/scheduler/framework/devices/extended-resources.ts';
import { poolsOf } from '../../../../../core/scheduler/framework/devices/pools.ts';
import { EXTENDED_CLAIM_ANNOTATION, type ResourceClaim } from '../../../../../core/types/device.ts';
import type { KubeObject } from '../../../../../core/types/object.ts';
import { makePod } from '../../objects.ts';

const API = 'resource.k8s.io/v1';
const GPU = 'example.com/gpu';
const DRIVER = 'd.example.com';

/** An allocated claim of the pod with uid `pod`. */
function claimOf(uid: string, more: object = {}): ResourceClaim {
  return {
    apiVersion: API,
    kind: 'ResourceClaim',
    metadata: {
      name: uid,
      namespace: 'n',
      uid,
      annotations: { [EXTENDED_CLAIM_ANNOTATION]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'pod', controller: true }],
      ...more,
    },
    status: { allocation: { devices: { results: [{ request: 'r', driver: DRIVER, pool: 'p', device: uid }] } } },
  };
}

test('a pool counts as changed when a device is taken or free again, not when who says so changes', () => {
  const ledger = new DeviceLedger();
  const claim = claimOf('a');
  const changed = (change: () => void): readonly string[] => {
    ledger.changedPools.clear();
    change();
    return [...ledger.changedPools];
  };
  const allocation = claim.status?.allocation;
  if (allocation === undefined) throw new Error('not allocated');
  expect(changed(() => ledger.decide('n/a', allocation))).toEqual([`${DRIVER}/p`]);
  expect(changed(() => ledger.changed(undefined, claim))).toEqual([]);
  expect(changed(() => ledger.settle('n/a'))).toEqual([]);
  expect(changed(() => ledger.changed(claim, claimOf('a')))).toEqual([]);
  expect(changed(() => ledger.changed(claimOf('a'), undefined))).toEqual([`${DRIVER}/p`]);
});

test('a claim that was given up is not its pod’s again when it is seen late; its device is taken until it is gone', () => {
  const ledger = new DeviceLedger();
  const [first, second] = [claimOf('a'), claimOf('b')];
  const held = (): string => ledger.extendedClaimOf('pod')?.metadata.name ?? '';
  ledger.changed(undefined, first);
  expect(held()).toBe('a');
  ledger.giveUp(first);
  expect(held()).toBe('');
  ledger.changed(first, claimOf('a', { finalizers: [] }));
  expect(held()).toBe('');
  ledger.changed(undefined, second);
  ledger.changed(claimOf('a'), claimOf('a', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
  expect([held(), ledger.has(`${DRIVER}/p/a`)]).toEqual(['b', true]);
  ledger.changed(claimOf('a'), undefined);
  expect([held(), ledger.has(`${DRIVER}/p/a`)]).toEqual(['b', false]);
});

test('of two claims of a pod the first stays, whatever becomes of the other', () => {
  const ledger = new DeviceLedger();
  ledger.changed(undefined, claimOf('a'));
  ledger.changed(undefined, claimOf('b'));
  expect(ledger.extendedClaimOf('pod')?.metadata.name).toBe('a');
  ledger.changed(claimOf('b'), undefined);
  expect(ledger.extendedClaimOf('pod')?.metadata.name).toBe('a');
});

test('pods whose names begin alike have shares and allocations of their own', () => {
  const objects = new ClusterObjects(['DRAExtendedResource', 'DRAConsumableCapacity']);
  const put = (kind: string, spec: object) =>
    objects.put({ apiVersion: API, kind, metadata: { name: 'x' }, spec } as KubeObject);
  put('DeviceClass', { extendedResourceName: GPU });
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  put('ResourceSlice', {
    driver: DRIVER,
    pool,
    allNodes: true,
    devices: [{ name: 'd', allowMultipleAllocations: true }],
  });
  const found = ['u', 'v'].map((uid) => {
    const made = makePod(`${'long-'.repeat(12)}${uid}`, { [GPU]: '1' });
    const pod = { ...made, metadata: { ...made.metadata, uid } };
    const claim = extendedClaimToAllocate(pod, extendedDemandsOf(pod, objects), () => false, objects);
    if (claim === null || typeof claim === 'string') throw new Error(`no claim: ${claim}`);
    const allocated = allocate(poolsOf(objects, { name: 'n', labels: {} }), [claim], objects.devices, 'n');
    return [claim.key, Array.isArray(allocated) ? allocated[0]?.devices.results[0]?.shareID : allocated];
  });
  expect(new Set(found.flat()).size).toBe(4);
  expect(found.flat().every((name) => typeof name === 'string')).toBe(true);
});
