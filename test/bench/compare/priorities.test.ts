/** Priorities of pods and groups that are compared: what an API server would compute, and what it would refuse. */
import { expect, test } from 'vitest';
import { manifestWorkload } from '../../../bench/compare/object-workload.ts';
import type { KubeObject } from '../../../core/cluster/vocabulary.ts';
import type { DeviceGate } from '../../../core/types/device-gates.ts';

const priorityClass = (name: string, value: number, more: object = {}) =>
  ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more }) as KubeObject;
const USUAL = [
  priorityClass('more', 10, { globalDefault: true }),
  priorityClass('usual', 5, { globalDefault: true }),
  priorityClass('high', 100, { preemptionPolicy: 'Never' }),
];

function compared(
  objects: readonly KubeObject[],
  priorityClasses: readonly KubeObject[] = [],
  gates: readonly DeviceGate[] = [],
) {
  const dump = { nodes: [], pods: [], budgets: [], priorityClasses, objects: [], leftOut: 0 };
  return manifestWorkload('test', objects, { description: {}, text: '', dump } as never, gates);
}

const job = (more: object, podMore: object = {}): KubeObject => {
  const spec = { template: { spec: { containers: [{ name: 'c', image: 'x' }], ...more, ...podMore } } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace: 'd' }, spec } as KubeObject;
};

const LOW = 'PreemptLowerPriority';
const REFUSED = 'd/j: an API server refuses its pods';
const differs = (given: number, computed: number) =>
  `${REFUSED} (the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name)`;

test.each<[string, object, readonly KubeObject[], readonly [number, string], string[]]>([
  ['of no class', {}, [], [0, LOW], []],
  ['of the default class of the lowest value', {}, USUAL, [5, LOW], []],
  ['of its class', { priorityClassName: 'high' }, USUAL, [100, 'Never'], []],
  ['that is that of its class', { priorityClassName: 'high', priority: 100 }, USUAL, [100, 'Never'], []],
  ['of the system', { priorityClassName: 'system-node-critical' }, [], [2_000_001_000, LOW], []],
  ['that differs', { priorityClassName: 'high', priority: 7 }, USUAL, [7, 'Never'], [differs(7, 100)]],
  [
    'with another policy than that of its class',
    { priorityClassName: 'high', preemptionPolicy: LOW },
    USUAL,
    [100, LOW],
    [
      `${REFUSED} (the string value of PreemptionPolicy (${LOW}) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name)`,
    ],
  ],
  ['without a class', { priority: 7 }, [], [7, LOW], [differs(7, 0)]],
  [
    'of a class that is not there',
    { priorityClassName: 'x' },
    USUAL,
    [0, LOW],
    [`${REFUSED} (no PriorityClass with name x was found)`],
  ],
])('a priority %s', (_, spec, classes, [priority, preemptionPolicy], notes) => {
  for (const input of [compared([job(spec), ...classes]), compared([job(spec)], classes)]) {
    expect(input.workload.kinds[0]?.spec).toMatchObject({ priority, preemptionPolicy });
    expect(input.notes).toEqual(notes);
  }
});

test('the priority of a group that shares claims is that of its class', () => {
  const entries = { resourceClaims: [{ name: 'g', resourceClaimName: 'ours' }] };
  const device = (kind: string, name: string, spec: object) =>
    ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name, namespace: 'd' }, spec }) as KubeObject;
  const group = {
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kind: 'PodGroup',
    metadata: { name: 'g', namespace: 'd' },
    spec: { schedulingPolicy: { gang: { minCount: 1 } }, priorityClassName: 'high', ...entries },
  } as KubeObject;
  const claims = [device('ResourceSlice', 's', {}), device('ResourceClaim', 'ours', {})];
  const pods = job({ schedulingGroup: { podGroupName: 'g' }, priorityClassName: 'high' }, entries);
  const { objects } = compared([...USUAL, ...claims, group, pods], [], ['DRAWorkloadResourceClaims']).workload;
  expect(objects.find(({ kind }) => kind === 'PodGroup')?.spec).toMatchObject({ priority: 100 });
});
