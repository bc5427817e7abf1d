/**
 * Views of state: a tree of names whose leaves are plain data, computed only where somebody looks.
 *
 * Always: looking changes nothing, neither the simulation nor its digest.
 */

/** Names with what lies below each. */
export class Branch {
  readonly #parts: ReadonlyMap<string, () => unknown>;

  constructor(parts: ReadonlyMap<string, () => unknown>) {
    this.#parts = parts;
  }

  /** A branch of fixed names. */
  static of(parts: Readonly<Record<string, () => unknown>>): Branch {
    return new Branch(new Map(Object.entries(parts)));
  }

  /** Names below, in order. */
  get names(): string[] {
    return [...this.#parts.keys()];
  }

  /** What lies below a name: a branch or plain data; undefined for a name that is not there. */
  at(name: string): unknown {
    return this.#parts.get(name)?.();
  }

  has(name: string): boolean {
    return this.#parts.has(name);
  }
}

/** What a path leads to, or where it ends. */
export type Found =
  | { readonly found: true; readonly value: unknown }
  /** `parent` = the path so far, `name` = what is not there, `known` = what is. */
  | { readonly found: false; readonly parent: string; readonly name: string; readonly known: readonly string[] };

/** Follows `a/b/c` from `root`; names of branches, then fields of plain data and numbers of lists. '' and '.' are the root. */
export function lookUp(root: Branch, path: string): Found {
  let value: unknown = root;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (const [index, name] of parts.entries()) {
    const known = namesBelow(value);
    if (!known.includes(name)) return { found: false, parent: parts.slice(0, index).join('/'), name, known };
    value = value instanceof Branch ? value.at(name) : (value as Record<string, unknown>)[name];
  }
  return { found: true, value };
}

/** Names that may follow after a path to `value`. */
export function namesBelow(value: unknown): string[] {
  if (value instanceof Branch) return value.names;
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** Objects by namespace and name; those without a namespace stand at the first level. */
export function objectsByName<
  T extends { readonly metadata: { readonly namespace?: string | undefined; readonly name: string } },
>(objects: Iterable<T>): Branch {
  const parts = new Map<string, () => unknown>();
  const namespaces = new Map<string, Map<string, () => unknown>>();
  for (const object of objects) {
    const { namespace = '', name } = object.metadata;
    if (namespace === '') parts.set(name, () => object);
    else {
      let inside = namespaces.get(namespace);
      if (inside === undefined) {
        inside = new Map();
        namespaces.set(namespace, inside);
      }
      inside.set(name, () => object);
    }
  }
  for (const [namespace, inside] of namespaces) parts.set(namespace, () => new Branch(sorted(inside)));
  return new Branch(sorted(parts));
}

function sorted<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([left], [right]) => (left < right ? -1 : 1)));
}
