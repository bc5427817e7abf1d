/**
 * Decodes and checks `pluginConfig`. Bounds are upstream's (Kubernetes 1.34, apis/config/validation/validation_pluginargs.go).
 */
import { checkQualifiedName } from '../../types/dns-names.ts';
import { isRecord } from '../../types/json-value.ts';
import type { NodeAffinity, TopologySpreadConstraint } from '../../types/pod.ts';
import { isSummedResource } from '../framework/resource-kinds.ts';
import { CONFIGURATION_API_VERSION } from './configuration.ts';
import { decodeAddedAffinity } from './decode-affinity.ts';
import { closest, type FieldReader, type Fields, isAbsent } from './field-reader.ts';
import {
  CPU_AND_MEMORY,
  DEFAULT_ARGUMENTS,
  type DefaultPreemptionArgs,
  type InterPodAffinityArgs,
  type NodeResourcesFitArgs,
  type PluginArguments,
  type PodTopologySpreadArgs,
  type ResourceWeight,
  type ScoringStrategy,
  type ShapePoint,
  SYSTEM_CONSTRAINTS,
} from './plugin-arguments.ts';
import type { FieldPath } from './problem.ts';

const TYPE_FIELDS: readonly string[] = ['apiVersion', 'kind'];
const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'] as const;
const MAX_INT32 = 2_147_483_647;
const WITH_ARGUMENTS: readonly string[] = [
  'NodeResourcesFit',
  'NodeResourcesBalancedAllocation',
  'NodeAffinity',
  'InterPodAffinity',
  'PodTopologySpread',
  'DefaultPreemption',
  'VolumeBinding',
  'DynamicResources',
];

/** Arguments of one profile from its `pluginConfig` list. */
export function decodeArguments(
  reader: FieldReader,
  value: unknown,
  path: FieldPath,
  pluginNames: readonly string[],
): PluginArguments {
  let args = DEFAULT_ARGUMENTS;
  const seen = new Set<string>();
  for (const [i, item] of reader.list(value, path).entries()) {
    const at = [...path, i];
    const fields = reader.fields(item, at, ['name', 'args']);
    const name = reader.name(fields['name'], [...at, 'name'], "the plugin's name");
    if (name === '') continue;
    if (seen.has(name)) reader.problem([...at, 'name'], `the arguments of plugin "${name}" are given twice`);
    seen.add(name);
    if (!pluginNames.includes(name)) {
      const close = closest(name, pluginNames);
      reader.problem([...at, 'name'], `unknown plugin "${name}"`, close === '' ? '' : `did you mean "${close}"?`);
    } else if (!WITH_ARGUMENTS.includes(name)) {
      reader.problem([...at, 'name'], `plugin "${name}" takes no arguments`);
    } else args = { ...args, ...decodeOne(reader, name, fields['args'], [...at, 'args']) };
  }
  return args;
}

function decodeOne(reader: FieldReader, name: string, value: unknown, path: FieldPath): Partial<PluginArguments> {
  const read = (allowed: readonly string[]): Fields => {
    const fields = reader.fields(value, path, [...TYPE_FIELDS, ...allowed]);
    for (const [field, expected] of [
      ['apiVersion', CONFIGURATION_API_VERSION],
      ['kind', `${name}Args`],
    ] as const) {
      const given = fields[field] ?? '';
      if (given !== '' && given !== expected) reader.problem([...path, field], `must be "${expected}"`);
    }
    return fields;
  };
  switch (name) {
    case 'NodeResourcesFit':
      return {
        nodeResourcesFit: fitArgs(reader, read(['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy']), path),
      };
    case 'NodeResourcesBalancedAllocation':
      return { balancedAllocation: { resources: balancedResources(reader, read(['resources']), path) } };
    case 'NodeAffinity':
      return { nodeAffinity: { addedAffinity: addedAffinity(reader, read(['addedAffinity']), path) } };
    case 'InterPodAffinity':
      return {
        interPodAffinity: affinityArgs(
          reader,
          read(['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods']),
          path,
        ),
      };
    case 'PodTopologySpread':
      return { podTopologySpread: spreadArgs(reader, read(['defaultConstraints', 'defaultingType']), path) };
    case 'DefaultPreemption':
      return {
        defaultPreemption: preemptionArgs(
          reader,
          read(['minCandidateNodesPercentage', 'minCandidateNodesAbsolute']),
          path,
        ),
      };
    case 'VolumeBinding': {
      const fields = read(['bindTimeoutSeconds', 'shape']);
      if (!isAbsent(fields['shape'])) {
        reader.problem(
          [...path, 'shape'],
          'needs the feature gate StorageCapacityScoring, which is off',
          'leave it out',
        );
      }
      const seconds = reader.integer(fields['bindTimeoutSeconds'], [...path, 'bindTimeoutSeconds'], 600, 0, MAX_INT32);
      return { volumeBinding: { bindTimeoutSeconds: seconds } };
    }
    default: {
      const at = [...path, 'bindingTimeout'];
      const { bindingTimeout, filterTimeout } = read(['filterTimeout', 'bindingTimeout']);
      // Searches end after a number of steps here; the field is checked all the same.
      if (filterTimeout !== '') reader.duration(filterTimeout, [...path, 'filterTimeout'], 0);
      else reader.problem([...path, 'filterTimeout'], 'must be a duration such as "10s", not ""');
      const standardUs = DEFAULT_ARGUMENTS.dynamicResources.bindingTimeoutUs;
      const bindingTimeoutUs = reader.duration(bindingTimeout, at, standardUs);
      if (bindingTimeoutUs < 1_000_000) reader.problem(at, 'must be at least 1s');
      return { dynamicResources: { bindingTimeoutUs } };
    }
  }
}

