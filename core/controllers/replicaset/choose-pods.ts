/** Which of its pods a ReplicaSet deletes. Source: Kubernetes 1.34 replica_set.go (getPodsToDelete, getIndirectlyRelatedPods). */

import { uidOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { compareForDeletion, type RankedPod, rankPod } from '../pod-ranking.ts';
import { ReplicaSetsByOwner } from '../replica-sets-by-owner.ts';
import { BUG_DELETES_READY_FIRST, POINT_REPLICASET_DELETE, type ReplicaSetChoice } from './bugs.ts';
import type { ReplicaSetController } from './controller.ts';

/** The first `count` of these active pods in the order of deletion. O(pods of all ReplicaSets of the same owner). */
export function choosePods(
  controller: ReplicaSetController,
  replicaSet: ReplicaSet,
  active: readonly number[],
  count: number,
): readonly RankedPod[] {
  const { ctx } = controller.scope;
  const byNode = count < active.length ? podsByNode(controller, replicaSet, active) : new Map<string, number>();
  const ranked = active.map((id) => {
    const pod = controller.pods.get(id) as Pod;
    return rankPod(id, pod, byNode.get(pod.spec.nodeName ?? '') ?? 0);
  });
  if (count >= ranked.length) return ranked;
  const now = ctx.wallUs();
  ranked.sort((a, b) => compareForDeletion(a, b, now));
  if (ctx.bug(BUG_DELETES_READY_FIRST)) {
    ranked.sort((a, b) => Number(isPodReady(b.pod)) - Number(isPodReady(a.pod)));
  }
  if (ctx.sim.observation.isObserved(POINT_REPLICASET_DELETE)) {
    const podsOf = (some: readonly RankedPod[]): Pod[] => some.map(({ pod }) => pod);
    const choice: ReplicaSetChoice = {
      replicaSet,
      chosen: podsOf(ranked.slice(0, count)),
      kept: podsOf(ranked.slice(count)),
    };
    ctx.observe(POINT_REPLICASET_DELETE, choice);
  }
  return ranked.slice(0, count);
}

/** Active pods a node: those of this ReplicaSet (`own`) and of others with the same controller; none where it has no controller. */
function podsByNode(
  controller: ReplicaSetController,
  replicaSet: ReplicaSet,
  own: readonly number[],
): Map<string, number> {
  const { groups, pods, scope } = controller;
  const counts = new Map<string, number>();
  const add = (ids: readonly number[]): void => {
    for (const id of ids) {
      if (!groups.isActive(id)) continue;
      const nodeName = pods.get(id)?.spec.nodeName ?? '';
      counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
    }
  };
  const owner = controllerOf(replicaSet);
  if (owner === undefined) return counts;
  add(own);
  for (const id of ReplicaSetsByOwner.of(scope.manager).owned(owner.uid)) {
    const sibling = uidOf(controller.replicaSets.get(id) as ReplicaSet);
    if (sibling !== uidOf(replicaSet)) add(groups.find(sibling)?.ids ?? []);
  }
  return counts;
}
