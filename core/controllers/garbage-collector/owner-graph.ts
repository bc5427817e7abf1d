/**
 * Who owns whom: the dependents of each owner's uid, kept by the events of all types' informers.
 *
 * Objects without owners are not in it; a change costs its owner references. Objects are known by dense node ids of this graph's own,
 * given when one is first needed; objects themselves are read from the informers. Source: Kubernetes 1.34
 * pkg/controller/garbagecollector/graph_builder.go.
 */
import type { Informer } from '../../client/informer.ts';
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';

const NONE: ReadonlySet<number> = new Set();
export const ORPHAN_FINALIZER = 'orphan';
export const FOREGROUND_FINALIZER = 'foregroundDeletion';

/** An informer whose objects are in the graph. */
export interface Watched {
  readonly type: ResourceType;
  readonly informer: Informer<KubeObject>;
  /** Node id by the object's local id, −1 where none was needed. */
  readonly nodes: number[];
}

export class OwnerGraph {
  readonly #watched: (Watched | undefined)[] = [];
  readonly #typeOf: Watched[] = [];
  readonly #idOf: number[] = [];
  /** By owner uid: its only dependent, or the set of them. Most owners have one. */
  readonly #dependents = new Map<string, number | Set<number>>();

  /** Adds a type. */
  watch(type: ResourceType, informer: Informer<KubeObject>): Watched {
    const watched: Watched = { type, informer, nodes: [] };
    while (this.#watched.length <= type.id) this.#watched.push(undefined);
    this.#watched[type.id] = watched;
    return watched;
  }

  /** The informer side of a type; undefined when the type is not followed. */
  of(type: ResourceType): Watched | undefined {
    return this.#watched[type.id];
  }

  /** The node of an object. */
  nodeOf(watched: Watched, id: number): number {
    const { nodes } = watched;
    while (nodes.length <= id) nodes.push(-1);
    const known = nodes[id] as number;
    if (known >= 0) return known;
    const node = this.#idOf.length;
    nodes[id] = node;
    this.#typeOf.push(watched);
    this.#idOf.push(id);
    return node;
  }

  typeOf(node: number): ResourceType {
    return (this.#typeOf[node] as Watched).type;
  }

  /** The object of a node as its informer has it. */
  objectOf(node: number): KubeObject | undefined {
    return (this.#typeOf[node] as Watched).informer.get(this.#idOf[node] as number);
  }

  /** `pods demo/web`, for points of tasks. */
  textOf(node: number): string {
    const { type, informer } = this.#typeOf[node] as Watched;
    const id = this.#idOf[node] as number;
    return `${type.plural} ${informer.keys.namespaceOf(id)}/${informer.keys.nameOf(id)}`;
  }

  /** Nodes that name this uid as an owner. */
  dependents(uid: string): ReadonlySet<number> {
    const known = this.#dependents.get(uid);
    if (known === undefined) return NONE;
    return typeof known === 'number' ? new Set([known]) : known;
  }

  link(node: number, reference: OwnerReference): void {
    const known = this.#dependents.get(reference.uid);
    if (known === undefined) this.#dependents.set(reference.uid, node);
    else if (typeof known !== 'number') known.add(node);
    else if (known !== node) this.#dependents.set(reference.uid, new Set([known, node]));
  }

  unlink(node: number, reference: OwnerReference): void {
    const known = this.#dependents.get(reference.uid);
    if (known === undefined) return;
    if (typeof known === 'number') {
      if (known === node) this.#dependents.delete(reference.uid);
      return;
    }
    known.delete(node);
    if (known.size === 0) this.#dependents.delete(reference.uid);
  }

  /** All owner uids, in order of first use. */
  owners(): IterableIterator<string> {
    return this.#dependents.keys();
  }
}

/** Whether deletion waits for the dependents' deletion (`foregroundDeletion`). */
export function isDeletingDependents(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (finalizers?.includes(FOREGROUND_FINALIZER) ?? false);
}

/** Whether deletion waits for the dependents to be let go (`orphan`). */
export function isOrphaning(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (finalizers?.includes(ORPHAN_FINALIZER) ?? false);
}
