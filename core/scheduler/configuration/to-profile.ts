/**
 * Profiles of the scheduler from a decoded KubeSchedulerConfiguration. What a file cannot say (tie rule, node order) comes
 * from the caller.
 */

import type { ProfileConfiguration, SchedulerConfiguration } from './configuration.ts';
import { DEFAULT_PROFILE, type Profile, type ScoreWeights } from './profile.ts';

/** The choices between equals; kube-scheduler's own where absent. */
export type ProfileChoices = Partial<Pick<Profile, 'tieRule' | 'nodeOrder' | 'percentageOfNodesToScore'>>;

/** All profiles of a configuration, in its order. */
export function profilesOf(
  configuration: SchedulerConfiguration,
  choices: ProfileChoices = {},
): readonly [Profile, ...Profile[]] {
  const [first, ...rest] = configuration.profiles.map((profile) => toProfile(profile, configuration, choices));
  return [first as Profile, ...rest];
}

function toProfile(
  base: ProfileConfiguration,
  configuration: SchedulerConfiguration,
  choices: ProfileChoices,
): Profile {
  const { scoringStrategy } = base.args.nodeResourcesFit;
  return {
    schedulerName: base.schedulerName,
    strategy: scoringStrategy.type,
    strategyResources: scoringStrategy.resources,
    strategyShape: scoringStrategy.shape,
    balancedResources: base.args.balancedAllocation.resources.map(({ name }) => name),
    weights: weightsOf(base),
    percentageOfNodesToScore:
      choices.percentageOfNodesToScore ?? base.percentageOfNodesToScore ?? configuration.percentageOfNodesToScore,
    tieRule: choices.tieRule ?? DEFAULT_PROFILE.tieRule,
    nodeOrder: choices.nodeOrder ?? DEFAULT_PROFILE.nodeOrder,
    version: configuration.version,
    base,
  };
}

/** Weights of the plugins that are enabled at Score; 0 for the others. */
function weightsOf({ plugins, weights }: ProfileConfiguration): ScoreWeights {
  const weight = (name: keyof ScoreWeights) => (plugins.score.includes(name) ? (weights.get(name) ?? 1) : 0);
  return {
    TaintToleration: weight('TaintToleration'),
    NodeAffinity: weight('NodeAffinity'),
    NodeResourcesFit: weight('NodeResourcesFit'),
    NodeResourcesBalancedAllocation: weight('NodeResourcesBalancedAllocation'),
    PodTopologySpread: weight('PodTopologySpread'),
    InterPodAffinity: weight('InterPodAffinity'),
    ImageLocality: weight('ImageLocality'),
  };
}
