/**
 * Preemption for all pods of a PodGroup at once: who would have to go, anywhere in the cluster, for enough of them to have nodes.
 *
 * All less important units are taken off; if the group then fits, as many as possible are put back, the most important first. Works on a copy of the
 * nodes; nothing is changed. Source: Kubernetes 1.37, framework/preemption/podgrouppreemption.go. Of equally good nodes the first is taken (upstream:
 * any), and each pod looks from the first node on for as many as its cycle would (upstream: from where the last cycle ended). A unit goes also for its
 * anti-affinity or its ReadWriteOncePod claim where no other matters (upstream puts it back unasked, and the group never fits where it is nominated).
 * Cost: O(pods of the group × nodes that are looked at) filters, and O(units) for what is put back; O(units × pods of the group) where a pod's filters
 * look at other nodes.
 */
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { ClusterView } from './cluster-view.ts';
import { Cycle } from './cycle.ts';
import { bestNodes, decide } from './decide.ts';
import type { Framework } from './framework.ts';
import type { ImageStates } from './image-states.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { isTerminatingByPreemption } from './preemption.ts';
import { type VictimUnit, VictimUnits } from './victim-units.ts';
import { byImportance, podsOf, reprieve } from './victims.ts';

/** A group that found no room. */
export interface PreemptingGroup {
  readonly priority: number;
  /** Pods without a node, in the order in which they are tried. */
  readonly members: readonly PodInfo[];
  /** How many of these need a node. */
  readonly wanted: number;
  /** The label whose value all their nodes share, '' for none; `required`: the value that pods of the group have already, null for none. */
  readonly topologyKey: string;
  readonly required: string | null;
}

/** Who goes, and where the pods of the group are nominated, by their keys. */
export interface GroupPreemption {
  readonly victims: readonly PodInfo[];
  readonly nodeOf: ReadonlyMap<string, string>;
  /** How many victims violate a budget. */
  readonly pdbViolations: number;
}

/** A pod of the group where it would go. */
interface Assignment {
  readonly info: PodInfo;
  readonly node: NodeInfo;
  readonly cycle: Cycle;
}

/** Looks for victims; a text says why there are none. */
export function preemptForGroup(
  framework: Framework,
  view: ClusterView,
  group: PreemptingGroup,
  nodesWanted: (nodeCount: number) => number,
): GroupPreemption | string {
  if (group.members.some(({ pod }) => pod.spec.preemptionPolicy === 'Never')) {
    return 'not eligible due to preemptionPolicy=Never.';
  }
  const dry = new DryCluster(view, new Set(group.members.map(({ key }) => key)));
  const units = new VictimUnits(view).on().filter(({ priority }) => priority < group.priority);
  if (units.length === 0) return 'No preemption victims found for incoming preemptor';
  for (const unit of units) dry.remove(unit);
  const assigned = assign(framework, dry, group, nodesWanted);
  if (assigned === null) return 'the group does not fit without all less important pods either';
  for (const { info, node } of assigned) node.removePod(info);
  heedUnits(framework, assigned, view);
  const budgets = [...view.objects.list<PodDisruptionBudget>('PodDisruptionBudget')];
  const victims: VictimUnit[] = [];
  const concernedBy = concerned(framework, assigned);
  const { violations } = reprieve(units, budgets, victims, (unit) => {
    const asked = concernedBy(unit);
    dry.add(framework, unit, asked);
    const fits = allFit(framework, asked);
    if (!fits) dry.takeBack(framework, unit, asked);
    return fits;
  });
  const nodeOf = new Map(assigned.map(({ info, node }) => [info.key, node.name]));
  return { victims: podsOf(byImportance(victims)), nodeOf, pdbViolations: violations };
}

/** Whether victims of an earlier preemption are still leaving the nodes that pods of the group are nominated to. */
export function isPreempting({ priority, members }: PreemptingGroup, view: ClusterView): boolean {
  return members.some(({ pod }) => {
    const node = view.find(pod.status?.nominatedNodeName ?? '');
    return node?.pods.some((other) => other.priority < priority && isTerminatingByPreemption(other)) === true;
  });
}

/** Nodes for enough pods of the group in the first placement that has them; they are on their nodes then. */
function assign(
  framework: Framework,
  dry: DryCluster,
  group: PreemptingGroup,
  nodesWanted: (nodeCount: number) => number,
): readonly Assignment[] | null {
  const all = dry.nodes;
  for (const nodes of placementsAmong(all, group)) {
    dry.nodes = nodes;
    const found: Assignment[] = [];
    for (const info of group.members) {
      const [node] = bestNodes(
        decide(framework, info, dry, { postFilter: false, limits: null, wanted: nodesWanted(nodes.length) }),
      );
      if (node === undefined) continue;
      const cycle = new Cycle(info, dry);
      framework.preFilter(cycle);
      node.addPod(info);
      found.push({ info, node, cycle });
    }
    if (found.length >= group.wanted) return found;
    for (const { info, node } of found) node.removePod(info);
  }
  return null;
}

