/** The subject of the oracle that asks whether kube-scheduler takes a configuration file, and what its profiles come to. */

import type { ProfileConfiguration } from '../../../core/scheduler/configuration/configuration.ts';
import { decodeSchedulerConfiguration } from '../../../core/scheduler/configuration/decode.ts';
import type { PluginArguments, ResourceWeight } from '../../../core/scheduler/configuration/plugin-arguments.ts';
import type { Subject } from './subject.ts';

export const CONFIGURATION_SUBJECTS: Readonly<Record<string, Subject>> = {
  configuration: {
    answer(input) {
      const { configuration, problems } = decodeSchedulerConfiguration(input);
      if (problems.length > 0) return { refused: true };
      const { percentageOfNodesToScore, podInitialBackoffSeconds, podMaxBackoffSeconds, profiles } = configuration;
      return {
        percentageOfNodesToScore,
        backoffSeconds: [podInitialBackoffSeconds, podMaxBackoffSeconds],
        profiles: Object.fromEntries(profiles.map((profile) => [profile.schedulerName, profileForm(profile)])),
      };
    },
  },
};

function profileForm({ percentageOfNodesToScore, plugins, weights, args }: ProfileConfiguration): object {
  const lists = Object.entries(plugins).map(([point, names]): [string, string] => {
    const texts = point === 'score' ? names.map((name) => `${name}*${weights.get(name)}`) : names;
    return [point, texts.join(' ')];
  });
  return {
    percentageOfNodesToScore: percentageOfNodesToScore ?? null,
    plugins: Object.fromEntries(lists),
    // Arguments of other plugins have no effect.
    arguments: Object.fromEntries(
      Object.entries(argumentsForm(args)).filter(([name]) =>
        Object.values(plugins).some((names) => names.includes(name)),
      ),
    ),
  };
}

function argumentsForm(args: PluginArguments): object {
  const { ignoredResources, ignoredResourceGroups, scoringStrategy } = args.nodeResourcesFit;
  const { type, resources, shape } = scoringStrategy;
  const { minCandidateNodesPercentage, minCandidateNodesAbsolute } = args.defaultPreemption;
  const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } = args.interPodAffinity;
  const { systemDefaulted, defaultConstraints } = args.podTopologySpread;
  return {
    NodeResourcesFit: [
      ignoredResources.join(' '),
      ignoredResourceGroups.join(' '),
      type,
      weightsForm(resources),
      shape.flatMap(({ utilization, score }) => [utilization, score]),
    ],
    NodeResourcesBalancedAllocation: weightsForm(args.balancedAllocation.resources),
    InterPodAffinity: [hardPodAffinityWeight, ignorePreferredTermsOfExistingPods],
    DefaultPreemption: [minCandidateNodesPercentage, minCandidateNodesAbsolute],
    VolumeBinding: args.volumeBinding.bindTimeoutSeconds,
    NodeAffinity: withoutEmptyLists(args.nodeAffinity.addedAffinity ?? null),
    PodTopologySpread: systemDefaulted
      ? 'System'
      : defaultConstraints.map(({ maxSkew, topologyKey, whenUnsatisfiable }) => [
          maxSkew,
          topologyKey,
          whenUnsatisfiable,
        ]),
  };
}

/** As the real types are written: an empty list is left out, but for one of terms. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(
    ([name, field]) => name === 'nodeSelectorTerms' || !Array.isArray(field) || field.length > 0,
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutEmptyLists(field)]));
}

function weightsForm(resources: readonly ResourceWeight[]): string[] {
  return resources.map(({ name, weight }) => `${name}*${weight}`);
}
