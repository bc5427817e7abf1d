/**
 * Why a pod goes where it goes, or nowhere: one decision on a cluster given as objects, with every node's verdict or scores,
 * and what would change without a plugin or with another weight.
 *
 * Decided on the scheduler's reference framework; a pod that has a node already is asked about as if it had none and were
 * not there. Cost: one decision, and one more for each plugin that rejects a node.
 */
import type { ProfileConfiguration, SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { bestNodes, type Decision, decide } from '../scheduler/framework/decide.ts';
import { Framework } from '../scheduler/framework/framework.ts';
import { PlainCluster } from '../scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../scheduler/framework/pod-info.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';

/** One node in the answer: rejected by a plugin, or scored. */
export interface ExplainedNode {
  readonly name: string;
  readonly plugin: string;
  readonly code: string;
  readonly reasons: readonly string[];
  /** Weighted score by plugin; empty where nothing was scored. */
  readonly scores: Readonly<Record<string, number>>;
  readonly total: number;
}

/** What one change would do. */
export interface WhatIf {
  readonly change: string;
  readonly outcome: string;
}

/** The whole answer. */
export interface Explanation {
  readonly pod: string;
  /** The node the pod is on now, `''` for none. */
  readonly nodeName: string;
  /** Nodes that share the highest score, sorted; empty where none fits. */
  readonly best: readonly string[];
  /** The scheduler's message where none fits. */
  readonly message: string;
  readonly victims: readonly { readonly node: string; readonly pods: readonly string[] }[];
  /** Best first, rejected nodes behind, each group by name. */
  readonly nodes: readonly ExplainedNode[];
  readonly whatIf: readonly WhatIf[];
}

const VOLUME_PLUGINS: readonly string[] = ['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeBinding', 'VolumeZone'];
const SHOWN = 5;

/** Explains a pod of the objects; `null` when it is not among them or no profile is for it. */
export function explainPod(
  objects: readonly KubeObject[],
  namespace: string,
  name: string,
  configuration: SchedulerConfiguration,
): Explanation | null {
  const cluster = new PlainCluster();
  for (const object of objects) cluster.put(object);
  const given = cluster.pod(namespace, name);
  const profile = configuration.profiles.find(
    ({ schedulerName }) => schedulerName === (given?.spec.schedulerName ?? 'default-scheduler'),
  );
  if (given === undefined || profile === undefined) return null;
  const { nodeName = '', ...spec } = given.spec;
  const pod: Pod = { ...given, spec };
  cluster.delete('Pod', namespace, name);
  cluster.put(pod);
  const claims = [...cluster.objects.list('PersistentVolumeClaim')].length > 0;
  const left: readonly string[] = claims ? [] : VOLUME_PLUGINS;
  const run = (changed: ProfileConfiguration): Decision =>
    decide(new Framework(changed, configuration.version), podInfoOf(pod), cluster, { postFilter: true, limits: null });
  const base = without(profile, left);
  const decision = run(base);
  return {
    pod: `${namespace}/${name}`,
    nodeName,
    best: decision.via === null ? [] : namesOf(decision),
    message: decision.failure?.message ?? '',
    victims: (decision.preemption?.best ?? []).map((candidate) => ({
      node: candidate.nodeName,
      pods: candidate.victims.map(({ key }) => key),
    })),
    nodes: nodesOf(decision),
    whatIf: [...withoutPlugins(decision, base, run), ...withOtherWeights(decision)],
  };
}

/** A profile without some plugins at PreFilter and Filter. */
function without(profile: ProfileConfiguration, names: readonly string[]): ProfileConfiguration {
  const keep = (list: readonly string[]) => list.filter((name) => !names.includes(name));
  const { plugins } = profile;
  return { ...profile, plugins: { ...plugins, preFilter: keep(plugins.preFilter), filter: keep(plugins.filter) } };
}

function namesOf(decision: Decision): readonly string[] {
  return bestNodes(decision)
    .map(({ name }) => name)
    .sort();
}

function nodesOf(decision: Decision): readonly ExplainedNode[] {
  const feasible = decision.feasible.map(({ name }, i): ExplainedNode => {
    const scores: Record<string, number> = {};
    for (const { plugin, weighted } of decision.scores ?? []) scores[plugin] = weighted[i] as number;
    return { name, plugin: '', code: '', reasons: [], scores, total: decision.totals[i] ?? 0 };
  });
  const byName = (a: ExplainedNode, b: ExplainedNode) => (a.name < b.name ? -1 : 1);
  const rejected = [...decision.verdicts].map(
    ([name, { plugin, code, reasons }]): ExplainedNode => ({ name, plugin, code, reasons, scores: {}, total: 0 }),
  );
  return [...feasible.sort((a, b) => b.total - a.total || byName(a, b)), ...rejected.sort(byName)];
}

/** For each plugin that rejects a node: how many nodes would fit without it. */
function withoutPlugins(
  decision: Decision,
  base: ProfileConfiguration,
  run: (profile: ProfileConfiguration) => Decision,
): readonly WhatIf[] {
  const rejecting = new Set([...decision.verdicts.values()].map(({ plugin }) => plugin));
  const preFilter = decision.preFilter?.verdict?.plugin;
  if (preFilter !== undefined) rejecting.add(preFilter);
  return [...rejecting].sort().map((plugin) => {
    const changed = run(without(base, [plugin]));
    const count = changed.feasible.length;
    const fitting = count === 1 ? '1 node fits' : `${count} nodes fit`;
    const outcome = count === 0 ? 'still no node fits' : `${fitting}, best: ${listOf(namesOf(changed))}`;
    return { change: `without ${plugin}`, outcome };
  });
}

/** For each plugin that scores: whether its weight, doubled or 0, would change the best nodes. */
function withOtherWeights(decision: Decision): readonly WhatIf[] {
  const columns = decision.scores ?? [];
  const found: WhatIf[] = [];
  const before = namesOf(decision);
  for (const { plugin, weighted } of columns) {
    for (const [factor, text] of [
      [-1, 'weight 0'],
      [1, 'twice the weight'],
    ] as const) {
      const totals = decision.totals.map((total, i) => total + factor * (weighted[i] as number));
      const after = namesOf({ ...decision, totals });
      if (after.join() !== before.join())
        found.push({ change: `${plugin}: ${text}`, outcome: `best: ${listOf(after)}` });
    }
  }
  return found;
}

function listOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return more > 0 ? `${names.slice(0, SHOWN).join(', ')} and ${more} more` : names.join(', ');
}
