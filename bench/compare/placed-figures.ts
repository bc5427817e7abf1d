/**
 * Figures of a placement that depend on what is known of the pods: measured cpu use, and how near they are to their data.
 */
import { cpuUse, dataNearness } from '../../core/cluster/placement-figures.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { RunValues } from './metrics.ts';

/** All null where the workload says nothing of it. */
export function placedFigures({ placement, capacity }: PreparedRun): RunValues {
  const use = cpuUse(placement);
  const data = dataNearness(placement);
  return {
    'cpu-usage': use === null ? null : (100 * use.usedMilli) / Math.max(1, capacity.cpuMilli),
    'hot-nodes': use === null ? null : use.hotNodes,
    'contended-pods': use === null ? null : (100 * use.contendedPods) / Math.max(1, use.pods),
    'data-on-node': data === null ? null : (100 * data.onNode) / Math.max(1, data.pods),
    'data-in-zone': data === null ? null : (100 * (data.onNode + data.inZone)) / Math.max(1, data.pods),
  };
}
