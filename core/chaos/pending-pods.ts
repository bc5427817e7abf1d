/**
 * The pods that have no node at the end of a run; those that the verdict speaks of come first.
 */
import type { KubeObject } from '../types/object.ts';
import { controllerOf } from '../types/owner-references.ts';
import type { Pod } from '../types/pod.ts';
import { waitsForNode } from '../types/pod-conditions.ts';
import { keyOf } from './predicate.ts';
import type { World } from './world.ts';

/** Names that are kept. */
const NAMES_MAX = 3;

/** Pods without a node. */
export interface PendingPods {
  readonly count: number;
  /** `namespace/name` of the first few. */
  readonly names: readonly string[];
}

/** By name; before all others the pods that `message` names, itself or by a workload that they belong to. */
export function pendingPodsOf(world: Pick<World, 'of'>, message: string): PendingPods {
  const named = new NamedObjects(world, message);
  const waiting: { readonly name: string; readonly isNamed: boolean }[] = [];
  for (const object of world.of('Pod').values()) {
    if (waitsForNode(object as Pod)) waiting.push({ name: keyOf(object), isNamed: named.has(object) });
  }
  waiting.sort((a, b) => Number(b.isNamed) - Number(a.isNamed) || (a.name < b.name ? -1 : 1));
  return { count: waiting.length, names: waiting.slice(0, NAMES_MAX).map(({ name }) => name) };
}

/** Which objects a text names, themselves or by an owner. */
class NamedObjects {
  readonly #world: Pick<World, 'of'>;
  readonly #words: ReadonlySet<string>;
  /** By uid of an owner. */
  readonly #known = new Map<string, boolean>();

  constructor(world: Pick<World, 'of'>, text: string) {
    this.#world = world;
    this.#words = new Set(text.split(/[\s:,;()"']+/).map((word) => word.replace(/\.$/, '')));
  }

  has(object: KubeObject): boolean {
    if (this.#words.has(keyOf(object))) return true;
    const reference = controllerOf(object);
    if (reference === undefined) return false;
    const known = this.#known.get(reference.uid);
    if (known !== undefined) return known;
    const { namespace = '' } = object.metadata;
    const owner = [...this.#world.of(reference.kind).values()].find(({ metadata }) => metadata.uid === reference.uid);
    const isNamed = owner === undefined ? this.#words.has(`${namespace}/${reference.name}`) : this.has(owner);
    this.#known.set(reference.uid, isNamed);
    return isNamed;
  }
}
