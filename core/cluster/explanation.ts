/**
 * One scheduling decision taken apart: every node's rejecting plugin or scores, what kept the pod out of the queue, and what another
 * profile would have decided.
 *
 * Who asks brings the decision as a function of the plugins; what would change is found by asking again. Cost: one decision, one more for each
 * plugin that rejects a node, one for the asked change.
 */
import type { ProfileConfiguration } from '../scheduler/configuration/configuration.ts';
import { byPoint } from '../scheduler/configuration/configuration.ts';
import { pluginsOfVersion, type SchedulerVersion } from '../scheduler/configuration/default-plugins.ts';
import type { ClusterView } from '../scheduler/framework/cluster-view.ts';
import { bestNodes, type Decision } from '../scheduler/framework/decide.ts';
import { leftOutReason } from '../scheduler/framework/fit-error.ts';
import { Framework } from '../scheduler/framework/framework.ts';
import type { Verdict } from '../scheduler/framework/status.ts';
import { heedsGroups } from '../scheduler/groups/gangs.ts';
import type { Pod } from '../types/pod.ts';
import { shortfallOf } from './shortfall.ts';

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

/** Nodes that the same plugin rejects for the same reasons. */
export interface Rejections {
  readonly plugin: string;
  readonly code: string;
  readonly reasons: readonly string[];
  readonly count: number;
  /** Some of them, the first by name. */
  readonly examples: readonly string[];
  /** What the first of them lacks, in figures; `''` where the reason has none. */
  readonly shortfall: string;
}

/** What one change would do. */
export interface WhatIf {
  readonly change: string;
  readonly outcome: string;
}

/** What a decision comes to. */
export interface Outcome {
  /** What keeps the pod out of the queue before any node is looked at, or unbound until its group is complete; `''` for nothing. */
  readonly heldBack: string;
  /** Nodes that share the highest score, sorted; empty where none fits. */
  readonly best: readonly string[];
  /** The scheduler's message where none fits. */
  readonly message: string;
  /** Best first, rejected nodes behind, each group by name. */
  readonly nodes: readonly ExplainedNode[];
  /** The rejected ones by reason, the most frequent first. */
  readonly rejections: readonly Rejections[];
}

/** The whole answer. */
export interface Explanation extends Outcome {
  readonly pod: string;
  /** The node the pod is on now, `''` for none. */
  readonly nodeName: string;
  /** Where preemption has made room for it: looked at alone, before all others. `''` for nowhere. */
  readonly nominatedNodeName: string;
  readonly victims: readonly { readonly node: string; readonly pods: readonly string[] }[];
  /** By plugin that scores. */
  readonly weights: Readonly<Record<string, number>>;
  readonly whatIf: readonly WhatIf[];
  /** The outcome under the change that was asked for. */
  readonly changed: (Outcome & { readonly change: string }) | null;
}

/** A change of a profile. */
export interface ProfileChange {
  /** Plugins that are off at all extension points. */
  readonly without: readonly string[];
  /** Weights of plugins that score; 0 = it does not. */
  readonly weights: ReadonlyMap<string, number>;
}

/** A decision that can be asked for again under other plugins. */
export interface Question {
  /** As it is pending. */
  readonly pod: Pod;
  readonly nodeName: string;
  readonly view: Pick<ClusterView, 'nodes' | 'objects'>;
  readonly profile: ProfileConfiguration;
  readonly version: SchedulerVersion;
  /** What its group keeps it from being bound by, where GangScheduling is heeded; `''` for nothing. */
  readonly heldByGroup: string;
  /** Decides on this version of the pod; with `preempts` also whom preemption would take. */
  decide(pod: Pod, profile: ProfileConfiguration, preempts: boolean): Decision;
}

const SHOWN = 5;
const EXAMPLES = 3;

/** Names of the plugins that a change may name; `scoring`: those that have a weight. */
export function changeablePlugins(version: SchedulerVersion, scoring = false): readonly string[] {
  return pluginsOfVersion(version)
    .filter(({ points }) => !scoring || points.includes('score'))
    .map(({ name }) => name);
}

