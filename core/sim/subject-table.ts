/**
 * Who is to be told of what: by the kind of an API object, and by what is told of it (parts that changed, how a call ended). Looked up once a
 * subject, in two steps, so that nobody is called for what is not his.
 */

/** Subjects with which parts somebody reads, as bits; undefined = all, also those that have none. */
export type Parts = number | undefined;

interface Entry<T> {
  readonly who: T;
  readonly kinds: readonly string[] | undefined;
  readonly parts: Parts;
}

export class SubjectTable<T> {
  readonly #entries: Entry<T>[] = [];
  /** By kind and parts, in the order in which they were added; filled as these come up. */
  readonly #found = new Map<string, (readonly T[] | undefined)[]>();

  /** Without `kinds` it is told of all kinds. */
  add(who: T, kinds: readonly string[] | undefined, parts: Parts): void {
    this.#entries.push({ who, kinds, parts });
    this.#found.clear();
  }

  /** Those that are to be told of a subject of that kind with these parts. */
  of(kind: string, present: number): readonly T[] {
    return this.#found.get(kind)?.[present] ?? this.#find(kind, present);
  }

  #find(kind: string, present: number): readonly T[] {
    const found: T[] = [];
    for (const { who, kinds, parts } of this.#entries) {
      if (kinds?.includes(kind) !== false && (parts === undefined || (parts & present) !== 0)) found.push(who);
    }
    const ofKind = this.#found.get(kind);
    if (ofKind === undefined) {
      const fresh: (readonly T[] | undefined)[] = [];
      fresh[present] = found;
      this.#found.set(kind, fresh);
    } else ofKind[present] = found;
    return found;
  }
}
