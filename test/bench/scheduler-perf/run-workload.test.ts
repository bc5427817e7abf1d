/**
 * Operations on small clusters: what each does, how a workload fails, and that equal runs are equal.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planWorkload, type WorkloadPlan } from '../../../bench/scheduler-perf/config/plan.ts';
import { readPerfConfigText } from '../../../bench/scheduler-perf/config/read-config.ts';
import { TemplateFiles } from '../../../bench/scheduler-perf/config/template-files.ts';
import { dataItemsOf } from '../../../bench/scheduler-perf/data-items.ts';
import { unheededKinds } from '../../../bench/scheduler-perf/run/cluster-of.ts';
import { runWorkload, type WorkloadResult } from '../../../bench/scheduler-perf/run/run-workload.ts';
import { ProblemList } from '../../../scenarios/problem.ts';

const FILES: Readonly<Record<string, string>> = {
  'pod.yaml':
    'metadata: {generateName: p-, labels: {app: web}}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}]}\n',
  'named.yaml':
    'metadata: {name: "n-{{.Index}}"}\nspec: {containers: [{name: c, image: i, resources: {requests: {cpu: "3"}}}]}\n',
  'gated.yaml':
    'metadata: {generateName: g-}\nspec: {schedulingGates: [{name: hold.example/a}], containers: [{name: c, image: i}]}\n',
  'low.yaml':
    'metadata: {generateName: l-}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: i, resources: {requests: {cpu: "4"}}}]}\n',
  'high.yaml':
    'metadata: {generateName: h-}\nspec: {priority: 10, containers: [{name: c, image: i, resources: {requests: {cpu: "4"}}}]}\n',
  'tainted.yaml':
    'metadata: {name: "t-{{.Index}}"}\nspec: {taints: [{key: k, effect: NoSchedule}]}\nstatus: {capacity: {cpu: 4, memory: 8Gi, pods: 9}}\n',
  'free.yaml':
    'apiVersion: v1\nkind: Node\nmetadata: {name: "t-{{.Index}}"}\nspec: {}\nstatus: {capacity: {cpu: 4, memory: 8Gi, pods: 9}}\n',
  'shrink.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: "n-{{.Index}}"}\nspec: {containers: [{name: c, image: i, resources: {requests: {cpu: "1"}}}]}\n',
  'service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {generateName: s-}\nspec: {selector: {a: b}, ports: [{port: 80}]}\n',
  'pv.yaml':
    'apiVersion: v1\nkind: PersistentVolume\nspec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, csi: {driver: d.example}}\n',
  'pvc.yaml':
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {annotations: {pv.kubernetes.io/bind-completed: "true"}}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n',
  'class.yaml':
    'apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: d}\nspec: {selectors: [{cel: {expression: device.driver == "d.example"}}]}\n',
  'stands.yaml':
    'apiVersion: resource.k8s.io/v1beta2\nkind: DeviceClass\nmetadata: {name: d}\nspec: {extendedResourceName: example.com/d, selectors: [{cel: {expression: device.driver == "d.example"}}]}\n',
  'asks.yaml':
    'metadata: {generateName: a-}\nspec: {containers: [{name: c, image: i, resources: {limits: {example.com/d: 1}, requests: {example.com/d: 1}}}]}\n',
  'rule.yaml':
    'apiVersion: resource.k8s.io/v1\nkind: DeviceTaintRule\nmetadata: {name: r}\nspec: {deviceSelector: {driver: d.example}, taint: {key: k, value: v, effect: NoSchedule}}\n',
  'wide.yaml':
    'metadata: {name: "wide-node-{{.Index}}"}\nspec: {}\nstatus: {capacity: {cpu: 40, memory: 80Gi, pods: 400}}\n',
  'shared-claim.yaml':
    'apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: c}\nspec: {devices: {requests: [{name: r, exactly: {deviceClassName: d}}]}}\n',
  'sharing.yaml':
    'apiVersion: scheduling.k8s.io/v1beta1\nkind: PodGroup\nmetadata: {name: g}\nspec: {schedulingPolicy: {basic: {}}, resourceClaims: [{name: r, resourceClaimName: c}]}\n',
  'sharer.yaml':
    'metadata: {generateName: s-}\nspec: {schedulingGroup: {podGroupName: g}, resourceClaims: [{name: r, resourceClaimName: c}], containers: [{name: c, image: i}]}\n',
  'claim.yaml':
    'apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {generateName: c-}\nspec: {devices: {requests: [{name: r, exactly: {deviceClassName: d}}]}}\n',
  'template.yaml':
    'apiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: t}\nspec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: d}}]}}}\n',
  'group.yaml':
    'apiVersion: scheduling.k8s.io/v1beta1\nkind: PodGroup\nmetadata: {name: "g-{{.Index}}"}\nspec: {schedulingPolicy: {gang: {minCount: 2}}}\n',
  'single.yaml':
    'apiVersion: scheduling.k8s.io/v1beta1\nkind: PodGroup\nmetadata: {name: "g-{{.Index}}"}\nspec: {schedulingPolicy: {basic: {}}}\n',
  'nested.yaml':
    'apiVersion: scheduling.k8s.io/v1beta1\nkind: PodGroup\nmetadata: {name: g}\nspec: {parentCompositePodGroupName: p, schedulingPolicy: {basic: {}}}\n',
  'made.yaml':
    'apiVersion: scheduling.k8s.io/v1beta1\nkind: PodGroup\nmetadata: {name: g}\nspec: {schedulingPolicy: {basic: {}}, resourceClaims: [{name: r, resourceClaimTemplateName: t}]}\n',
  'made-gang.yaml':
    'apiVersion: scheduling.k8s.io/v1beta1\nkind: PodGroup\nmetadata: {name: g}\nspec: {schedulingPolicy: {gang: {minCount: 6}}, resourceClaims: [{name: r, resourceClaimTemplateName: t}]}\n',
  'made-sharer.yaml':
    'metadata: {generateName: s-}\nspec: {schedulingGroup: {podGroupName: g}, resourceClaims: [{name: r, resourceClaimTemplateName: t}], containers: [{name: c, image: i}]}\n',
  'member.yaml':
    'metadata: {name: "m-{{.Index}}"}\nspec: {schedulingGroup: {podGroupName: "g-{{DivideInt .Index 2}}"}, containers: [{name: c, image: i, resources: {requests: {cpu: "3"}}}]}\n',
  'user.yaml':
    'metadata: {generateName: u-}\nspec: {resourceClaims: [{name: r, resourceClaimTemplateName: t}], containers: [{name: c, image: i}]}\n',
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function planOf(operations: readonly string[], gates = ''): WorkloadPlan {
  const problems = new ProblemList();
  const text = `- name: Case\n  workloadTemplate:\n${operations.map((line) => `    - {opcode: ${line}}\n`).join('')}  workloads: [{name: w, featureGates: {${gates}}}]\n`;
  const config = readPerfConfigText(path.join(folder, 'c.yaml'), text, problems);
  const plan =
    config === null ? null : planWorkload({ config, caseIndex: 0, workloadIndex: 0 }, new TemplateFiles(), problems);
  problems.throwIfErrors();
  if (plan === null) throw new Error('no plan and no problem');
  return plan;
}

/** Runs with a host clock that gives 1 ms a look. */
async function run(operations: readonly string[], gates = ''): Promise<WorkloadResult> {
  let looks = 0;
  return runWorkload(planOf(operations, gates), { seed: 1, hostNow: () => ++looks / 1000 });
}

