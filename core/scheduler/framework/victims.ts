/**
 * Which pods would have to go from one node for another pod to fit: DefaultPreemption's dry run.
 *
 * All less important pods are taken off; if the pod then fits, as many as possible are put back, those whose budget would be
 * violated first, the most important first. Source: Kubernetes 1.34, plugins defaultpreemption SelectVictimsOnNode.
 */
import { patternDefeatingSort } from '../../base/pattern-defeating-sort.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { Cycle } from './cycle.ts';
import type { Framework } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { CycleError, type Verdict } from './status.ts';
import type { VictimUnit, VictimUnits } from './victim-units.ts';

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

/** Whether a pod, or a unit of pods, may be preempted for a pod. */
export type MayGo = (victim: Pick<PodInfo, 'priority'>, preemptor: Pick<PodInfo, 'priority'>) => boolean;

/** Only less important ones may. */
export const isLessImportant: MayGo = (victim, preemptor) => victim.priority < preemptor.priority;

/** Dry run on one node: a candidate, or why preemption does not help there. */
export function selectVictims(
  framework: Framework,
  cycle: Cycle,
  node: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  units: VictimUnits,
  mayGo: MayGo = isLessImportant,
): Candidate | Verdict {
  const potential = units.on([node]).filter((unit) => mayGo(unit, cycle.info));
  if (potential.length === 0) return NO_VICTIMS;
  const dryCycle = cycle.clone();
  const dryNode = node.clone();
  // Pods of a group elsewhere: plugins hear of them, and only this node is asked.
  const others = new Map<string, NodeInfo>([[node.name, dryNode]]);
  const nodeOf = (name: string): NodeInfo => {
    const known = others.get(name) ?? (cycle.view.find(name) as NodeInfo).clone();
    others.set(name, known);
    return known;
  };
  const remove = ({ members }: VictimUnit): void => {
    for (const { info, nodeName } of members) framework.removePod(dryCycle, info, nodeOf(nodeName));
  };
  for (const unit of potential) remove(unit);
  const verdict = framework.filterWithNominated(dryCycle, dryNode);
  if (verdict !== null) return verdict;
  const victims: VictimUnit[] = [];
  const { violations, mixed } = reprieve(potential, budgets, victims, (unit) => {
    for (const { info, nodeName } of unit.members) framework.addPod(dryCycle, info, nodeOf(nodeName));
    if (isFeasible(framework, dryCycle, dryNode)) return true;
    remove(unit);
    return false;
  });
  return {
    nodeName: node.name,
    victims: podsOf(mixed ? byImportance(victims) : victims),
    pdbViolations: violations,
  };
}

/** Whether the filters pass a node; an error of one of them is a refusal here. @throws errors of other kinds */
function isFeasible(framework: Framework, cycle: Cycle, node: NodeInfo): boolean {
  try {
    return framework.filterWithNominated(cycle, node) === null;
  } catch (error) {
    if (error instanceof CycleError) return false;
    throw error;
  }
}

/** The pods of units, in their order. */
export function podsOf(units: readonly VictimUnit[]): readonly PodInfo[] {
  return units.flatMap(({ members }) => members.map(({ info }) => info));
}

/**
 * Puts back as many units as possible, those whose budget would be violated first, the most important first; `fits` puts one back and says whether
 * it may stay. The others become `victims`. Returns how many of their pods violate a budget, and whether there were units of both sorts.
 */
export function reprieve(
  units: readonly VictimUnit[],
  budgets: readonly PodDisruptionBudget[],
  victims: VictimUnit[],
  fits: (unit: VictimUnit) => boolean,
): { readonly violations: number; readonly mixed: boolean } {
  const { violating, others } = splitByBudget(byImportance(units), budgets);
  let violations = 0;
  for (const { unit, pods } of violating) {
    if (fits(unit)) continue;
    victims.push(unit);
    violations += pods;
  }
  for (const unit of others) if (!fits(unit)) victims.push(unit);
  return { violations, mixed: violating.length > 0 && others.length > 0 };
}

/** A pod, or a unit of pods, as far as its importance goes. */
type Ranked = Pick<PodInfo, 'pod' | 'priority'> & Partial<Pick<VictimUnit, 'isGroup' | 'members'>>;

/**
 * Higher priority first, then groups before pods and larger before smaller ones, then the longer running one; equals in the order that upstream's
 * sort leaves them in. For a pod that has not started upstream asks the clock in each comparison, and finds the one it asks about first the older.
 */
export function byImportance<T extends Ranked>(pods: readonly T[]): T[] {
  const sorted = [...pods];
  patternDefeatingSort(sorted, (a, b) => {
    if (a.priority !== b.priority) return a.priority > b.priority;
    if (a.isGroup !== b.isGroup) return a.isGroup === true;
    const [size, other] = [a.members?.length ?? 1, b.members?.length ?? 1];
    if (size !== other) return size > other;
    const difference = compareTimes(startOf(a), startOf(b));
    return difference < 0 || (difference === 0 && a.pod.status?.startTime === undefined);
  });
  return sorted;
}

/** Start of a pod as its status says it, of a unit that of its first to start; `~` (after every time) before it started. */
export function startOf({ pod, members }: Ranked): string {
  if (members === undefined) return pod.status?.startTime ?? '~';
  return members.map(({ info }) => startOf(info)).reduce((a, b) => (compareTimes(a, b) <= 0 ? a : b));
}

/** Order of two times of equal format. */
export function compareTimes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Split {
  /** With how many of their pods violate one. */
  readonly violating: readonly { readonly unit: VictimUnit; readonly pods: number }[];
  readonly others: readonly VictimUnit[];
}

/** Walks the units in order and charges every budget that selects their pods; below zero the pod's eviction violates it. */
function splitByBudget(units: readonly VictimUnit[], budgets: readonly PodDisruptionBudget[]): Split {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: { unit: VictimUnit; pods: number }[] = [];
  const others: VictimUnit[] = [];
  const violates = (info: PodInfo): boolean => {
    let violated = false;
    for (let i = 0; i < budgets.length; i++) {
      if (!charges(budgets[i] as PodDisruptionBudget, info)) continue;
      allowed[i] = (allowed[i] as number) - 1;
      if ((allowed[i] as number) < 0) violated = true;
    }
    return violated;
  };
  for (const unit of units) {
    const pods = unit.members.filter(({ info }) => violates(info)).length;
    if (pods > 0) violating.push({ unit, pods });
    else others.push(unit);
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
