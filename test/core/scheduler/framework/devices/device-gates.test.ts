/** Which devices claims get with gates on, as the structured allocator of Kubernetes documents it. */
import { expect, test } from 'vitest';
import { ClusterObjects } from '../../../../../core/scheduler/framework/cluster-objects.ts';
import { poolsOf } from '../../../../../core/scheduler/framework/devices/pools.ts';
import type { ResourceClaim, ResourceSlice } from '../../../../../core/types/device.ts';
import type { DeviceGate } from '../../../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../../../core/types/object.ts';
import { API, claim, DRIVER, exactly, LOCAL, outcome, slice } from './devices.ts';

/** A slice with devices given as they are. */
const raw = (name: string, devices: readonly object[], more: object = {}): ResourceSlice => {
  const base = slice(name, { ...LOCAL, pool: { name: 'p', generation: 1, resourceSliceCount: 2 }, ...more }, []);
  return { ...base, spec: { ...base.spec, devices } as NonNullable<ResourceSlice['spec']> };
};
const counters = (name: string, counter: string, value: string) => ({ name, counters: { [counter]: { value } } });
const uses = (value: string, compatibilityGroups?: readonly string[]) => [
  { counterSet: 'card', counters: { memory: { value } }, compatibilityGroups },
];
const PARTS: readonly ResourceSlice[] = [
  raw('s', [], { sharedCounters: [counters('card', 'memory', '70Gi')] }),
  raw('t', [
    { name: 'big', consumesCounters: uses('20Gi') },
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ name, consumesCounters: uses('10Gi') })),
  ]),
];
/** Cards of 10 that are shared in steps of 3 from 1 on, at most 7 at a time. */
const policy = { default: '1', validRange: { min: '1', step: '3', max: '7' } };
const SHARED = raw(
  's',
  [0, 1].map((index) => {
    const capacity = { bandwidth: { value: '10', requestPolicy: policy } };
    return { name: `d${index}`, allowMultipleAllocations: true, attributes: { index: { int: index } }, capacity };
  }),
);
const wants = (bandwidth: string) => ({ capacity: { requests: { bandwidth } } });
const FIRST = { cel: { expression: `device.attributes["${DRIVER}"].index == 0` } };
const grouped = (...groups: readonly (readonly string[])[]): readonly ResourceSlice[] => [
  raw('s', [], { sharedCounters: [counters('card', 'memory', '100')] }),
  raw(
    't',
    groups.map((names, i) => ({ name: `d${i}`, consumesCounters: uses('1', names) })),
  ),
];
const root = (name: string, string: string) => ({ name, attributes: { root: { string } } });
const list = (name: string, strings: readonly string[]) => ({ name, attributes: { root: { strings } } });
const LISTS = raw('s', [list('x', ['1', '2']), list('y', ['2', '3']), list('z', ['3']), list('w', ['2'])]);
const sameRoot = [{ matchAttribute: `${DRIVER}/root` }];
const otherRoot = [{ distinctAttribute: `${DRIVER}/root` }];
const PARTITIONS: readonly DeviceGate[] = ['DRAPartitionableDevices'];
const SHARING: readonly DeviceGate[] = ['DRAConsumableCapacity'];
const VALUES: readonly DeviceGate[] = ['DRAListTypeAttributes'];
const GROUPS: readonly DeviceGate[] = [...PARTITIONS, 'DRADeviceCompatibilityGroups'];
const NOTED = raw('s', [{ name: 'x', taints: [{ key: 'k', effect: 'None' }] }]);
const MIXED = raw('s', [{ name: 'w' }, { name: 'x', taints: [{ key: 'k', effect: 'NoSchedule' }] }]);
const ALL = { allocationMode: 'All' };
const TAINTED = raw('s', [{ name: 'x', taints: [{ key: 'k', effect: 'NoSchedule' }] }]);

test.each<
  [string, readonly DeviceGate[], readonly ResourceSlice[], readonly ResourceClaim[], readonly string[], unknown]
