/**
 * Planted bugs of what satisfies claims, each in a situation that shows it.
 */
import type { KubeObject } from '../../types/object.ts';
import { deployment, type PlantedBug, planted } from './situation.ts';

const RESOURCE = 'resource.k8s.io/v1';

function object(apiVersion: string, kind: string, name: string, spec: object): KubeObject {
  const namespaced = kind === 'PersistentVolumeClaim' || kind === 'ResourceClaimTemplate';
  return { apiVersion, kind, metadata: { name, ...(namespaced ? { namespace: 'demo' } : {}) }, spec };
}

/** Pods that come at once want a device each: what the first ones take must not be free for the next. */
const forgottenDevice = planted('DR1', 'scheduler.forgets-allocations', 2, {
  nodes: 1,
  workload: [
    object(RESOURCE, 'ResourceSlice', 'devices', {
      driver: 'device.example.com',
      allNodes: true,
      pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'device-0' }, { name: 'device-1' }],
    }),
    object(RESOURCE, 'DeviceClass', 'device', {}),
    object(RESOURCE, 'ResourceClaimTemplate', 'device', {
      spec: { devices: { requests: [{ name: 'device', exactly: { deviceClassName: 'device' } }] } },
    }),
    withDevice(deployment(2)),
  ],
});

function withDevice(workload: KubeObject): KubeObject {
  const spec = workload.spec as { readonly template: { readonly spec: object } };
  const claims = { resourceClaims: [{ name: 'device', resourceClaimTemplateName: 'device' }] };
  const template = { ...spec.template, spec: { ...spec.template.spec, ...claims } };
  return { ...workload, spec: { ...spec, template } };
}

const wanted = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'manual',
  resources: { requests: { storage: '1Gi' } },
};

/** One volume for two claims: the second has to wait. */
const stolenVolume = planted('PV1', 'volume-binder.ignores-claim-refs', 2, {
  nodes: 1,
  workload: [
    object('v1', 'PersistentVolume', 'only', {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'manual',
      capacity: { storage: '1Gi' },
      hostPath: { path: '/only' },
    }),
    object('v1', 'PersistentVolumeClaim', 'first', wanted),
    object('v1', 'PersistentVolumeClaim', 'second', wanted),
  ],
});

export const CLAIM_BUGS: readonly PlantedBug[] = [forgottenDevice, stolenVolume];
