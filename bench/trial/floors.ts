/**
 * Floors: how many pods of a workload have to stay Ready in each trial.
 *
 * Rollout: replicas − maxUnavailable. Crash and zone loss: replicas − those on what failed. Drain: the budget's minimum, without a budget replicas − those
 * on the node (set anew with each node). All others: replicas.
 */
import { findObject } from '../../core/chaos/workloads.ts';
import type { World } from '../../core/chaos/world.ts';
import type { TrialName } from './battery.ts';
import { daemonSetUnavailable } from './replicas.ts';
import type { Workload } from './workload.ts';

/** Pods that a workload wants now; a DaemonSet's by its status. */
export function wantedOf(workload: Workload, world: World): number {
  const object = findObject(world, workload.id);
  if (workload.kind === 'DaemonSet') {
    return (object?.status as { readonly desiredNumberScheduled?: number } | undefined)?.desiredNumberScheduled ?? 0;
  }
  const { replicas } = (object?.spec ?? {}) as { readonly replicas?: number };
  return workload.kind === 'Job' || workload.kind === 'Pod' ? workload.replicas : (replicas ?? workload.replicas);
}

export interface FloorInput {
  readonly workload: Workload;
  readonly trial: TrialName;
  /** The workload that is updated; '' in other trials. */
  readonly subject: string;
  readonly replicas: number;
  readonly onFailed: number;
  readonly world: World;
}

/** The floor when the fault begins. */
export function floorOf({ workload, trial, subject, replicas, onFailed, world }: FloorInput): number {
  if (workload.kind === 'Job') return 0;
  switch (trial) {
    case 'node-crash':
    case 'zone-loss':
      return replicas - onFailed;
    case 'drain':
      // Until the first cordon nothing is away.
      return replicas;
    case 'rolling-update':
    case 'broken-image':
      return subject === workload.id ? Math.max(0, replicas - missingIn(workload, world, replicas)) : replicas;
    default:
      return replicas;
  }
}

function missingIn(workload: Workload, world: World, replicas: number): number {
  if (workload.kind !== 'DaemonSet') return workload.maxUnavailable;
  return daemonSetUnavailable(findObject(world, workload.id)?.spec ?? {}, replicas);
}
