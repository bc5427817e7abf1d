/** What a node lacks, in figures: units, several resources, and devices that are there but held or do not match. */
import { expect, test } from 'vitest';
import { explainPod } from '../../../core/cluster/explain.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { standardConfiguration } from '../../../scenarios/scheduler-configuration-file.ts';

type Amounts = Readonly<Record<string, string>>;

const NODE: Amounts = {
  cpu: '2',
  memory: '1Gi',
  pods: '10',
  'ephemeral-storage': '1Gi',
  'hugepages-2Mi': '4Mi',
  'example.com/card': '2',
};

function nodeOf(allocatable: Amounts): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: { allocatable } } as KubeObject;
}

function podOf(name: string, requests: Amounts, more: object = {}): KubeObject {
  const spec = { containers: [{ name: 'app', image: 'app:v1', resources: { requests, limits: requests } }], ...more };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, spec } as KubeObject;
}

function shortfall(plugin: string, objects: readonly KubeObject[]): string | undefined {
  const found = explainPod(objects, 'shop', 'it', standardConfiguration('1.34'));
  return found?.rejections.find((rejection) => rejection.plugin === plugin)?.shortfall;
}

test.each([
  ['cores', { cpu: '2500m' }, 'cpu: asks 2.5, free 2'],
  ['mebibytes', { memory: '1536Mi' }, 'memory: asks 1536Mi, free 1024Mi'],
  ['parts of a mebibyte', { 'ephemeral-storage': '1073850000' }, 'ephemeral-storage: asks 1024.1Mi, free 1024Mi'],
  ['large pages', { 'hugepages-2Mi': '6Mi', cpu: '1' }, 'hugepages-2Mi: asks 6Mi, free 4Mi'],
  ['pieces', { 'example.com/card': '3' }, 'example.com/card: asks 3, free 2'],
  ['several', { cpu: '3', memory: '2Gi' }, 'cpu: asks 3, free 2; memory: asks 2048Mi, free 1024Mi'],
  ['not what just fits', { cpu: '2', memory: '2Gi' }, 'memory: asks 2048Mi, free 1024Mi'],
] as const)('resources that are short: %s', (_name, requests, text) => {
  expect(shortfall('NodeResourcesFit', [nodeOf(NODE), podOf('it', requests)])).toBe(text);
});

test('what runs there is taken off; what is not asked for is never short', () => {
  const running = podOf('other', { cpu: '3', memory: '512Mi' }, { nodeName: 'n' });
  const asked = podOf('it', { cpu: '0', memory: '768Mi' });
  expect(shortfall('NodeResourcesFit', [nodeOf(NODE), running, asked])).toBe('memory: asks 768Mi, free 512Mi');
});

const API = { apiVersion: 'resource.k8s.io/v1' };
const DEVICES = [
  ...['a', 'b'].map((name) => ({ name, attributes: { model: { string: 'x' } } })),
  { name: 'c', attributes: { model: { string: 'y' } } },
];
const BASE = [
  nodeOf(NODE),
  { ...API, kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} },
  {
    ...API,
    kind: 'ResourceSlice',
    metadata: { name: 's' },
    spec: {
      driver: 'd',
      nodeName: 'n',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: DEVICES,
    },
  },
] as unknown as readonly KubeObject[];

function claimOf(name: string, wanted: object, expression: string, device = ''): KubeObject {
  const exactly = { deviceClassName: 'gpu', selectors: [{ cel: { expression } }], ...wanted };
  const results = [{ request: 'r', driver: 'd', pool: 'p', device }];
  const status = device === '' ? {} : { allocation: { devices: { results } } };
  const spec = { devices: { requests: [{ name: 'r', exactly }] } };
  return { ...API, kind: 'ResourceClaim', metadata: { name, namespace: 'shop' }, spec, status } as KubeObject;
}

const MODEL = (model: string) => `device.attributes["d"].model == "${model}"`;

test.each([
  ['too few match', { count: 3 }, MODEL('x'), 'shop/c r: wants 3, of the devices here match 2 of 3, held 1'],
  [
    'all, of which one is held',
    { allocationMode: 'All' },
    MODEL('x'),
    'shop/c r: wants all that match, of the devices here match 2 of 3, held 1',
  ],
  ['none matches', {}, MODEL('z'), 'shop/c r: wants 1, of the devices here match 0 of 3, held 0'],
])('devices that are short: %s', (_name, wanted, expression, text) => {
  const resourceClaims = ['c', 'had'].map((name) => ({ name, resourceClaimName: name }));
  const objects = [
    ...BASE,
    claimOf('had', {}, MODEL('x'), 'a'),
    claimOf('c', wanted, expression),
    podOf('it', { cpu: '1' }, { resourceClaims }),
  ];
  expect(shortfall('DynamicResources', objects)).toBe(text);
});

test('a selector that would fail behind one that matches too little is quoted, once for all devices', () => {
  const claim = claimOf('c', { count: 4 }, MODEL('x'));
  const { requests } = (claim.spec as { devices: { requests: { name: string; exactly: object }[] } }).devices;
  const selectors = [{ cel: { expression: MODEL('x').replace('model', 'missing') } }];
  requests.push({ name: 'q', exactly: { deviceClassName: 'gpu', selectors } });
  const asked = podOf('it', { cpu: '1' }, { resourceClaims: [{ name: 'c', resourceClaimName: 'c' }] });
  expect(shortfall('DynamicResources', [...BASE, claim, asked])).toBe(
    'shop/c r: wants 4, of the devices here match 2 of 3, held 0; ' +
      'shop/c q: wants 1, of the devices here match 0 of 3, held 0; ' +
      'claim shop/c: selector #0: CEL runtime error: no such key: missing',
  );
});
