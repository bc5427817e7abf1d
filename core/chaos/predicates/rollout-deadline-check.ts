/**
 * D5: a rollout moves on, or says that it does not: without progress for progressDeadlineSeconds a Deployment's condition Progressing is False.
 *
 * Progress by committed history: a new template or size, more pods of the new template, ready or available, fewer old ones. The controller sets its clock by times of whole seconds and looks
 * again when the deadline has passed; a minute more is allowed, during which no fault acts. Source: Kubernetes 1.34 pkg/controller/deployment/progress.go.
 */
import type { Deployment } from '../../types/deployment.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const SLACK_US = 60_000_000;
/** progressDeadlineSeconds that means none. */
const NO_DEADLINE = 2147483647;

export function deadlinesTold(judge: Judge): Predicate {
  /** When each Deployment moved last, by store key, µs. */
  const movedUs = new Map<number, number>();
  const predicate: Predicate = {
    id: 'D5',
    about: 'a rollout that makes no progress says so when its deadline has passed',
    evaluations: 0,
    commitKinds: ['Deployment'],
    onCommit({ keyId, object, previous, timeUs }: Commit) {
      if (object === null) movedUs.delete(keyId);
      else if (previous === null || moves(previous as Deployment, object as Deployment)) movedUs.set(keyId, timeUs);
    },
    missing() {
      for (const [keyId, timeUs] of movedUs) {
        const deployment = judge.world.of('Deployment').get(keyId) as Deployment;
        const { paused, progressDeadlineSeconds = NO_DEADLINE } = deployment.spec;
        if (paused === true || progressDeadlineSeconds === NO_DEADLINE || isComplete(deployment)) continue;
        if (deployment.metadata.deletionTimestamp !== undefined) continue;
        const idleUs = judge.sim.now - Math.max(timeUs, judge.calmSinceUs);
        if (idleUs <= progressDeadlineSeconds * 1_000_000 + SLACK_US) continue;
        predicate.evaluations++;
        const progressing = findCondition(deployment.status?.conditions, 'Progressing');
        // One that has reached its end once is none any more.
        if (progressing?.status === 'False' || progressing?.reason === 'NewReplicaSetAvailable') continue;
        const what = `has not moved for ${Math.round(idleUs / 1_000_000)} s, its deadline is ${progressDeadlineSeconds} s`;
        return `Deployment ${keyOf(deployment)} ${what} and its condition Progressing is ${progressing?.status ?? 'absent'}`;
      }
      return null;
    },
  };
  return predicate;
}

function isComplete({ spec, status = {}, metadata }: Deployment): boolean {
  const { replicas = 1 } = spec;
  const counts = [status.updatedReplicas ?? 0, status.replicas ?? 0, status.availableReplicas ?? 0];
  return counts.every((count) => count === replicas) && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

function moves(before: Deployment, after: Deployment): boolean {
  if (before.spec !== after.spec) return true;
  const [was, is] = [before.status ?? {}, after.status ?? {}];
  const old = ({ replicas = 0, updatedReplicas = 0 }) => replicas - updatedReplicas;
  return (
    (is.updatedReplicas ?? 0) > (was.updatedReplicas ?? 0) ||
    (is.readyReplicas ?? 0) > (was.readyReplicas ?? 0) ||
    (is.availableReplicas ?? 0) > (was.availableReplicas ?? 0) ||
    old(is as { replicas?: number }) < old(was as { replicas?: number })
  );
}
