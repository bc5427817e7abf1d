/**
 * Load-aware: the node whose measured cpu load is least with the pod on it, whatever was requested. Keeps away from nodes
 * whose pods use more than they asked for.
 *
 * Source of the idea: the Trimaran plugins of kubernetes-sigs/scheduler-plugins. A pod's measured use is the label
 * {@link CPU_USAGE_LABEL} (cores as a quantity): what is the same to the scheduler is one class of spec and labels, and the
 * measurement belongs to it. A pod without one counts with its request. Cost: O(pods of the node) a changed node.
 */
import { amountOf } from '../../types/quantity.ts';
import { CAPACITY, ROW } from '../nodes/node-table.ts';
import { CPU } from '../nodes/resource-names.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import type { PodClass } from '../pods/pod-shape.ts';

/** Cpu that pods like this one use, as measured: `250m`. */
export const CPU_USAGE_LABEL = 'seatrial.dev/cpu-usage';

/** Measured cpu of a pod of a class, millicores. */
export function cpuUsageMilli({ shape, group }: PodClass): number {
  const measured = group.labels[CPU_USAGE_LABEL];
  return measured === undefined ? shape.vector.cpu : amountOf('cpu', measured);
}

/** Measured cpu of all pods on a slot, millicores. */
export function slotUsageMilli({ nodes, pods }: Snapshot, slot: number): number {
  let used = 0;
  for (let row = nodes.firstPod[slot] as number; row >= 0; row = pods.nextOf(row))
    used += cpuUsageMilli(pods.classOf(row));
  return used;
}

/** Scores 0 … 100: trunc(100 (1 − load)), 0 for an overloaded node. */
export class LoadAwarePolicy implements ScorePlugin {
  readonly name = 'LoadAware';
  readonly normalizer: Normalizer = 'none';

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, snapshot: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const own = cpuUsageMilli(request.podClass);
    const { rows } = snapshot.nodes;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const capacity = rows[slot * ROW + CAPACITY + CPU] as number;
      const load = capacity === 0 ? 1 : (slotUsageMilli(snapshot, slot) + own) / capacity;
      out[i] = Math.max(0, Math.trunc(100 * (1 - load)));
    }
  }
}
