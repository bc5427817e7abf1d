/**
 * Data-local: the node that holds the pod's data, then one in their zone, then any; of equal ones the emptiest.
 *
 * Where the data lie is told by two labels of the pod ({@link DATA_NODE_LABEL}, {@link DATA_ZONE_LABEL}; several places
 * separated by commas), made from its claims and volumes by whoever reads these. A place that a pod *needs* (a local volume, a
 * zonal disk) is node affinity; this is what it would like.
 */
import { CAPACITY, type NodeTable, ROW } from '../nodes/node-table.ts';
import { CPU, MEMORY } from '../nodes/resource-names.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';

/** Nodes and zones of a pod's data. */
export const DATA_NODE_LABEL = 'seatrial.dev/data-node';
export const DATA_ZONE_LABEL = 'seatrial.dev/data-zone';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** Points of each step: elsewhere 0 … 33, zone 33 … 66, node 66 … 99. */
const STEP = 33;

/** How near a pod is to its data on a slot: 2 on their node, 1 in their zone, 0 elsewhere; −1 for a pod without data. */
export function nearness(nodes: NodeTable, slot: number, labels: Readonly<Record<string, string>>): number {
  const onNodes = labels[DATA_NODE_LABEL]?.split(',') ?? [];
  const inZones = labels[DATA_ZONE_LABEL]?.split(',') ?? [];
  if (onNodes.length === 0 && inZones.length === 0) return -1;
  if (onNodes.includes(nodes.names[slot] as string)) return 2;
  const zone = nodes.labels[slot]?.[ZONE_LABEL];
  return zone !== undefined && inZones.includes(zone) ? 1 : 0;
}

/** Scores 0 … 99. */
export class DataLocalPolicy implements ScorePlugin {
  readonly name = 'DataLocal';
  readonly normalizer: Normalizer = 'none';

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const { shape, group } = request.podClass;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const left =
        (leftShare(nodes, slot, CPU, shape.vector.cpu) + leftShare(nodes, slot, MEMORY, shape.vector.memory)) / 2;
      out[i] = STEP * Math.max(0, nearness(nodes, slot, group.labels)) + Math.max(0, Math.trunc(STEP * left));
    }
  }
}

function leftShare({ rows }: NodeTable, slot: number, resource: number, request: number): number {
  const capacity = rows[slot * ROW + CAPACITY + resource] as number;
  return capacity === 0 ? 0 : 1 - ((rows[slot * ROW + resource] as number) + request) / capacity;
}
