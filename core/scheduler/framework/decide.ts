/**
 * One whole scheduling decision on the reference path: PreFilter, the nominated node, Filter, PostFilter, Score.
 *
 * The result says everything that kube-scheduler knows at the end of a cycle, so that it can be compared with recordings
 * and shown to people. Nothing is changed: who asked applies the decision. Source: Kubernetes 1.34, pkg/scheduler
 * schedule_one.go.
 */

import { NO_FLOAT64 } from '../../base/grow.ts';
import type { ClusterView } from './cluster-view.ts';
import { Cycle } from './cycle.ts';
import { fitMessage, leftOutReason, NO_NODES } from './fit-error.ts';
import type { Framework, PreFilterResult, ScoreColumn } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { dynamicResourcesPostFilter } from './plugins/dynamic-resources.ts';
import type { PodInfo } from './pod-info.ts';
import { type DryRunLimits, type PreemptionOutcome, preempt } from './preemption.ts';
import { CycleError, type Verdict } from './status.ts';

/** How the node was found. */
export type Via = 'score' | 'single' | 'nominated';

/** A cycle that found no node. */
export interface Failure {
  readonly message: string;
  /** The cycle ended with an error instead of a verdict. */
  readonly error: boolean;
  /** The error that ended PostFilter, `''` without one. */
  readonly postFilterError: string;
}

/** Everything about one decision. */
export interface Decision {
  readonly preFilter: PreFilterResult | null;
  /** Rejected nodes that were looked at, in order. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly via: Via | null;
  /** Feasible nodes in search order; `scores` has one entry for each. */
  readonly feasible: readonly NodeInfo[];
  readonly scores: readonly ScoreColumn[] | null;
  readonly totals: Float64Array;
  readonly failure: Failure | null;
  readonly preemption: PreemptionOutcome | null;
}

/** What may be left out. */
export interface DecideOptions {
  /** Whether PostFilter runs after a failure. */
  readonly postFilter: boolean;
  /** How many preemption dry runs; `null` = every potential node. */
  readonly limits: DryRunLimits | null;
  /** How many feasible nodes are enough; default: all are looked for. */
  readonly wanted?: number | undefined;
  /** A last filter behind the plugins'. */
  readonly judge?: ((node: NodeInfo) => Verdict | null) | undefined;
  /** Scores instead of the plugins'. */
  readonly score?: ((cycle: Cycle, feasible: readonly NodeInfo[]) => readonly ScoreColumn[]) | undefined;
}

const NOTHING: Omit<Decision, 'failure'> = {
  preFilter: null,
  verdicts: new Map(),
  via: null,
  feasible: [],
  scores: null,
  totals: NO_FLOAT64,
  preemption: null,
};

/** Decides on a pod. Plugin errors become an `error` failure. */
export function decide(framework: Framework, info: PodInfo, view: ClusterView, options: DecideOptions): Decision {
  const cycle = new Cycle(info, view);
  const verdicts = new Map<string, Verdict>();
  if (view.nodes.length === 0) {
    return { ...NOTHING, failure: failure(NO_NODES) };
  }
  let preFilter: PreFilterResult | null = null;
  try {
    preFilter = framework.preFilter(cycle);
    if (preFilter.verdict !== null) return failed(framework, cycle, preFilter, verdicts, options);
    const nominated = onNominatedNode(framework, cycle, verdicts);
    if (nominated !== null) return { ...NOTHING, preFilter, via: 'nominated', feasible: [nominated], failure: null };
    const feasible = filterNodes(framework, cycle, preFilter, verdicts, options);
    if (feasible.length === 0) return failed(framework, cycle, preFilter, verdicts, options);
    if (feasible.length === 1) return { ...NOTHING, preFilter, verdicts, via: 'single', feasible, failure: null };
    const scores = options.score?.(cycle, feasible) ?? framework.score(cycle, feasible);
    const totals = totalsOf(scores ?? [], feasible.length);
    return { ...NOTHING, preFilter, verdicts, via: 'score', feasible, scores, totals, failure: null };
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
    return { ...NOTHING, preFilter, verdicts, failure: { message: error.message, error: true, postFilterError: '' } };
  }
}