function fitArgs(reader: FieldReader, fields: Fields, path: FieldPath): NodeResourcesFitArgs {
  const texts = (key: string) =>
    reader.list(fields[key], [...path, key]).map((item, i) => labelName(reader, item, [...path, key, i], 'the name'));
  const groups = texts('ignoredResourceGroups');
  for (const [i, group] of groups.entries()) {
    if (group.includes('/')) reader.problem([...path, 'ignoredResourceGroups', i], 'a resource group has no "/"');
  }
  return {
    ignoredResources: texts('ignoredResources'),
    ignoredResourceGroups: groups,
    scoringStrategy: strategy(reader, fields['scoringStrategy'], [...path, 'scoringStrategy']),
  };
}

/** A string that must be there and could be the key of a label. */
function labelName(reader: FieldReader, value: unknown, path: FieldPath, what: string): string {
  const name = reader.name(value, path, what);
  if (name !== '') for (const message of checkQualifiedName(name)) reader.problem(path, message);
  return name;
}

function strategy(reader: FieldReader, value: unknown, path: FieldPath): ScoringStrategy {
  const fields = reader.fields(value, path, ['type', 'resources', 'requestedToCapacityRatio']);
  if (isRecord(value) && isAbsent(fields['type'])) {
    reader.problem([...path, 'type'], 'type is missing', `one of ${STRATEGIES.join(', ')}`);
  }
  const type = reader.choice(fields['type'], [...path, 'type'], 'LeastAllocated', STRATEGIES);
  const listed = resources(reader, fields['resources'], [...path, 'resources'], 100);
  const ratioPath = [...path, 'requestedToCapacityRatio'];
  const ratio = reader.fields(fields['requestedToCapacityRatio'], ratioPath, ['shape']);
  const shape = shapeOf(reader, ratio['shape'], [...ratioPath, 'shape']);
  const isRatio = type === 'RequestedToCapacityRatio' || isRecord(fields['requestedToCapacityRatio']);
  if (isRatio && shape.length === 0) {
    reader.problem([...ratioPath, 'shape'], 'at least one point is needed', 'for example {utilization: 0, score: 0}');
  }
  return { type, resources: scored(listed), shape };
}

/** The scoring strategy may list a resource twice, and then weighs it twice. */
function resources(reader: FieldReader, value: unknown, path: FieldPath, maxWeight: number): readonly ResourceWeight[] {
  const found: ResourceWeight[] = [];
  for (const [i, item] of reader.list(value, path).entries()) {
    const fields = reader.fields(item, [...path, i], ['name', 'weight']);
    const name = reader.name(fields['name'], [...path, i, 'name'], "the resource's name");
    const weight =
      fields['weight'] === 0 ? 1 : reader.integer(fields['weight'], [...path, i, 'weight'], 1, 1, maxWeight);
    if (name !== '') found.push({ name, weight });
  }
  return found;
}

/** Points in rising utilisation, strictly. */
function shapeOf(reader: FieldReader, value: unknown, path: FieldPath): readonly ShapePoint[] {
  const points: ShapePoint[] = [];
  for (const [i, item] of reader.list(value, path).entries()) {
    const fields = reader.fields(item, [...path, i], ['utilization', 'score']);
    const utilization = reader.integer(fields['utilization'], [...path, i, 'utilization'], 0, 0, 100);
    const score = reader.integer(fields['score'], [...path, i, 'score'], 0, 0, 10);
    const before = points.at(-1);
    if (before !== undefined && utilization <= before.utilization) {
      reader.problem(
        [...path, i, 'utilization'],
        `utilization values must rise: ${utilization} after ${before.utilization}`,
        'sort the points by utilization, each value once',
      );
    }
    points.push({ utilization, score });
  }
  return points;
}

function balancedResources(reader: FieldReader, fields: Fields, path: FieldPath): readonly ResourceWeight[] {
  const listed = resources(reader, fields['resources'], [...path, 'resources'], 1);
  for (const [i, { name }] of listed.entries()) {
    const twice = listed.findIndex((other) => other.name === name) < i;
    if (twice) reader.problem([...path, 'resources', i, 'name'], `resource "${name}" is listed twice`);
  }
  return scored(listed);
}

