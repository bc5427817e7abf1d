/**
 * What a scheduler plugin is: batches of node slots in, survivors or a score column out.
 *
 * `prepare` is PreFilter or PreScore and says whether the plugin has anything to do in this cycle (`false` = Skip). A filter
 * compacts the slots in place: survivors first, in their order, and reports each rejected slot to the diagnosis. Plugins keep
 * per-cycle scratch state in their instance; one instance serves one scheduler.
 */

import type { CarriedTerms } from './carried-terms.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { NodeTable } from './node-table.ts';
import type { PodCounts } from './pod-counts.ts';
import type { PodClass } from './pod-shape.ts';
import type { PodTable } from './pod-table.ts';

/** What plugins may look at; the same object for a scheduler's whole life. */
export interface Snapshot {
  readonly nodes: NodeTable;
  readonly pods: PodTable;
  readonly counts: PodCounts;
  readonly carried: CarriedTerms;
}

/** The pod of a cycle. */
export interface PodRequest {
  readonly podClass: PodClass;
  /** `spec.nodeName` of a pod that is only asked about; `''` for a pod to be scheduled. */
  readonly nodeName: string;
}

/** A plugin at the Filter extension point. */
export interface FilterPlugin {
  readonly name: string;
  /** PreFilter. `false` = nothing to do for this pod. */
  prepare(request: PodRequest, snapshot: Snapshot, diagnosis: Diagnosis, index: number): boolean;
  /** Returns how many of the first `count` slots survive. */
  filter(
    request: PodRequest,
    snapshot: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number;
}

/** How raw scores become 0 … 100. `maximum`: 100·s/max; `reverse`: 100 − that. */
export type Normalizer = 'none' | 'maximum' | 'reverse';

/** A plugin at the Score extension point. Scores are integers. */
export interface ScorePlugin {
  readonly name: string;
  readonly normalizer: Normalizer;
  /** PreScore. `false` = Skip: the plugin adds 0 on every node. */
  prepare(request: PodRequest, snapshot: Snapshot): boolean;
  /** Writes the raw score of each of the first `count` slots. */
  score(request: PodRequest, snapshot: Snapshot, slots: Int32Array, count: number, out: Float64Array): void;
}

/** `DefaultNormalizeScore` (Kubernetes 1.34): in place, over the feasible nodes. */
export function normalize(rule: Normalizer, scores: Float64Array, count: number): void {
  if (rule === 'none') return;
  let max = 0;
  for (let i = 0; i < count; i++) max = Math.max(max, scores[i] as number);
  for (let i = 0; i < count; i++) scores[i] = normalized(rule, scores[i] as number, max);
}

/** One raw score under the maximum of all feasible nodes. */
export function normalized(rule: Normalizer, raw: number, max: number): number {
  if (rule === 'none') return raw;
  if (max === 0) return rule === 'reverse' ? 100 : raw;
  const scaled = Math.floor((raw * 100) / max);
  return rule === 'reverse' ? 100 - scaled : scaled;
}
