/**
 * Whether the owners of an object exist: read live, because the informers of two types may be apart. Absent owners are remembered.
 * Source: Kubernetes 1.34 pkg/controller/garbagecollector (classifyReferences, isDangling, absentOwnerCache).
 */
import type { Client } from '../../client/client.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import { namespaceOf, uidOf } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { isDeletingDependents, type OwnerGraph } from './owner-graph.ts';

export const BUG_OWNER_BY_NAME = defineBug(
  'gc-owner-by-name',
  'the garbage collector takes an object of the same name for the owner, whatever its UID',
);
const MARK_OWNER_LIVE = defineMark(
  'gc-owner-alive',
  'an owner that the cache did not have existed when it was read live',
);
const MARK_UNKNOWN_OWNER_KIND = defineMark('gc-unknown-owner-kind', 'an object names an owner of an unknown kind');

/** Absent owners that are remembered. */
const ABSENT_MAX = 500;

/** Owners of an object by what they mean for it. */
export interface OwnerClasses {
  readonly solid: readonly OwnerReference[];
  readonly dangling: readonly OwnerReference[];
  /** Owners that wait for their dependents' deletion. */
  readonly waiting: readonly OwnerReference[];
}

export class OwnerCheck {
  readonly #client: Client;
  readonly #graph: OwnerGraph;
  readonly #typeOf: (reference: OwnerReference) => ResourceType | undefined;
  readonly #absent = new Set<string>();

  constructor(client: Client, graph: OwnerGraph, typeOf: (reference: OwnerReference) => ResourceType | undefined) {
    this.#client = client;
    this.#graph = graph;
    this.#typeOf = typeOf;
  }

  /** An owner was seen to go. */
  gone(object: KubeObject): void {
    this.#remember(absentKey(namespaceOf(object), uidOf(object)));
  }

  #remember(key: string): void {
    if (this.#absent.size >= ABSENT_MAX)
      for (const oldest of this.#absent) {
        this.#absent.delete(oldest);
        break;
      }
    this.#absent.add(key);
  }

  /** Sorts the owners of `item`; undefined when nobody can say of one what it is. Throws StatusError when one cannot be read. */
  *classify(item: KubeObject): Generator<Wait, OwnerClasses | undefined, unknown> {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const reference of item.metadata.ownerReferences ?? []) {
      const owner = yield* this.#find(item, reference);
      if (owner === undefined) return undefined;
      if (owner === null) dangling.push(reference);
      else if (isDeletingDependents(owner)) waiting.push(reference);
      else solid.push(reference);
    }
    return { solid, dangling, waiting };
  }

  /** The live owner; null when it is absent, undefined when nobody can say. */
  *#find(item: KubeObject, reference: OwnerReference): Generator<Wait, KubeObject | null | undefined, unknown> {
    const type = this.#typeOf(reference);
    const namespace = namespaceOf(item);
    if (type === undefined || (namespace === '' && type.namespaced)) {
      this.#client.ctx.mark(MARK_UNKNOWN_OWNER_KIND);
      return undefined;
    }
    const ownerNamespace = type.namespaced ? namespace : '';
    const byName = this.#client.ctx.bug(BUG_OWNER_BY_NAME);
    const key = absentKey(ownerNamespace, reference.uid);
    if (!byName && this.#absent.has(key)) return null;
    const cached = this.#graph.of(type)?.informer.find(ownerNamespace, reference.name);
    try {
      const owner = yield* this.#client.get<KubeObject>(type, ownerNamespace, reference.name);
      if (uidOf(owner) === reference.uid || byName) {
        if (cached === undefined) this.#client.ctx.mark(MARK_OWNER_LIVE);
        return owner;
      }
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
    }
    this.#remember(key);
    return null;
  }
}

function absentKey(namespace: string, uid: string): string {
  return `${namespace}/${uid}`;
}
