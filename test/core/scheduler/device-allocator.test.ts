/** Which devices claims get on a node, as the structured allocator of Kubernetes 1.34 documents it. */
import { describe, expect, test } from 'vitest';
import { ClusterObjects } from '../../../core/scheduler/framework/cluster-objects.ts';
import { allocate } from '../../../core/scheduler/framework/devices/allocator.ts';
import { claimToAllocate, type PodDeviceClaim } from '../../../core/scheduler/framework/devices/device-claims.ts';
import { poolsOf } from '../../../core/scheduler/framework/devices/pools.ts';
import { NodeInfo } from '../../../core/scheduler/framework/node-info.ts';
import type { DeviceRequest, ResourceClaim, ResourceSlice } from '../../../core/types/device.ts';
import type { DeviceGate } from '../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { makeNode } from './objects.ts';

const API = 'resource.k8s.io/v1';
const DRIVER = 'd.example.com';

function slice(
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

const exactly = (name: string, more: object = {}): DeviceRequest => ({
  name,
  exactly: { deviceClassName: 'any', allocationMode: 'ExactCount', count: 1, ...more },
});

function claim(name: string, requests: readonly DeviceRequest[], constraints: readonly object[] = []): ResourceClaim {
  return {
    apiVersion: API,
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'n' },
    spec: { devices: { requests, constraints } },
  };
}

