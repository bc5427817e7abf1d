/**
 * What a scheduler plugin is: batches of node slots in, survivors or a score column out.
 *
 * `prepare` is PreFilter or PreScore and says whether the plugin has anything to do in this cycle (`false` = Skip). A filter
 * compacts the slots in place: survivors first, in their order, and reports each rejected slot to the diagnosis. Plugins keep
 * per-cycle scratch state in their instance; one instance serves one scheduler.
 */

import type { Pod } from '../../types/pod.ts';
import type { Diagnosis } from '../choice/diagnosis.ts';
import type { ImageStates } from '../framework/image-states.ts';
import type { NodeTable } from '../nodes/node-table.ts';
import type { CarriedTerms } from '../pods/carried-terms.ts';
import type { DefaultSpread } from '../pods/default-spread.ts';
import type { PodCounts } from '../pods/pod-counts.ts';
import type { PodClass } from '../pods/pod-shape.ts';
import type { PodTable } from '../pods/pod-table.ts';

/** What plugins may look at; the same object for a scheduler's whole life. */
export interface Snapshot {
  readonly nodes: NodeTable;
  readonly pods: PodTable;
  readonly counts: PodCounts;
  /** Required anti-affinity, required affinity and preferred terms of pods on nodes. */
  readonly carried: CarriedTerms;
  readonly carriedAffinity: CarriedTerms;
  readonly carriedPreferred: CarriedTerms;
  readonly defaultSpread: DefaultSpread;
  readonly images: ImageStates;
  /** Some pod of a class. */
  sampleOf(podClass: PodClass): Pod;
}

/** The pod of a cycle. */
export interface PodRequest {
  readonly podClass: PodClass;
  /** `spec.nodeName` of a pod that is only asked about; `''` for a pod to be scheduled. */
  readonly nodeName: string;
  /**
   * The pod itself, for what no class holds: owner, images, claims, nomination. Absent for pods that are their class and
   * nothing more.
   */
  readonly pod?: Pod | undefined;
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

/**
 * How raw scores become 0 … 100. `maximum`: 100·s/max; `reverse`: 100 − that; `range`: 100·(s − min)/(max − min);
 * `spread`: 100·(max + min − s)/max over the nodes that are not {@link IGNORED_SCORE}, 0 for these.
 */
export type Normalizer = 'none' | 'maximum' | 'reverse' | 'range' | 'spread';

/** Raw score of a node that `spread` leaves out. */
export const IGNORED_SCORE = -1;

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
  if (rule === 'range') normalizeRange(scores, count);
  else if (rule === 'spread') normalizeSpread(scores, count);
  else normalizeByMaximum(rule, scores, count);
}

/** InterPodAffinity's rule: all 0 when all are equal. */
function normalizeRange(scores: Float64Array, count: number): void {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    min = Math.min(min, scores[i] as number);
    max = Math.max(max, scores[i] as number);
  }
  for (let i = 0; i < count; i++) scores[i] = inRange(scores[i] as number, min, max);
}

/** One raw score between the smallest and the largest of all feasible nodes. */
export function inRange(raw: number, min: number, max: number): number {
  const range = max - min;
  return range > 0 ? Math.trunc(100 * ((raw - min) / range)) : 0;
}

/** PodTopologySpread's rule. */
function normalizeSpread(scores: Float64Array, count: number): void {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let i = 0; i < count; i++) {
    const score = scores[i] as number;
    if (score === IGNORED_SCORE) continue;
    min = Math.min(min, score);
    max = Math.max(max, score);
  }
  for (let i = 0; i < count; i++) {
    const score = scores[i] as number;
    scores[i] = score === IGNORED_SCORE ? 0 : spreadOut(score, min, max);
  }
}

/** One raw spread score between the smallest and the largest of all feasible nodes that are not left out. */
export function spreadOut(raw: number, min: number, max: number): number {
  return max === 0 ? 100 : Math.trunc((100 * (max + min - raw)) / max);
}

function normalizeByMaximum(rule: Normalizer, scores: Float64Array, count: number): void {
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
