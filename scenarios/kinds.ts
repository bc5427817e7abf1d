/**
 * Names that a scenario file may use, for messages and completion.
 */
import type { FaultKind, Operation, TargetMode } from '../core/chaos/plan.ts';

export const FAULT_KINDS = [
  'node-crash',
  'kubelet-stop',
  'process-crash',
  'process-pause',
  'partition',
  'slow-link',
  'lossy-link',
  'clock-rate',
  'clock-offset',
  'slow-disk',
  'disk-failure',
  'bit-flip',
  'leader-transfer',
  'slow-snapshot',
  'slow-apply',
  'crash-in-apply',
  'disk-loss',
  'compaction-storm',
  'watch-lag',
  'informer-lag',
  'lost-replies',
  'refused-requests',
  'slow-watchers',
  'instance-removed',
] as const satisfies readonly FaultKind[];

export const OPERATION_KINDS = [
  'scale',
  'set-image',
  'delete',
  'apply',
  'store-member-add',
  'store-member-promote',
  'store-member-remove',
  'store-rolling-restart',
  'store-restore',
  'store-defragment',
  'store-alarm-disarm',
  'cordon',
  'uncordon',
  'drain',
] as const satisfies readonly Operation['kind'][];

/** Kinds of steps that hold faults or stand between them. */
export const GROUP_KINDS = ['serial', 'parallel', 'pause'] as const;

/** Labels of the control plane's tasks; an operator's task has the operator's name. */
export const TASK_LABELS: readonly string[] = [
  'binding',
  'claim-deallocation',
  'claim-release',
  'cloud-node',
  'cloud-node-lifecycle',
  'cloud-node-refresh',
  'controller-start',
  'daemonset',
  'deployment',
  'disruption',
  'endpointslice',
  'ephemeral-volume',
  'gc-delete',
  'gc-discovery',
  'gc-orphan',
  'job',
  'job-orphan-pod',
  'leader-election',
  'namespace',
  'node-ipam',
  'node-monitor',
  'node-pod',
  'node-taint-pass',
  'node-update',
  'pod-gc',
  'pod-status',
  'preemption',
  'provision',
  'replicaset',
  'resourceclaim',
  'resourceclaim-pod',
  'root-ca',
  'serviceaccount',
  'stale-disruption',
  'statefulset',
  'store-admin',
  'taint-eviction',
  'ttl',
  'ttl-after-finished',
  'user',
  'volume',
  'volume-claim',
];

/** How many of what a target names are hit. */
export const TARGET_MODES = [
  'one',
  'all',
  'fixed',
  'fixed-percent',
  'random-max-percent',
] as const satisfies readonly TargetMode[];
