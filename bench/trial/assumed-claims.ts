/**
 * Claims that workloads name and the manifests do not hold: they exist in the user's cluster, so they do here, bound to a volume that every
 * node can use. What is on it and from where it can really be used is not known.
 */
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import { claimTemplateNames, templateOf } from './templates.ts';

/** The claims and their volumes, in order of their first mention. */
export function assumedClaims(objects: readonly KubeObject[]): KubeObject[] {
  const found = new Map<string, readonly KubeObject[]>();
  for (const object of objects) {
    const namespace = appliedNamespace(object.metadata);
    for (const name of claimNamesOf(object)) {
      if (!isGiven(objects, namespace, name)) found.set(`${namespace}/${name}`, boundPair(namespace, name));
    }
  }
  return [...found.values()].flat();
}

/** Whether a claim is among the objects. */
export function isGiven(objects: readonly KubeObject[], namespace: string, name: string): boolean {
  return objects.some(({ kind, metadata }) => {
    return kind === 'PersistentVolumeClaim' && metadata.name === name && appliedNamespace(metadata) === namespace;
  });
}

function claimNamesOf(object: KubeObject): readonly string[] {
  const made = claimTemplateNames(object);
  return (templateOf(object)?.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim }) => {
    const claimName = persistentVolumeClaim?.claimName ?? '';
    return claimName === '' || made.includes(name) ? [] : [claimName];
  });
}

function boundPair(namespace: string, name: string): readonly KubeObject[] {
  const volumeName = `assumed-${namespace}-${name}`;
  const shared = { accessModes: ['ReadWriteMany'], storageClassName: '' };
  const claim = { ...shared, volumeName, resources: { requests: { storage: '1Gi' } } };
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name };
  const volume = {
    ...shared,
    capacity: { storage: '1Gi' },
    claimRef,
    csi: { driver: 'assumed', volumeHandle: volumeName },
  };
  return [
    { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: volumeName }, spec: volume },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec: claim },
  ];
}
