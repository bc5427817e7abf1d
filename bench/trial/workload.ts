/**
 * What a trial knows about each workload of the manifests: who it is, how many pods it wants, what else belongs to it.
 *
 * Plain data: it goes to worker threads as it is.
 */

/** Kinds whose pods the cluster runs. */
export const RUNNABLE_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicaSet', 'Pod'] as const;
export type RunnableKind = (typeof RUNNABLE_KINDS)[number];

/** How much a fact that is not simulated may change a mark: only for the worse, or either way. */
export type Effect = 'worse' | 'either';

/** Something that was read and is not simulated, and that a mark of the workload depends on. */
export interface Uncertainty {
  /** What it is, one phrase: `volume data (nfs shared)`. */
  readonly what: string;
  /** The word for it in `--assume`: its kind, or the field of the pod's spec. */
  readonly kind: string;
  readonly effect: Effect;
  /** `moves`: only trials in which pods are replaced; `all`: every trial. */
  readonly scope: 'moves' | 'all';
}

/** A disruption budget that selects pods of the workload. */
export interface BudgetFact {
  /** `namespace/name`. */
  readonly name: string;
  /** Fewest pods it leaves, out of the workload's replicas. */
  readonly minimum: number;
  /** As it is written: `minAvailable 2`. */
  readonly text: string;
  /** true if it can never allow a disruption while all pods are there. */
  readonly neverAllows: boolean;
}

/** One workload. */
export interface Workload {
  /** `Kind/namespace/name`. */
  readonly id: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** false: its kind is not simulated, so every mark of it is unknown. */
  readonly runnable: boolean;
  /** Wanted pods by its spec; −1 for a DaemonSet, which wants one a node. */
  readonly replicas: number;
  /** A Deployment whose strategy is Recreate. */
  readonly isRecreated: boolean;
  /** Pods a rolling update may miss; −1 if it has no rolling update. */
  readonly maxUnavailable: number;
  /** Pods a rolling update may add. */
  readonly maxSurge: number;
  /** Image of the first container. */
  readonly image: string;
  /** Names of Services (same namespace) whose ready endpoints count; publishNotReadyAddresses ones are left out. */
  readonly services: readonly string[];
  readonly budgets: readonly BudgetFact[];
  readonly uncertainties: readonly Uncertainty[];
  /** What would stand among them and was declared harmless, one phrase each. */
  readonly assumed: readonly string[];
  /** What its pods refer to and the manifests do not hold, one phrase each: a Secret, a claim's template. */
  readonly missing: readonly string[];
  /** Facts of its own that explain a bad mark, known before anything runs: `single replica`. */
  readonly suspicions: readonly string[];
  /** From creation to Ready and from deletion to gone, by its own settings, µs: probes, minReadySeconds, grace. */
  readonly slowestPodUs: number;
}
