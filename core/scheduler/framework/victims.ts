/**
 * Which pods would have to go from one node for another pod to fit: DefaultPreemption's dry run.
 *
 * All less important pods are taken off; if the pod then fits, as many as possible are put back, those whose budget would be
 * violated first, the most important first. Source: Kubernetes 1.34, plugins defaultpreemption SelectVictimsOnNode.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { Cycle } from './cycle.ts';
import type { Framework } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Verdict } from './status.ts';

/** A node on which preemption helps. Victims: the most important first. */
export interface Candidate {
  readonly nodeName: string;
  readonly victims: readonly PodInfo[];
  readonly pdbViolations: number;
}

/** Nobody on the node is less important. */
export const NO_VICTIMS: Verdict = {
  plugin: '',
  code: 'UnschedulableAndUnresolvable',
  reasons: ['No preemption victims found for incoming pod'],
};

/** Whether a pod may be preempted for another. */
export type MayGo = (pod: PodInfo, preemptor: PodInfo) => boolean;

/** Only less important pods may. */
export function isLessImportant(pod: PodInfo, preemptor: PodInfo): boolean {
  return pod.priority < preemptor.priority;
}

/** Dry run on one node: a candidate, or why preemption does not help there. */
export function selectVictims(
  framework: Framework,
  cycle: Cycle,
  node: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  mayGo: MayGo = isLessImportant,
): Candidate | Verdict {
  const potential = node.pods.filter((pod) => mayGo(pod, cycle.info));
  if (potential.length === 0) return NO_VICTIMS;
  const dryCycle = cycle.clone();
  const dryNode = node.clone();
  for (const pod of potential) framework.removePod(dryCycle, pod, dryNode);
  const verdict = framework.filterWithNominated(dryCycle, dryNode);
  if (verdict !== null) return verdict;
  const { violating, others } = splitByBudget(byImportance(potential), budgets);
  const victims: PodInfo[] = [];
  const staysOut = (pod: PodInfo): boolean => {
    framework.addPod(dryCycle, pod, dryNode);
    if (framework.filterWithNominated(dryCycle, dryNode) === null) return false;
    framework.removePod(dryCycle, pod, dryNode);
    victims.push(pod);
    return true;
  };
  let pdbViolations = 0;
  for (const pod of violating) if (staysOut(pod)) pdbViolations++;
  for (const pod of others) staysOut(pod);
  const mixed = violating.length > 0 && others.length > 0;
  return { nodeName: node.name, victims: mixed ? byImportance(victims) : victims, pdbViolations };
}

/** A pod as far as its importance goes. */
type Ranked = Pick<PodInfo, 'pod' | 'priority'>;

/**
 * Higher priority first, then the longer running one. Pods that have not started come last, the last listed first: upstream asks the clock for
 * each, and finds the one it asks about first the older.
 */
export function byImportance<T extends Ranked>(pods: readonly T[]): T[] {
  const first = pods[0];
  if (first === undefined) return [];
  // Mostly they are equal and none has started.
  if (pods.every(({ pod, priority }) => priority === first.priority && pod.status?.startTime === undefined)) {
    return [...pods].reverse();
  }
  const order = pods.map((_pod, i) => i);
  order.sort((i, j) => {
    const [a, b] = [pods[i] as T, pods[j] as T];
    if (a.priority !== b.priority) return b.priority - a.priority;
    const difference = compareTimes(startOf(a), startOf(b));
    return difference === 0 && a.pod.status?.startTime === undefined ? j - i : difference;
  });
  return order.map((i) => pods[i] as T);
}

/** Start of a pod as its status says it; `~` (after every time) before it started. */
export function startOf({ pod }: Ranked): string {
  return pod.status?.startTime ?? '~';
}

/** Order of two times of equal format. */
export function compareTimes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Split {
  readonly violating: readonly PodInfo[];
  readonly others: readonly PodInfo[];
}

/** Walks the pods in order and charges every budget that selects them; below zero the pod's eviction violates it. */
function splitByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): Split {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    let violates = false;
    for (let i = 0; i < budgets.length; i++) {
      if (!charges(budgets[i] as PodDisruptionBudget, info)) continue;
      allowed[i] = (allowed[i] as number) - 1;
      if ((allowed[i] as number) < 0) violates = true;
    }
    (violates ? violating : others).push(info);
  }
  return { violating, others };
}

/** Whether evicting the pod costs the budget a disruption; one that is already accounted for does not. */
function charges(budget: PodDisruptionBudget, { pod, namespace }: PodInfo): boolean {
  const { labels, name } = pod.metadata;
  if (budget.metadata.namespace !== namespace || labels === undefined || Object.keys(labels).length === 0) return false;
  const selector = compileSelector(budget.spec?.selector);
  if (selector.isEmpty || !selector.matches(labels)) return false;
  return budget.status?.disruptedPods?.[name] === undefined;
}
