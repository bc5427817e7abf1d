/**
 * Nodes that are lost and come back during a steady state: drawn from the seed alone, so that every policy loses the same nodes at
 * the same times.
 *
 * A loss takes all pods of the node with it. Their replacements come when the node is given up: 50 s without a heartbeat
 * and 300 s of toleration (Kubernetes 1.34: node-monitor-grace-period, DefaultTolerationSeconds). Virtual µs.
 */
import { streamOf } from './arrivals.ts';

/** From the loss of a node to the arrival of its pods' replacements. */
export const GIVEN_UP_US = 350_000_000;
/** How long a lost node is away on average. */
const AWAY_MEAN_US = 1_800_000_000;

/** A node goes or comes back. */
export interface NodeChange {
  readonly timeUs: number;
  /** Index in the workload. */
  readonly node: number;
  readonly lost: boolean;
}

/**
 * Losses and returns up to `horizonUs`, in order of time. `lossesAnHour` is the share of the nodes lost per hour, 0 … 1 (0 =
 * none); gaps and times away are exponential.
 */
export function drawDisturbances(
  nodeCount: number,
  lossesAnHour: number,
  horizonUs: number,
  seed: number,
): NodeChange[] {
  const changes: NodeChange[] = [];
  if (lossesAnHour <= 0 || nodeCount === 0) return changes;
  const stream = streamOf(seed, 'disturbances');
  const exponential = (mean: number): number => Math.max(1, Math.round(-Math.log(1 - stream.nextFloat()) * mean));
  const backUs = new Float64Array(nodeCount);
  const meanGapUs = 3_600_000_000 / (lossesAnHour * nodeCount);
  for (let now = exponential(meanGapUs); now < horizonUs; now += exponential(meanGapUs)) {
    const node = stream.below(nodeCount);
    const awayUs = exponential(AWAY_MEAN_US);
    if ((backUs[node] as number) > now) continue;
    backUs[node] = now + awayUs;
    changes.push({ timeUs: now, node, lost: true });
    if (now + awayUs < horizonUs) changes.push({ timeUs: now + awayUs, node, lost: false });
  }
  return changes.sort((a, b) => a.timeUs - b.timeUs || a.node - b.node);
}
