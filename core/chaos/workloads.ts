/**
 * Objects, mostly workloads, by `Kind/namespace/name`: how they are called, and which they are in committed history.
 */
import type { KubeObject } from '../types/object.ts';
import type { PodTemplateSpec } from '../types/pod.ts';
import type { World } from './world.ts';

/** Built-in kinds with a scale subresource. */
export const SCALABLE: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet'];

/** `Kind/namespace/name`. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`;
}

/** The object `Kind/namespace/name` as committed, or undefined. */
export function findObject(world: World, id: string): KubeObject | undefined {
  const [kind = '', namespace = '', name = ''] = id.split('/');
  for (const object of world.of(kind).values()) {
    if (object.metadata.name === name && (object.metadata.namespace ?? '') === namespace) return object;
  }
  return undefined;
}

/** Name of the first container of a workload's template; '' if it is not there. */
export function containerOf(world: World, workload: string): string {
  const spec = findObject(world, workload)?.spec as { readonly template?: PodTemplateSpec } | undefined;
  return spec?.template?.spec?.containers[0]?.name ?? '';
}