const MEASURED = 'createPods, count: 3, podTemplatePath: pod.yaml, collectMetrics: true';

describe('operations', () => {
  test('pods of a template get nodes, and the phase is measured in both clocks', async () => {
    const { failure, phases } = await run(['createNodes, count: 2', MEASURED]);
    expect(failure).toBe('');
    expect(phases).toMatchObject([{ name: 'namespace-1', pods: 3 }]);
    const [phase] = phases;
    expect(phase?.hostS).toBeCloseTo(0.003);
    expect(phase?.virtualS).toBeGreaterThan(0.002);
    expect(phase?.latenciesMs).toHaveLength(3);
  });

  test('equal runs are equal', async () => {
    const operations = ['createNodes, count: 3', 'createPods, count: 40, collectMetrics: true'];
    const [first, second] = [await run(operations), await run(operations)];
    expect(first.digest).toBe(second.digest);
    expect(first.phases[0]?.virtualSamples).toEqual(second.phases[0]?.virtualSamples);
  });

  test('gated pods are attempted, not scheduled; sleep passes virtual time', async () => {
    const { failure, virtualS } = await run([
      'createNodes, count: 1',
      'createPods, count: 2, podTemplatePath: gated.yaml, skipWaitToCompletion: true',
      'barrier, stageRequirement: Attempted',
      'sleep, duration: 30s',
      MEASURED,
    ]);
    expect(failure).toBe('');
    expect(virtualS).toBeGreaterThan(30);
  });

  test('deleted pods make room; churn goes on beside', async () => {
    const { failure } = await run([
      'createNodes, count: 1',
      'churn, mode: recreate, number: 1, intervalMilliseconds: 100, templatePaths: [service.yaml]',
      'createPods, count: 1, namespace: a, podTemplatePath: low.yaml',
      'createPods, count: 1, namespace: b, podTemplatePath: named.yaml, skipWaitToCompletion: true',
      'deletePods, namespace: a, deletePodsPerSecond: 10',
      'barrier, namespaces: [b]',
      MEASURED,
    ]);
    expect(failure).toBe('');
  });

  test('priorities are those of the pods: the important one takes the room', async () => {
    const { failure, phases } = await run([
      'createNodes, count: 1',
      'createPods, count: 1, podTemplatePath: low.yaml',
      'createPods, count: 1, podTemplatePath: high.yaml, collectMetrics: true',
    ]);
    expect(failure).toBe('');
    expect(phases[0]?.pods).toBe(1);
  });

  test('updateAny changes nodes, and resizes pods', async () => {
    const { failure } = await run([
      'createNodes, count: 1, nodeTemplatePath: tainted.yaml',
      'createPods, count: 1, namespace: a, podTemplatePath: named.yaml, skipWaitToCompletion: true',
      'barrier, stageRequirement: Attempted',
      'updateAny, templatePath: free.yaml, updatePerSecond: 100',
      'barrier',
      'createPods, count: 1, namespace: b, podTemplatePath: named.yaml, skipWaitToCompletion: true',
      'barrier, stageRequirement: Attempted',
      'updateAny, templatePath: shrink.yaml, namespace: a, subresources: [resize]',
      'barrier, namespaces: [b]',
      MEASURED,
    ]);
    expect(failure).toBe('');
  });

  test('a steady state deletes what gets a node and goes on until its time is up', async () => {
    const { failure, phases, virtualS } = await run([
      'createNodes, count: 1',
      'createPods, count: 2, podTemplatePath: pod.yaml, steadyState: true, duration: 3s, collectMetrics: true',
    ]);
    expect(failure).toBe('');
    expect(phases[0]?.pods).toBeGreaterThan(100);
    expect(virtualS).toBeGreaterThan(3);
  });

  test('collections of their own measure what their labels choose', async () => {
    const { phases } = await run([
      'createNodes, count: 1',
      'startCollectingMetrics, name: mine, namespaces: [a], labelSelector: {app: web}',
      'createPods, count: 2, namespace: a, podTemplatePath: pod.yaml',
      'createPods, count: 2, namespace: a',
      'stopCollectingMetrics',
    ]);
    expect(phases).toMatchObject([{ name: 'mine', pods: 2 }]);
  });

  test('pods get claims with bound volumes', async () => {
    const { failure } = await run([
      'createNodes, count: 2, nodeAllocatableStrategy: {csiNodeAllocatable: {d.example: {count: 9}}}',
      'createPods, count: 4, persistentVolumeTemplatePath: pv.yaml, persistentVolumeClaimTemplatePath: pvc.yaml, collectMetrics: true',
    ]);
    expect(failure).toBe('');
  });
});

