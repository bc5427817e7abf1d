/**
 * DefaultPreemption: whether a pod may preempt, on which nodes it would help, and which of these is the best.
 *
 * The order of choice: fewest violated budgets, lowest highest priority, smallest sum of priorities, fewest victims, latest
 * start of the most important victim; then the first in order of the dry runs (upstream: any). Source: Kubernetes 1.34,
 * framework/preemption and plugins defaultpreemption.
 */

import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { DefaultPreemptionArgs } from '../configuration/plugin-arguments.ts';
import type { Cycle } from './cycle.ts';
import { fitMessage } from './fit-error.ts';
import type { Framework } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { CycleError, type Verdict } from './status.ts';
import { VictimUnits } from './victim-units.ts';
import { type Candidate, compareTimes, type MayGo, selectVictims, startOf } from './victims.ts';

const MAX_INT32 = 2 ** 31 - 1;

/** What preemption came to. */
export interface PreemptionOutcome {
  /** Why the pod may not preempt at all; `''` when it may. */
  readonly ineligible: string;
  /** Nodes rejected in a way that removing pods could mend, in list order. */
  readonly potentialNodes: readonly NodeInfo[];
  /** In order of the dry runs. */
  readonly candidates: readonly Candidate[];
  /** Why preemption does not help, by potential node. */
  readonly rejected: ReadonlyMap<string, Verdict>;
  /** Candidates that the criteria leave equal, in order of the dry runs. */
  readonly best: readonly Candidate[];
  /** The message when there is no candidate, `''` otherwise. */
  readonly message: string;
  /** There is no candidate because dry runs ended with an error, which `message` is. */
  readonly failed: boolean;
}

/** How many nodes a preemption tries, and where it starts. */
export interface DryRunLimits {
  readonly args: DefaultPreemptionArgs;
  /** Index into the potential nodes, drawn by the caller. */
  offset(potentialCount: number): number;
  /** Which pods may be victims; absent: the less important ones. */
  readonly mayGo?: MayGo | undefined;
}

/** Runs preemption for a pod that found no node; `verdicts` are those of the failed cycle, by node name. */
export function preempt(
  framework: Framework,
  cycle: Cycle,
  verdicts: ReadonlyMap<string, Verdict>,
  limits: DryRunLimits | null,
): PreemptionOutcome {
  const ineligible = whyIneligible(cycle, verdicts);
  if (ineligible !== '') return outcome(cycle, { ineligible, message: ineligible });
  const potentialNodes = cycle.view.nodes.filter(({ name }) => verdicts.get(name)?.code === 'Unschedulable');
  const candidates: Candidate[] = [];
  const rejected = new Map<string, Verdict>();
  if (potentialNodes.length > 0) {
    const budgets = [...cycle.view.objects.list<PodDisruptionBudget>('PodDisruptionBudget')];
    const units = new VictimUnits(cycle.view);
    const wanted = limits === null ? potentialNodes.length : candidatesWanted(limits.args, potentialNodes.length);
    const offset = limits === null ? 0 : limits.offset(potentialNodes.length);
    for (let i = 0; i < potentialNodes.length; i++) {
      const node = potentialNodes[(offset + i) % potentialNodes.length] as NodeInfo;
      const result = dryRun(() => selectVictims(framework, cycle, node, budgets, units, limits?.mayGo));
      if ('victims' in result) candidates.push(result);
      else rejected.set(node.name, result);
      if (candidates.length >= wanted && candidates.some(({ pdbViolations }) => pdbViolations === 0)) break;
    }
  }
  const errors = new Set<string>();
  for (const { code, reasons } of rejected.values()) if (code === 'Error') errors.add(reasons.join());
  if (candidates.length > 0 || errors.size === 0) {
    return outcome(cycle, { potentialNodes, candidates, rejected, best: bestOf(candidates) });
  }
  const message = errors.size === 1 ? [...errors].join() : `[${[...errors].join(', ')}]`;
  return outcome(cycle, { potentialNodes, rejected, message, failed: true });
}

/** An error of a plugin concerns the node of the dry run only. */
function dryRun(run: () => Candidate | Verdict): Candidate | Verdict {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
    return { plugin: '', code: 'Error', reasons: [error.message] };
  }
}

/** How many candidates are enough (`GetOffsetAndNumCandidates`). */
export function candidatesWanted(args: DefaultPreemptionArgs, potentialCount: number): number {
  const share = Math.floor((potentialCount * args.minCandidateNodesPercentage) / 100);
  return Math.min(potentialCount, Math.max(share, args.minCandidateNodesAbsolute));
}

function outcome(cycle: Cycle, known: Partial<PreemptionOutcome>): PreemptionOutcome {
  const rejected = known.rejected ?? new Map<string, Verdict>();
  const candidates = known.candidates ?? [];
  const noHelp = () => noHelpMessage(cycle.view.nodes.length, [...rejected.values()]);
  return {
    ineligible: known.ineligible ?? '',
    potentialNodes: known.potentialNodes ?? [],
    candidates,
    rejected,
    best: known.best ?? [],
    message: known.message ?? (candidates.length === 0 ? noHelp() : ''),
    failed: known.failed ?? false,
  };
}

/** The message when no node can be freed: why each that was tried does not help; the others were out of the question. */
export function noHelpMessage(nodeCount: number, tried: readonly Pick<Verdict, 'reasons'>[]): string {
  return fitMessage({
    nodeCount,
    verdicts: tried,
    verdictCount: tried.length,
    absentReason: 'Preemption is not helpful for scheduling',
    preFilterReason: '',
  });
}

function whyIneligible({ info, view }: Cycle, verdicts: ReadonlyMap<string, Verdict>): string {
  const { spec, status } = info.pod;
  if (spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = status?.nominatedNodeName ?? '';
  if (nominated === '') return '';
  const node = view.find(nominated);
  const unresolvable = verdicts.get(nominated)?.code;
  if (node === undefined || unresolvable === undefined || unresolvable === 'UnschedulableAndUnresolvable') return '';
  const terminating = node.pods.some((pod) => pod.priority < info.priority && isTerminatingByPreemption(pod));
  return terminating ? 'not eligible due to a terminating pod on the nominated node.' : '';
}

/** Whether a pod is going because a scheduler preempted it. */
export function isTerminatingByPreemption({ pod }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

/** Each criterion keeps the candidates with the smallest figure. */
const CRITERIA: readonly ((candidate: Candidate) => number)[] = [
  ({ pdbViolations }) => pdbViolations,
  ({ victims }) => (victims[0] as PodInfo).priority,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + MAX_INT32 + 1, 0),
  ({ victims }) => victims.length,
];

function bestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  let best = candidates;
  for (const figure of CRITERIA) {
    if (best.length < 2) return best;
    const least = Math.min(...best.map(figure));
    best = best.filter((candidate) => figure(candidate) === least);
  }
  if (best.length < 2) return best;
  const starts = best.map(earliestStart);
  const latest = starts.reduce((a, b) => (compareTimes(a, b) >= 0 ? a : b));
  return best.filter((_candidate, i) => starts[i] === latest);
}

/** The earliest start among the victims of the highest priority. */
function earliestStart({ victims }: Candidate): string {
  const highest = (victims[0] as PodInfo).priority;
  return victims
    .filter(({ priority }) => priority === highest)
    .map(startOf)
    .reduce((a, b) => (compareTimes(a, b) <= 0 ? a : b));
}
