/** Devices and claims of older versions: what an API server makes of them, and where a user reads of what is wrong. */
import { describe, expect, test } from 'vitest';
import { loadScenarioText } from '../../scenarios/load.ts';
import { checkManifest } from '../../scenarios/manifest-checks.ts';
import { readManifests } from '../../scenarios/manifests.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { TEST_CLUSTER, TEST_HEAD } from '../support/scenario-text.ts';

function read(version: string, kind: string, spec: object | string) {
  const problems = new ProblemList();
  const text = typeof spec === 'string' ? spec : JSON.stringify(spec);
  const manifest = `apiVersion: resource.k8s.io/${version}\nkind: ${kind}\nmetadata: {name: o}\nspec: ${text}\n`;
  const objects = readManifests([{ file: 'a.yaml', text: manifest }], problems);
  for (const { object, placeOf } of objects) checkManifest(object, placeOf, problems);
  return { object: objects[0]?.object, lines: problems.problems.map(formatProblem) };
}

const asking = (request: object) => ({ devices: { requests: [request] } });
const selectors = [{ cel: { expression: 'true' } }];
const flat = { name: 'r', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2, selectors };
const { name, ...exactly } = flat;
const choice = { name: 'r', firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] };
const offer = { driver: 'x', nodeName: 'n', pool: { name: 'n', generation: 1, resourceSliceCount: 1 } };
const attributes = { model: { string: 'a' } };
const basic = { attributes, capacity: { memory: { value: '4Gi' } } };

describe('objects of older versions are those of v1', () => {
  test.each<[string, object, object]>([
    ['ResourceClaim', asking(flat), asking({ name, exactly })],
    [
      'ResourceClaim',
      asking({ ...flat, selectors: null }),
      asking({ name, exactly: { ...exactly, selectors: undefined } }),
    ],
    ['ResourceClaim', asking(choice), asking(choice)],
    ['ResourceClaimTemplate', { spec: asking(flat) }, { spec: asking({ name, exactly }) }],
    ['ResourceSlice', { ...offer, devices: [{ name: 'd', basic }] }, { ...offer, devices: [{ name: 'd', ...basic }] }],
    ['DeviceClass', { selectors }, { selectors }],
  ])('%s %o', (kind, beta1, v1) => {
    const stored = { apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'o' }, spec: v1 };
    expect(read('v1beta1', kind, beta1)).toEqual({ object: stored, lines: [] });
    const { object, lines } = read('v1beta2', kind, v1);
    expect([object, lines]).toEqual([stored, []]);
  });

  test('written in a scenario, too', () => {
    const problems = new ProblemList();
    const objects = ['DeviceClass', 'ResourceClaim'].map((kind) => {
      const spec = kind === 'DeviceClass' ? {} : asking(flat);
      return JSON.stringify({ apiVersion: 'resource.k8s.io/v1beta1', kind, metadata: { name: 'gpu' }, spec });
    });
    const found = loadScenarioText(
      's.yaml',
      `${TEST_HEAD}${TEST_CLUSTER}workload: {objects: [${objects.join()}]}\n`,
      problems,
    );
    expect(problems.problems.map(formatProblem)).toEqual([]);
    expect(found?.plan.workload).toMatchObject([{}, { spec: asking({ name, exactly }) }]);
  });
});

test('what is wrong is told at its place, and fields that only v1 has there', () => {
  const line = (version: string, kind: string, spec: string) => read(version, kind, spec).lines;
  expect(
    line('v1beta1', 'ResourceClaim', '{devices: {requests: [{name: r, deviceClassName: gpu, count: two}]}}'),
  ).toEqual([expect.stringMatching(/^a.yaml:4:68 error MAN-011: .*exactly.count: expected a whole number/)]);
  expect(line('v1beta1', 'ResourceSlice', '{driver: x, devices: [{name: d, basic: {capacity: 7}}]}')[0]).toMatch(
    /^a.yaml:4:57 error MAN-011: .*devices\[0\].capacity/,
  );
  expect(
    line('v1beta1', 'ResourceClaim', '{devices: {requests: [{name: r, exactly: {deviceClassName: gpu}}]}}'),
  ).toEqual([
    'a.yaml:4:48 error MAN-011: ResourceClaim o: spec.devices.requests[0].exactly: resource.k8s.io/v1beta1 has no such field, it has what v1 has there in the request itself',
  ]);
  const device = JSON.stringify({ ...offer, devices: [{ name: 'd', attributes }] });
  expect(line('v1beta1', 'ResourceSlice', device)).toEqual([
    expect.stringMatching(
      /devices\[0\].attributes: resource.k8s.io\/v1beta1 has no such field, it has what v1 has there in basic$/,
    ),
  ]);
});