/** Two nodes with three devices each, two of the six in use. */
const DEVICES = [
  'createNodes, count: 2',
  'createResourceDriver, driverName: d.example, nodes: "*node-*", maxClaimsPerNode: 3',
  'createAny, templatePath: class.yaml',
  'createResourceClaims, templatePath: claim.yaml, namespace: used, count: 2',
  'allocResourceClaims, namespace: used',
  'createAny, templatePath: template.yaml, namespace: a',
];

test('devices: a driver, claims with and without pods, claims of a template', async () => {
  const measured = 'createPods, count: 4, namespace: a, podTemplatePath: user.yaml, collectMetrics: true';
  const { failure, phases } = await run([...DEVICES, measured]);
  expect(failure).toBe('');
  expect(phases).toMatchObject([{ pods: 4 }]);
});

test('devices stand for an extended resource where the gate is on, two for each node', async () => {
  const operations = [
    ...DEVICES.slice(0, 2).map((line) => line.replace('maxClaimsPerNode: 3', 'maxClaimsPerNode: 2')),
    'createAny, templatePath: stands.yaml',
    'createPods, count: 4, namespace: a, podTemplatePath: asks.yaml, collectMetrics: true',
  ];
  const { failure, phases } = await run(operations, 'DRAExtendedResource: true');
  expect(failure).toBe('');
  expect(phases).toMatchObject([{ pods: 4 }]);
  const more = [...operations, 'createPods, count: 1, namespace: b, podTemplatePath: asks.yaml'];
  expect((await run(more, 'DRAExtendedResource: true')).failure).toContain('cannot allocate all claims');
  expect((await run(operations)).failure).toContain('2 Insufficient example.com/d');
});

