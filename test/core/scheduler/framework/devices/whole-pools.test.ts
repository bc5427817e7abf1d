/** Pools as 1.36 has them beside 1.34. Source: Kubernetes 1.34.1 and 1.36.3, dynamic-resource-allocation/structured (GatherPools, allocateOne). */
import { expect, test } from 'vitest';
import type { DeviceRequest, ResourceSlice } from '../../../../../core/types/device.ts';
import type { DeviceGate } from '../../../../../core/types/device-gates.ts';
import { claim, DRIVER, exactly, LOCAL, outcome, slice } from './devices.ts';

const AWAY = { nodeName: 'b' };
const pool = (resourceSliceCount: number, name = 'p', generation = 1) => {
  return { pool: { name, generation, resourceSliceCount } };
};
const one = exactly('r');
const all = exactly('r', { allocationMode: 'All' });
const UPDATED = `claim n/c, request r: asks for all devices, but resource pool ${DRIVER}/p is currently being updated`;
const INVALID = 'invalid resource pools were encountered';
const PARTITIONS: readonly DeviceGate[] = ['DRAPartitionableDevices'];
const either = (...alternatives: readonly object[]): DeviceRequest => {
  const named = alternatives.map((more, i) => ({ ...exactly(`s${i}`).exactly, name: `s${i}`, ...more }));
  return { name: 'r', firstAvailable: named } as DeviceRequest;
};
const TWICE = slice('s', LOCAL, ['x', 'x']);
const EACH = slice(
  's',
  {
    perDeviceNodeSelection: true,
    devices: [
      { name: 'x', nodeName: 'b' },
      { name: 'y', nodeName: 'a' },
      { name: 'z', allNodes: true },
    ],
  },
  [],
);
const taking = (name: string, counterSet: string, counter: string): ResourceSlice => {
  const consumesCounters = [{ counterSet, counters: { [counter]: { value: '1' } } }];
  return slice(name, { ...LOCAL, ...pool(2), devices: [{ name: 'x', consumesCounters }] }, []);
};
const SET = slice('t', { ...AWAY, ...pool(2), sharedCounters: [{ name: 'c', counters: { n: { value: '1' } } }] }, []);

test.each<[string, readonly DeviceGate[], readonly ResourceSlice[], readonly DeviceRequest[], unknown, unknown]>([
  ['a slice is missing', [], [slice('s', { ...LOCAL, ...pool(2) }, ['x'])], [one], ['r=x'], null],
  [
    'the other slice is for another node',
    [],
    [slice('s', { ...LOCAL, ...pool(2) }, ['x']), slice('t', { ...AWAY, ...pool(2) }, ['y'])],
    [all],
    UPDATED,
    ['r=x'],
  ],
  [
    'another node has newer ones',
    [],
    [slice('s', { ...LOCAL, ...pool(2) }, ['x']), slice('t', { ...AWAY, ...pool(2, 'p', 2) }, ['y'])],
    [one],
    ['r=x'],
    null,
  ],
  ['two devices of one name', [], [TWICE], [one], 'pool p is invalid: duplicate device name x', INVALID],
  [
    'two devices of one name, and a pool that is well',
    [],
    [TWICE, slice('t', { ...LOCAL, ...pool(1, 'q') }, ['y'])],
    [one],
    'pool p is invalid: duplicate device name x',
    ['r=y'],
  ],
  [
    'pools by name',
    [],
    [slice('s', { ...LOCAL, ...pool(1, 'q') }, ['x']), slice('t', { ...LOCAL, ...pool(1) }, ['y'])],
    [one],
    ['r=x'],
    ['r=y'],
  ],
  [
    'slices by name',
    [],
    [slice('t', { ...LOCAL, ...pool(2) }, ['x']), slice('s', { ...LOCAL, ...pool(2) }, ['y'])],
    [one],
    ['r=x'],
    ['r=y'],
  ],
  ['devices for their own nodes, without the gate', [], [EACH], [one], null, null],
  ['devices for their own nodes', PARTITIONS, [EACH], [all], ['r=y r=z'], ['r=y r=z']],
  ['counters of a slice for another node', PARTITIONS, [taking('s', 'c', 'n'), SET], [one], ['r=x'], ['r=x']],
  ['a counter that is not there', PARTITIONS, [taking('s', 'c', 'm'), SET], [one], null, INVALID],
  ['a set that is not there', PARTITIONS, [taking('s', 'd', 'n'), SET], [one], null, INVALID],
  [
    'behind a device of those that are all wanted 1.34 goes on with the first alternative',
    [],
    [slice('s', LOCAL, ['x', 'y'])],
    [either({ count: 3 }, { allocationMode: 'All' })],
    null,
    ['r/s1=x r/s1=y'],
  ],
])('%s', (_name, gates, slices, requests, before, since) => {
  expect(outcome(slices, [claim('c', requests)], [], gates, '1.34')).toEqual(before);
  expect(outcome(slices, [claim('c', requests)], [], gates, '1.36')).toEqual(since);
});
