/**
 * What all that draws for a search says of workloads.
 */
import type { KubeObject } from '../../types/object.ts';

/** Kinds with a scale. */
export const SCALED: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet'];

/** `Kind/namespace/name`. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`;
}
