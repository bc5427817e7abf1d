/**
 * What is on its way out: namespaces that are being deleted, and finalizers that nobody in the cluster takes off.
 */
import type { KubeObject } from '../types/object.ts';
import { FOREGROUND, TRACKING } from './predicates/waiting-ring-check.ts';
import type { World } from './world.ts';

/** Finalizers that a controller of the cluster takes off. */
const OWN_FINALIZERS: ReadonlySet<string> = new Set([
  FOREGROUND,
  'orphan',
  TRACKING,
  'resource.kubernetes.io/delete-protection',
]);

/** Names of the namespaces that are being deleted: their workloads have no desired state any more. */
export function endingNamespaces(world: World): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { metadata } of world.of('Namespace').values()) {
    if (metadata.deletionTimestamp !== undefined) names.add(metadata.name);
  }
  return names;
}

/** Whether an object is being deleted, itself or with its namespace. */
export function isEnding(world: World, { metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined || endingNamespaces(world).has(metadata.namespace ?? '');
}

/** The first finalizer of an object which no controller of the cluster takes off; undefined if there is none. */
export function foreignFinalizerOf({ metadata }: KubeObject): string | undefined {
  return metadata.finalizers?.find((finalizer) => !OWN_FINALIZERS.has(finalizer));
}
