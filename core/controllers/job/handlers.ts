/** Which events wake which job, and how soon. Source: Kubernetes 1.34 job_controller.go (addPod, updatePod, updateJob …). */
import { isJobFinished, type Job } from '../../types/job.ts';
import { isTerminating, uidOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { JobController } from './controller.ts';
import { hasTrackingFinalizer } from './job-pods.ts';

/** Pod events of one job are collected for so long, µs. */
const SYNC_BATCH_US = 1_000_000;

/** Adds the controller's handlers to its informers. */
export function jobHandlers(controller: JobController): void {
  const { expectations, owners, queue, released } = controller;
  const batch = (owner: number): void => queue.addAfter(owner, SYNC_BATCH_US);
  owners.owners.addHandler({
    onAdd: (id, job) => {
      if (isJobFinished(job)) releaseAll(controller, job);
      queue.add(id);
    },
    onUpdate: (id, old, job) => {
      if (isJobFinished(job)) releaseAll(controller, job);
      if (old.metadata.generation === job.metadata.generation) batch(id);
      else queue.add(id);
    },
    onDelete: (id, job) => jobGone(controller, id, job),
  });
  owners.watch({
    added: (owner) => {
      expectations.creationObserved(owner);
      batch(owner);
    },
    updated: (owner, _id, old, pod) => {
      if (hasTrackingFinalizer(old) && !hasTrackingFinalizer(pod)) released.delete(uidOf(pod));
      batch(owner);
    },
    removed: (owner, id, pod, gone) => {
      if (gone || !hasTrackingFinalizer(pod)) released.delete(uidOf(pod));
      expectations.deletionObservedOf(owner, id);
      batch(owner);
    },
    orphan: (owner) => batch(owner),
  });
  owners.pods.addHandler({
    onAdd: (id, pod) => ownerless(controller, id, pod),
    onUpdate: (id, _old, pod) => ownerless(controller, id, pod),
    onDelete: (_id, pod) => {
      released.delete(uidOf(pod));
    },
  });
  // A pod may come before its job does.
  controller.scope.onStarted(() => owners.pods.forEach((pod, id) => ownerless(controller, id, pod)));
}

function jobGone(controller: JobController, id: number, job: Job): void {
  const uid = uidOf(job);
  controller.expectations.delete(id);
  controller.backoffs.delete(uid);
  controller.ended.delete(uid);
  controller.control.forget(uid);
  controller.queue.add(id);
  releaseAll(controller, job);
}

/** Pods that still have their finalizer though their job has ended or gone: no sync of the job takes it off any more. */
function releaseAll({ owners, orphans }: JobController, job: Job): void {
  for (const id of owners.groups.find(uidOf(job))?.ids ?? []) {
    const pod = owners.pods.get(id);
    if (pod !== undefined && hasTrackingFinalizer(pod)) orphans.add(id);
  }
}

/** A pod of a job that is gone, or has ended while the pod is being deleted, keeps its finalizer until somebody takes it off. */
function ownerless(controller: JobController, id: number, pod: Pod): void {
  if (!hasTrackingFinalizer(pod)) return;
  const reference = controllerOf(pod);
  if (reference !== undefined && reference.kind === 'Job' && !controller.owners.owners.synced) return;
  const owner = reference?.kind === 'Job' ? controller.owners.ownerOf(pod) : -1;
  const job = owner < 0 ? undefined : controller.owners.owners.get(owner);
  if (job === undefined || (isTerminating(pod) && isJobFinished(job))) controller.orphans.add(id);
}
