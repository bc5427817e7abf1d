/** How a scheduling cycle ends: the node, and how many nodes were looked at on the way. */
import { assert } from '../../base/assert.ts';
import type { TieRule } from '../configuration/profile.ts';
import type { NodeTable } from '../nodes/node-table.ts';

/** Uniform integers, as `Sfc32` gives them. */
export interface Draws {
  below(bound: number): number;
}

/** Outcome of one cycle; the same object is reused. */
export interface Selection {
  /** Slot of the chosen node, −1 when no node is feasible. */
  slot: number;
  /** Feasible nodes found (at most as many as were wanted). */
  feasible: number;
  /** Nodes examined, rejected and feasible. */
  examined: number;
  /** Nodes with the best score, the chosen one included. */
  ties?: number;
}

/** Which of `ties` equal nodes, in search order, wins; `name` is left to the caller. */
export function tieOrdinal(rule: TieRule, ties: number, draws: Draws): number {
  return rule === 'uniform' && ties > 1 ? draws.below(ties) : 0;
}

/** Of two slots the one with the smaller node name; −1 stands for none. */
export function smallerName(nodes: NodeTable, a: number, b: number): number {
  if (a < 0) return b;
  assert(b >= 0, 'selection: a slot to compare with');
  return (nodes.names[b] as string) < (nodes.names[a] as string) ? b : a;
}
