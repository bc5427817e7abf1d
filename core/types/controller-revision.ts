/** ControllerRevisions. Source: Kubernetes 1.34, apps/v1 ControllerRevision. */
import type { KubeObject } from './object.ts';

/** apps/v1 ControllerRevision: a state of a StatefulSet's or DaemonSet's template. */
export interface ControllerRevision extends KubeObject {
  readonly data?: unknown;
  readonly revision: number;
}
