import { describe, expect, it } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { type ResourceType, ResourceTypes } from '../../../core/types/resource-type.ts';
import { selectorNotUnderstood, selectorRefusal } from '../../../core/types/validation/device-selector.ts';
import { checkShape } from '../../../core/types/validation/shape.ts';
import { validateCreate } from '../../../core/types/validation/validate.ts';

const types = new ResourceTypes();

/** What is wrong with an object, one line a cause. */
function causes(kind: string, spec: object): readonly string[] {
  const apiVersion = 'resource.k8s.io/v1';
  const type = types.register(apiVersion, kind) as ResourceType;
  const namespace = type.namespaced ? { namespace: 'demo' } : {};
  const object = { apiVersion, kind, metadata: { name: 'x', ...namespace }, spec } as KubeObject;
  const found = validateCreate(type, applyDefaults(type, object))?.details?.causes ?? [];
  return found.map(({ field, message }) => `${field}: ${message}`);
}

const exactly = { deviceClassName: 'gpu' };
const REQUEST = 'spec.devices.requests[0]';

const SUBREQUEST = "the name of a request and a subrequest separated by '/'";

describe('a claim for devices', () => {
  it.each<[object, readonly string[], (readonly object[])?]>([
    [{ name: 'r', exactly }, []],
    [{ name: 'r', firstAvailable: [{ name: 'a', ...exactly }] }, []],
    [
      { name: 'r', exactly: { ...exactly, count: -1 } },
      [`${REQUEST}.exactly.count: Invalid value: -1: must be greater than zero`],
    ],
    [
      { name: 'r', exactly: { ...exactly, allocationMode: 'Foo' } },
      [`${REQUEST}.exactly.allocationMode: Unsupported value: "Foo": supported values: "All", "ExactCount"`],
    ],
    [
      { name: 'r', exactly: { ...exactly, allocationMode: 'All', count: 3 } },
      [`${REQUEST}.exactly.count: Invalid value: 3: must not be specified when allocationMode is 'All'`],
    ],
    [
      {
        name: 'r',
        exactly: { ...exactly, tolerations: [{ key: 'a', operator: 'Foo' }], capacity: { requests: { m: '1Zi' } } },
      },
      [
        `${REQUEST}.exactly.tolerations[0].operator: Unsupported value: "Foo": supported values: "Equal", "Exists"`,
        expect.stringContaining(`${REQUEST}.exactly.capacity.requests[m]: Invalid value: "1Zi"`),
        'spec.devices.constraints[0].distinctAttribute: Invalid value: "x": must include a domain',
      ],
      [{ distinctAttribute: 'x' }],
    ],
    [{ name: 'r' }, [`${REQUEST}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`]],
    [{ exactly: {} }, [`${REQUEST}.name: Required value`, `${REQUEST}.exactly.deviceClassName: Required value`]],
    [
      { name: 'r', exactly },
      [
        `spec.devices.constraints[0].requests[0]: Invalid value: "s": must be the name of a request in the claim or ${SUBREQUEST}`,
        'spec.devices.constraints[1].matchAttribute: Required value',
      ],
      [{ requests: ['s'], matchAttribute: 'd.example.com/numa' }, {}],
    ],
    [
      { name: 'r', exactly: {}, firstAvailable: [{}] },
      [
        `${REQUEST}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
      ],
    ],
  ])('%j', (request, expected, constraints = []) => {
    expect(causes('ResourceClaim', { devices: { requests: [request], constraints } })).toEqual(expected);
    const inTemplate = causes('ResourceClaim', { devices: { requests: [request], constraints } }).map((text) =>
      text.replace('spec.', 'spec.spec.'),
    );
    expect(causes('ResourceClaimTemplate', { spec: { devices: { requests: [request], constraints } } })).toEqual(
      inTemplate,
    );
  });

  it('names each request once', () => {
    const requests = [
      { name: 'r', exactly },
      { name: 'r', exactly },
    ];
    expect(causes('ResourceClaim', { devices: { requests } })).toEqual([
      'spec.devices.requests[1].name: Duplicate value: "r"',
    ]);
  });
});

it('settings for drivers name requests and a driver, and are objects of a limited size', () => {
  const driver = 'd.example.com';
  const config = [
    { opaque: { driver, parameters: { a: 1 } } },
    { requests: ['q', 'r', 'r'], opaque: { driver: '', parameters: [] } },
    {},
    { opaque: { driver, parameters: { a: 'x'.repeat(10_240) } } },
  ];
  const found = causes('ResourceClaim', { devices: { requests: [{ name: 'r', exactly }], config } });
  expect(found).toEqual([
    `spec.devices.config[1].requests[0]: Invalid value: "q": must be the name of a request in the claim or ${SUBREQUEST}`,
    'spec.devices.config[1].requests[2]: Duplicate value: "r"',
    'spec.devices.config[1].opaque.driver: Required value',
    'spec.devices.config[1].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    'spec.devices.config[2].opaque: Required value',
    'spec.devices.config[3].opaque.parameters: Too long: may not be more than 10240 bytes',
  ]);
  expect(causes('DeviceClass', { extendedResourceName: 'cpu' })).toEqual([
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ]);
  expect(causes('DeviceClass', { config: [{}] })).toEqual(['spec.config[0].opaque: Required value']);
});

describe('a slice', () => {
  const slice = { driver: 'd.example.com', allNodes: true, pool: { name: 'p', generation: 1, resourceSliceCount: 1 } };
  const many = (count: number): readonly object[] => Array.from({ length: count }, (_, i) => ({ name: `d${i}` }));
  const ONE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  it.each<[string, object, readonly string[]]>([
    ['as large as can be', { devices: many(128) }, []],
    ['too large', { devices: many(129) }, ['spec.devices: Too many: 129: must have at most 128 items']],
    ['nowhere', { allNodes: undefined }, [`spec: Required value: ${ONE}`]],
    [
      'in two places',
      { nodeName: 'n1' },
      [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${ONE}, but multiple fields are set`],
    ],
    [
      'on no node, said twice',
      { nodeName: '', allNodes: false },
      [
        'spec.allNodes: Invalid value: false: must be either unset or set to true',
        'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
        `spec: Required value: ${ONE}`,
      ],
    ],
    [
      'a pool of a long name',
      { pool: { name: 'p'.repeat(254), generation: 0, resourceSliceCount: 1 } },
      expect.arrayContaining(['spec.pool.name: Too long: may not be more than 253 bytes']),
    ],
    ['a device twice', { devices: [{ name: 'd0' }, { name: 'd0' }] }, ['spec.devices[1].name: Duplicate value: "d0"']],
    ['a device without name', { devices: [{}] }, ['spec.devices[0].name: Required value']],
    [
      'values',
      {
        devices: [
          {
            name: 'd0',
            attributes: { x: { string: 'a', int: 5 }, y: {}, 'a-b': { bool: true }, v: { version: '1.2' } },
            capacity: { memory: { value: 'abc' }, lanes: { value: '-5' } },
          },
        ],
      },
      [
        'spec.devices[0].attributes[x]: Invalid value: {"string":"a","int":5}: exactly one value must be specified',
        'spec.devices[0].attributes[y]: Required value: exactly one value must be specified',
        expect.stringMatching(
          /^spec\.devices\[0\]\.attributes\[a-b\]: Invalid value: "a-b": a valid C identifier must/,
        ),
        'spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
        expect.stringMatching(/^spec\.devices\[0\]\.capacity\[memory\]\.value: Invalid value: "abc": quantities must/),
      ],
    ],
    [
      'lists as attributes',
      { devices: [{ name: 'd0', attributes: { a: { strings: ['x'] }, b: { ints: [1] }, c: { bools: [true] } } }] },
      [],
    ],
    [
      'counters and shares',
      {
        sharedCounters: [
          { name: 'cs', counters: { mem: { value: 'abc' } } },
          { name: 'cs', counters: { mem: { value: '1' } } },
        ],
        devices: [
          { name: 'd0', consumesCounters: [{ counterSet: 'no', counters: { mem: { value: '-4' } } }] },
          { name: 'd1', consumesCounters: [{ counterSet: 'cs', counters: { cores: { value: '1' } } }] },
          {
            name: 'd2',
            taints: [{ key: 'a b', effect: 'Nope' }],
            capacity: {
              m: { value: '10', requestPolicy: { default: '20', validValues: ['1', '1'] } },
              r: { value: '10', requestPolicy: { default: '1', validRange: { min: '5', max: '1', step: '0' } } },
              ok: { value: '10', requestPolicy: { default: '1', validRange: { min: '1', max: '5', step: '1' } } },
            },
          },
        ],
      },
      [
        expect.stringContaining('spec.devices[2].taints[0].key: Invalid value: "a b"'),
        expect.stringContaining('spec.devices[2].taints[0].effect: Unsupported value: "Nope"'),
        expect.stringContaining('capacity[m].requestPolicy.default: Invalid value: "20": must be less than or equal'),
        expect.stringContaining('capacity[m].requestPolicy.validValues[1]: Duplicate value: "1"'),
        expect.stringContaining('capacity[m].requestPolicy.default: Invalid value: "20": default value is not valid'),
        expect.stringContaining('capacity[r].requestPolicy.validRange.min: Invalid value: "5": must be less than'),
        expect.stringContaining('capacity[r].requestPolicy.validRange.step: Invalid value: "0": must be greater'),
        expect.stringContaining('spec.sharedCounters[0].counters[mem].value: Invalid value: "abc"'),
        'spec.sharedCounters[1].name: Duplicate value: "cs"',
        expect.stringContaining('spec.devices[0].consumesCounters[0].counters[mem].value: Invalid value: "-4"'),
        expect.stringContaining('spec.devices[0].consumesCounters[0].counterSet: Invalid value: "no": must reference'),
        expect.stringContaining(
          'spec.devices[1].consumesCounters[0].counters[cores]: Invalid value: "cores": must ref',
        ),
      ],
    ],
    [
      'no pool and no driver',
      { driver: '', pool: undefined },
      [
        'spec.driver: Required value',
        'spec.pool.name: Required value',
        'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect(causes('ResourceSlice', { ...slice, ...fields })).toEqual(expected);
  });
});

it('a null in a list is told as such', () => {
  const type = types.register('resource.k8s.io/v1', 'ResourceSlice');
  const object = { apiVersion: type.apiVersion, kind: type.kind, metadata: { name: 'x' }, spec: { devices: [null] } };
  expect(checkShape(type, object as unknown as KubeObject)?.message).toMatch(
    /cannot unmarshal null into Go struct field \S+ of type object/,
  );
});

describe('a selector is refused where every CEL compiler refuses it, and only there', () => {
  it.each<[string, RegExp | null]>([
    ['device.driver == "a"', null],
    ['device.attributes["a.b"].c', null],
    ['cel.bind(a, device.attributes["a.b"], a.c > 1 && a.d.matches("^x"))', null],
    ['device.driver == ', /compilation failed: column 18: the selector ends too early/],
    ['', /ends too early/],
    ["'abc'", /must evaluate to bool or the unknown type, not string/],
    ['device.driver', /not string/],
    ['1 + 2', /not int/],
    ["device.driver.matches('(')", /"\(" is no regular expression/],
    ['device.driver.matches("(?i)a")', null],
    ['pod.name == "x"', /undeclared reference to 'pod'/],
    ['true true', /column 6/],
    ['a = 1', /"=" is not understood/],
    ['[1, 2].exists(x, x == 1) && device.attributes["a.b"].all(key, key != "c")', null],
    ['[1, 2].exists(x, y == 1)', /undeclared reference to 'y'/],
    ['[1, 2].exists(x, true) && x == 1', /undeclared reference to 'x'/],
    ['[1, 2].exists(x)', /exists\(\) wants a simple name/],
    ['[1, 2].map(x, x + 1)', /not list/],
    // CEL that is not understood here.
    ['[1, 2].sum() == 3', null],
    ['{"a": 1} == {"a": 1}', null],
    ['1.5 > 1e3', null],
    ['device.?attributes.hasValue()', null],
    ['true // always', null],
    ["'''a''' == device.driver", null],
    ['.device.driver == "a"', null],
    ['r"a" == device.driver', null],
    [`${'('.repeat(500)}true${')'.repeat(500)}`, /recursion limit exceeded: 250/],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, null],
    ['[1].all(i, v, v > 0)', null],
  ])('%s', (expression, expected) => {
    if (expected !== null) expect(selectorNotUnderstood(expression)).toBeNull();
    if (expected === null) expect(selectorRefusal(expression)).toBeNull();
    else expect(selectorRefusal(expression)).toMatch(expected);
  });

  it.each([
    ['[1, 2].sum() == 3', 'column 8: the function sum is not understood'],
    ['1.5 > 1e3', null],
    ['[1].all(i, v, v > 0)', 'column 5: all() with two variables is not understood'],
    ['device.driver == "a"', null],
  ])('%s is told where it is not understood here', (expression, expected) => {
    expect(selectorNotUnderstood(expression)).toBe(expected);
  });

  it('says so with its place, and of one that is too long how long it may be', () => {
    const field = 'spec.selectors[0].cel.expression';
    expect(causes('DeviceClass', { selectors: [{ cel: { expression: 'x' } }] })[0]).toMatch(
      `${field}: Invalid value: "x"`,
    );
    const long = { cel: { expression: ' '.repeat(10_241) } };
    expect(causes('DeviceClass', { selectors: [long, {}] })).toEqual([
      `${field}: Too long: may not be more than 10240 bytes`,
      'spec.selectors[1].cel: Required value',
    ]);
  });
});

describe('a rule that taints devices', () => {
  const taint = { key: 'example.com/broken', effect: 'NoExecute' };
  it.each<[object, readonly string[]]>([
    [{ taint }, []],
    [{ deviceSelector: { driver: 'd.example.com', pool: 'a/b', device: 'gpu-0' }, taint }, []],
    [{ deviceSelector: {}, taint: { ...taint, value: 'x' } }, []],
    [
      {},
      [
        expect.stringContaining('spec.taint.key: Invalid value: "": name part must be non-empty'),
        expect.stringContaining('spec.taint.key: Invalid value: "": name part must consist'),
        'spec.taint.effect: Required value',
      ],
    ],
    [
      { taint: { key: 'a b', value: 'c d', effect: 'PreferNoSchedule' } },
      [
        expect.stringContaining('spec.taint.key: Invalid value: "a b"'),
        expect.stringContaining('spec.taint.value: Invalid value: "c d"'),
        'spec.taint.effect: Unsupported value: "PreferNoSchedule": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
    [
      {
        deviceSelector: {
          deviceClassName: 'A',
          driver: '',
          pool: '/',
          device: 'a.b',
          selectors: [{ cel: { expression: 'true' } }, {}],
        },
        taint,
      },
      [
        expect.stringContaining('spec.deviceSelector.deviceClassName: Invalid value: "A"'),
        'spec.deviceSelector.driver: Required value',
        expect.stringContaining('spec.deviceSelector.pool: Invalid value: ""'),
        expect.stringContaining('spec.deviceSelector.pool: Invalid value: ""'),
        expect.stringContaining('spec.deviceSelector.device: Invalid value: "a.b"'),
        'spec.deviceSelector.selectors[1].cel: Required value',
      ],
    ],
  ])('%j: %j', (spec, expected) => {
    expect(causes('DeviceTaintRule', spec)).toEqual(expected);
  });

  it('has fields of the types that it should, in any version', () => {
    const apiVersion = 'resource.k8s.io/v1alpha3';
    const type = types.register(apiVersion, 'DeviceTaintRule');
    const wrong = { apiVersion, kind: 'DeviceTaintRule', metadata: { name: 'x' }, spec: { taint: 'broken' } };
    expect(checkShape(type, wrong as unknown as KubeObject)?.code).toBe(400);
  });
});
