/** The claims that a pod's volumes stand for. Source: Kubernetes 1.34, component-helpers storage/ephemeral and storage/volume. */
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod, Volume } from '../../types/pod.ts';
import type { PersistentVolumeClaim } from '../../types/storage.ts';
import { BIND_COMPLETED } from '../../types/volume-match.ts';
import type { ClusterObjects } from './cluster-objects.ts';

/** A claim that a volume names. `ephemeral`: made by a controller for this pod, with the pod as owner. */
export interface ClaimReference {
  readonly name: string;
  readonly ephemeral: boolean;
}

/** The claim of a volume, `null` for volumes without one. */
export function claimOf(pod: Pod, volume: Volume): ClaimReference | null {
  if (volume.persistentVolumeClaim !== undefined) {
    return { name: volume.persistentVolumeClaim.claimName, ephemeral: false };
  }
  if (volume['ephemeral'] === undefined) return null;
  return { name: `${pod.metadata.name}-${volume.name}`, ephemeral: true };
}

/** All claims that a pod names, in the order of its volumes. */
export function claimsOf(pod: Pod): readonly ClaimReference[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => claimOf(pod, volume) ?? []);
}

/** A claim by name in the pod's namespace. */
export function findClaim(objects: ClusterObjects, pod: Pod, name: string): PersistentVolumeClaim | undefined {
  return objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.metadata.namespace ?? '', name);
}

/** Whether a claim has its volume and the volume controller has finished binding it. */
export function isFullyBound(claim: PersistentVolumeClaim): boolean {
  return (claim.spec?.volumeName ?? '') !== '' && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** Why an ephemeral claim is not this pod's, `''` when it is. */
export function foreignClaim(pod: Pod, claim: PersistentVolumeClaim): string {
  const owner = controllerOf(claim);
  if (owner !== undefined && owner.uid === (pod.metadata.uid ?? '')) return '';
  const { namespace, name } = pod.metadata;
  return `PVC ${claim.metadata.namespace}/${claim.metadata.name} was not created for pod ${namespace}/${name} (pod is not owner)`;
}

/** A pod's claims that have no volume yet and wait for the pod to have a node. */
export function waitingClaims(objects: ClusterObjects, pod: Pod): readonly PersistentVolumeClaim[] {
  return claimsOf(pod).flatMap(({ name }) => {
    const claim = findClaim(objects, pod, name);
    return claim === undefined || isFullyBound(claim) ? [] : [claim];
  });
}
