/**
 * How long a workload may take to come back in each trial, from the cluster's and its own settings.
 */
import { livenessBound } from '../../core/chaos/bound.ts';
import { resolveCluster } from '../../core/cluster/description.ts';
import type { TrialCase, TrialSetup } from './battery.ts';

const S = 1_000_000;
/** How long the faults of the control plane last. */
export const OUTAGE_US = 60 * S;
export const STORE_OUTAGE_US = 10 * S;
/** A pod's pull and start at their slowest. */
const START_US = 20 * S;
/** So much longer than the bound a lost node stays away. */
const AWAY_MORE_US = 30 * S;
/** Time that a drain needs beside its pods. */
const DRAIN_MIN_US = 90 * S;
/** A broken image is left in place for so long beside the pods' own time: long enough for a rollout to run into its limit. */
const BROKEN_MIN_US = 120 * S;

/** Slowest pod of all workloads, µs. */
function slowestUs(setup: TrialSetup): number {
  return Math.max(0, ...setup.workloads.map((workload) => workload.slowestPodUs));
}

/** Longest that one node may take to drain before the person gives up, µs. */
export function drainTimeoutUs(setup: TrialSetup): number {
  return DRAIN_MIN_US + 2 * (slowestUs(setup) + START_US);
}

/** How long a broken image stays before it is taken back, µs. */
export function brokenForUs(setup: TrialSetup): number {
  return BROKEN_MIN_US + slowestUs(setup);
}

/**
 * The bound of one workload in a case. A StatefulSet's pod on a lost node is not replaced before the node is back, so there the
 * bound counts from the node's return: what nobody can change in the manifests is no fault of theirs.
 */
export function workloadBoundOf(setup: TrialSetup, trialCase: TrialCase, kind: string): number {
  const boundUs = boundOf(setup, trialCase);
  if (kind !== 'StatefulSet' || (trialCase.trial !== 'node-crash' && trialCase.trial !== 'zone-loss')) return boundUs;
  return awayUs(setup, trialCase) + settleUs(setup, 0);
}

/** How long nodes stay away in a crash: the whole bound, and a little more. */
export function awayUs(setup: TrialSetup, trialCase: TrialCase): number {
  return boundOf(setup, trialCase) + AWAY_MORE_US;
}

/** The bound of a case, µs from its beginning to everything Ready; for a drain, from a node's cordon to its end. */
export function boundOf(setup: TrialSetup, trialCase: TrialCase): number {
  const settled = settleUs(setup, 0);
  switch (trialCase.trial) {
    case 'node-crash':
      return settleUs(setup, 1);
    case 'zone-loss':
      return settleUs(
        setup,
        resolveCluster(setup.cluster).nodes.filter(({ zone }) => zone === trialCase.subject).length,
      );
    case 'drain':
      return drainTimeoutUs(setup);
    case 'rolling-update':
      return settled + rolloutUs(setup, trialCase.subject);
    case 'broken-image':
      return brokenForUs(setup) + settled + rolloutUs(setup, trialCase.subject);
    case 'store-crash':
      return STORE_OUTAGE_US + settled;
    default:
      return OUTAGE_US + settled;
  }
}

function settleUs(setup: TrialSetup, nodesAway: number): number {
  const cluster = resolveCluster(setup.cluster);
  const pods = setup.workloads.reduce((sum, { replicas }) => sum + (replicas < 0 ? cluster.nodes.length : replicas), 0);
  return livenessBound({ cluster, nodesAway, pods, largestBackoffUs: 0, slowestPodUs: slowestUs(setup) }).totalUs;
}

/** Time for all pods to be replaced, so many at once as the workload allows. */
function rolloutUs(setup: TrialSetup, id: string): number {
  const workload = setup.workloads.find((each) => each.id === id);
  if (workload === undefined) return 0;
  const replicas = workload.replicas < 0 ? resolveCluster(setup.cluster).nodes.length : workload.replicas;
  const atOnce = Math.max(1, workload.maxUnavailable + workload.maxSurge);
  return Math.ceil(replicas / atOnce) * (workload.slowestPodUs + START_US);
}
