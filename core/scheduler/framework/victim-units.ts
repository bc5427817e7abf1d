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

/** The units of a view that nobody changes meanwhile. */
export class VictimUnits {
  readonly #view: ClusterView;
  /** All pods of groups that go as wholes; `null` until somebody asks. */
  #wholes: ReadonlyMap<PodGroup, readonly PlacedPod[]> | null = null;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** Those with a pod on one of these nodes, in the order of the nodes and their pods; default: all nodes. */
  on(nodes: readonly NodeInfo[] = this.#view.nodes): readonly VictimUnit[] {
    const units: VictimUnit[] = [];
    const seen = new Set<PodGroup>();
    for (const { name: nodeName, pods } of nodes) {
      for (const info of pods) {
        const group = groupOf(info.pod, this.#view.objects);
        const whole = group !== undefined && goesWhole(group);
        if (whole && seen.has(group)) continue;
        if (whole) seen.add(group);
        units.push({
          members: (whole ? this.#members().get(group) : undefined) ?? [{ info, nodeName }],
          pod: info.pod,
          priority: group === undefined ? info.priority : groupPriorityOf(group),
          isGroup: group !== undefined,
        });
      }
    }
    return units;
  }

  #members(): ReadonlyMap<PodGroup, readonly PlacedPod[]> {
    if (this.#wholes !== null) return this.#wholes;
    const found = new Map<PodGroup, PlacedPod[]>();
    for (const { name: nodeName, pods } of this.#view.nodes) {
      for (const info of pods) {
        const group = groupOf(info.pod, this.#view.objects);
        if (group === undefined || !goesWhole(group)) continue;
        const members = found.get(group);
        if (members === undefined) found.set(group, [{ info, nodeName }]);
        else members.push({ info, nodeName });
      }
    }
    this.#wholes = found;
    return found;
  }
}

/** The PodGroup that a pod names, where it is known. */
export function groupOf({ metadata, spec }: Pod, objects: ClusterObjects): PodGroup | undefined {
  const name = spec.schedulingGroup?.podGroupName;
  return name === undefined ? undefined : objects.get<PodGroup>(POD_GROUP_KIND, metadata.namespace ?? '', name);
}
