/** Which nodes a topology spread constraint counts (Kubernetes 1.34, PodTopologySpread: keys and inclusion policies). */

import type { PodShape, SpreadTerm } from '../pods/pod-shape.ts';
import type { NodeTable } from './node-table.ts';
import { firstUntolerated } from './tolerated.ts';

/** Whether a node has every one of these keys; `columns` hold their values by slot. */
export function hasAllKeys(columns: readonly Int32Array[], slot: number): boolean {
  for (const values of columns) if ((values[slot] as number) < 0) return false;
  return true;
}

/** Whether the term's inclusion policies let a node's pods count for a pod of this shape. */
export function isIncluded(term: SpreadTerm, shape: PodShape, nodes: NodeTable, slot: number): boolean {
  if (term.honorAffinity && shape.required !== null) {
    if (!shape.required.matches(nodes.names[slot] as string, nodes.labels[slot] ?? {})) return false;
  }
  if (!term.honorTaints) return true;
  return firstUntolerated(shape.tolerations, nodes.taints.listOf(nodes.taintSet[slot] as number)) === null;
}
