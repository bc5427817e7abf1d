/**
 * How long convergence may take after the heal point, computed from the run's own settings (`bound: auto`), never guessed.
 *
 * bound = detection + eviction + leader fail-over + work / rate + a pod's start + largest back-off now queued + slack. A bound set by hand below this is
 * worth a warning: correct code may miss it.
 */
import type { ResolvedCluster } from '../cluster/description.ts';

/** The terms of a bound, µs, by name. */
export interface Bound {
  readonly totalUs: number;
  readonly terms: Readonly<Record<string, number>>;
}

export interface BoundInput {
  readonly cluster: ResolvedCluster;
  /** Nodes that are still away after the heal point: their pods must be evicted and replaced. */
  readonly nodesAway: number;
  /** Pods that may have to be created again. */
  readonly pods: number;
  /** Largest back-off that some queue or kubelet holds now, µs. */
  readonly largestBackoffUs: number;
  /** Longest time a pod needs by its own settings (grace, probes, minReadySeconds), µs. */
  readonly slowestPodUs: number;
}

const S = 1_000_000;
/** Lease expiry from the last observed renewal, two poll periods: 24 s; cache sync. */
const LEADER_FAILOVER_US = 30 * S;
/** Restart back-off of a control-plane process that ended itself: first restart at once, second after 10 s. */
const SUPERVISOR_BACKOFF_US = 12 * S;
const TOLERATION_US = 300 * S;
/** One node in 10 s and zone gets its NoExecute taint. */
const EVICTION_PER_NODE_US = 10 * S;
const POD_START_US = 20 * S;
const SLACK_US = 60 * S;

/** The bound for a healed cluster. */
export function livenessBound(input: BoundInput): Bound {
  const { settings } = input.cluster;
  const detection = input.nodesAway > 0 ? settings.nodeMonitorGraceS * S + 15 * S : 15 * S;
  const terms = {
    detection,
    eviction: input.nodesAway > 0 ? TOLERATION_US + input.nodesAway * EVICTION_PER_NODE_US : 0,
    leaderFailover: LEADER_FAILOVER_US + SUPERVISOR_BACKOFF_US,
    work: Math.ceil((input.pods * 4 * S) / Math.max(1, settings.controllerQps)),
    podStart: POD_START_US + input.slowestPodUs,
    backoff: input.largestBackoffUs,
    slack: SLACK_US,
  };
  return { totalUs: Object.values(terms).reduce((sum, term) => sum + term, 0), terms };
}
