/**
 * The list of users is what a run's requests say: none is missing.
 */
import { expect, test } from 'vitest';
import type { FaultPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { apiUsers } from '../../../core/cluster/api-users.ts';
import type { ClusterDescription } from '../../../core/cluster/description.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONTROLLER_USER } from '../../../core/types/user-names.ts';
import type { ApiRequest } from '../../../core/types/wire.ts';
import { smallPlan } from '../../support/small-plan.ts';

/** What others than the scenario's own person do. */
const OTHERS = [
  { kind: 'load-burst', load: 'lists', perSecond: 5 },
  { kind: 'changed-field', object: 'Deployment/demo/web', field: 'spec.replicas', value: 6 },
];

const DEVICES = 'resource.k8s.io/v1';

/** A pod whose device gets a taint at second 30. */
const TAINTED = {
  objects: [
    {
      apiVersion: DEVICES,
      kind: 'ResourceSlice',
      metadata: { name: 's' },
      spec: {
        driver: 'd',
        nodeName: 'node-0',
        pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'x' }],
      },
    },
    { apiVersion: DEVICES, kind: 'DeviceClass', metadata: { name: 'any' }, spec: {} },
    {
      apiVersion: DEVICES,
      kind: 'ResourceClaim',
      metadata: { name: 'c', namespace: 'demo' },
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'any' } }] } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'demo' },
      spec: {
        containers: [{ name: 'app', image: 'app:v1' }],
        resourceClaims: [{ name: 'x', resourceClaimName: 'c' }],
      },
    },
  ] as readonly KubeObject[],
  operation: {
    kind: 'apply',
    atUs: 30_000_000,
    objects: [
      {
        apiVersion: DEVICES,
        kind: 'DeviceTaintRule',
        metadata: { name: 'r' },
        spec: { deviceSelector: {}, taint: { key: 'k', effect: 'NoExecute' } },
      } as KubeObject,
    ],
  } as const,
};

test('every request comes from a user of the list', () => {
  const faults = OTHERS.map((fault, index) => ({
    ...fault,
    id: `f${index}`,
    target: { component: 'apiserver', mode: 'all' },
    trigger: { kind: 'at', atUs: 9_000_000 },
    forUs: 5_000_000,
  })) as readonly FaultPlan[];
  const plan = smallPlan({
    faults,
    operations: [{ kind: 'scale', atUs: 9_000_000, workload: 'Deployment/demo/web', replicas: 5 }, TAINTED.operation],
    objects: TAINTED.objects,
  });
  const cluster: ClusterDescription = {
    ...plan.cluster,
    controlPlane: { cloudControllerManagers: 1 },
    settings: { claims: true, deviceGates: ['DRADeviceTaints'] },
  };
  const seen = new Set<string>();
  runPlan({ ...plan, cluster }, 1, {
    begin: ({ sim }) => {
      sim.observation.setInterceptor(findPoint('api.request') as number, (_pid, subject) => {
        seen.add((subject as ApiRequest).user);
        return undefined;
      });
    },
  });
  const known = apiUsers(['node-0', 'node-1', 'node-2']);
  expect([...seen].filter((user) => !known.includes(user))).toEqual([]);
  expect(seen).toContain(`${CONTROLLER_USER}device-taint-eviction-controller`);
  expect(seen.size).toBeGreaterThan(12);
});
