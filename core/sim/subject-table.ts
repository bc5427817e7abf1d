/**
 * Who is to be told of what: by the kind of an API object, and by what is told of it (parts that changed, how a call ended). Looked up once a
 * subject, in two steps, so that nobody is called for what is not his.
 */
import type { KindNumbers } from './kind-numbers.ts';

/** Subjects with which parts somebody reads, as bits; undefined = all, also those that have none. */
export type Parts = number | undefined;

interface Entry<T> {
  readonly who: T;
  readonly kinds: readonly string[] | undefined;
  readonly parts: Parts;
}

/** Those that are told of one kind. */
interface OfKind<T> {
  readonly entries: readonly Entry<T>[];
  /** By parts, filled as these come up. */
  readonly found: (readonly T[] | undefined)[];
}

export class SubjectTable<T> {
  readonly #kinds: KindNumbers;
  readonly #entries: Entry<T>[] = [];
  /** By number of the kind, in the order in which they were added; filled as kinds come up. */
  #ofKinds: (OfKind<T> | undefined)[] = [];

  constructor(kinds: KindNumbers) {
    this.#kinds = kinds;
  }

  /** Without `kinds` it is told of all kinds. */
  add(who: T, kinds: readonly string[] | undefined, parts: Parts): void {
    this.#entries.push({ who, kinds, parts });
    this.#ofKinds = [];
  }

  /** Those that are to be told of a subject of the kind that has this number, with these parts. */
  of(kind: number, present: number): readonly T[] {
    return this.#ofKinds[kind]?.found[present] ?? this.#find(kind, present);
  }

  #find(kind: number, present: number): readonly T[] {
    const { entries, found } = this.#ofKind(kind);
    const told: T[] = [];
    for (const { who, parts } of entries) if (parts === undefined || (parts & present) !== 0) told.push(who);
    found[present] = told;
    return told;
  }

  #ofKind(kind: number): OfKind<T> {
    let ofKind = this.#ofKinds[kind];
    if (ofKind === undefined) {
      const name = this.#kinds.nameOf(kind);
      ofKind = { entries: this.#entries.filter(({ kinds }) => kinds?.includes(name) !== false), found: [] };
      this.#ofKinds[kind] = ofKind;
    }
    return ofKind;
  }
}
