/**
 * What a search has reached: marks of rare paths, and which kinds of faults met the cluster in which state.
 *
 * Plain counts, so that coverages of parts of a search add up.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { declaredMarks } from '../../sim/registry.ts';
import type { Node } from '../../types/node.ts';
import { isConditionTrue } from '../../types/pod-conditions.ts';
import type { Jury } from '../jury.ts';
import type { FaultPlan } from '../plan.ts';
import { livePodsByOwner, workloadLacks } from '../predicates/workload-state-check.ts';
import type { RunObserver } from '../run-plan.ts';
import { SEARCHED_KINDS } from './draw-fault.ts';

/** States of a cluster when a fault begins: a node is not Ready; something is not in its desired state; neither. */
export const CLUSTER_STATES = ['steady', 'converging', 'degraded'] as const;

const CONVERGING_KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];

export class Coverage implements RunObserver {
  /** By mark, in the order of their declaration. */
  readonly marks: number[] = declaredMarks().map(() => 0);
  /** By kind of fault × state. */
  readonly met: number[] = SEARCHED_KINDS.flatMap(() => CLUSTER_STATES.map(() => 0));

  faultBegins(fault: FaultPlan, _cluster: Cluster, jury: Jury): void {
    const kind = (SEARCHED_KINDS as readonly string[]).indexOf(fault.kind);
    if (kind >= 0) this.met[kind * CLUSTER_STATES.length + stateOf(jury)]! += 1;
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

function stateOf({ world }: Jury): number {
  for (const node of world.of('Node').values()) {
    if (!isConditionTrue((node as Node).status?.conditions, 'Ready')) return CLUSTER_STATES.indexOf('degraded');
  }
  const live = livePodsByOwner(world);
  for (const kind of CONVERGING_KINDS) {
    for (const object of world.of(kind).values()) {
      if (workloadLacks(object, live) !== null) return CLUSTER_STATES.indexOf('converging');
    }
  }
  return CLUSTER_STATES.indexOf('steady');
}
