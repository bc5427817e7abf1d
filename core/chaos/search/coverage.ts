/**
 * What a search has reached: marks of rare paths, and which kinds of faults met the cluster in which state.
 *
 * Plain counts, so that coverages of parts of a search add up.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pid } from '../../sim/process.ts';
import { declaredMarks } from '../../sim/registry.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import { isConditionTrue } from '../../types/pod-conditions.ts';
import type { Jury } from '../jury.ts';
import type { FaultPlan } from '../plan.ts';
import { livePodsByOwner, workloadLacks } from '../predicates/workload-state-check.ts';
import type { RunObserver } from '../run-plan.ts';
import { COMPONENTS, leaderName } from '../targets.ts';
import type { World } from '../world.ts';
import { SEARCHED_KINDS } from './draw-fault.ts';

/**
 * States of a cluster when a fault begins, of which several may hold: something is not in its desired state; a node is not Ready or has no running kubelet; a process of the
 * control plane is down or frozen; a component has no running leader; another fault acts. Steady: none of them.
 */
export const CLUSTER_STATES = [
  'steady',
  'converging',
  'node away',
  'process away',
  'leaderless',
  'other fault',
] as const;
export type ClusterState = (typeof CLUSTER_STATES)[number];

const CONVERGING_KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];

export class Coverage implements RunObserver {
  /** Faults that act now. */
  #acting = 0;
  /** By mark, in the order of their declaration. */
  readonly marks: number[] = declaredMarks().map(() => 0);
  /** By kind of fault × state. */
  readonly met: number[] = SEARCHED_KINDS.flatMap(() => CLUSTER_STATES.map(() => 0));

  /** A run begins: what acted in the one before it has gone with it. */
  begin(): void {
    this.#acting = 0;
  }

  faultBegins(fault: FaultPlan, cluster: Cluster, jury: Jury): void {
    const kind = (SEARCHED_KINDS as readonly string[]).indexOf(fault.kind);
    const states = kind < 0 ? [] : statesOf(cluster, jury, this.#acting > 0);
    for (const state of states) this.met[kind * CLUSTER_STATES.length + CLUSTER_STATES.indexOf(state)]! += 1;
    this.#acting++;
  }

  faultEnds(): void {
    this.#acting--;
  }

  end(cluster: Cluster): void {
    cluster.sim.observation.marks.forEach((count, mark) => {
      if (count > 0) this.marks[mark] = (this.marks[mark] ?? 0) + 1;
    });
  }

  /** Takes in another part of the same search. */
  add(other: { readonly marks: readonly number[]; readonly met: readonly number[] }): void {
    other.marks.forEach((count, mark) => {
      this.marks[mark] = (this.marks[mark] ?? 0) + count;
    });
    other.met.forEach((count, cell) => {
      this.met[cell] = (this.met[cell] ?? 0) + count;
    });
  }

  /** How often each kind should be drawn next: what has met fewest states gets the most, 1 to 4. */
  weights(): number[] {
    return SEARCHED_KINDS.map((_, kind) => {
      const met = CLUSTER_STATES.filter((_state, state) => (this.met[kind * CLUSTER_STATES.length + state] ?? 0) > 0);
      return 1 + CLUSTER_STATES.length - met.length;
    });
  }
}

/** In which states the cluster is. */
function statesOf(cluster: Cluster, { world }: Jury, isDisturbed: boolean): readonly ClusterState[] {
  const { sim, kubelets } = cluster;
  const states: ClusterState[] = [];
  const isAway = (pid: Pid): boolean => !sim.isRunning(pid);
  const live = livePodsByOwner(world);
  const lacks = (kind: string): boolean =>
    [...world.of(kind).values()].some((object) => workloadLacks(object, live) !== null);
  if (CONVERGING_KINDS.some(lacks)) states.push('converging');
  const isUnready = (node: KubeObject): boolean => !isConditionTrue((node as Node).status?.conditions, 'Ready');
  if (kubelets.some(isAway) || [...world.of('Node').values()].some(isUnready)) states.push('node away');
  if (Object.values(cluster.components).some((pids) => pids.some(isAway))) states.push('process away');
  if (Object.keys(COMPONENTS).some((component) => isLeaderless(component, cluster, world))) states.push('leaderless');
  if (isDisturbed) states.push('other fault');
  return states.length === 0 ? ['steady'] : states;
}

/** Whether a component that elects a leader, or the store's group, has none that runs. */
function isLeaderless(component: string, cluster: Cluster, world: World): boolean {
  const instances = cluster.instancesOf(component);
  if (component === 'etcd') return cluster.storeLeader() === undefined;
  if (COMPONENTS[component] === '' || instances.length === 0) return false;
  const { names } = cluster.sim.processes;
  const leader = leaderName(world, component);
  return !instances.some((pid) => names[pid] === leader && cluster.sim.isRunning(pid));
}

/** Which of the kinds that were met did not meet which states, and which kinds were not met at all. */
export function neverMet(
  met: readonly number[],
): { readonly kind: string; readonly states: readonly ClusterState[] }[] {
  const count = CLUSTER_STATES.length;
  return SEARCHED_KINDS.map((kind, row) => ({
    kind,
    states: CLUSTER_STATES.filter((_, state) => (met[row * count + state] ?? 0) === 0),
  })).filter(({ states }) => states.length > 0);
}
