/** Which events wake which Deployment. Source: Kubernetes 1.34 deployment_controller.go. */
import type { Informer } from '../../client/informer.ts';
import type { Deployment } from '../../types/deployment.ts';
import { labelsOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import type { DeploymentController } from './controller.ts';

/** Adds the controller's handlers to its informers. */
export function deploymentHandlers(controller: DeploymentController, pods: Informer<Pod>): void {
  const { queue, deployments, replicaSets } = controller;
  deployments.addHandler({
    onAdd: (id) => queue.add(id),
    onUpdate: (id) => queue.add(id),
    onDelete: (id) => queue.add(id),
  });
  replicaSets.addHandler({
    onAdd: (_id, replicaSet) => wake(controller, replicaSet, true),
    onUpdate: (_id, old, replicaSet) => {
      const referencesChanged = controllerOf(old)?.uid !== controllerOf(replicaSet)?.uid;
      if (referencesChanged) {
        const before = controller.ownerOf(old);
        if (before >= 0) queue.add(before);
      }
      wake(controller, replicaSet, referencesChanged || old.metadata.labels !== replicaSet.metadata.labels);
    },
    onDelete: (_id, replicaSet) => wake(controller, replicaSet, false),
  });
  pods.addHandler({ onDelete: (_id, pod) => podDeleted(controller, pod) });
}

/** Wakes the ReplicaSet's Deployment; if it has none and `orphans`, all that select it. */
function wake(controller: DeploymentController, replicaSet: ReplicaSet, orphans: boolean): void {
  const owner = controller.ownerOf(replicaSet);
  if (owner >= 0) {
    controller.queue.add(owner);
    return;
  }
  if (!orphans || controllerOf(replicaSet) !== undefined) return;
  const labels = labelsOf(replicaSet);
  controller.deployments.forEach((deployment, id) => {
    if (deployment.metadata.namespace !== replicaSet.metadata.namespace) return;
    if (controller.selectorOf(deployment).matches(labels)) controller.queue.add(id);
  });
}

/** Strategy Recreate waits for the last pod to go. */
function podDeleted(controller: DeploymentController, pod: Pod): void {
  const reference = controllerOf(pod);
  if (reference === undefined || reference.kind !== 'ReplicaSet') return;
  const replicaSet = controller.replicaSets.find(pod.metadata.namespace ?? '', reference.name);
  if (replicaSet === undefined || replicaSet.metadata.uid !== reference.uid) return;
  const id = controller.ownerOf(replicaSet);
  if (id < 0) return;
  const deployment = controller.deployments.get(id) as Deployment;
  if (deployment.spec.strategy?.type !== 'Recreate') return;
  for (const other of controller.byOwner.owned(deployment.metadata.uid ?? '')) {
    const uid = controller.replicaSets.get(other)?.metadata.uid ?? '';
    if ((controller.groups.find(uid)?.ids.length ?? 0) > 0) return;
  }
  controller.queue.add(id);
}
