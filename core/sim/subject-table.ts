/**
 * Who is to be told of what: by the kind of an API object, and by which parts of it changed. Looked up once a subject, in two steps, so that nobody is called
 * for what is not his.
 */

/** Which of the parts that a subject changed somebody reads, as bits; undefined = all, and what changes none. */
export type Parts = number | undefined;

interface Entry<T> {
  readonly who: T;
  readonly kinds: readonly string[] | undefined;
  readonly parts: Parts;
}

export class SubjectTable<T> {
  readonly #entries: Entry<T>[] = [];
  /** By kind and changed parts, in the order in which they were added; filled as these come up. */
  readonly #found = new Map<string, (readonly T[] | undefined)[]>();

  /** Without `kinds` it is told of all kinds. */
  add(who: T, kinds: readonly string[] | undefined, parts: Parts): void {
    this.#entries.push({ who, kinds, parts });
    this.#found.clear();
  }

  /** Those that are to be told of a change of these parts of an object of that kind. */
  of(kind: string, changed: number): readonly T[] {
    return this.#found.get(kind)?.[changed] ?? this.#find(kind, changed);
  }

  #find(kind: string, changed: number): readonly T[] {
    const found: T[] = [];
    for (const { who, kinds, parts } of this.#entries) {
      if (kinds?.includes(kind) !== false && (parts === undefined || (parts & changed) !== 0)) found.push(who);
    }
    const ofKind = this.#found.get(kind);
    if (ofKind === undefined) {
      const fresh: (readonly T[] | undefined)[] = [];
      fresh[changed] = found;
      this.#found.set(kind, fresh);
    } else ofKind[changed] = found;
    return found;
  }
}
