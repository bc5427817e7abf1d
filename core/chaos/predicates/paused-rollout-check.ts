/**
 * D4: a Deployment that is paused or being deleted rolls nothing out; one that is scaled in the middle of a rollout shares the change out in proportion.
 *
 * Judged in the controller's view, decision by decision. Being deleted: no ReplicaSet is made or changes its size. Paused: no ReplicaSet is made, and none changes its size unless the Deployment was scaled (some
 * ReplicaSet with pods was sized for another spec.replicas), it is the only one with pods, or another one has all of them. Scaled: each ReplicaSet gets
 * size × (replicas + maxSurge) / what all were sized for before, one more or less for rounding; the largest takes what that leaves.
 * Source: Kubernetes documentation, Deployments, "Pausing and resuming a rollout" and "Proportional scaling".
 */
import type { Deployment } from '../../types/deployment.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';

/** The parts of the controller's decision that are read here. */
interface Decision {
  readonly deployment: Deployment;
  readonly replicaSet: ReplicaSet;
  readonly from: number;
  readonly to: number;
  readonly replicas: number;
  readonly maxSurge: number;
  /** All its ReplicaSets before the change. */
  readonly all: readonly ReplicaSet[];
}

export function pausedRollout(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'D4',
    about:
      'a Deployment that is paused or ends rolls nothing out, and scaling amid a rollout is shared out in proportion',
    evaluations: 0,
  };
  listen(judge, 'deployment.scale', (_pid, subject) => {
    const decision = subject as Decision;
    const { deployment, replicaSet, from, to } = decision;
    const { paused = false } = deployment.spec;
    const ends = deployment.metadata.deletionTimestamp !== undefined;
    if (!ends && !paused && !isShare(decision)) return;
    predicate.evaluations++;
    const fault =
      (ends ? 'though it is being deleted' : null) ??
      (paused ? progressOf(decision) : null) ??
      (isShare(decision) ? unfairness(decision) : null);
    if (fault === null) return;
    const what = `${replicaSet.metadata.name} from ${from} to ${to}, ${fault}`;
    judge.violate(predicate, `Deployment ${keyOf(deployment)}: ${what}`);
  });
  return predicate;
}

const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
const withPods = (all: readonly ReplicaSet[]): ReplicaSet[] => all.filter((set) => sizeOf(set) > 0);

function sizedFor(set: ReplicaSet, key: typeof DESIRED | typeof MAX): number {
  return Number(set.metadata.annotations?.[key] ?? Number.NaN);
}

/** Whether another ReplicaSet than the one that changes has every pod of the Deployment. */
function isCompleteWithout({ all, replicaSet, replicas }: Decision): boolean {
  return all.some((set) => set.metadata.uid !== replicaSet.metadata.uid && sizeOf(set) === replicas);
}

/**
 * Why the change is progress of a rollout, or null. Where several sets have pods a paused controller brings their sum to what is allowed, scaled or not
 * (Kubernetes 1.34.1, pkg/controller/deployment/sync.go, scale).
 */
function progressOf(decision: Decision): string | null {
  const { all, replicaSet, replicas, from, to } = decision;
  if (!all.some(({ metadata }) => metadata.uid === replicaSet.metadata.uid)) return 'a new one, though it is paused';
  const sized = withPods(all);
  if (sized.length <= 1 || sized.some((set) => sizedFor(set, DESIRED) !== replicas)) return null;
  const room = replicas + decision.maxSurge - all.reduce((sum, set) => sum + sizeOf(set), 0);
  const rolls = decision.deployment.spec.strategy?.type !== 'Recreate';
  if (rolls && (to - from) * room > 0 && Math.abs(to - from) <= Math.abs(room)) return null;
  return to === 0 && isCompleteWithout(decision) ? null : 'though it is paused and was not scaled';
}

/** Whether the change is a ReplicaSet's share of a scaling in the middle of a rollout. */
function isShare(decision: Decision): boolean {
  const { deployment, replicaSet, replicas, from, to, all } = decision;
  if ((deployment.spec.strategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return false;
  if (from === 0 || withPods(all).length <= 1 || !(sizedFor(replicaSet, MAX) > 0)) return false;
  return sizedFor(replicaSet, DESIRED) !== replicas && !(to === 0 && isCompleteWithout(decision));
}

/** Why the change is not the ReplicaSet's share, or null. */
function unfairness({ replicaSet, from, to, replicas, maxSurge, all }: Decision): string | null {
  const allowed = replicas > 0 ? replicas + maxSurge : 0;
  const exactOf = (set: ReplicaSet): number => (sizeOf(set) * allowed) / sizedFor(set, MAX);
  const sized = withPods(all);
  const others = sized.filter((set) => set.metadata.uid !== replicaSet.metadata.uid);
  const exact = (from * allowed) / sizedFor(replicaSet, MAX);
  const isLargest = others.every((set) => sizeOf(set) <= from);
  const rest = isLargest ? others.reduce((left, set) => left - exactOf(set), allowed) : from;
  if (Number.isNaN(rest)) return null;
  const slack = isLargest ? sized.length : 1;
  const [least, most] = [Math.min(exact, rest) - slack, Math.max(exact, rest) + slack];
  if (to >= least && to <= most) return null;
  return `its share of ${replicas} + ${maxSurge} is about ${Math.round(exact)}`;
}