/** Of the resources listed those that a node's sums keep; any other, such as pods, is let through and never scored. */
function scored(listed: readonly ResourceWeight[]): readonly ResourceWeight[] {
  return listed.length === 0 ? CPU_AND_MEMORY : listed.filter(({ name }) => isSummedResource(name));
}

function addedAffinity(reader: FieldReader, fields: Fields, path: FieldPath): NodeAffinity | undefined {
  const value = fields['addedAffinity'];
  return value === undefined ? undefined : decodeAddedAffinity(reader, value, [...path, 'addedAffinity']);
}

function affinityArgs(reader: FieldReader, fields: Fields, path: FieldPath): InterPodAffinityArgs {
  const ignores = 'ignorePreferredTermsOfExistingPods';
  return {
    hardPodAffinityWeight: reader.integer(
      fields['hardPodAffinityWeight'],
      [...path, 'hardPodAffinityWeight'],
      1,
      0,
      100,
    ),
    ignorePreferredTermsOfExistingPods: reader.flag(fields[ignores], [...path, ignores], false),
  };
}

function spreadArgs(reader: FieldReader, fields: Fields, path: FieldPath): PodTopologySpreadArgs {
  const type = reader.choice(fields['defaultingType'] || undefined, [...path, 'defaultingType'], 'System', [
    'System',
    'List',
  ] as const);
  const at = [...path, 'defaultConstraints'];
  const constraints = reader
    .list(fields['defaultConstraints'], at)
    .map((item, i) => constraint(reader, item, [...at, i]));
  for (const [i, { topologyKey, whenUnsatisfiable }] of constraints.entries()) {
    const first = constraints.findIndex(
      (c) => c.topologyKey === topologyKey && c.whenUnsatisfiable === whenUnsatisfiable,
    );
    if (first < i) reader.problem([...at, i], `the same topologyKey and whenUnsatisfiable as constraint ${first}`);
  }
  if (type === 'List') return { defaultConstraints: constraints, systemDefaulted: false };
  if (constraints.length > 0) {
    reader.problem([...path, 'defaultingType'], 'must be List where defaultConstraints are given');
  }
  return { defaultConstraints: SYSTEM_CONSTRAINTS, systemDefaulted: true };
}

function constraint(reader: FieldReader, value: unknown, path: FieldPath): TopologySpreadConstraint {
  const fields = reader.fields(value, path, [
    'maxSkew',
    'topologyKey',
    'whenUnsatisfiable',
    'minDomains',
    'labelSelector',
    // Without effect: the selector that it would narrow is replaced.
    'matchLabelKeys',
    'nodeAffinityPolicy',
    'nodeTaintsPolicy',
  ]);
  if (!isAbsent(fields['labelSelector'])) {
    reader.problem([...path, 'labelSelector'], 'a default constraint has no selector', 'it is deduced for each pod');
  }
  if (isAbsent(fields['whenUnsatisfiable']))
    reader.problem([...path, 'whenUnsatisfiable'], 'whenUnsatisfiable is missing');
  if (isAbsent(fields['maxSkew'])) reader.problem([...path, 'maxSkew'], 'maxSkew is missing');
  return {
    maxSkew: reader.integer(fields['maxSkew'], [...path, 'maxSkew'], 1, 1, MAX_INT32),
    topologyKey: labelName(reader, fields['topologyKey'], [...path, 'topologyKey'], 'topologyKey'),
    whenUnsatisfiable: reader.choice(fields['whenUnsatisfiable'], [...path, 'whenUnsatisfiable'], 'ScheduleAnyway', [
      'ScheduleAnyway',
      'DoNotSchedule',
    ] as const),
    nodeAffinityPolicy: policy(reader, fields['nodeAffinityPolicy'], [...path, 'nodeAffinityPolicy']),
    nodeTaintsPolicy: policy(reader, fields['nodeTaintsPolicy'], [...path, 'nodeTaintsPolicy']),
    ...(isAbsent(fields['minDomains'])
      ? {}
      : { minDomains: reader.integer(fields['minDomains'], [...path, 'minDomains'], 1, 1, MAX_INT32) }),
  };
}

function policy(reader: FieldReader, value: unknown, path: FieldPath): 'Honor' | 'Ignore' | undefined {
  return isAbsent(value) ? undefined : reader.choice(value, path, 'Honor', ['Honor', 'Ignore'] as const);
}

function preemptionArgs(reader: FieldReader, fields: Fields, path: FieldPath): DefaultPreemptionArgs {
  const percentage = 'minCandidateNodesPercentage';
  const absolute = 'minCandidateNodesAbsolute';
  const args = {
    minCandidateNodesPercentage: reader.integer(fields[percentage], [...path, percentage], 10, 0, 100),
    minCandidateNodesAbsolute: reader.integer(fields[absolute], [...path, absolute], 100, 0, MAX_INT32),
  };
  if (args.minCandidateNodesPercentage === 0 && args.minCandidateNodesAbsolute === 0) {
    reader.problem(path, `${percentage} and ${absolute} cannot both be 0`);
  }
  return args;
}