test('a rule taints devices where its gate is on', async () => {
  const isUnused = (line: string) => !line.includes('ResourceClaims');
  const operations = [...DEVICES.filter(isUnused), 'createAny, templatePath: rule.yaml'];
  const measured = 'createPods, count: 2, namespace: a, podTemplatePath: user.yaml, collectMetrics: true';
  expect((await run([...operations, measured])).failure).toBe('');
  expect((await run([...operations, measured], 'DRADeviceTaints: true')).failure).toContain(
    'cannot allocate all claims',
  );
});

test('kinds that nobody heeds are named', () => {
  const operations = ['createAny, templatePath: rule.yaml', 'createAny, templatePath: stands.yaml', MEASURED];
  expect(unheededKinds(planOf(operations))).toEqual(['DeviceTaintRule']);
  expect(unheededKinds(planOf(operations, 'DRADeviceTaints: true'))).toEqual([]);
});

test('a steady state in which no pod gets a node reaches its end with a note of the reason', async () => {
  const steady =
    'createPods, count: 1, namespace: a, podTemplatePath: asks.yaml, steadyState: true, duration: 3s, collectMetrics: true';
  const { failure, notes } = await run(['createNodes, count: 1', steady]);
  expect(failure).toBe('');
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(
    /^no pod was scheduled in namespace a; a-\w+: 0\/1 nodes are available: 1 Insufficient example.com\/d/,
  );
});