/** Devices by claim, `null` for too few, or the refusal. */
function outcome(
  slices: readonly ResourceSlice[],
  claims: readonly ResourceClaim[],
  taken: readonly string[] = [],
  gates: readonly DeviceGate[] = [],
) {
  const objects = new ClusterObjects(gates);
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

const LOCAL = { nodeName: 'a' };

test.each<[string, readonly ResourceSlice[], readonly ResourceClaim[], readonly string[], unknown]>([
  ['the first free device', [slice('s', LOCAL, ['x', 'y'])], [claim('c', [exactly('r')])], ['x'], ['r=y']],
  ['a count', [slice('s', LOCAL, ['x', 'y', 'z'])], [claim('c', [exactly('r', { count: 2 })])], ['y'], ['r=x r=z']],
  ['too few', [slice('s', LOCAL, ['x', 'y'])], [claim('c', [exactly('r', { count: 2 })])], ['y'], null],
  [
    'two claims share nothing',
    [slice('s', LOCAL, ['x', 'y'])],
    [claim('c', [exactly('r')]), claim('d', [exactly('r')])],
    [],
    ['r=x', 'r=y'],
  ],
  ['another node has no say', [slice('s', { nodeName: 'b' }, ['x'])], [claim('c', [exactly('r')])], [], null],
  ['a slice for all nodes', [slice('s', { allNodes: true }, ['x'])], [claim('c', [exactly('r')])], [], ['r=x']],
  [
    'a slice by labels',
    [
      slice(
        's',
        {
          nodeSelector: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['z'] }] },
            ],
          },
        },
        ['x'],
      ),
    ],
    [claim('c', [exactly('r')])],
    [],
    ['r=x'],
  ],
  [
    'only the newest generation counts',
    [
      slice('s', LOCAL, ['old']),
      slice('t', { ...LOCAL, pool: { name: 'p', generation: 2, resourceSliceCount: 1 } }, ['new']),
    ],
    [claim('c', [exactly('r')])],
    [],
    ['r=new'],
  ],
  [
    'all devices',
    [slice('s', LOCAL, ['x', 'y'])],
    [claim('c', [exactly('r', { allocationMode: 'All' })])],
    [],
    ['r=x r=y'],
  ],
  [
    'all devices, one of them taken',
    [slice('s', LOCAL, ['x', 'y'])],
    [claim('c', [exactly('r', { allocationMode: 'All' })])],
    ['x'],
    null,
  ],
  [
    'all devices of a pool that is not complete',
    [slice('s', { ...LOCAL, pool: { name: 'p', generation: 1, resourceSliceCount: 2 } }, ['x'])],
    [claim('c', [exactly('r', { allocationMode: 'All' })])],
    [],
    'claim n/c, request r: asks for all devices, but resource pool d.example.com/p is currently being updated',
  ],
  [
    'a device twice in a pool',
    [slice('s', LOCAL, ['x', 'x'])],
    [claim('c', [exactly('r')])],
    [],
    'pool p is invalid: duplicate device name x',
  ],
  [
    'selectors of class and request',
    [slice('s', LOCAL, ['x', 'yy', 'zz@1'])],
    [
      claim('c', [
        exactly('r', {
          deviceClassName: 'long',
          selectors: [{ cel: { expression: `device.attributes["${DRIVER}"].root == "1"` } }],
        }),
      ]),
    ],
    [],
    ['r=zz'],
  ],
  [
    'one value for all: the search goes back',
    [slice('s', LOCAL, ['x@0', 'y@1', 'z@1'])],
    [claim('c', [exactly('r'), exactly('q')], [{ matchAttribute: `${DRIVER}/root` }])],
    [],
    ['r=y q=z'],
  ],
  [
    'one value for some requests only',
    [slice('s', LOCAL, ['x@0', 'y@1', 'z@0'])],
    [
      claim(
        'c',
        [exactly('r'), exactly('q'), exactly('o')],
        [{ matchAttribute: `${DRIVER}/root`, requests: ['r', 'o'] }],
      ),
    ],
    [],
    ['r=x q=y o=z'],
  ],
  [
    'the first alternative that can be had',
    [slice('s', LOCAL, ['x'])],
    [
      claim('c', [
        {
          name: 'r',
          firstAvailable: [
            { name: 'best', deviceClassName: 'foreign' },
            { name: 'next', deviceClassName: 'any' },
          ],
        },
      ]),
    ],
    [],
    ['r/next=x'],
  ],
  [
    'no such class',
    [],
    [claim('c', [exactly('r', { deviceClassName: 'none' })])],
    [],
    'request r: device class none does not exist',
  ],
  [
    'a mode that is not known',
    [],
    [claim('c', [exactly('r', { allocationMode: 'Some' })])],
    [],
    'claim n/c, request r: unsupported count mode Some',
  ],
  [
    'another constraint',
    [],
    [claim('c', [exactly('r')], [{ distinctAttribute: 'x/y' }])],
    [],
    'claim n/c, constraint #0: distinctAttribute is not simulated',
  ],
  [
    'neither exactly nor firstAvailable',
    [],
    [claim('c', [{ name: 'r' }])],
    [],
    'resource claim n/c, request r: unknown request type',
  ],
  [
    'a selector that cannot be read',
    [slice('s', LOCAL, ['x'])],
    [claim('c', [exactly('r', { selectors: [{ cel: { expression: 'device.driver.foo()' } }] })])],
    [],
    'claim n/c: selector #0: CEL expression beyond what is simulated: column 15: the function foo is not understood',
  ],
  [
    'a selector that fails on a device',
    [slice('s', LOCAL, ['x'])],
    [claim('c', [exactly('r', { selectors: [{ cel: { expression: 'device.attributes["a.b"].c == 1' } }] })])],
    [],
    'claim n/c: selector #0: CEL runtime error: no such key: c',
  ],
  [
    'admin access looks past users',
    [slice('s', LOCAL, ['x'])],
    [claim('c', [exactly('r', { adminAccess: true })])],
    ['x'],
    ['r=x'],
  ],
])('%s', (_what, slices, claims, taken, expected) => {
  expect(outcome(slices, claims, taken)).toEqual(expected);
});

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

describe('limits', () => {
  const many = Array.from({ length: 40 }, (_, i) => `d${i}`);

  test('no claim gets more than 32 devices', () => {
    const all = claim('c', [exactly('r', { count: 33 })]);
    expect(outcome([slice('s', LOCAL, many)], [all])).toBe(
      'claim n/c: number of requested devices 33 exceeds the claim limit of 32',
    );
  });

  test('a hopeless search ends', () => {
    const requests = Array.from({ length: 12 }, (_, i) => exactly(`r${i}`));
    const roots = many.map((name, i) => `${name}@${i % 10}`);
    const found = outcome([slice('s', LOCAL, roots)], [claim('c', requests, [{ matchAttribute: `${DRIVER}/root` }])]);
    expect(found === null || found === 'timed out trying to allocate devices').toBe(true);
  });
});
