/** DaemonSets. Source: Kubernetes 1.34, apps/v1 DaemonSet. */
import type { Condition, IntOrString, KubeObject, LabelSelector } from './object.ts';
import type { PodTemplateSpec } from './pod.ts';

/** apps/v1 DaemonSetUpdateStrategy. */
export interface DaemonSetUpdateStrategy {
  readonly type?: 'RollingUpdate' | 'OnDelete' | undefined;
  readonly rollingUpdate?:
    | { readonly maxUnavailable?: IntOrString | undefined; readonly maxSurge?: IntOrString | undefined }
    | undefined;
}

/** apps/v1 DaemonSetSpec. */
export interface DaemonSetSpec {
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly updateStrategy?: DaemonSetUpdateStrategy | undefined;
  readonly minReadySeconds?: number | undefined;
  readonly revisionHistoryLimit?: number | undefined;
}

/** apps/v1 DaemonSetStatus. */
export interface DaemonSetStatus {
  readonly currentNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly desiredNumberScheduled: number;
  readonly numberReady: number;
  readonly observedGeneration?: number | undefined;
  readonly updatedNumberScheduled?: number | undefined;
  readonly numberAvailable?: number | undefined;
  readonly numberUnavailable?: number | undefined;
  readonly collisionCount?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** apps/v1 DaemonSet. */
export interface DaemonSet extends KubeObject {
  readonly spec: DaemonSetSpec;
  readonly status?: DaemonSetStatus | undefined;
}