/** Nodes that may be tried together: by value of the group's topology label, or all. */
function placementsAmong(
  nodes: readonly NodeInfo[],
  { topologyKey, required }: PreemptingGroup,
): readonly (readonly NodeInfo[])[] {
  if (topologyKey === '') return [nodes];
  const found = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const domain = node.labels[topologyKey];
    if (domain === undefined || (required !== null && required !== domain)) continue;
    const known = found.get(domain);
    if (known === undefined) found.set(domain, [node]);
    else known.push(node);
  }
  return [...found.values()];
}

/**
 * Lets cycles that began without the units hear of those that come back: a plugin that has nothing to filter without them is asked where it has beside
 * all of them, `view`. Pods of one template are asked about once: what is skipped depends on the spec and the labels of a pod alone.
 */
function heedUnits(framework: Framework, assigned: readonly Assignment[], view: ClusterView): void {
  let beside: Cycle | null = null;
  for (const { info, cycle } of assigned) {
    if (beside === null || !isLike(beside.info, info)) {
      beside = new Cycle(info, view);
      framework.preFilter(beside);
    }
    const { skippedFilters } = cycle;
    for (const plugin of skippedFilters) if (!beside.skippedFilters.has(plugin)) skippedFilters.delete(plugin);
  }
}

/** Whether two pods of a namespace share their spec and their labels. */
function isLike({ pod: a }: PodInfo, { pod: b }: PodInfo): boolean {
  return a.spec === b.spec && a.metadata.labels === b.metadata.labels;
}

/** Which pods of the group a unit on its nodes may keep off theirs: all of them where the filters of any look at other nodes than its own. */
function concerned(framework: Framework, assigned: readonly Assignment[]): (unit: VictimUnit) => readonly Assignment[] {
  if (assigned.some(({ cycle }) => framework.looksElsewhere(cycle))) return () => assigned;
  const hosts = new Set(assigned.map(({ node }) => node.name));
  return ({ members }) => {
    const [first] = members;
    if (members.length === 1 && !hosts.has(first?.nodeName ?? '')) return NOBODY;
    const nodes = new Set(members.map(({ nodeName }) => nodeName));
    return assigned.filter(({ node }) => nodes.has(node.name));
  };
}

const NOBODY: readonly Assignment[] = [];

/** Whether each pod of the group fits where it would go, beside those before it. */
function allFit(framework: Framework, assigned: readonly Assignment[]): boolean {
  const placed: Assignment[] = [];
  const fits = assigned.every((each) => {
    if (framework.filterWithNominated(each.cycle, each.node) !== null) return false;
    each.node.addPod(each.info);
    placed.push(each);
    return true;
  });
  for (const { info, node } of placed) node.removePod(info);
  return fits;
}

/** Copies of a view's nodes, from which pods can be taken. Nominations of the group itself do not count. */
class DryCluster implements ClusterView {
  nodes: readonly NodeInfo[];
  readonly objects: ClusterObjects;
  readonly images: ImageStates;
  readonly #view: ClusterView;
  readonly #own: ReadonlySet<string>;
  readonly #byName: ReadonlyMap<string, NodeInfo>;

  constructor(view: ClusterView, own: ReadonlySet<string>) {
    this.#view = view;
    this.#own = own;
    this.nodes = view.nodes.map((node) => node.clone());
    this.objects = view.objects;
    this.images = view.images;
    this.#byName = new Map(this.nodes.map((node) => [node.name, node]));
  }

  find(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  nominatedOn(nodeName: string): readonly PodInfo[] {
    return this.#view.nominatedOn(nodeName).filter(({ key }) => !this.#own.has(key));
  }

  remove({ members }: VictimUnit): void {
    for (const { info, nodeName } of members) this.find(nodeName)?.removePod(info);
  }

  /** Puts a unit back; the plugins of each pod of the group hear of it. */
  add(framework: Framework, { members }: VictimUnit, assigned: readonly Assignment[]): void {
    for (const { info, nodeName } of members) {
      const node = this.find(nodeName) as NodeInfo;
      node.addPod(info);
      for (const { cycle } of assigned) framework.tellAdded(cycle, info, node);
    }
  }

  takeBack(framework: Framework, unit: VictimUnit, assigned: readonly Assignment[]): void {
    this.remove(unit);
    for (const { info, nodeName } of unit.members) {
      for (const { cycle } of assigned) framework.tellRemoved(cycle, info, this.find(nodeName) as NodeInfo);
    }
  }
}