/** Takes the decision apart. */
export function explanationOf(question: Question, change: ProfileChange | null): Explanation {
  const { pod, nodeName, profile, version } = question;
  const first = question.decide(pod, profile, true);
  const nominated = first.via === 'nominated';
  const decision = nominated ? onAllNodes(question, profile) : first;
  const victims = (decision.preemption?.best ?? []).map((candidate) => ({
    node: candidate.nodeName,
    pods: candidate.victims.map(({ key }) => key),
  }));
  const scoring = profile.plugins.score.map((name) => [name, profile.weights.get(name) ?? 1] as const);
  return {
    pod: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`,
    nodeName,
    nominatedNodeName: pod.status?.nominatedNodeName ?? '',
    ...outcomeOf(question, decision, profile),
    ...(nominated ? { best: namesOf(first) } : {}),
    victims,
    weights: Object.fromEntries(scoring),
    whatIf: nominated ? [] : [...withoutPlugins(question, decision), ...withOtherWeights(decision)],
    changed: change === null ? null : underChange(question, change, version),
  };
}

/** A decision on the pod as if no node were kept for it. */
function onAllNodes({ pod, decide }: Question, profile: ProfileConfiguration): Decision {
  const { nominatedNodeName: _nominated, ...status } = pod.status ?? {};
  return decide({ ...pod, status }, profile, false);
}

function underChange(question: Question, change: ProfileChange, version: SchedulerVersion): Explanation['changed'] {
  const profile = changedProfile(question.profile, change, version);
  const without = change.without.length === 0 ? [] : [`without ${change.without.join(', ')}`];
  const weights = [...change.weights].map(([plugin, weight]) => `with ${plugin} at weight ${weight}`);
  const text = [...without, ...weights].join(', ');
  return { change: text, ...outcomeOf(question, onAllNodes(question, profile), profile) };
}

/** A profile without some plugins and with other weights; a plugin that gets a weight scores. */
export function changedProfile(
  profile: ProfileConfiguration,
  { without, weights }: ProfileChange,
  version: SchedulerVersion,
): ProfileConfiguration {
  const entries = pluginsOfVersion(version);
  const added = (point: 'preScore' | 'score') =>
    [...weights].flatMap(([name, weight]) => {
      const extends_ = entries.find((entry) => entry.name === name)?.points.includes(point) === true;
      return weight > 0 && extends_ && !profile.plugins[point].includes(name) ? [name] : [];
    });
  const plugins = byPoint((point) => {
    const more = point === 'preScore' || point === 'score' ? added(point) : [];
    return [...profile.plugins[point], ...more].filter(
      (name) => !without.includes(name) && !(point === 'score' && weights.get(name) === 0),
    );
  });
  return { ...profile, plugins, weights: new Map([...profile.weights, ...weights]) };
}

function outcomeOf(question: Question, decision: Decision, profile: ProfileConfiguration): Outcome {
  const nodes = nodesOf(decision, question);
  const refusal = new Framework(profile, question.version).preEnqueue(question.pod, question.view.objects);
  const heldByGroup = heedsGroups(profile) ? question.heldByGroup : '';
  return {
    heldBack: refusal === null ? heldByGroup : `${refusal.plugin}: ${refusal.reasons.join(', ')}`,
    best: namesOf(decision),
    message: decision.failure?.message ?? '',
    nodes,
    rejections: rejectionsOf(nodes, question),
  };
}

function namesOf(decision: Decision): readonly string[] {
  if (decision.via === null) return [];
  return bestNodes(decision)
    .map(({ name }) => name)
    .sort();
}

function nodesOf(decision: Decision, { view }: Question): readonly ExplainedNode[] {
  const feasible = decision.feasible.map(({ name }, i): ExplainedNode => {
    const scores: Record<string, number> = {};
    for (const { plugin, weighted } of decision.scores ?? []) scores[plugin] = weighted[i] as number;
    return { name, plugin: '', code: '', reasons: [], scores, total: decision.totals[i] ?? 0 };
  });
  const rejected: ExplainedNode[] = [];
  const fits = new Set(feasible.map(({ name }) => name));
  const unseen = verdictOfOthers(decision);
  for (const { name } of view.nodes) {
    const verdict = decision.verdicts.get(name) ?? unseen;
    if (!fits.has(name) && verdict !== null) rejected.push({ name, ...verdict, scores: {}, total: 0 });
  }
  return [...feasible.sort((a, b) => b.total - a.total || byName(a, b)), ...rejected.sort(byName)];
}

/** Why nodes were not even looked at: PreFilter refused all, or left some out. */
function verdictOfOthers({ preFilter }: Decision): Verdict | null {
  if (preFilter === null) return null;
  if (preFilter.verdict !== null) return preFilter.verdict;
  if (preFilter.nodeNames === null) return null;
  const { narrowedBy } = preFilter;
  const reasons = [leftOutReason(narrowedBy)];
  return { plugin: narrowedBy.join(' '), code: 'UnschedulableAndUnresolvable', reasons };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function rejectionsOf(nodes: readonly ExplainedNode[], { pod, view }: Question): readonly Rejections[] {
  const shortfall = (plugin: string, name: string | undefined): string => {
    const node = view.nodes.find((each) => each.name === name);
    return node === undefined ? '' : shortfallOf(plugin, pod, node, view.objects);
  };
  const groups = new Map<string, { count: number; readonly first: ExplainedNode; readonly examples: string[] }>();
  for (const node of nodes) {
    if (node.plugin === '' && node.reasons.length === 0) continue;
    const key = [node.plugin, node.code, ...node.reasons].join('\n');
    const group = groups.get(key) ?? { count: 0, first: node, examples: [] };
    group.count++;
    if (group.examples.length < EXAMPLES) group.examples.push(node.name);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ count, first: { plugin, code, reasons }, examples }) => ({
      plugin,
      code,
      reasons,
      count,
      examples,
      shortfall: shortfall(plugin, examples[0]),
    }))
    .sort((a, b) => b.count - a.count);
}

/** For each plugin that rejects a node or the pod: how many nodes would fit without it. */
function withoutPlugins(question: Question, decision: Decision): readonly WhatIf[] {
  const rejecting = new Set([...decision.verdicts.values()].map(({ plugin }) => plugin));
  for (const name of decision.preFilter?.narrowedBy ?? []) rejecting.add(name);
  const preFilter = decision.preFilter?.verdict?.plugin ?? '';
  if (preFilter !== '') rejecting.add(preFilter);
  const known = changeablePlugins(question.version);
  return [...rejecting]
    .filter((plugin) => known.includes(plugin))
    .sort()
    .map((plugin) => {
      const change = { without: [plugin], weights: new Map() };
      const changed = onAllNodes(question, changedProfile(question.profile, change, question.version));
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
