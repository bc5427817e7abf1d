/** Groups of pods that are scheduled together: the fields that are read. Source: Kubernetes 1.37, scheduling.k8s.io. */
import type { KubeObject } from './object.ts';
import type { PodResourceClaim } from './pod.ts';

export const POD_GROUP_KIND = 'PodGroup';
/** The API group of PodGroups. */
export const SCHEDULING_GROUP = 'scheduling.k8s.io';

/** Whether something is a PodGroup of Kubernetes, of any version; other projects have kinds of that name, too. */
export function isPodGroup({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return kind === POD_GROUP_KIND && typeof apiVersion === 'string' && apiVersion.startsWith(`${SCHEDULING_GROUP}/`);
}

/** How many pods of a group must have nodes at once; `basic`: each goes by itself. */
export interface PodGroup extends KubeObject {
  readonly spec?:
    | {
        readonly schedulingPolicy?:
          | {
              readonly basic?: object | undefined;
              readonly gang?: { readonly minCount?: number | undefined } | undefined;
            }
          | undefined;
        /** Claims that the pods of the group share (gate DRAWorkloadResourceClaims). */
        readonly resourceClaims?: readonly PodResourceClaim[] | undefined;
      }
    | undefined;
}

/** Fewest pods of a group that may be bound. */
export function minCountOf({ spec }: PodGroup): number {
  return spec?.schedulingPolicy?.gang?.minCount ?? 1;
}
