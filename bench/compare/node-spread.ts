/**
 * How evenly nodes are filled: between nodes (balance) and between groups of them (skew).
 */
import { GPU_MODEL_LABEL } from '../../core/cluster/placement.ts';
import { dominantShares } from '../../core/cluster/placement-figures.ts';
import type { PreparedRun } from './experiment-input.ts';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Both in points of percent; skew is null where all nodes are of one group. */
export function spreadOf({ placement, workload, nodeOf }: PreparedRun): { balance: number; skew: number | null } {
  const shares = dominantShares(placement);
  const groups = new Map<string, number[]>();
  shares.forEach((share, slot) => {
    const labels = workload.nodes[nodeOf[slot] as number]?.metadata.labels ?? {};
    const name = labels[ZONE_LABEL] ?? labels[GPU_MODEL_LABEL] ?? '';
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [share]);
    else group.push(share);
  });
  const means = [...groups.values()].map(mean);
  return {
    balance: 100 * deviation([...shares]),
    skew: means.length < 2 ? null : 100 * (Math.max(...means) - Math.min(...means)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Standard deviation over all nodes. */
function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
