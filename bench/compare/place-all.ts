/**
 * Places pods in order without anything departing: what compaction, inflation and purchases ask "does it fit?" with.
 */
import type { GroupDemand } from '../../core/cluster/placement.ts';
import type { PreparedRun } from './experiment-input.ts';
import { gangRuleOf } from './workload.ts';

/** Arrivals that a policy for batches gets at a time, gangs aside. */
const BATCH_PODS = 100;

/** Rows of an order that are placed in one go: those of a gang that it holds side by side, a batch of others, or one pod. */
export function* groupsOf({ workload, placement }: PreparedRun, order: Int32Array): Generator<readonly number[]> {
  const gangAt = (at: number): number => workload.gangOf?.[order[at] as number] ?? -1;
  let at = 0;
  while (at < order.length) {
    const gang = gangAt(at);
    let end = at + 1;
    if (gang >= 0) {
      // A gang that comes twice in a row begins again with its first pod.
      while (end < order.length && gangAt(end) === gang && order[end] !== order[at]) end++;
    } else if (placement.takesBatches) {
      while (end - at < BATCH_PODS && end < order.length && gangAt(end) < 0) end++;
    }
    yield Array.from(order.subarray(at, end));
    at = end;
  }
}

/** Whether enough pods of a group were placed; anything is enough that is no gang. */
export function isComplete({ workload }: PreparedRun, group: readonly number[], placed: number): boolean {
  const rule = gangRuleOf(workload, group[0] as number);
  return rule === null || placed >= rule.needed;
}

/** The gang that a group is, where the policy gives gangs their nodes together; null otherwise. */
export function gangDemand({ workload, gangs }: PreparedRun, group: readonly number[]): GroupDemand | null {
  const rule = gangs ? gangRuleOf(workload, group[0] as number) : null;
  if (rule === null) return null;
  const kinds = group.map((row) => workload.kindOf[row] as number);
  return { kinds, wanted: rule.needed, topologyKey: rule.topologyKey, beside: -1 };
}

/** Places a group; the row of the placement of each pod, −1 for none. */
export function placeGroup(run: PreparedRun, group: readonly number[]): readonly number[] {
  const { workload, placement } = run;
  const demand = gangDemand(run, group);
  if (demand !== null) return placement.placeGroup(demand) ?? group.map(() => -1);
  const kinds = group.map((row) => workload.kindOf[row] as number);
  return placement.takesBatches ? [...placement.placeBatch(kinds)] : kinds.map((kind) => placement.place(kind));
}

/** What came of placing a list of pods. */
export interface PlacedAll {
  /** Rows that found no node. */
  readonly left: readonly number[];
  readonly placed: number;
  /** Mean number of equal best nodes a placement; 1 for a policy that takes batches. */
  readonly tiesMean: number;
}

/** Places rows in order; `stopAtFirst` = the first that does not fit ends it. */
export function placeAll(run: PreparedRun, order: Int32Array, stopAtFirst: boolean): PlacedAll {
  const left: number[] = [];
  let placed = 0;
  let ties = 0;
  for (const group of groupsOf(run, order)) {
    const rows = placeGroup(run, group);
    group.forEach((row, i) => {
      if ((rows[i] as number) < 0) left.push(row);
      else placed++;
    });
    // Of a group the last choice stands for all.
    ties += group.length * run.placement.lastTies;
    if (stopAtFirst && left.length > 0) break;
  }
  return { left, placed, tiesMean: placed === 0 ? 1 : ties / (placed + left.length) };
}
