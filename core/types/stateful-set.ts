/** StatefulSets. Source: Kubernetes 1.34, apps/v1 StatefulSet. */
import type { Condition, IntOrString, KubeObject, LabelSelector } from './object.ts';
import type { PodTemplateSpec } from './pod.ts';

/** apps/v1 StatefulSetUpdateStrategy. */
export interface StatefulSetUpdateStrategy {
  readonly type?: 'RollingUpdate' | 'OnDelete' | undefined;
  readonly rollingUpdate?:
    | { readonly partition?: number | undefined; readonly maxUnavailable?: IntOrString | undefined }
    | undefined;
}

/** apps/v1 StatefulSetSpec. */
export interface StatefulSetSpec {
  readonly replicas?: number | undefined;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly volumeClaimTemplates?: readonly KubeObject[] | undefined;
  readonly serviceName?: string | undefined;
  readonly podManagementPolicy?: 'OrderedReady' | 'Parallel' | undefined;
  readonly updateStrategy?: StatefulSetUpdateStrategy | undefined;
  readonly revisionHistoryLimit?: number | undefined;
  readonly minReadySeconds?: number | undefined;
  readonly persistentVolumeClaimRetentionPolicy?:
    | { readonly whenDeleted?: string | undefined; readonly whenScaled?: string | undefined }
    | undefined;
  readonly ordinals?: { readonly start?: number | undefined } | undefined;
}

/** apps/v1 StatefulSetStatus; `replicas` and `availableReplicas` are always there. */
export interface StatefulSetStatus {
  readonly observedGeneration?: number | undefined;
  readonly replicas: number;
  readonly readyReplicas?: number | undefined;
  readonly currentReplicas?: number | undefined;
  readonly updatedReplicas?: number | undefined;
  readonly currentRevision?: string | undefined;
  readonly updateRevision?: string | undefined;
  readonly collisionCount?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly availableReplicas?: number | undefined;
}

/** apps/v1 StatefulSet. */
export interface StatefulSet extends KubeObject {
  readonly spec: StatefulSetSpec;
  readonly status?: StatefulSetStatus | undefined;
}
