/**
 * What StatefulSets, DaemonSets and Jobs share in watching pods: which owner a pod event wakes, and adoption by selector. (The
 * ReplicaSet controller has its own form of it, which never looks at single pods.)
 */
import type { Informer } from '../client/informer.ts';
import type { Wait } from '../sim/task.ts';
import { compileSelector, type Selector } from '../types/label-selector.ts';
import type { KubeObject, LabelSelector, StringMap } from '../types/object.ts';
import { isTerminating, labelsOf, namespaceOf, uidOf } from '../types/object.ts';
import { controllerOf } from '../types/owner-references.ts';
import type { Pod } from '../types/pod.ts';
import { PODS, type ResourceType } from '../types/resource-type.ts';
import { Adoption } from './adoption.ts';
import type { ControllerScope } from './controller-scope.ts';
import { PodGroups } from './pod-groups.ts';

/** An owner that selects pods. */
export interface Selecting extends KubeObject {
  readonly spec: { readonly selector?: LabelSelector | undefined };
}

/** What a controller wants to hear of pods. `owner` is the local id of the owner. */
export interface PodOwnerEvents {
  added(owner: number, id: number, pod: Pod): void;
  updated(owner: number, id: number, old: Pod, pod: Pod): void;
  /** Terminating for the first time the informer shows it, or gone. */
  removed(owner: number, id: number, pod: Pod, gone: boolean): void;
  /** A pod without a controller came or changed its labels: this owner selects it. */
  orphan(owner: number): void;
}

export class PodOwners<T extends Selecting> {
  readonly owners: Informer<T>;
  readonly pods: Informer<Pod>;
  readonly groups: PodGroups;
  readonly #scope: ControllerScope;
  readonly #type: ResourceType;
  readonly #selectors = new WeakMap<object, Selector>();

  constructor(scope: ControllerScope, type: ResourceType) {
    this.#scope = scope;
    this.#type = type;
    this.groups = PodGroups.of(scope.manager);
    this.owners = scope.informer<T>(type);
    this.pods = scope.informer<Pod>(PODS);
  }

  /** The owner that an object's controller reference names, −1 when there is none with that uid. */
  ownerOf(object: KubeObject): number {
    const reference = controllerOf(object);
    if (reference === undefined || reference.kind !== this.#type.kind) return -1;
    const id = this.owners.keys.find(namespaceOf(object), reference.name);
    return id >= 0 && this.owners.get(id)?.metadata.uid === reference.uid ? id : -1;
  }

  selectorOf(owner: T): Selector {
    const selector = owner.spec.selector ?? {};
    let compiled = this.#selectors.get(selector);
    if (compiled === undefined) {
      compiled = compileSelector(owner.spec.selector);
      this.#selectors.set(selector, compiled);
    }
    return compiled;
  }

  /** Calls `events` for every pod event that concerns an owner of this kind. */
  watch(events: PodOwnerEvents): void {
    this.pods.addHandler({
      onAdd: (id, pod) => {
        const owner = this.ownerOf(pod);
        if (owner < 0) {
          if (controllerOf(pod) === undefined && !isTerminating(pod)) this.#orphan(pod, events);
        } else if (isTerminating(pod)) events.removed(owner, id, pod, false);
        else events.added(owner, id, pod);
      },
      onUpdate: (id, old, pod) => {
        const owner = this.ownerOf(pod);
        const moved = old.metadata.ownerReferences !== pod.metadata.ownerReferences;
        if (moved) {
          const before = this.ownerOf(old);
          if (before >= 0 && before !== owner) events.orphan(before);
        }
        if (owner >= 0) {
          if (isTerminating(pod) && !isTerminating(old)) events.removed(owner, id, pod, false);
          else events.updated(owner, id, old, pod);
        } else if (controllerOf(pod) === undefined && (moved || old.metadata.labels !== pod.metadata.labels)) {
          this.#orphan(pod, events);
        }
      },
      onDelete: (id, pod) => {
        const owner = this.ownerOf(pod);
        if (owner >= 0) events.removed(owner, id, pod, true);
      },
    });
  }

  /**
   * The ids of the owner's pods, after releasing those that no longer match and adopting orphans that do. `accepts` narrows what
   * may be adopted or kept (names of a StatefulSet); `finalizers` come with adoption and go with release (jobs). O(pods of the owner +
   * orphans of the namespace).
   */
  *claim(
    owner: T,
    accepts?: (pod: Pod) => boolean,
    finalizers?: readonly string[],
  ): Generator<Wait, number[], unknown> {
    const selector = this.selectorOf(owner);
    const wanted = (pod: Pod): boolean => selector.matches(labelsOf(pod)) && (accepts === undefined || accepts(pod));
    const claimed: number[] = [];
    const released: number[] = [];
    for (const id of this.groups.find(uidOf(owner))?.ids ?? [])
      (wanted(this.pods.get(id) as Pod) ? claimed : released).push(id);
    if (isTerminating(owner)) return claimed;
    const orphans = this.#orphansFor(owner, wanted);
    if (orphans.length + released.length === 0) return claimed;
    return yield* this.#releaseAndAdopt(owner, claimed, released, orphans, finalizers);
  }

  /**
   * Releases and adopts like {@link claim}, but looks only at pods whose labels changed; null where nothing was done, else the ids of the
   * owner's pods after it. `templateLabels` are the owner's.
   */
  *settle(owner: T, templateLabels: StringMap | undefined): Generator<Wait, number[] | null, unknown> {
    if (isTerminating(owner)) return null;
    const selector = this.selectorOf(owner);
    const group = this.groups.group(uidOf(owner));
    group.check(templateLabels, selector);
    const released = [...group.mismatched, ...group.mismatchedInactive];
    const orphans = this.#orphansFor(owner, (pod) => selector.matches(labelsOf(pod)));
    if (orphans.length + released.length === 0) return null;
    const claimed = group.ids.filter((id) => !released.includes(id));
    return yield* this.#releaseAndAdopt(owner, claimed, released, orphans);
  }

  #orphansFor(owner: T, wanted: (pod: Pod) => boolean): number[] {
    const orphans: number[] = [];
    for (const id of this.groups.orphans(namespaceOf(owner)) ?? []) {
      const pod = this.pods.get(id) as Pod;
      if (!isTerminating(pod) && wanted(pod)) orphans.push(id);
    }
    return orphans;
  }

  /** The ids in `claimed` and of the orphans that were adopted, as far as their pods are still there. */
  *#releaseAndAdopt(
    owner: T,
    claimed: number[],
    released: readonly number[],
    orphans: readonly number[],
    finalizers?: readonly string[],
  ): Generator<Wait, number[], unknown> {
    const adoption = new Adoption(this.#scope.client, this.#type, owner, PODS);
    for (const id of released) {
      const pod = this.pods.get(id);
      if (pod !== undefined) yield* adoption.attempt(adoption.release(pod, finalizers));
    }
    for (const id of orphans) {
      const pod = this.pods.get(id);
      if (pod !== undefined && (yield* adoption.attempt(adoption.adopt(pod, finalizers)))) claimed.push(id);
    }
    adoption.finish();
    // The copy may have moved on while the patches were under way.
    return claimed.filter((id) => this.pods.get(id) !== undefined);
  }

  #orphan(pod: Pod, events: PodOwnerEvents): void {
    const labels = labelsOf(pod);
    this.owners.forEach((owner, id) => {
      if (owner.metadata.namespace === pod.metadata.namespace && this.selectorOf(owner).matches(labels))
        events.orphan(id);
    });
  }
}
