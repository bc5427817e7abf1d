/**
 * Facts in the manifests that explain a bad mark before anything has run.
 */
import type { Heeded } from '../../core/cluster/claimed.ts';
import type { KubeObject, PodTemplateSpec } from '../../core/cluster/vocabulary.ts';

/** A workload with everything around it. */
export interface WorkloadContext {
  readonly object: KubeObject;
  readonly template: PodTemplateSpec;
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
  /** What the cluster heeds that is off by default. */
  readonly heeded: Heeded;
}

/** What may be to blame, one phrase each. */
export function suspicionsOf({ object }: WorkloadContext, replicas: number): string[] {
  const found: string[] = [];
  if (object.kind === 'Pod') found.push('a bare Pod: nobody replaces it');
  else if (replicas === 1 && object.kind !== 'Job') found.push('single replica: while it moves nothing serves');
  return found;
}
