/**
 * Which events wake which ReplicaSet. Source: Kubernetes 1.34 replica_set.go (addPod, updatePod, deletePod …).
 */
import { isTerminating, labelsOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { ReplicaSetsByOwner } from '../replica-sets-by-owner.ts';
import type { ReplicaSetController } from './controller.ts';

/** Adds the controller's handlers to its informers. */
export function replicaSetHandlers(controller: ReplicaSetController): void {
  const { queue, replicaSets, pods, expectations, groups, control } = controller;
  ReplicaSetsByOwner.of(controller.scope.manager);
  const forget = (id: number, replicaSet: ReplicaSet): void => {
    expectations.delete(id);
    const uid = replicaSet.metadata.uid ?? '';
    groups.drop(uid);
    control.forget(uid);
    queue.add(id);
  };
  replicaSets.addHandler({
    onAdd: (id) => queue.add(id),
    onUpdate: (id, old, replicaSet) => {
      if (old.metadata.uid !== replicaSet.metadata.uid) forget(id, old);
      queue.add(id);
    },
    onDelete: forget,
  });
  pods.addHandler({
    onAdd: (id, pod) => {
      if (isTerminating(pod)) podGone(controller, id, pod);
      else podAdded(controller, pod);
    },
    onUpdate: (id, old, pod) => podUpdated(controller, id, old, pod),
    onDelete: (id, pod) => podGone(controller, id, pod),
  });
}

function podAdded(controller: ReplicaSetController, pod: Pod): void {
  if (controllerOf(pod) === undefined) {
    wakeMatching(controller, pod);
    return;
  }
  const owner = controller.ownerOf(pod);
  if (owner < 0) return;
  controller.expectations.creationObserved(owner);
  controller.queue.add(owner);
}

function podGone(controller: ReplicaSetController, id: number, pod: Pod): void {
  const owner = controller.ownerOf(pod);
  if (owner < 0) return;
  controller.expectations.deletionObservedOf(owner, id);
  controller.queue.add(owner);
}

function podUpdated(controller: ReplicaSetController, id: number, old: Pod, pod: Pod): void {
  if (isTerminating(pod)) {
    podGone(controller, id, pod);
    return;
  }
  const { queue } = controller;
  const owner = controller.ownerOf(pod);
  const referencesChanged = old.metadata.ownerReferences !== pod.metadata.ownerReferences;
  if (referencesChanged) {
    const before = controller.ownerOf(old);
    if (before >= 0 && before !== owner) queue.add(before);
  }
  if (owner >= 0) {
    queue.add(owner);
    const replicaSet = controller.replicaSets.get(owner) as ReplicaSet;
    if (controller.becameReady(old, pod, replicaSet)) {
      queue.addAfter(owner, (replicaSet.spec.minReadySeconds ?? 0) * 1_000_000);
    }
    return;
  }
  if (controllerOf(pod) !== undefined) return;
  if (referencesChanged || old.metadata.labels !== pod.metadata.labels) wakeMatching(controller, pod);
}

/** An orphan may be adopted by any ReplicaSet of its namespace that selects it. */
function wakeMatching(controller: ReplicaSetController, pod: Pod): void {
  const labels = labelsOf(pod);
  controller.replicaSets.forEach((replicaSet, id) => {
    if (replicaSet.metadata.namespace !== pod.metadata.namespace) return;
    if (controller.selectorOf(replicaSet).matches(labels)) controller.queue.add(id);
  });
}
