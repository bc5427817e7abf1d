/**
 * Words that `--assume` takes, beside kinds that other controllers define: what is read but not simulated, and marks hang on.
 */

/** Kinds and fields of a pod's spec, as {@link Uncertainty.kind} names them. */
export const ASSUMABLE: readonly string[] = [
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'HorizontalPodAutoscaler',
  'VerticalPodAutoscaler',
  'ScaledObject',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'MutatingAdmissionPolicy',
  'ValidatingAdmissionPolicy',
  'CronJob',
  'PersistentVolumeClaim',
  'PodGroup',
  'RuntimeClass',
  'DeviceClass',
  'ResourceClaim',
  'ResourceClaimTemplate',
  'ResourceSlice',
  'hostPath',
  'nfs',
  'csi',
  'readinessGates',
  'schedulerName',
  'schedulingGates',
  'managedBy',
];
