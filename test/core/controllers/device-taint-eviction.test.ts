/** Whom the device taint eviction controller spares: pods whose claim is no longer theirs. The rest is in cluster/claims.test.ts. */
import { expect, test } from 'vitest';
import { deviceTaintEvictionController } from '../../../core/controllers/device-taint-eviction-controller.ts';
import { claimType, deviceTaintRuleType } from '../../../core/types/claim-types.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';

const S = 1_000_000;
const API = 'resource.k8s.io/v1';

test.each([
  ['goes when its toleration ends', 'pods', false, 404],
  ['stays once the claim is not reserved for it', 'pods', true, 200],
  ['of a group goes when its toleration ends', 'podgroups', false, 404],
  ['of a group stays once the claim is not reserved for the group', 'podgroups', true, 200],
])('a pod %s', (_what, resource, released, code) => {
  const h = new ControllerHarness({ nodes: 1, controllers: [deviceTaintEvictionController] });
  const { types } = h.api.cluster;
  const claims = claimType(types, 'ResourceClaim');
  const pod = h.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      nodeName: 'node-0',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: 'app:v1' }],
      resourceClaims: [{ name: 'x', resourceClaimName: 'c' }],
      schedulingGroup: resource === 'pods' ? undefined : { podGroupName: 'g' },
    },
  });
  const exactly = { deviceClassName: 'any' };
  const spec = { devices: { requests: [{ name: 'r', exactly }] } };
  h.create(claims, { apiVersion: API, kind: 'ResourceClaim', metadata: { name: 'c', namespace: 'default' }, spec });
  const tolerations = [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 }];
  const results = [{ request: 'r', driver: 'd', pool: 'p', device: 'x', tolerations }];
  const user = resource === 'pods' ? { name: 'p', uid: pod.metadata.uid } : { name: 'g', uid: 'of-g' };
  const reservedFor = [{ resource, ...user }];
  const status = { subresource: 'status' } as const;
  h.patch(claims, 'c', { status: { allocation: { devices: { results } }, reservedFor } }, status);
  const rule = { deviceSelector: {}, taint: { key: 'k', effect: 'NoExecute' } };
  h.create(deviceTaintRuleType(types), {
    apiVersion: API,
    kind: 'DeviceTaintRule',
    metadata: { name: 'r' },
    spec: rule,
  });
  h.run(10 * S);
  if (released) h.patch(claims, 'c', { status: { reservedFor: null } }, status);
  expect(h.api.get(PODS, 'p').code).toBe(200);
  h.run(20 * S);
  expect(h.api.get(PODS, 'p').code).toBe(code);
});
