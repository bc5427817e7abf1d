/** Deployments. Source: Kubernetes 1.34, apps/v1 Deployment. */
import type { Condition, IntOrString, KubeObject, LabelSelector } from './object.ts';
import type { PodTemplateSpec } from './pod.ts';

/** apps/v1 DeploymentStrategy. */
export interface DeploymentStrategy {
  readonly type?: 'RollingUpdate' | 'Recreate' | undefined;
  readonly rollingUpdate?:
    | { readonly maxUnavailable?: IntOrString | undefined; readonly maxSurge?: IntOrString | undefined }
    | undefined;
}

/** apps/v1 DeploymentSpec. */
export interface DeploymentSpec {
  readonly replicas?: number | undefined;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly strategy?: DeploymentStrategy | undefined;
  readonly minReadySeconds?: number | undefined;
  readonly revisionHistoryLimit?: number | undefined;
  readonly paused?: boolean | undefined;
  readonly progressDeadlineSeconds?: number | undefined;
}

/** apps/v1 DeploymentStatus; zero counts are left out, as in the real API. */
export interface DeploymentStatus {
  readonly observedGeneration?: number | undefined;
  readonly replicas?: number | undefined;
  readonly updatedReplicas?: number | undefined;
  readonly readyReplicas?: number | undefined;
  readonly availableReplicas?: number | undefined;
  readonly unavailableReplicas?: number | undefined;
  readonly terminatingReplicas?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly collisionCount?: number | undefined;
}

/** apps/v1 Deployment. */
export interface Deployment extends KubeObject {
  readonly spec: DeploymentSpec;
  readonly status?: DeploymentStatus | undefined;
}
