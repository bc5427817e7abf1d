/** ReplicaSets. Source: Kubernetes 1.34, apps/v1 ReplicaSet. */
import type { Condition, KubeObject, LabelSelector } from './object.ts';
import type { PodTemplateSpec } from './pod.ts';

/** apps/v1 ReplicaSetSpec. */
export interface ReplicaSetSpec {
  readonly replicas?: number | undefined;
  readonly minReadySeconds?: number | undefined;
  readonly selector: LabelSelector;
  readonly template?: PodTemplateSpec | undefined;
}

/** apps/v1 ReplicaSetStatus; only `replicas` is always there. */
export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number | undefined;
  readonly readyReplicas?: number | undefined;
  readonly availableReplicas?: number | undefined;
  readonly terminatingReplicas?: number | undefined;
  readonly observedGeneration?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** apps/v1 ReplicaSet. */
export interface ReplicaSet extends KubeObject {
  readonly spec: ReplicaSetSpec;
  readonly status?: ReplicaSetStatus | undefined;
}
