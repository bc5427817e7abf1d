/**
 * What a controller will try again later than a recording lasts: the excuse for replicas and completions that are missing at its end.
 *
 * Source: Kubernetes 1.34.1. A ReplicaSet whose creations were refused (a full quota, say) tries again after a delay that doubles from 5 ms up to 1,000 s
 * (client-go util/workqueue, DefaultTypedControllerRateLimiter) and no change of the quota wakes it; a Job replaces failed pods after 10 s, doubled with
 * each failure up to 10 min (pkg/controller/job/backoff_utils.go). Both show it in their status;
 * a DaemonSet or StatefulSet, which waits as a ReplicaSet does, only in events. A StatefulSet cannot make a pod whose name another one has,
 * as that of a pod whose labels were changed or of an earlier set's (pkg/controller/statefulset/stateful_pod_control.go CreateStatefulPod), and nothing wakes it when that
 * pod goes: it waits as a ReplicaSet does.
 */
import { keyOf } from '../../../core/chaos/predicate.ts';
import type { Commit, World } from '../../../core/chaos/world.ts';
import type { DaemonSet } from '../../../core/types/daemon-set.ts';
import { isJobFinished, type Job } from '../../../core/types/job.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { controllerOf } from '../../../core/types/owner-references.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import type { EndExcuse } from './end-excuses.ts';

/** An event as recordings keep it. */
interface RefusalEvent extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
  readonly involved?: { readonly kind: string; readonly name: string };
}

/** Owners of the pods that went last, by namespace and name: a StatefulSet finds out about names of others' pods when it tries again. */
export class FormerPods {
  readonly #owners = new Map<string, string | undefined>();

  take({ kind, object, previous }: Commit): void {
    if (kind === 'Pod' && object === null && previous !== null)
      this.#owners.set(keyOf(previous), controllerOf(previous)?.uid);
  }

  /** Whether the last pod of that name was not the owner's. */
  isOthers(key: string, owner: string | undefined): boolean {
    return this.#owners.has(key) && this.#owners.get(key) !== owner;
  }
}

/** Such objects. */
export function* laterAttempts(world: World, former: FormerPods): Generator<EndExcuse, void, undefined> {
  for (const set of world.of('ReplicaSet').values() as Iterable<ReplicaSet>) {
    const failure = findCondition(set.status?.conditions, 'ReplicaFailure');
    if (failure?.status === 'True' && failure.reason === 'FailedCreate')
      yield about(set, `tries again later: ${failure.message}`);
  }
  for (const job of world.of('Job').values() as Iterable<Job>) {
    const { failed = 0, active = 0 } = job.status ?? {};
    if (!isJobFinished(job) && failed > 0 && active === 0) yield about(job, `backs off after ${failed} failures`);
  }
  for (const set of world.of('DaemonSet').values() as Iterable<DaemonSet>) {
    const { currentNumberScheduled = 0, desiredNumberScheduled = 0 } = set.status ?? {};
    const refusal = currentNumberScheduled < desiredNumberScheduled ? refusalOf(world, set) : undefined;
    if (refusal !== undefined) yield about(set, `tries again later: ${refusal.message}`);
  }
  for (const set of world.of('StatefulSet').values() as Iterable<StatefulSet>) {
    const taken = takenName(world, set, former);
    if (taken !== '') yield about(set, `tries again later to make ${taken}, as another pod is or was called`);
    const refusal = (set.status?.replicas ?? 0) < (set.spec.replicas ?? 1) ? refusalOf(world, set) : undefined;
    if (refusal !== undefined) yield about(set, `tries again later: ${refusal.message}`);
  }
}

const about = (object: KubeObject, why: string): EndExcuse => ({
  about: [keyOf(object)],
  why: `${object.metadata.name} ${why}`,
});

/** The event that says that a creation of the set was refused. */
function refusalOf(world: World, { kind, metadata }: DaemonSet | StatefulSet): RefusalEvent | undefined {
  for (const event of world.of('Event').values() as Iterable<RefusalEvent>) {
    const { reason, involved } = event;
    const isOfSet = involved?.kind === kind && involved.name === metadata.name;
    if (reason === 'FailedCreate' && isOfSet && event.metadata.namespace === metadata.namespace) return event;
  }
  return undefined;
}

/** The first name that the set wants for a pod and that a pod has, or had last, which is not the set's; '' where there is none. */
function takenName(world: World, { metadata, spec }: StatefulSet, former: FormerPods): string {
  const { name, namespace = '', uid } = metadata;
  const first = spec.ordinals?.start ?? 0;
  const keys = Array.from({ length: spec.replicas ?? 1 }, (_, index) => `${namespace}/${name}-${first + index}`);
  const owners = new Map([...world.of('Pod').values()].map((pod) => [keyOf(pod), controllerOf(pod)?.uid]));
  return keys.find((key) => (owners.has(key) ? owners.get(key) !== uid : former.isOthers(key, uid))) ?? '';
}
