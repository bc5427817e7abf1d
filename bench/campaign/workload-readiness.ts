/**
 * Whether a workload has as many Ready pods as it wants, read from its committed spec and status.
 */
import type { Commit } from '../../core/chaos/world.ts';

interface Spec {
  readonly replicas?: number;
}
interface Status {
  readonly readyReplicas?: number;
  readonly desiredNumberScheduled?: number;
  readonly numberReady?: number;
}

const KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet']);

/** Pods wanted and Ready. */
export interface Readiness {
  readonly wanted: number;
  readonly ready: number;
}

/** true for a commit about a workload that a user declared (a Deployment's ReplicaSets are not). */
export function isWorkload(commit: Commit): boolean {
  const object = commit.object ?? commit.previous;
  return KINDS.has(commit.kind) && object?.metadata.ownerReferences === undefined;
}

/** What `object`, a workload, wants and has; null for null. Absent replicas are 1, as the API server defaults them. */
export function readinessOf(object: Commit['object']): Readiness | null {
  if (object === null) return null;
  const status = object.status as Status | undefined;
  if (object.kind === 'DaemonSet') {
    return { wanted: status?.desiredNumberScheduled ?? 0, ready: status?.numberReady ?? 0 };
  }
  return { wanted: (object.spec as Spec | undefined)?.replicas ?? 1, ready: status?.readyReplicas ?? 0 };
}
