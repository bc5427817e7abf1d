/**
 * Makes the cluster small: fewest members of each component, fewest nodes, one zone, settings of upstream, few replicas.
 *
 * Small numbers are tried first: nearly all crash-recovery bugs show with four nodes or fewer (CREB, 103 bugs studied; chaos manual §2.6).
 */
import type { ClusterDescription, ControlPlane, NodeGroup } from '../../cluster/description.ts';
import type { KubeObject } from '../../types/object.ts';
import { bearsRemovals } from '../fault-needs.ts';
import type { ScenarioPlan } from '../plan.ts';
import { mentioned } from './references.ts';
import { fewestReplicas } from './replica-floor.ts';
import type { Trials } from './trials.ts';

/** The plan on the smallest cluster that still fails. */
export function reduceCluster(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  return reduceNodes(reduceSettings(reduceMembers(plan, trials), trials), trials);
}

function withCluster(plan: ScenarioPlan, change: Partial<ClusterDescription>): ScenarioPlan {
  return { ...plan, cluster: { ...plan.cluster, ...change } };
}

function reduceMembers(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  const members = plan.cluster.controlPlane;
  if (members === undefined) return plan;
  const { controlPlane: _gone, ...rest } = plan.cluster;
  if (trials.fails({ ...plan, cluster: rest })) return { ...plan, cluster: rest };
  const cloudOnly = withCluster(plan, { controlPlane: { cloudControllerManagers: 1 } });
  if (!bearsRemovals({ ...plan, cluster: rest }) && trials.fails(cloudOnly)) return cloudOnly;
  let current: ControlPlane = members;
  for (const component of Object.keys(members) as (keyof ControlPlane)[]) {
    if ((current[component] ?? 1) <= 1) continue;
    const candidate = { ...current, [component]: 1 };
    if (trials.fails(withCluster(plan, { controlPlane: candidate }))) current = candidate;
  }
  return withCluster(plan, { controlPlane: current });
}

function reduceSettings(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  for (const name of Object.keys(plan.cluster.settings ?? {})) {
    const settings = Object.fromEntries(Object.entries(current.cluster.settings ?? {}).filter(([key]) => key !== name));
    current = trials.better(current, withCluster(current, { settings }));
  }
  const { settings, ...cluster } = current.cluster;
  return settings === undefined || Object.keys(settings).length > 0 ? current : { ...current, cluster };
}

function reduceNodes(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  const { nodes } = plan.cluster;
  const groups: readonly NodeGroup[] = Array.isArray(nodes) ? nodes : [nodes as NodeGroup];
  let current = plan;
  groups.forEach((group, index) => {
    if (group.names !== undefined) return;
    const smaller = (changed: NodeGroup): ScenarioPlan => {
      const now = current.cluster.nodes;
      const all = Array.isArray(now) ? now : [now as NodeGroup];
      const next = all.map((each, place) => (place === index ? changed : each));
      return withCluster(current, { nodes: Array.isArray(now) ? next : (next[0] as NodeGroup) });
    };
    for (const count of [1, 2, 3, 4, Math.ceil(group.count / 2)]) {
      if (count >= group.count) break;
      if (mentioned(namesOf(group).slice(count), plan.workload).length > 0) continue;
      const candidate = smaller({ ...group, count });
      if (!trials.fails(candidate)) continue;
      current = candidate;
      break;
    }
    const kept = groupAt(current, index);
    if ((kept.zones?.length ?? 0) > 1) {
      const { zones: _zones, ...plain } = kept;
      current = trials.better(current, smaller(plain));
    }
  });
  return current;
}

/** Names of the nodes of a group, which has no list of them. */
function namesOf({ name = 'node', count }: NodeGroup): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

function groupAt(plan: ScenarioPlan, index: number): NodeGroup {
  const { nodes } = plan.cluster;
  return (Array.isArray(nodes) ? nodes[index] : nodes) as NodeGroup;
}

/** The plan with the fewest replicas of each workload, and never so few that the numbers beside them lose their meaning. */
export function reduceReplicas(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  plan.workload.forEach((object, index) => {
    const replicas = replicasOf(object);
    const fewest = fewestReplicas(object, plan.workload);
    for (const fewer of new Set([1, 2, 3].map((count) => Math.max(count, fewest)))) {
      if (fewer >= replicas) break;
      const workload = current.workload.map((each, place) => (place === index ? withReplicas(each, fewer) : each));
      const candidate = { ...current, workload };
      if (!trials.fails(candidate)) continue;
      current = candidate;
      break;
    }
  });
  return current;
}

function replicasOf(object: KubeObject): number {
  const { replicas } = (object as { spec?: { replicas?: number } }).spec ?? {};
  return typeof replicas === 'number' ? replicas : 0;
}

function withReplicas(object: KubeObject, replicas: number): KubeObject {
  return { ...object, spec: { ...(object as { spec?: object }).spec, replicas } } as KubeObject;
}
