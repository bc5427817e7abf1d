/**
 * What removing an instance needs of the cluster, so that a failure under it is the cluster's and not the plan's own.
 *
 * A cloud controller manager: nobody else tells the cluster that the machine will not come back, and its pods stay bound to it (Kubernetes
 * documentation, "Cloud Controller Manager", node controller). And other nodes, on which those pods can run.
 */
import type { NodeGroup } from '../cluster/description.ts';
import type { FaultPlan, ScenarioPlan } from './plan.ts';

/** Nodes that a cluster has left when some are gone for good. */
export const NODES_LEFT_MIN = 2;

/** How many of the faults remove instances. */
export function removalsIn(faults: readonly FaultPlan[]): number {
  return faults.filter(({ kind }) => kind === 'instance-removed').length;
}

/** true if the plan's cluster has what its removals of instances need; a plan without any needs nothing. */
export function bearsRemovals({ cluster, faults }: ScenarioPlan): boolean {
  const removals = removalsIn(faults);
  if (removals === 0) return true;
  const groups: readonly NodeGroup[] = Array.isArray(cluster.nodes) ? cluster.nodes : [cluster.nodes as NodeGroup];
  const nodes = groups.reduce((sum, { count }) => sum + count, 0);
  return (cluster.controlPlane?.cloudControllerManagers ?? 0) > 0 && nodes - removals >= NODES_LEFT_MIN;
}
