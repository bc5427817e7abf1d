/** PriorityClasses. Source: Kubernetes 1.34, scheduling.k8s.io/v1 PriorityClass. */
import type { KubeObject } from './object.ts';

/** scheduling/v1 PriorityClass. */
export interface PriorityClass extends KubeObject {
  readonly value: number;
  readonly globalDefault?: boolean | undefined;
  readonly description?: string | undefined;
  readonly preemptionPolicy?: string | undefined;
}
