/**
 * The policies that are known by name, as profiles of the scheduler.
 *
 * Always: a policy changes scores (and the choice of a GPU) only. `random` and `first-fit` fix the tie rule, since how they
 * choose among equals is what they are.
 */
import { DEFAULT_PROFILE, type Profile } from '../configuration/profile.ts';
import { BestFitPolicy } from './best-fit.ts';
import { BorgHybridPolicy } from './borg-hybrid.ts';
import { DataLocalPolicy } from './data-local.ts';
import { DotProductPolicy } from './dot-product.ts';
import { EPvmPolicy } from './e-pvm.ts';
import { FgdPolicy } from './fgd.ts';
import { FirstFitPolicy } from './first-fit.ts';
import { GpuClusteringPolicy } from './gpu-clustering.ts';
import { GpuPackingPolicy } from './gpu-packing.ts';
import { L2NormPolicy } from './l2-norm.ts';
import { LoadAwarePolicy } from './load-aware.ts';
import { RandomPolicy } from './random.ts';
import { RequestedToCapacityRatioPolicy } from './requested-to-capacity-ratio.ts';
import type { TypicalPod } from './typical-pods.ts';
import { WorstFitPolicy } from './worst-fit.ts';

/** What a policy may know about the workload beforehand. */
export interface PolicyContext {
  /** The typical pods that FGD measures fragmentation against. */
  readonly typicalPods: readonly TypicalPod[];
}

interface NamedPolicy {
  readonly name: string;
  readonly about: string;
  readonly profile: (context: PolicyContext) => Profile;
}

const NAMED: readonly NamedPolicy[] = [
  {
    name: 'kube-default',
    about: 'the default profile of Kubernetes 1.34: least allocated, balanced, taints, affinity',
    profile: () => DEFAULT_PROFILE,
  },
  {
    name: 'most-allocated',
    about: 'NodeResourcesFit with MostAllocated over cpu and memory, without balance: packs nodes',
    profile: () => ({
      ...DEFAULT_PROFILE,
      strategy: 'MostAllocated',
      weights: { ...DEFAULT_PROFILE.weights, NodeResourcesBalancedAllocation: 0 },
    }),
  },
  {
    name: 'requested-to-capacity-ratio',
    about: 'bin packing by requested ÷ capacity, a GPU weighing three times cpu and memory',
    profile: () => scoring(() => ({ score: new RequestedToCapacityRatioPolicy(), chooser: null })),
  },
  {
    name: 'best-fit',
    about: 'the node with the least left of cpu and GPU (or memory)',
    profile: () => scoring(() => ({ score: new BestFitPolicy(), chooser: null })),
  },
  {
    name: 'worst-fit',
    about: 'the node with the most left of cpu and GPU (or memory)',
    profile: () => scoring(() => ({ score: new WorstFitPolicy(), chooser: null })),
  },
  {
    name: 'first-fit',
    about: 'the first node in search order that fits',
    profile: () => ({
      ...scoring(() => ({ score: new FirstFitPolicy(), chooser: null })),
      tieRule: 'first',
      fixedTieRule: true,
    }),
  },
  {
    name: 'l2-norm',
    about: 'the node whose remainder of cpu and GPU (or memory), as a vector, is the shortest',
    profile: () => scoring(() => ({ score: new L2NormPolicy(), chooser: null })),
  },
  {
    name: 'e-pvm',
    about: 'the least opportunity cost, exponential in the load of each resource: spreads',
    profile: () => scoring(() => ({ score: new EPvmPolicy(), chooser: null })),
  },
  {
    name: 'borg-hybrid',
    about: 'fills nodes, but rather where no resource is left stranded beside a full one',
    profile: () => scoring(() => ({ score: new BorgHybridPolicy(), chooser: null })),
  },
  {
    name: 'load-aware',
    about: 'the least measured cpu load (seatrial.dev/cpu-usage), whatever was requested',
    profile: () => scoring(() => ({ score: new LoadAwarePolicy(), chooser: null })),
  },
  {
    name: 'data-local',
    about: 'the node that holds the data of the pod, then one in their zone',
    profile: () => scoring(() => ({ score: new DataLocalPolicy(), chooser: null })),
  },
  {
    name: 'min-cost-flow',
    about: 'whole batches at once: the cheapest flow of waiting pods to nodes, by the costs of best fit',
    profile: () => ({ ...scoring(() => ({ score: new BestFitPolicy(), chooser: null })), batch: 'min-cost-flow' }),
  },
  {
    name: 'dot-product',
    about: 'the smallest product of what is free and what is asked for',
    profile: () => scoring(() => ({ score: new DotProductPolicy(), chooser: null })),
  },
  {
    name: 'random',
    about: 'any node that fits',
    profile: () => ({
      ...scoring(({ gpus }, draws) => {
        const random = new RandomPolicy(gpus, draws);
        return { score: random, chooser: random };
      }),
      tieRule: 'uniform',
      fixedTieRule: true,
    }),
  },
  {
    name: 'gpu-packing',
    about: 'GPUs in use first, then idle GPUs of nodes in use',
    profile: () => scoring(() => ({ score: new GpuPackingPolicy(), chooser: null })),
  },
  {
    name: 'gpu-clustering',
    about: 'pods of one GPU size together',
    profile: () => scoring(() => ({ score: new GpuClusteringPolicy(), chooser: null })),
  },
  {
    name: 'fgd',
    about: 'fragmentation gradient descent: where the typical pods lose the least',
    profile: ({ typicalPods }) =>
      scoring(({ gpus }) => {
        const fgd = new FgdPolicy(gpus, typicalPods);
        return { score: fgd, chooser: fgd };
      }),
  },
];

/** Names of all policies with a line about each. */
export const NAMED_POLICIES: readonly { readonly name: string; readonly about: string }[] = NAMED;

/** The profile of a policy, with the default node order, sampling and tie rule; undefined for an unknown name. */
export function namedProfile(name: string, context: PolicyContext): Profile | undefined {
  return NAMED.find((policy) => policy.name === name)?.profile(context);
}

function scoring(policy: NonNullable<Profile['policy']>): Profile {
  return { ...DEFAULT_PROFILE, policy };
}
