/**
 * Which pods a ReplicaSet controller chose when it scaled down, told from the deletions that follow a smaller `spec.replicas`.
 *
 * Pods that others take away meanwhile (evictions, preemptions, a deletion of the whole set) are not the controller's choice. A choice is complete
 * when as many pods are left as the set wants; it is judged by the pods' state when the set became smaller.
 */
import type { Commit, World } from '../../../core/chaos/world.ts';
import { sizeOf } from '../../../core/controllers/deployment/replica-sets.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { controllerOf } from '../../../core/types/owner-references.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition, isPodActive } from '../../../core/types/pod-conditions.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';

/** What is shown of a choice. */
export interface Choice {
  readonly replicaSet: KubeObject;
  readonly chosen: readonly Pod[];
  readonly kept: readonly Pod[];
}

/** A scale-down under way. */
interface Pending {
  readonly replicaSet: ReplicaSet;
  /** Active pods when the set became smaller, by uid. */
  readonly left: Map<string, Pod>;
  readonly chosen: Pod[];
}

export class ScaleDowns {
  readonly #pending = new Map<string, Pending>();
  readonly #show: (choice: Choice) => void;

  constructor(show: (choice: Choice) => void) {
    this.#show = show;
  }

  /** Takes in a commit; the world has it already. */
  take(commit: Commit, world: World): void {
    if (commit.kind === 'ReplicaSet') this.#set(commit, world);
    if (commit.kind === 'Pod' && commit.previous !== null) this.#pod(commit);
  }

  #set({ object, previous }: Commit, world: World): void {
    const uid = (object ?? previous)?.metadata.uid ?? '';
    const [set, before] = [object as ReplicaSet | null, previous as ReplicaSet | null];
    if (set === null || before === null || set.metadata.deletionTimestamp !== undefined) {
      this.#pending.delete(uid);
      return;
    }
    if (sizeOf(set) === sizeOf(before)) return;
    this.#pending.delete(uid);
    if (sizeOf(set) > sizeOf(before)) return;
    const left = new Map<string, Pod>();
    for (const pod of world.of('Pod').values() as Iterable<Pod>) {
      if (isPodActive(pod) && controllerOf(pod)?.uid === uid) left.set(pod.metadata.uid ?? '', pod);
    }
    if (left.size > sizeOf(set)) this.#pending.set(uid, { replicaSet: set, left, chosen: [] });
  }

  #pod({ object, previous }: Commit): void {
    const [pod, before] = [object as Pod | null, previous as Pod];
    const pending = this.#pending.get(controllerOf(before)?.uid ?? '');
    if (pending === undefined || (pod !== null && isPodActive(pod)) || !isPodActive(before)) return;
    const known = pending.left.get(before.metadata.uid ?? '');
    if (known === undefined) return;
    pending.left.delete(before.metadata.uid ?? '');
    if (findCondition((pod ?? before).status?.conditions, 'DisruptionTarget') === undefined) pending.chosen.push(known);
    if (pending.left.size > sizeOf(pending.replicaSet)) return;
    this.#pending.delete(pending.replicaSet.metadata.uid ?? '');
    this.#show({ replicaSet: pending.replicaSet, chosen: pending.chosen, kept: [...pending.left.values()] });
  }
}
