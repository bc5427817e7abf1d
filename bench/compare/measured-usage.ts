/**
 * Measured cpu of pods from a dump's PodMetrics (`kubectl get pods.metrics.k8s.io -A -o json`): what a new pod of a workload is
 * expected to use is the mean of its running ones.
 */
import { amountOf, controllerOf, type KubeObject, type Pod } from '../../core/cluster/vocabulary.ts';

interface Metrics {
  readonly containers?: readonly { readonly usage?: { readonly cpu?: string | number } }[];
}

/** Mean cpu of a pod's workload as a quantity; undefined where nothing of it was measured. */
export function meanCpuUsage(pods: readonly Pod[], objects: readonly KubeObject[]): (pod: Pod) => string | undefined {
  const measured = new Map<string, number>();
  for (const object of objects) {
    if (object.kind !== 'PodMetrics') continue;
    const { containers = [] } = object as Metrics;
    const milli = containers.reduce((sum, { usage }) => sum + milliOf(usage?.cpu), 0);
    measured.set(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, milli);
  }
  const sums = new Map<string, { milli: number; count: number }>();
  for (const pod of pods) {
    const milli = measured.get(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`);
    if (milli === undefined) continue;
    const before = sums.get(workloadOf(pod)) ?? { milli: 0, count: 0 };
    sums.set(workloadOf(pod), { milli: before.milli + milli, count: before.count + 1 });
  }
  return (pod) => {
    const sum = sums.get(workloadOf(pod));
    return sum === undefined ? undefined : `${Math.round(sum.milli / sum.count)}m`;
  };
}

/** Millicores; what is no quantity counts as nothing. */
function milliOf(cpu: string | number | undefined): number {
  try {
    return cpu === undefined ? 0 : Math.max(0, amountOf('cpu', cpu));
  } catch {
    return 0;
  }
}

/** The controller of a pod, or the pod itself. */
function workloadOf(pod: Pod): string {
  const { metadata } = pod;
  const owner = controllerOf(pod);
  return `${metadata.namespace ?? ''} ${owner?.kind ?? 'Pod'} ${owner?.name ?? metadata.name}`;
}
