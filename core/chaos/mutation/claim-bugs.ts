/**
 * Planted bugs of what satisfies claims, each in a situation that shows it.
 */
import type { KubeObject } from '../../types/object.ts';
import { deployment, type PlantedBug, planted, S, type Situation, withPodSpec, workload } from './situation.ts';

const RESOURCE = 'resource.k8s.io/v1';
/** Of a pod, or of pods that share it. */
export const DEVICE_CLAIMS = [{ name: 'device', resourceClaimTemplateName: 'device' }];

function object(apiVersion: string, kind: string, name: string, spec: object): KubeObject {
  const namespaced = kind === 'PersistentVolumeClaim' || kind === 'ResourceClaimTemplate';
  return { apiVersion, kind, metadata: { name, ...(namespaced ? { namespace: 'demo' } : {}) }, spec };
}

/** Two devices, and the template of a claim for one. */
export const DEVICES: readonly KubeObject[] = [
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
];

/** Pods that come at once want a device each: what the first ones take must not be free for the next. */
const forgottenDevice = planted('DR1', 'scheduler.forgets-allocations', 2, {
  nodes: 1,
  workload: [...DEVICES, withDevice(deployment(2))],
});

/** The workload, whose pods want a device each. */
export function withDevice(object: KubeObject): KubeObject {
  return withPodSpec(object, { resourceClaims: DEVICE_CLAIMS });
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

/** A database with claims that go with the pods that are scaled away, made smaller. */
const shrunk = (whenDeleted: 'Delete' | 'Retain'): Situation => ({
  workload: [
    workload(
      'StatefulSet',
      3,
      {},
      {
        serviceName: 'web',
        podManagementPolicy: 'Parallel',
        persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled: 'Delete' },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    ),
  ],
  operations: [{ kind: 'scale', atUs: 30 * S, workload: 'StatefulSet/demo/web', replicas: 1 }],
});

const keptClaims = planted('SS5', 'statefulset-keeps-claims', 1, shrunk('Delete'));
/** The claims belong to nobody before. */
const ownerlessClaims = planted('SS5', 'statefulset-keeps-claims', 1, shrunk('Retain'), '-ownerless');

export const CLAIM_BUGS: readonly PlantedBug[] = [forgottenDevice, stolenVolume, keptClaims, ownerlessClaims];
