/**
 * What is preempted as one: a pod, or all pods of a PodGroup whose disruption mode says so, wherever they are. A pod of a group counts with the
 * group's priority. Source: Kubernetes 1.37, framework/preemption (types.go, util.go).
 */
import type { Pod } from '../../types/pod.ts';
import { goesWhole, groupPriorityOf, POD_GROUP_KIND, type PodGroup } from '../../types/pod-group.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { ClusterView } from './cluster-view.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** A pod on its node. */
export interface PlacedPod {
  readonly info: PodInfo;
  readonly nodeName: string;
}

/** Pods that go together. */
export interface VictimUnit {
  readonly members: readonly PlacedPod[];
  /** The first of them. */
  readonly pod: Pod;
  readonly priority: number;
  readonly isGroup: boolean;
}

/** The units with a pod on one node of a view. */
export function unitsOn(view: ClusterView, node: NodeInfo): readonly VictimUnit[] {
  return unitsOf(view, [node]);
}

/** All units of a view, in the order of its nodes and their pods. */
export function unitsIn(view: ClusterView): readonly VictimUnit[] {
  return unitsOf(view, view.nodes);
}

function unitsOf(view: ClusterView, nodes: readonly NodeInfo[]): readonly VictimUnit[] {
  const units: VictimUnit[] = [];
  const seen = new Set<PodGroup>();
  for (const { name: nodeName, pods } of nodes) {
    for (const info of pods) {
      const group = groupOf(info.pod, view.objects);
      const whole = group !== undefined && goesWhole(group);
      if (whole && seen.has(group)) continue;
      if (whole) seen.add(group);
      units.push({
        members: whole ? membersOf(group, view) : [{ info, nodeName }],
        pod: info.pod,
        priority: group === undefined ? info.priority : groupPriorityOf(group),
        isGroup: group !== undefined,
      });
    }
  }
  return units;
}

/** The PodGroup that a pod names, where it is known. */
export function groupOf({ metadata, spec }: Pod, objects: ClusterObjects): PodGroup | undefined {
  const name = spec.schedulingGroup?.podGroupName;
  return name === undefined ? undefined : objects.get<PodGroup>(POD_GROUP_KIND, metadata.namespace ?? '', name);
}

function membersOf(group: PodGroup, { nodes, objects }: ClusterView): readonly PlacedPod[] {
  return nodes.flatMap(({ name: nodeName, pods }) =>
    pods.filter(({ pod }) => groupOf(pod, objects) === group).map((info) => ({ info, nodeName })),
  );
}
