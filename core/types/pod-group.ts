/** Groups of pods that are scheduled together: the fields that are read. Source: Kubernetes 1.37, scheduling.k8s.io. */
import type { KubeObject } from './object.ts';
import type { PodResourceClaim, PodResourceClaimStatus } from './pod.ts';

export const POD_GROUP_KIND = 'PodGroup';
/** The API group of PodGroups. */
export const SCHEDULING_GROUP = 'scheduling.k8s.io';

/** Whether something is a PodGroup of Kubernetes, of any version; other projects have kinds of that name, too. */
export function isPodGroup({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return kind === POD_GROUP_KIND && typeof apiVersion === 'string' && apiVersion.startsWith(`${SCHEDULING_GROUP}/`);
}

/** How many pods of a group must have nodes at once, where, and what becomes of them together. */
export interface PodGroup extends KubeObject {
  readonly spec?:
    | {
        /** `basic`: each pod goes by itself. */
        readonly schedulingPolicy?:
          | {
              readonly basic?: object | undefined;
              readonly gang?: { readonly minCount?: number | undefined } | undefined;
            }
          | undefined;
        /** All pods on nodes with the same value of a label (gate TopologyAwareWorkloadScheduling); one entry counts. */
        readonly schedulingConstraints?:
          | { readonly topology?: readonly { readonly key?: string | undefined }[] | undefined }
          | undefined;
        /** The class that its priority is that of. */
        readonly priorityClassName?: string | undefined;
        /** That of its pods. */
        readonly priority?: number | undefined;
        readonly preemptionPolicy?: string | undefined;
        /** `all`: whoever preempts one pod preempts all; `single`, which is the default: each alone. */
        readonly disruptionMode?:
          | { readonly single?: object | undefined; readonly all?: object | undefined }
          | undefined;
        /** Claims that the pods of the group share (gate DRAWorkloadResourceClaims). */
        readonly resourceClaims?: readonly PodResourceClaim[] | undefined;
      }
    | undefined;
  readonly status?:
    | {
        /** Claims that were made from templates. */
        readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[] | undefined;
      }
    | undefined;
}

/** Fewest pods of a group that may be bound. */
export function minCountOf({ spec }: PodGroup): number {
  return spec?.schedulingPolicy?.gang?.minCount ?? 1;
}

/** The priority of a group and its pods. */
export function groupPriorityOf({ spec }: PodGroup): number {
  return spec?.priority ?? 0;
}

/** The label whose value all nodes of a group share; `''` for none. */
export function topologyKeyOf({ spec }: PodGroup): string {
  return spec?.schedulingConstraints?.topology?.[0]?.key ?? '';
}

/** Whether all pods of a group are preempted together. */
export function goesWhole({ spec }: PodGroup): boolean {
  return spec?.disruptionMode?.all !== undefined;
}

/** Whether the pods of a group are placed in one cycle; those of others go by themselves. */
export function isPlacedWhole(group: PodGroup): boolean {
  return group.spec?.schedulingPolicy?.gang !== undefined || topologyKeyOf(group) !== '';
}
