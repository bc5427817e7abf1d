/**
 * The typical pods of a workload: what fragmentation is measured against.
 *
 * Source: "Beware of Fragmentation" (USENIX ATC'23) and its artifact: kinds of pods by cpu, share, devices and models, the
 * most frequent first, until they cover 95 % of all pods; weights are shares of what was taken.
 */

import type { Pod } from '../../types/pod.ts';
import { podRequests } from '../../types/pod-requests.ts';
import { gpuDemandOf, gpuModelsOf } from '../devices/gpu-demand.ts';

/** Part of the pods that the typical ones cover. */
const COVERED = 0.95;

/** One kind of pod. */
export interface TypicalPod {
  readonly cpuMilli: number;
  /** Thousandths of each device, 0 without GPU. */
  readonly gpuMilli: number;
  readonly gpuCount: number;
  /** Allowed models; empty = any. */
  readonly models: readonly string[];
  /** Share of the pods, all weights together 1. */
  readonly weight: number;
}

/** The typical pods of a workload of `pods[i]`, each `counts[i]` times; most frequent first. */
export function typicalPods(pods: readonly Pod[], counts: ArrayLike<number>): TypicalPod[] {
  const kinds = new Map<string, { pod: Omit<TypicalPod, 'weight'>; spec: string; count: number }>();
  let total = 0;
  pods.forEach((pod, index) => {
    const count = counts[index] ?? 0;
    if (count <= 0) return;
    const kind = kindOf(pod);
    const spec = kind.models.join('|');
    const key = `${kind.cpuMilli} ${kind.gpuMilli} ${kind.gpuCount} ${spec}`;
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, { pod: kind, spec, count });
    else known.count += count;
    total += count;
  });
  const sorted = [...kinds.values()].sort(
    (a, b) =>
      b.count - a.count ||
      b.pod.cpuMilli - a.pod.cpuMilli ||
      b.pod.gpuMilli - a.pod.gpuMilli ||
      b.pod.gpuCount - a.pod.gpuCount ||
      (a.spec < b.spec ? 1 : -1),
  );
  let taken = 0;
  let covered = 0;
  while (taken < sorted.length && covered < COVERED * total) covered += sorted[taken++]?.count ?? 0;
  return sorted.slice(0, taken).map(({ pod, count }) => ({ ...pod, weight: count / total / (covered / total) }));
}

function kindOf(pod: Pod): Omit<TypicalPod, 'weight'> {
  const gpu = gpuDemandOf(pod.spec);
  return {
    cpuMilli: podRequests(pod.spec).cpuMilli,
    gpuMilli: gpu?.milli ?? 0,
    gpuCount: gpu?.count ?? 0,
    models: gpu === null ? [] : gpuModelsOf(pod.spec),
  };
}
