import type { Dice, Json } from './dice.ts';
import { drawArguments, wrongly } from './draw-plugin-arguments.ts';

/** Plugins by the points at which they are drawn. */
const PLUGINS: Readonly<Record<string, readonly string[]>> = {
  preEnqueue: ['SchedulingGates', 'DynamicResources', 'DefaultPreemption'],
  queueSort: ['PrioritySort'],
  preFilter: [
    'NodeAffinity',
    'NodePorts',
    'NodeResourcesFit',
    'VolumeBinding',
    'PodTopologySpread',
    'InterPodAffinity',
  ],
  filter: ['NodeUnschedulable', 'NodeName', 'TaintToleration', 'NodeAffinity', 'NodeResourcesFit', 'InterPodAffinity'],
  postFilter: ['DefaultPreemption', 'DynamicResources'],
  preScore: [
    'TaintToleration',
    'NodeAffinity',
    'NodeResourcesFit',
    'PodTopologySpread',
    'NodeResourcesBalancedAllocation',
  ],
  score: ['TaintToleration', 'NodeAffinity', 'NodeResourcesFit', 'VolumeBinding', 'InterPodAffinity', 'ImageLocality'],
  reserve: ['VolumeBinding', 'DynamicResources'],
  permit: [],
  preBind: ['VolumeBinding', 'DynamicResources'],
  bind: ['DefaultBinder'],
  postBind: [],
};
const ALL = [...new Set(Object.values(PLUGINS).flat())];

/** A configuration file of kube-scheduler, in half of the cases with something wrong. */
export function drawConfiguration(dice: Dice): Json {
  // How often something is wrong where it may be.
  const wrong = dice.of(0, 0, 0.02, 0.06);
  const many = dice.chance(0.25);
  return {
    apiVersion: wrongly(dice, wrong / 2, ['v1', ''], 'kubescheduler.config.k8s.io/v1'),
    kind: wrongly(dice, wrong / 2, ['Foo', ''], 'KubeSchedulerConfiguration'),
    parallelism: dice.maybe(0.2, () => wrongly(dice, wrong, [0, -1, '4'], dice.of(1, 16))),
    percentageOfNodesToScore: dice.maybe(0.3, () => wrongly(dice, wrong, [101, -1, 0.5], dice.of(0, 50, 100))),
    podInitialBackoffSeconds: dice.maybe(0.3, () => wrongly(dice, wrong, [0, -1, '1'], dice.of(1, 5))),
    // Left out: more than a day, which is refused here.
    podMaxBackoffSeconds: dice.maybe(0.3, () => wrongly(dice, wrong, [0, 3, null], dice.of(5, 10, 60))),
    enableProfiling: dice.maybe(0.1, () => wrongly(dice, wrong, ['true', 1], true)),
    // Left out: times of the leader election, of which client-go refuses more than the validation does, and so is done here.
    leaderElection: dice.maybe(0.1, () => wrongly(dice, wrong, [[], 'no'], { leaderElect: dice.chance(0.5) })),
    profiles: dice.maybe(0.95, () =>
      dice.list(many ? dice.int(2, 3) : 1, (i) => drawProfile(dice, wrong, many ? `s${i}` : undefined)),
    ),
    ...(dice.chance(wrong / 2) ? { profile: [] } : {}),
  };
}

function drawProfile(dice: Dice, wrong: number, name: string | undefined): unknown {
  return {
    schedulerName: wrongly(dice, wrong, ['', 's0', 7], name ?? dice.maybe(0.3, () => 'my')),
    percentageOfNodesToScore: dice.maybe(0.2, () => wrongly(dice, wrong, [101, -1, '7'], dice.of(0, 50, 100))),
    plugins: dice.maybe(0.7, () => wrongly(dice, wrong / 4, [[], 'all'], drawPlugins(dice, wrong))),
    pluginConfig: dice.maybe(0.7, () => drawPluginConfig(dice, wrong)),
  };
}

function drawPlugins(dice: Dice, wrong: number): Json {
  const plugins: Json = {};
  for (const point of dice.some(Object.keys(PLUGINS), 0.15))
    plugins[point] = drawSet(dice, wrong, PLUGINS[point] ?? []);
  if (dice.chance(0.3)) plugins['multiPoint'] = drawSet(dice, wrong, ALL);
  if (dice.chance(wrong / 4)) plugins['filters'] = {};
  return plugins;
}

function drawSet(dice: Dice, wrong: number, names: readonly string[]): Json {
  const enabled = dice.some(names, 0.3).map((name) => ({
    name: wrongly(dice, wrong, ['Foo', 'NodeName', 'NodeAfinity', ''], name),
    weight: dice.maybe(0.5, () => wrongly(dice, wrong, ['1', 1.5], dice.of(0, 1, 2, 100))),
  }));
  if (enabled.length > 0 && dice.chance(wrong)) enabled.push({ ...(enabled[0] as (typeof enabled)[0]) });
  // Left out: names that nobody knows, which are refused here.
  const disabled = dice.chance(0.2) ? [{ name: '*' }] : dice.some(names, 0.2).map((name) => ({ name }));
  return { enabled: dice.maybe(0.7, () => enabled), disabled: dice.maybe(0.6, () => disabled) };
}

/** Left out: arguments of plugins that take none, which are refused here, and entries without arguments, which get their defaults later. */
function drawPluginConfig(dice: Dice, wrong: number): unknown[] {
  const config: unknown[] = dice.some(Object.keys(drawArguments), 0.25).map((name) => {
    const make = drawArguments[name] as (dice: Dice, wrong: number) => Json;
    const args: Json = make(dice, wrong);
    if (dice.chance(0.15)) args['kind'] = wrongly(dice, wrong, ['FooArgs'], `${name}Args`);
    if (dice.chance(wrong / 2)) args['scoring'] = 1;
    return { name, args };
  });
  const [first] = config;
  return first !== undefined && dice.chance(wrong) ? [...config, first] : config;
}
