/**
 * How many pods a workload wants, and how far a rolling update may stray from that.
 *
 * Source: Kubernetes 1.34 defaults of apps/v1 (Deployment 25 % and 25 %, StatefulSet one at a time, DaemonSet 1 and 0).
 */
import { type KubeObject, scaledValue, surgeOf, unavailableOf } from '../../core/cluster/vocabulary.ts';

type IntOrString = number | string;

interface Limits {
  readonly maxUnavailable?: IntOrString;
  readonly maxSurge?: IntOrString;
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly parallelism?: number;
  readonly completions?: number;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: Limits };
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: Limits };
}

/** Wanted pods by the spec; −1 for a DaemonSet. A Job's is its parallelism. */
export function replicasOf(object: KubeObject): number {
  const spec = (object.spec ?? {}) as WorkloadSpec;
  if (object.kind === 'DaemonSet') return -1;
  if (object.kind === 'Pod') return 1;
  if (object.kind === 'Job') return Math.min(spec.parallelism ?? 1, spec.completions ?? spec.parallelism ?? 1);
  return spec.replicas ?? 1;
}

/** Whether it is a Deployment that takes its pods away before it makes new ones. */
export function isRecreated({ kind, spec }: KubeObject): boolean {
  return kind === 'Deployment' && (spec as WorkloadSpec | undefined)?.strategy?.type === 'Recreate';
}

/** Pods that a rolling update may miss and add; −1 where there is no rolling update. */
export function rolloutLimits(object: KubeObject, replicas: number): { maxUnavailable: number; maxSurge: number } {
  const spec = (object.spec ?? {}) as WorkloadSpec;
  switch (object.kind) {
    case 'Deployment': {
      if (isRecreated(object)) return { maxUnavailable: replicas, maxSurge: 0 };
      const { maxUnavailable = '25%', maxSurge = '25%' } = spec.strategy?.rollingUpdate ?? {};
      return {
        maxUnavailable: unavailableOf(maxUnavailable, maxSurge, replicas),
        maxSurge: surgeOf(maxSurge, replicas),
      };
    }
    case 'StatefulSet': {
      const limit = scaledValue(spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, replicas, true);
      return { maxUnavailable: Math.max(1, limit), maxSurge: 0 };
    }
    case 'DaemonSet':
      return { maxUnavailable: daemonSetUnavailable(spec, 1), maxSurge: 0 };
    default:
      return { maxUnavailable: -1, maxSurge: 0 };
  }
}

/** Pods that a DaemonSet's rolling update may miss on so many nodes; percentages round up. */
export function daemonSetUnavailable(spec: unknown, nodes: number): number {
  const { maxUnavailable, maxSurge } = (spec as WorkloadSpec).updateStrategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge ?? 0, nodes, true);
  const missing = scaledValue(maxUnavailable ?? (surge > 0 ? 0 : 1), nodes, true);
  return missing === 0 && surge === 0 ? 1 : missing;
}
