/**
 * The extension points of the framework, as readable per-node functions: what each default plugin of kube-scheduler
 * implements (Kubernetes 1.34, scheduling framework). This is the reference; the typed-array path must choose the same.
 */
import type { Pod } from '../../types/pod.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { Cycle } from './cycle.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Rejection } from './status.ts';

/** The plugin has nothing to do in this cycle: it is left out at Filter or Score. */
export const SKIP = 'skip';

/** The only nodes that can do, by name; they need not exist. */
export interface NodeSet {
  readonly nodeNames: readonly string[];
}

export type PreFilterOutcome = typeof SKIP | null | NodeSet | Rejection;

/** A plugin; `null` is consent. A plugin may be enabled at some of its points only. */
export interface Plugin {
  readonly name: string;
  preEnqueue?(pod: Pod, objects: ClusterObjects): Rejection | null;
  preFilter?(cycle: Cycle): PreFilterOutcome;
  filter?(cycle: Cycle, node: NodeInfo): Rejection | null;
  /** A pod is assumed on (or taken off) a node in a dry run: the plugin's state follows. */
  addPod?(cycle: Cycle, added: PodInfo, node: NodeInfo): void;
  removePod?(cycle: Cycle, removed: PodInfo, node: NodeInfo): void;
  /** `nodes` are the feasible ones. @throws CycleError */
  preScore?(cycle: Cycle, nodes: readonly NodeInfo[]): typeof SKIP | null;
  /** Raw score, an integer. */
  score?(cycle: Cycle, node: NodeInfo): number;
  /** Brings raw scores of the feasible nodes to 0 … 100, in place. */
  normalize?(cycle: Cycle, nodes: readonly NodeInfo[], scores: Float64Array): void;
}

/** Largest score after normalisation. */
export const MAX_NODE_SCORE = 100;

/** `DefaultNormalizeScore`: shares of the largest raw score; `reverse` turns them round. */
export function normalizeByMaximum(scores: Float64Array, reverse: boolean): void {
  let max = 0;
  for (const score of scores) max = Math.max(max, score);
  for (let i = 0; i < scores.length; i++) {
    if (max === 0) {
      if (reverse) scores[i] = MAX_NODE_SCORE;
      continue;
    }
    const share = Math.floor((MAX_NODE_SCORE * (scores[i] as number)) / max);
    scores[i] = reverse ? MAX_NODE_SCORE - share : share;
  }
}
