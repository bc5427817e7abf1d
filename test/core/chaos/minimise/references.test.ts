import { describe, expect, it } from 'vitest';
import { mentioned, withReferences } from '../../../../core/chaos/minimise/references.ts';
import type { KubeObject } from '../../../../core/types/object.ts';

function made(kind: string, name: string, rest: object = {}, namespace?: string): KubeObject {
  const metadata = namespace === undefined ? { name } : { name, namespace };
  return { apiVersion: 'v1', kind, metadata, ...rest } as KubeObject;
}

function deployment(spec: object, name = 'web'): KubeObject {
  return made('Deployment', name, { spec: { template: { spec } } }, 'd');
}

const noise = [
  made('ConfigMap', 'noise', {}, 'd'),
  made('Service', 'web', {}, 'd'),
  made('Secret', 'key', {}, 'other'),
];
const className = { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } } };
const devices = [
  made('ResourceClaimTemplate', 't', { spec: className }, 'd'),
  made('DeviceClass', 'gpu'),
  made('ResourceSlice', 's', { spec: { nodeName: 'node-3' } }),
];
const classed = { spec: { storageClassName: 'fast' } };
const volumes = [
  made('PersistentVolumeClaim', 'c', classed, 'd'),
  made('StorageClass', 'fast'),
  made('PersistentVolume', 'v', classed),
];
const usual = made('StorageClass', 'usual', {});
const byDefault = {
  ...usual,
  metadata: { name: 'usual', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
};

describe('references of a workload', () => {
  it.each<[string, KubeObject, readonly KubeObject[]]>([
    ['devices', deployment({ resourceClaims: [{ name: 'g', resourceClaimTemplateName: 't' }] }), devices],
    ['volumes', deployment({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }), volumes],
    [
      'the default class',
      made('StatefulSet', 'db', { spec: { volumeClaimTemplates: [{ spec: {} }] } }, 'd'),
      [byDefault],
    ],
    [
      'names of a pod',
      deployment({
        serviceAccountName: 'a',
        priorityClassName: 'p',
        imagePullSecrets: [{ name: 'key' }],
        containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }],
      }),
      [
        made('ServiceAccount', 'a', {}, 'd'),
        made('PriorityClass', 'p'),
        made('Secret', 'key', {}, 'd'),
        made('ConfigMap', 'c', {}, 'd'),
      ],
    ],
    ['a namespace', deployment({}), [made('Namespace', 'd')]],
  ])('keeps %s with what needs them, and nothing else', (_name, object, needed) => {
    expect(withReferences([object], [...noise, ...needed, object])).toEqual([...needed, object]);
    expect(withReferences([], [...noise, ...needed, object])).toEqual([]);
  });

  it('knows the nodes that objects name', () => {
    expect(mentioned(['node-1', 'node-3'], devices)).toEqual(['node-3']);
  });
});
