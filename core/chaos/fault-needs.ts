/**
 * What removing an instance needs of the cluster, so that a failure under it is the cluster's and not the plan's own.
 *
 * A cloud controller manager: nobody else tells the cluster that the machine will not come back, and its pods stay bound to it (Kubernetes
 * documentation, "Cloud Controller Manager", node controller). And other nodes, on which those pods can run: in the same zone if they have volumes,
 * which do not leave it.
 */
import type { NodeGroup } from '../cluster/description.ts';
import type { KubeObject } from '../types/object.ts';
import type { StatefulSet } from '../types/stateful-set.ts';
import type { FaultPlan, ScenarioPlan } from './plan.ts';

/** Nodes that a cluster has left when some are gone for good. */
const NODES_LEFT_MIN = 2;

/** How many of the faults remove instances. */
export function removalsIn(faults: readonly FaultPlan[]): number {
  return faults.filter(({ kind }) => kind === 'instance-removed').length;
}

/** How many instances the plan's cluster can lose for good; 0 without a cloud controller manager. */
export function removalsBorne({ cluster, workload }: Pick<ScenarioPlan, 'cluster' | 'workload'>): number {
  if ((cluster.controlPlane?.cloudControllerManagers ?? 0) === 0) return 0;
  const groups: readonly NodeGroup[] = Array.isArray(cluster.nodes) ? cluster.nodes : [cluster.nodes as NodeGroup];
  const nodes = groups.reduce((sum, { count }) => sum + count, 0);
  const inZone = workload.some(keepsVolumes) ? smallestZone(groups) : nodes;
  return Math.max(0, Math.min(nodes - NODES_LEFT_MIN, inZone - 1));
}

function keepsVolumes(object: KubeObject): boolean {
  if (object.kind === 'PersistentVolumeClaim') return true;
  return object.kind === 'StatefulSet' && ((object as StatefulSet).spec.volumeClaimTemplates ?? []).length > 0;
}

/** Nodes of the zone that has the fewest; nodes without a zone are one zone. */
function smallestZone(groups: readonly NodeGroup[]): number {
  const nodes = new Map<string, number>();
  for (const { count, zones = [''] } of groups) {
    for (let i = 0; i < count; i++) {
      const zone = zones[i % zones.length] ?? '';
      nodes.set(zone, (nodes.get(zone) ?? 0) + 1);
    }
  }
  return Math.min(...nodes.values());
}

/** true if the plan's cluster has what its removals of instances need; a plan without any needs nothing. */
export function bearsRemovals(plan: ScenarioPlan): boolean {
  const removals = removalsIn(plan.faults);
  return removals === 0 || removals <= removalsBorne(plan);
}
