/**
 * Pods of a group that get their nodes together in a placement, or none of them does: the rules of a scheduler's group cycle (core/scheduler/groups/group-cycle.ts)
 * without its queue.
 *
 * Always: where the answer is that they do not fit, nothing has changed.
 */

import { configurationOf } from '../scheduler/configuration/profile.ts';
import { bestPlacement, fullness, placementsOf } from '../scheduler/groups/group-placements.ts';
import type { Placement } from './placement.ts';

/** Pods that are to have nodes together. */
export interface GroupDemand {
  /** Of each pod. */
  readonly kinds: readonly number[];
  /** How many of them must have a node. */
  readonly wanted: number;
  /** The label whose value their nodes share; '' for none. */
  readonly topologyKey: string;
  /** Row of a pod of the group that has its node already, −1 for none. */
  readonly beside: number;
}

/** What would have to go for a group, and the node (−1 for none) that each of its pods would get. */
export interface GroupEviction {
  readonly rows: readonly number[];
  readonly nodes: readonly number[];
  readonly pdbViolations: number;
}

/** The value of the group's label that its pods have already; null where they are free to choose. */
export function requiredDomain(placement: Placement, { topologyKey, beside }: GroupDemand): string | null {
  if (topologyKey === '' || beside < 0) return null;
  return placement.core.nodes.labels[placement.nodeOf(beside)]?.[topologyKey] ?? '';
}

/** Places as many pods as possible, in their order; the row of each, −1 for none. `null`: fewer than wanted find a node. */
export function placeTogether(placement: Placement, demand: GroupDemand, policy: number): readonly number[] | null {
  if (demand.topologyKey === '') return tryAll(placement, demand.kinds, demand.wanted);
  const { core } = placement;
  const { resources } = configurationOf(core.profile(policy)).args.nodeResourcesFit.scoringStrategy;
  const trials: { readonly nodes: readonly number[]; readonly count: number; readonly full: number }[] = [];
  for (const { domain, slots } of placementsOf(core.nodes, demand.topologyKey, requiredDomain(placement, demand))) {
    const kinds = placement.confinedKinds(demand.kinds, demand.topologyKey, domain);
    const rows = tryAll(placement, kinds, demand.wanted);
    if (rows === null) continue;
    const nodes = rows.map((row) => (row < 0 ? -1 : placement.nodeOf(row)));
    const count = rows.filter((row) => row >= 0).length;
    trials.push({ nodes, count, full: fullness(core.nodes, slots, resources) });
    takeBack(placement, rows);
  }
  const best = trials[bestPlacement(trials)];
  if (best === undefined) return null;
  return best.nodes.map((node, i) => (node < 0 ? -1 : placement.bind(demand.kinds[i] as number, node)));
}

/** Kinds of −1 ask for other nodes. */
function tryAll(placement: Placement, kinds: readonly number[], wanted: number): readonly number[] | null {
  const possible = kinds.filter((kind) => kind >= 0);
  const found = placement.takesBatches ? placement.placeBatch(possible) : placeInTurn(placement, possible, wanted);
  let next = 0;
  const rows = kinds.map((kind) => (kind < 0 ? -1 : (found[next++] ?? -1)));
  if (rows.filter((row) => row >= 0).length >= wanted) return rows;
  takeBack(placement, rows);
  return null;
}

/** Stops as soon as the rest is not enough. */
function placeInTurn(placement: Placement, kinds: readonly number[], wanted: number): number[] {
  const rows: number[] = [];
  let placed = 0;
  for (const [i, kind] of kinds.entries()) {
    if (placed + kinds.length - i < wanted) break;
    const row = placement.place(kind);
    if (row >= 0) placed++;
    rows.push(row);
  }
  return rows;
}

function takeBack(placement: Placement, rows: readonly number[]): void {
  for (const row of [...rows].reverse()) if (row >= 0) placement.remove(row);
}
