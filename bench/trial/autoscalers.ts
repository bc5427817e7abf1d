/**
 * HorizontalPodAutoscalers of the manifests: the workload runs, and is judged, with the fewest replicas that the scaler may leave it.
 *
 * Why: a scaler adds pods under load that nobody here simulates, and never goes below minReplicas (1 where nothing is said); a
 * workload that survives with the fewest also survives with more. Source: Kubernetes 1.34, autoscaling/v2.
 */
import { nameOf } from '../../core/chaos/workloads.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';

/** One workload under a scaler. */
export interface Autoscaled {
  /** `Kind/namespace/name` of the workload. */
  readonly workload: string;
  readonly autoscaler: string;
  readonly replicas: number;
}

interface Scaler {
  readonly minReplicas?: number | null;
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
}

/** The objects with those replicas in place, and what was changed. A scaler that may go to zero changes nothing. */
export function atMinReplicas(objects: readonly KubeObject[]): {
  readonly objects: readonly KubeObject[];
  readonly autoscaled: readonly Autoscaled[];
} {
  const minimums = new Map<string, { readonly autoscaler: string; readonly replicas: number }>();
  for (const object of objects) {
    if (object.kind !== 'HorizontalPodAutoscaler') continue;
    const { minReplicas, scaleTargetRef } = (object.spec ?? {}) as Scaler;
    const replicas = minReplicas ?? 1;
    if (!Number.isInteger(replicas) || replicas < 1 || scaleTargetRef?.name === undefined) continue;
    const id = `${scaleTargetRef.kind ?? 'Deployment'}/${appliedNamespace(object.metadata)}/${scaleTargetRef.name}`;
    minimums.set(id, { autoscaler: object.metadata.name, replicas });
  }
  const autoscaled: Autoscaled[] = [];
  const changed = objects.map((object) => {
    const workload = nameOf(object);
    const minimum = minimums.get(workload);
    if (minimum === undefined || !(object.kind === 'Deployment' || object.kind === 'StatefulSet')) return object;
    autoscaled.push({ workload, ...minimum });
    return { ...object, spec: { ...(object.spec as object | undefined), replicas: minimum.replicas } };
  });
  return { objects: changed, autoscaled };
}
