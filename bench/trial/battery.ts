/**
 * The battery: which trials there are, and which cases each of them means for given manifests and cluster.
 *
 * The list of cases depends on nothing but manifests, cluster and seeds, so a case's number means the same on every thread. Whether a node hosts
 * anything is known only once the cluster runs: a case about a node that hosts nothing is *skipped* when its turn comes.
 */
import { type ClusterDescription, resolveCluster } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import type { Workload } from './workload.ts';

export const TRIALS = [
  { name: 'node-crash', about: 'each node that hosts something loses power and stays away', moves: true },
  { name: 'zone-loss', about: 'all nodes of each zone lose power and stay away', moves: true },
  { name: 'drain', about: 'every node is drained in turn, as kubectl drain does', moves: true },
  { name: 'rolling-update', about: 'each workload gets a new image', moves: true },
  {
    name: 'broken-image',
    about: 'each workload gets an image that cannot be pulled, and then its old one again',
    moves: true,
  },
  { name: 'api-outage', about: 'all API servers are away for 60 s', moves: false },
  { name: 'scheduler-crash', about: 'the leading scheduler crashes and is away for 60 s', moves: false },
  {
    name: 'controller-manager-crash',
    about: 'the leading controller manager crashes and is away for 60 s',
    moves: false,
  },
  { name: 'store-crash', about: 'the store crashes, is away for 10 s and restarts from its disk', moves: false },
  { name: 'store-leader-loss', about: 'the leader of three store members is away for 60 s', moves: false },
  { name: 'store-minority-loss', about: 'a minority of the store members is away for 60 s', moves: false },
  { name: 'store-majority-loss', about: 'a majority of the store members is away for 60 s', moves: false },
  {
    name: 'store-disk-faults',
    about: 'for 60 s the disk of the leading store member is slow and that of another fails',
    moves: false,
  },
] as const;

export type TrialName = (typeof TRIALS)[number]['name'];

export const TRIAL_NAMES: readonly TrialName[] = TRIALS.map(({ name }) => name);

/** Whether a trial gives workloads another pod template: what they lack then is not what they lack without it. */
export function changesWorkload(trial: TrialName): boolean {
  return trial === 'rolling-update' || trial === 'broken-image';
}

/** Everything that the cases of one call share: plain data. */
export interface TrialSetup {
  readonly objects: readonly KubeObject[];
  readonly workloads: readonly Workload[];
  readonly cluster: ClusterDescription;
  readonly trials: readonly TrialName[];
  readonly seeds: readonly number[];
}

/** One run of the battery. */
export interface TrialCase {
  readonly trial: TrialName;
  /** What it is done to: a node, a zone, a workload; '' for the trials of the control plane. */
  readonly subject: string;
  readonly seed: number;
}

/** All cases in the order of the card: trial, seed, subject. */
export function casesOf(setup: TrialSetup): TrialCase[] {
  const cases: TrialCase[] = [];
  for (const trial of setup.trials) {
    const subjects = subjectsOf(trial, setup);
    for (const seed of setup.seeds) for (const subject of subjects) cases.push({ trial, subject, seed });
  }
  return cases;
}

/** What a trial is done to, one case each. */
function subjectsOf(trial: TrialName, setup: TrialSetup): string[] {
  const { nodes } = resolveCluster(setup.cluster);
  switch (trial) {
    case 'node-crash':
      return nodes.map(({ name }) => name);
    case 'zone-loss':
      return [...new Set(nodes.map(({ zone }) => zone))].filter((zone) => zone !== '');
    case 'rolling-update':
    case 'broken-image':
      return setup.workloads.filter(canRoll).map(({ id }) => id);
    default:
      return [''];
  }
}

/** true if the workload has a rolling update. */
function canRoll(workload: Workload): boolean {
  return workload.runnable && workload.maxUnavailable >= 0 && workload.replicas !== 0;
}

/** true if the trial says something about the workload. */
export function appliesTo(trial: TrialName, workload: Workload): boolean {
  return !changesWorkload(trial) || !workload.runnable || canRoll(workload);
}
