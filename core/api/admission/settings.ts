/**
 * Which admission plug-ins act, and how. Source: Kubernetes 1.34, default-enabled plug-ins.
 */

export interface AdmissionSettings {
  /** Pods name a service account that must exist (else 403), as the real plug-in demands. */
  readonly serviceAccountMustExist: boolean;
  /** Pods get the projected token volume and its mounts. */
  readonly tokenVolume: boolean;
  /** New nodes start with the taint node.kubernetes.io/not-ready:NoSchedule. */
  readonly taintNewNodes: boolean;
}

export const DEFAULT_ADMISSION: AdmissionSettings = {
  serviceAccountMustExist: false,
  tokenVolume: false,
  taintNewNodes: true,
};