>([
  ['parts are offered with their gate only', [], PARTS, [claim('c', [exactly('r')])], [], null],
  [
    'parts of one card',
    PARTITIONS,
    PARTS,
    [claim('c', [exactly('r', { count: 6 })])],
    [],
    ['r=big r=a r=b r=c r=d r=e'],
  ],
  [
    'the search goes back over a part',
    PARTITIONS,
    PARTS,
    [claim('c', [exactly('r', { count: 7 })])],
    [],
    ['r=a r=b r=c r=d r=e r=f r=g'],
  ],
  ['parts in use count', PARTITIONS, PARTS, [claim('c', [exactly('r', { count: 6 })])], ['big'], null],
  ['a counter that is not there', PARTITIONS, PARTS.slice(1), [claim('c', [exactly('r')])], [], null],
  [
    'parts of one group',
    GROUPS,
    grouped(['a'], ['b'], ['b', 'a']),
    [claim('c', [exactly('r', { count: 2 })])],
    [],
    ['r=d0 r=d2'],
  ],
  [
    'one group for all parts',
    GROUPS,
    grouped(['a'], ['b'], ['b', 'a']),
    [claim('c', [exactly('r', { count: 3 })])],
    [],
    null,
  ],
  ['a part without a group beside one with', GROUPS, grouped(['a'], []), [claim('c', [exactly('r')])], ['d0'], null],
  ['groups without their gate', PARTITIONS, grouped(['a'], []), [claim('c', [exactly('r')])], ['d0'], ['r=d1']],
  [
    // Kubernetes 1.36.3, allocator_incubating.go allocateOne: a request goes on behind the device chosen last.
    'what is shared is had twice, but not by one request',
    SHARING,
    [SHARED],
    [claim('c', [exactly('r', { count: 2, ...wants('3') }), exactly('s', wants('3'))])],
    [],
    ['r=d0 (4) r=d1 (4) s=d0 (4)'],
  ],
  [
    'by different devices',
    SHARING,
    [SHARED],
    [claim('c', [exactly('r', { count: 2, ...wants('1') })], [{ distinctAttribute: `${DRIVER}/index` }])],
    [],
    ['r=d0 (1) r=d1 (1)'],
  ],
  [
    // Kubernetes 1.36.3, constraint.go distinctAttributeConstraint: the values are kept by request, one each.
    'a device differs from the one before it in its request',
    SHARING,
    [raw('s', [root('x', '1'), root('y', '2'), root('z', '1')])],
    [claim('c', [exactly('r', { count: 3 })], otherRoot)],
    [],
    ['r=x r=y r=z'],
  ],
  [
    'and from the last one of each other request, unless that was taken back',
    SHARING,
    [raw('s', [root('x', '1'), root('y', '2')])],
    [claim('c', [exactly('r'), exactly('t', { count: 2 })], otherRoot)],
    [],
    null,
  ],
  [
    'the search goes back over a share',
    SHARING,
    [SHARED],
    [
      claim('c', [exactly('r', { count: 2, ...wants('3') })]),
      claim('d', [exactly('s', { ...wants('3'), selectors: [FIRST] })]),
    ],
    [],
    ['r=d0 (4) r=d1 (4)', 's=d0 (4)'],
  ],
  ['more than is shared out', SHARING, [SHARED], [claim('c', [exactly('r', wants('8'))])], [], null],
  ['nothing named: the default', SHARING, [SHARED], [claim('c', [exactly('r')])], [], ['r=d0 (1)']],
  [
    'what the device does not have',
    SHARING,
    [SHARED],
    [claim('c', [exactly('r', { capacity: { requests: { other: '1' } } })])],
    [],
    null,
  ],
  [
    'without the gate it is not shared',
    [],
    [SHARED],
    [claim('c', [exactly('r', { count: 3, ...wants('3') })])],
    [],
    null,
  ],
  [
    'lists with a value in common',
    VALUES,
    [LISTS],
    [claim('c', [exactly('r', { count: 3 })], sameRoot)],
    [],
    ['r=x r=y r=w'],
  ],
  ['lists without their gate', [], [LISTS], [claim('c', [exactly('r')], sameRoot)], [], null],
  [
    'lists without',
    [...SHARING, ...VALUES],
    [LISTS],
    [claim('c', [exactly('r', { count: 2 })], otherRoot)],
    [],
    ['r=x r=z'],
  ],
  ['a device whose taint does not count yet', [], [TAINTED], [claim('c', [exactly('r')])], [], ['r=x']],
  ['a device with a taint', ['DRADeviceTaints'], [TAINTED], [claim('c', [exactly('r')])], [], null],
  // Kubernetes 1.36.3, allocator_incubating.go taintPreventsAllocation and allocateDevice.
  ['a taint that has no effect', ['DRADeviceTaints'], [NOTED], [claim('c', [exactly('r')])], [], ['r=x']],
  [
    'all devices, one with a taint',
    ['DRADeviceTaints'],
    [MIXED, raw('t', [])],
    [claim('c', [exactly('r', ALL)])],
    [],
    null,
  ],
  [
    'what is merely looked at takes from its counters',
    PARTITIONS,
    PARTS,
    [claim('c', [exactly('r', { adminAccess: true }), exactly('s', { count: 7 })])],
    [],
    null,
  ],
  [
    'that is tolerated',
    ['DRADeviceTaints'],
    [TAINTED],
    [claim('c', [exactly('r', { tolerations: [{ operator: 'Exists' }] })])],
    [],
    ['r=x'],
  ],
])('with gates: %s', (_what, gates, slices, claims, taken, expected) => {
  expect(outcome(slices, claims, taken, gates)).toEqual(expected);
});

test.each([
  ['without a selector', null, []],
  ['with an empty selector', {}, ['k']],
  ['for another device', { device: 'y' }, []],
])('a rule %s taints a device accordingly', (_what, deviceSelector, keys) => {
  const objects = new ClusterObjects(['DRADeviceTaints']);
  const taint = { key: 'k', effect: 'NoSchedule' };
  objects.put({ ...raw('s', [{ name: 'x' }]) });
  objects.put({
    apiVersion: API,
    kind: 'DeviceTaintRule',
    metadata: { name: 'r' },
    spec: { deviceSelector, taint },
  } as KubeObject);
  const [pool] = poolsOf(objects, { name: 'a', labels: {} });
  expect(pool?.devices.flatMap(({ device }) => (device.taints ?? []).map(({ key }) => key))).toEqual(keys);
});

test('counters of a pool that several nodes reach are made once', () => {
  const objects = new ClusterObjects(PARTITIONS);
  for (const each of PARTS)
    objects.put({ ...each, spec: { ...each.spec, nodeName: '', allNodes: true } } as KubeObject);
  const countersOf = (name: string) => poolsOf(objects, { name, labels: {} })[0]?.counters;
  const first = countersOf('a');
  expect(first?.size).toBeGreaterThan(0);
  expect(countersOf('b')).toBe(first);
  objects.put({ ...PARTS[1] } as KubeObject);
  expect(countersOf('b')).not.toBe(first);
});