/** The nodes with the highest total; all feasible ones where nothing scores. */
export function bestNodes({ feasible, totals }: Decision): readonly NodeInfo[] {
  if (totals.length === 0) return feasible;
  const highest = totals.reduce((a, b) => Math.max(a, b));
  return feasible.filter((_node, i) => totals[i] === highest);
}

function onNominatedNode(framework: Framework, cycle: Cycle, verdicts: Map<string, Verdict>): NodeInfo | null {
  const name = cycle.info.pod.status?.nominatedNodeName ?? '';
  const node = name === '' ? undefined : cycle.view.find(name);
  if (node === undefined) return null;
  const verdict = framework.filterWithNominated(cycle, node);
  if (verdict !== null) verdicts.set(name, verdict);
  return verdict === null ? node : null;
}

function filterNodes(
  framework: Framework,
  cycle: Cycle,
  { nodeNames }: PreFilterResult,
  verdicts: Map<string, Verdict>,
  { judge, wanted = Number.POSITIVE_INFINITY }: DecideOptions,
): readonly NodeInfo[] {
  const feasible: NodeInfo[] = [];
  const candidates = nodeNames === null ? null : new Set(nodeNames);
  for (const node of cycle.view.nodes) {
    if (feasible.length >= wanted) break;
    if (candidates !== null && !candidates.has(node.name)) continue;
    const verdict = framework.filterWithNominated(cycle, node) ?? judge?.(node) ?? null;
    if (verdict === null) feasible.push(node);
    else verdicts.set(node.name, verdict);
  }
  return feasible;
}

function totalsOf(columns: readonly ScoreColumn[], count: number): Float64Array {
  const totals = new Float64Array(count);
  for (const { weighted } of columns) {
    for (let i = 0; i < count; i++) totals[i] = (totals[i] as number) + (weighted[i] as number);
  }
  return totals;
}

function failed(
  framework: Framework,
  cycle: Cycle,
  preFilter: PreFilterResult,
  verdicts: ReadonlyMap<string, Verdict>,
  options: DecideOptions,
): Decision {
  const nominatedTo = cycle.info.pod.status?.nominatedNodeName ?? '';
  const fit = fitMessage({
    nodeCount: cycle.view.nodes.length,
    verdicts: verdicts.values(),
    verdictCount: verdicts.size,
    absentReason: leftOutReason(preFilter.narrowedBy, verdicts.get(nominatedTo)?.plugin),
    preFilterReason: preFilter.verdict?.reasons.join(', ') ?? '',
  });
  const result = { ...NOTHING, preFilter, verdicts };
  if (!options.postFilter) return { ...result, failure: failure(fit) };
  const { names, error, preemption } = postFilter(framework, cycle, verdicts, options.limits);
  if (error !== '') return { ...result, failure: { message: `${fit} ${error}`, error: false, postFilterError: error } };
  const nominated = preemption !== null && preemption.best.length > 0;
  const message = nominated || names.length === 0 ? fit : `${fit} ${names.join(', ')}`;
  return { ...result, failure: failure(message), preemption };
}

interface PostFilterResult {
  readonly names: readonly string[];
  readonly error: string;
  readonly preemption: PreemptionOutcome | null;
}

/** Runs PostFilter: the first plugin that succeeds ends it, an error ends it without a result. */
function postFilter(
  framework: Framework,
  cycle: Cycle,
  verdicts: ReadonlyMap<string, Verdict>,
  limits: DryRunLimits | null,
): PostFilterResult {
  const reasons: string[] = [];
  let preemption: PreemptionOutcome | null = null;
  for (const name of framework.profile.plugins.postFilter) {
    if (name === 'DynamicResources') {
      if (!cycle.has(name)) return { names: [], error: 'not found', preemption: null };
      reasons.push(dynamicResourcesPostFilter(cycle).reason);
    } else if (name === 'DefaultPreemption') {
      preemption = preempt(framework, cycle, verdicts, limits);
      if (preemption.failed) return { names: [], error: `preemption: ${preemption.message}`, preemption: null };
      if (preemption.best.length > 0) break;
      reasons.push(`preemption: ${preemption.message}`);
    }
  }
  return { names: reasons, error: '', preemption };
}

function failure(message: string): Failure {
  return { message, error: false, postFilterError: '' };
}
