/**
 * D1, D2: a Deployment's controller keeps to maxSurge and maxUnavailable in its own view.
 *
 * D1: no scale-up makes the sum of all its ReplicaSets larger than replicas + maxSurge. D2: no scale-down of a rollout leaves fewer available pods than replicas −
 * maxUnavailable, unless it takes away only pods that are not available.
 */
import type { Deployment } from '../../types/deployment.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** The parts of the controller's decision that are read here. */
interface Decision {
  readonly deployment: Deployment;
  readonly replicaSet: KubeObject & { readonly status?: { readonly availableReplicas?: number } };
  readonly from: number;
  readonly to: number;
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly total: number;
  /** Sum of the ReplicaSets' status.availableReplicas, as the controller has it. */
  readonly available: number;
  readonly all: readonly ReplicaSet[];
}

/** Pods of the ReplicaSets that do not change, by their statuses. */
function remaining({ all, replicaSet }: Decision): number {
  return all.reduce((sum, set) => sum + (set === replicaSet ? 0 : (set.status?.replicas ?? 0)), 0);
}

function onDecision(judge: Judge, check: (decision: Decision) => void): void {
  listen(judge, 'deployment.scale', (_pid, subject) => check(subject as Decision));
}

export function surgeBound(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'D1',
    about: 'no rollout goes above replicas + maxSurge in the controller’s view',
    evaluations: 0,
  };
  onDecision(judge, (decision) => {
    const { deployment, from, to, replicas, maxSurge, total } = decision;
    if (to <= from) return;
    predicate.evaluations++;
    // Recreate: what is old has gone before anything new comes, not only from the specs.
    const old = deployment.spec.strategy?.type === 'Recreate' ? remaining(decision) : 0;
    const sum = Math.max(total, old) + to - from;
    if (sum > replicas + maxSurge) {
      judge.violate(
        predicate,
        `Deployment ${keyOf(deployment)}: scale-up from ${from} to ${to} makes ${sum}, at most ${replicas} + ${maxSurge}`,
      );
    }
  });
  return predicate;
}

export function unavailableBound(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'D2',
    about: 'no rollout takes available pods below replicas − maxUnavailable in the controller’s view',
    evaluations: 0,
  };
  onDecision(judge, (decision) => {
    const { deployment, replicaSet, from, to, replicas, maxSurge, maxUnavailable, total, available } = decision;
    // Recreate takes everything down first; it has no bound.
    if (deployment.spec.strategy?.type === 'Recreate') return;
    if (to >= from || total > replicas + maxSurge) return;
    predicate.evaluations++;
    const taken = Math.max(0, Math.min(from, replicaSet.status?.availableReplicas ?? 0) - to);
    if (taken > 0 && available - taken < replicas - maxUnavailable) {
      judge.violate(
        predicate,
        `Deployment ${keyOf(deployment)}: scale-down of ${replicaSet.metadata.name} from ${from} to ${to} leaves ${available - taken} available, must leave ${replicas - maxUnavailable} (${replicas} replicas, maxUnavailable ${maxUnavailable})`,
      );
    }
  });
  return predicate;
}
