/** Which devices claims get on a node, as the structured allocator of Kubernetes 1.34 documents it. */
import { describe, expect, test } from 'vitest';
import type { ResourceClaim, ResourceSlice } from '../../../../../core/types/device.ts';
import type { Release } from '../../../../../core/types/device-gates.ts';
import { claim, DRIVER, exactly, LOCAL, outcome, slice } from './devices.ts';

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

test.each<[Release, readonly string[] | null]>([
  ['1.34', null],
  ['1.36', ['r/next=yy']],
])('all devices as the second alternative, behind all of others: %s', (release, expected) => {
  const firstAvailable = [
    { name: 'best', deviceClassName: 'any', allocationMode: 'All' },
    { name: 'next', deviceClassName: 'long', allocationMode: 'All' },
  ];
  const slices = [slice('s', LOCAL, ['x', 'yy'])];
  // 1.34 has the answers of the first alternative stand for the second one: x, which is taken, is one of its devices, too.
  expect(outcome(slices, [claim('c', [{ name: 'r', firstAvailable }])], ['x'], [], release)).toEqual(expected);
});
