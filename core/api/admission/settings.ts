/**
 * Which admission plug-ins act, and how. Source: Kubernetes 1.34, default-enabled plug-ins.
 */

export interface AdmissionSettings {
  /**
   * Which service accounts of pods must exist (else 403): `all` as the real plug-in demands, `named` all but `default`, which every
   * namespace gets in a moment, or none.
   */
  readonly serviceAccountMustExist: 'all' | 'named' | 'none';
  /** Pods get the projected token volume and its mounts. */
  readonly tokenVolume: boolean;
  /** New nodes start with the taint node.kubernetes.io/not-ready:NoSchedule. */
  readonly taintNewNodes: boolean;
  /** Pods get a service account when they name none. */
  readonly serviceAccount: boolean;
  /** Pods get the priority of their class; without, they keep the one they come with. */
  readonly priority: boolean;
}

export const DEFAULT_ADMISSION: AdmissionSettings = {
  serviceAccountMustExist: 'none',
  tokenVolume: false,
  taintNewNodes: true,
  serviceAccount: true,
  priority: true,
};
