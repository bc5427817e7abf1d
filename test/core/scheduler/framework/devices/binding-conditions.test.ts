/** Devices that have to be made ready: pods wait for their conditions before they are bound, and get others where one fails or is late. */
import { expect, test } from 'vitest';
import { Jury } from '../../../../../core/chaos/jury.ts';
import { withClaims } from '../../../../../core/cluster/claimed.ts';
import { Cluster } from '../../../../../core/cluster/cluster.ts';
import { type Operator, registerOperator } from '../../../../../core/cluster/operators.ts';
import { readinessOf } from '../../../../../core/scheduler/framework/devices/binding-conditions.ts';
import type { ResourceClaim } from '../../../../../core/types/device.ts';
import type { DeviceGate } from '../../../../../core/types/device-gates.ts';
import type { KubeObject } from '../../../../../core/types/object.ts';
import type { Pod } from '../../../../../core/types/pod.ts';
import { parseTime } from '../../../../../core/types/time.ts';

const S = 1_000_000;
const RESOURCE = 'resource.k8s.io/v1';

const object = (kind: string, name: string, spec: object, apiVersion = RESOURCE): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(kind === 'ResourceClaim' || kind === 'Pod' ? { namespace: 'default' } : {}) },
  spec,
});

const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
const device = (name: string): object => ({
  name,
  bindsToNode: true,
  bindingConditions: ['Ready'],
  bindingFailureConditions: ['Failed'],
});
const OBJECTS: readonly KubeObject[] = [
  object('ResourceSlice', 's', { driver: 'd.example', allNodes: true, pool, devices: [device('a')] }),
  object('DeviceClass', 'gpu', {}),
  object('ResourceClaim', 'own', { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } }),
  object(
    'Pod',
    'p',
    { containers: [{ name: 'c', image: 'x' }], resourceClaims: [{ name: 'g', resourceClaimName: 'own' }] },
    'v1',
  ),
];

/** A driver that sets one condition after each allocation, so many seconds later; nothing where the list is over. */
function driver(sets: readonly string[], afterS: number): Operator {
  const seen: string[] = [];
  return {
    name: 'driver',
    reconciles: { apiVersion: RESOURCE, kind: 'ResourceClaim' },
    *reconcile(api, namespace, name) {
      const claim = api.get<ResourceClaim>({ apiVersion: RESOURCE, kind: 'ResourceClaim' }, namespace, name);
      const { allocation, devices } = claim?.status ?? {};
      const at = allocation?.allocationTimestamp;
      if (claim === undefined || allocation === undefined || at === undefined || (devices ?? []).length > 0) return;
      if (!seen.includes(at)) seen.push(at);
      const type = sets[seen.indexOf(at)];
      const leftS = parseTime(at) / S + afterS - api.nowMs() / 1000;
      if (type === undefined) return;
      if (leftS > 0) {
        api.requeueAfter(leftS);
        return;
      }
      const conditions = [{ type, status: 'True', reason: 'Test', message: 'x' }];
      const said = allocation.devices.results.map(({ driver, pool, device }) => ({ driver, pool, device, conditions }));
      yield* api.updateStatus<ResourceClaim>({ ...claim, status: { ...claim.status, devices: said } });
    },
  };
}

