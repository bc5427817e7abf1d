/**
 * Keys under which objects lie in the store: `/registry/<plural>/…` for the core group,
 * `/registry/<group>/<plural>/…` for others, then namespace (where there is one) and name.
 */
import { EVENTS, type ResourceType, type ResourceTypes } from '../../types/resource-type.ts';

/** Start of all keys of this cluster. */
export const REGISTRY_PREFIX = '/registry/';
/** A key that no object has; reading it tells the store's revision. */
export const HEALTH_KEY = '/registry/health';

/**
 * Whether API servers keep a copy of a kind. Events have none: kube-apiserver 1.34 gives them a watch cache of size 0 (DefaultWatchCacheSizes), so
 * whoever reads or watches them is served by the store.
 */
export function isCached(type: ResourceType): boolean {
  return type !== EVENTS;
}

/** Start of the keys of a type, with a slash at the end. */
export function keyPrefixOf(type: ResourceType): string {
  return type.group === '' ? `${REGISTRY_PREFIX}${type.plural}/` : `${REGISTRY_PREFIX}${type.group}/${type.plural}/`;
}

/** Start of the keys that the watch of the caches leaves out: those for which {@link isCached} is false. */
export const UNCACHED_PREFIX = keyPrefixOf(EVENTS);

/** What a store key names; null for a key that no known type has. */
export interface NamedKey {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

/** Finds types by the start of a key; cheap enough for once a key. */
export class KeyParser {
  readonly #types: ResourceTypes;
  readonly #byPath = new Map<string, ResourceType>();
  #known = 0;
  /** Start of the last key that was parsed, up to its name, and what it said: new keys mostly come in rows. */
  #folder: string | null = null;
  #type: ResourceType | null = null;
  #namespace = '';

  constructor(types: ResourceTypes) {
    this.#types = types;
  }

  /** The type, namespace and name of `key`. */
  parse(key: string): NamedKey | null {
    if (!key.startsWith(REGISTRY_PREFIX)) return null;
    const last = key.lastIndexOf('/');
    const folder = this.#folder;
    if (folder !== null && last === folder.length - 1 && key.startsWith(folder)) {
      return { type: this.#type as ResourceType, namespace: this.#namespace, name: key.slice(last + 1) };
    }
    return this.#parseParts(key, last);
  }

  #parseParts(key: string, last: number): NamedKey | null {
    const parts = key.slice(REGISTRY_PREFIX.length).split('/');
    this.#update();
    let used = 1;
    let type = this.#byPath.get(parts[0] as string);
    if (type === undefined) {
      type = this.#byPath.get(`${parts[0]}/${parts[1]}`);
      used = 2;
    }
    if (type === undefined || parts.length !== used + (type.namespaced ? 2 : 1)) return null;
    this.#namespace = type.namespaced ? (parts[used] as string) : '';
    this.#type = type;
    this.#folder = key.slice(0, last + 1);
    return { type, namespace: this.#namespace, name: parts[parts.length - 1] as string };
  }

  #update(): void {
    const all = this.#types.all;
    for (; this.#known < all.length; this.#known++) {
      const type = all[this.#known] as ResourceType;
      const path = type.group === '' ? type.plural : `${type.group}/${type.plural}`;
      // Of two versions of one kind the first registered reads the keys.
      if (!this.#byPath.has(path)) this.#byPath.set(path, type);
    }
  }
}