describe('pods that name a PodGroup', () => {
  const GATES = 'GenericWorkload: true';
  const groups = (template: string) => `createPodGroups, namespace: a, templatePath: ${template}, count: 2`;
  const members = 'createPods, count: 4, namespace: a, podTemplatePath: member.yaml, collectMetrics: true';

  test('are bound together, and none of a group for which there is no room', async () => {
    expect((await run(['createNodes, count: 4', groups('group.yaml'), members], GATES)).failure).toBe('');
    const { failure } = await run(['createNodes, count: 3', groups('group.yaml'), members], GATES);
    expect(failure).toContain('2 of 4 pods scheduled in namespace a');
    const { failure: alone } = await run(['createNodes, count: 3', groups('single.yaml'), members], GATES);
    expect(alone).toContain('3 of 4 pods scheduled in namespace a');
  });

  test('also of a group that createAny makes, as far as the gate is on', async () => {
    const operations = ['createNodes, count: 3', 'createAny, templatePath: group.yaml, namespace: a', members];
    expect((await run(operations, GATES)).failure).toContain('of 4 pods scheduled in namespace a');
    expect((await run(operations)).failure).toContain('3 of 4 pods scheduled in namespace a');
  });

  test.each(['permit', 'multiPoint'])('and GangScheduling may be enabled at %s before', async (point) => {
    const schedulerConfiguration = {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [{ plugins: { [point]: { enabled: [{ name: 'GangScheduling' }] } } }],
    };
    const plan = planOf(['createNodes, count: 4', groups('group.yaml'), members], GATES);
    const { failure } = await runWorkload({ ...plan, schedulerConfiguration }, { seed: 1, hostNow: () => 0 });
    expect(failure).toBe('');
  });

  test('share a claim of the group, more of them than a claim has users', async () => {
    const operations = [
      'createNodes, count: 2, nodeTemplatePath: wide.yaml',
      ...DEVICES.slice(1, 3),
      'createAny, templatePath: shared-claim.yaml, namespace: a',
      'createPodGroups, namespace: a, templatePath: sharing.yaml, count: 1',
      'createPods, count: 300, namespace: a, podTemplatePath: sharer.yaml, collectMetrics: true',
    ];
    const claims = `${GATES}, DRAWorkloadResourceClaims: true`;
    expect((await run(operations, claims)).failure).toBe('');
  });

  test('share a claim that is made for their group, be it bound as a whole', async () => {
    const operations = (template: string) => [
      'createNodes, count: 2',
      ...DEVICES.slice(1, 3),
      'createAny, templatePath: template.yaml, namespace: a',
      `createPodGroups, namespace: a, templatePath: ${template}, count: 1`,
      'createPods, count: 8, namespace: a, podTemplatePath: made-sharer.yaml, collectMetrics: true',
    ];
    const claims = `${GATES}, DRAWorkloadResourceClaims: true`;
    expect((await run(operations('made.yaml'), claims)).failure).toBe('');
    expect((await run(operations('made-gang.yaml'), claims)).failure).toBe('');
    expect((await run(operations('made-gang.yaml'), GATES)).failure).toContain('6 of 8 pods scheduled');
  });

  test('are not tried while there is none', async () => {
    const first = groups('group.yaml').replace('count: 2', 'count: 1');
    const { failure } = await run(['createNodes, count: 4', first, members], GATES);
    expect(failure).toContain('2 of 4 pods scheduled in namespace a');
  });

  test('need the gate, and groups that ask for no more than a number', async () => {
    expect((await run([groups('group.yaml'), members])).failure).toBe(
      'createPodGroups needs the feature gate GenericWorkload',
    );
    expect((await run([groups('nested.yaml'), members], GATES)).failure).toBe(
      'createPodGroups: spec.parentCompositePodGroupName of a PodGroup is not simulated',
    );
  });
});

describe('a workload fails with its reason', () => {
  test.each([
    [
      ['createNodes, count: 1', 'createPods, count: 2, podTemplatePath: low.yaml, collectMetrics: true'],
      '1 of 2 pods scheduled in namespace namespace-1 after 10 minutes; l-',
    ],
    [
      [...DEVICES, 'createPods, count: 5, namespace: a, podTemplatePath: user.yaml, collectMetrics: true'],
      '4 of 5 pods scheduled in namespace a after 10 minutes; u-',
    ],
    [
      [
        ...DEVICES.slice(0, 3),
        'createResourceClaims, templatePath: claim.yaml, namespace: b, count: 7',
        'allocResourceClaims',
        MEASURED,
      ],
      ': no node has the devices',
    ],
    [['waitForPodGroups, count: 1', MEASURED], 'the operation waitForPodGroups is not simulated'],
    [['createAny, templatePath: service.yaml', MEASURED], 'createAny: Service needs a namespace'],
    [['updateAny, templatePath: free.yaml', MEASURED], 'update Node t-0: nodes "t-0" not found'],
    [['barrier, namespaces: [nowhere]', MEASURED], 'barrier: unknown namespace nowhere'],
    [
      [
        'createNodes, count: 2, nodeTemplatePath: tainted.yaml',
        'createNodes, count: 1, nodeTemplatePath: tainted.yaml',
        MEASURED,
      ],
      'create Node t-0: nodes "t-0" already exists',
    ],
  ])('%j', async (operations, reason) => {
    expect((await run(operations)).failure).toContain(reason);
  });
});

test('data items have the names, units and labels of the original', async () => {
  const plan = { ...planOf(['createNodes, count: 1', MEASURED]), threshold: 5 };
  let looks = 0;
  const { phases } = await runWorkload(plan, { seed: 1, hostNow: () => ++looks / 1000 });
  const items = phases.flatMap((phase) => dataItemsOf(plan, phase));
  expect(items[0]).toMatchObject({
    data: { AverageThreshold: 5 },
    unit: 'pods/s',
    labels: { Name: 'Case/w/namespace-1', Metric: 'SchedulingThroughput', clock: 'host' },
  });
  expect(items[0]?.data['Average']).toBeCloseTo(1000);
  expect(items.map(({ labels }) => labels['Metric'])).toContain('scheduler_pod_scheduling_duration_seconds');
});