/** When the pod was bound (s, −1 for never) and what was said of it, by reason. */
function run(operator: Operator, deviceGates: readonly DeviceGate[], untilS: number) {
  registerOperator('driver', operator);
  const schedulerConfiguration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ pluginConfig: [{ name: 'DynamicResources', args: { bindingTimeout: '1m' } }] }],
  };
  const settings = { deviceGates, schedulerConfiguration };
  const description = { nodes: { count: 2 }, settings, operators: [{ module: 'driver' }] };
  const cluster = new Cluster(withClaims(description, OBJECTS), { seed: 3 });
  const { sim, truth } = cluster;
  const jury = new Jury(sim, ['DR1'], truth);
  let boundS = -1;
  let allocations = 0;
  jury.onCommit.push(({ object: written, previous }) => {
    if (written?.kind === 'Pod' && boundS < 0 && (written as Pod).spec.nodeName !== undefined) boundS = sim.now / S;
    const [now, before] = [written, previous].map(
      (each) => (each as ResourceClaim | null | undefined)?.status?.allocation,
    );
    if (now !== undefined && before === undefined) allocations++;
  });
  sim.at(20 * S, 'objects', () => cluster.user.apply(OBJECTS));
  sim.run(untilS * S);
  const events = [...jury.world.of('Event').values()] as unknown as {
    readonly reason: string;
    readonly message: string;
  }[];
  const [claim] = [...jury.world.of('ResourceClaim').values()] as ResourceClaim[];
  const said = events.map(({ message }) => message).join('\n');
  expect(jury.violations).toEqual([]);
  return { boundS, allocations, said, claim };
}

const BINDING: readonly DeviceGate[] = ['DRADeviceBindingConditions'];

test('a pod is bound once its device is ready, and its claim stays with the node', () => {
  const { boundS, allocations, said, claim } = run(driver(['Ready'], 12), BINDING, 60);
  expect(boundS).toBeGreaterThan(31);
  expect(boundS).toBeLessThan(38);
  expect(allocations).toBe(1);
  expect(said).toContain('waiting for binding conditions for device on node node-');
  expect(claim?.status?.allocation?.nodeSelector?.nodeSelectorTerms).toEqual([
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: [expect.stringMatching(/^node-/)] }] },
  ]);
});

test('a claim whose device fails is given up and allocated anew', () => {
  const { boundS, allocations, said } = run(driver(['Failed', 'Ready'], 3), BINDING, 90);
  expect([boundS > 0, allocations]).toEqual([true, 2]);
  expect(said).toContain('claim own binding failed: reason=Test, message="x"');
});

test('a claim whose device is not ready in time is given up and allocated anew', () => {
  const { boundS, allocations, said } = run(driver(['Other', 'Ready'], 3), BINDING, 180);
  expect(boundS).toBeGreaterThan(80);
  expect(allocations).toBe(2);
  expect(said).toContain('device binding timeout');
});

test('without the gate such a device is not offered', () => {
  const { boundS, allocations, claim } = run(driver(['Ready'], 1), [], 60);
  expect([boundS, allocations, claim?.status]).toEqual([-1, 0, undefined]);
});

test.each([
  ['nothing is allocated', undefined, false, ''],
  ['nobody has said anything', [], false, ''],
  ['another device is ready', [['b', 'Ready', 'True']], false, ''],
  ['the condition is not True', [['a', 'Ready', 'Unknown']], false, ''],
  ['it is', [['a', 'Ready', 'True']], true, ''],
  ['a failure is not True', [['a', 'Ready', 'True', 'Failed', 'False']], true, ''],
  ['it has failed', [['a', 'Ready', 'True', 'Failed', 'True']], false, 'claim own binding failed: reason=, message=""'],
])('readiness where %s', (_what, said, ready, failure) => {
  const place = { driver: 'd', pool: 'p' };
  const results = [
    { ...place, request: 'r', device: 'plain' },
    { ...place, request: 'r', device: 'a', bindingConditions: ['Ready'], bindingFailureConditions: ['Failed'] },
  ];
  const devices = (said ?? []).map(([name = '', ...pairs]) => ({
    ...place,
    device: name,
    conditions: pairs.flatMap((type, i) => (i % 2 === 0 ? [{ type, status: pairs[i + 1] ?? '' }] : [])),
  }));
  const status = said === undefined ? {} : { allocation: { devices: { results } }, devices };
  expect(readinessOf({ ...object('ResourceClaim', 'own', {}), status } as ResourceClaim)).toEqual({ ready, failure });
});
