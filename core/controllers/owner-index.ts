/**
 * Objects of one kind by the uid of their controller, and those without one by namespace: ReplicaSets of a Deployment,
 * ControllerRevisions of a StatefulSet. Kept by events; reading a bucket costs its size.
 */
import type { Informer } from '../client/informer.ts';
import type { KubeObject } from '../types/object.ts';
import { controllerOf } from '../types/owner-references.ts';

const NONE: ReadonlySet<number> = new Set();

export class OwnerIndex<T extends KubeObject> {
  readonly informer: Informer<T>;
  readonly #owned = new Map<string, Set<number>>();
  readonly #orphans = new Map<string, Set<number>>();

  /** Create it before adding handlers that read it. */
  constructor(informer: Informer<T>) {
    this.informer = informer;
    informer.addHandler({
      onAdd: (id, object) => this.#bucket(object).add(id),
      onUpdate: (id, old, object) => {
        if (old.metadata.ownerReferences === object.metadata.ownerReferences) return;
        this.#bucket(old).delete(id);
        this.#bucket(object).add(id);
      },
      onDelete: (id, object) => {
        this.#bucket(object).delete(id);
      },
    });
  }

  /** Ids of the objects that the owner with this uid controls. */
  owned(uid: string): ReadonlySet<number> {
    return this.#owned.get(uid) ?? NONE;
  }

  /** Ids of the objects of a namespace without a controller. */
  orphans(namespace: string): ReadonlySet<number> {
    return this.#orphans.get(namespace) ?? NONE;
  }

  #bucket(object: T): Set<number> {
    const reference = controllerOf(object);
    const map = reference === undefined ? this.#orphans : this.#owned;
    const key = reference === undefined ? (object.metadata.namespace ?? '') : reference.uid;
    let bucket = map.get(key);
    if (bucket === undefined) {
      bucket = new Set();
      map.set(key, bucket);
    }
    return bucket;
  }
}
