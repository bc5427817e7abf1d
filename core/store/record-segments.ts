/**
 * The records of a history in segments of equal size: words and values side by side.
 *
 * Growing adds a segment and copies nothing, so a history has no more room than it needs, and a snapshot shares the segments with it
 * instead of a copy. Always: of a shared segment only {@link SUPERSEDED} may be written and records may be appended; everything
 * else is done to a copy.
 */
import type { StoreValue } from './value.ts';

/** Words of a record: half a cache line. */
export const STRIDE = 8;
export const REVISION = 0;
export const SUB = 1;
export const KEY = 2;
export const CREATE = 3;
export const VERSION = 4;
/** Index + 1 of the previous record of the key, 0 for none. */
export const PREVIOUS = 5;
/** Main revision at which the next record of the key superseded this one; 0 while it is the newest. Not part of a snapshot. */
export const SUPERSEDED = 6;
export const LEASE = 7;

const SHIFT = 12;
const SEGMENT_RECORDS = 1 << SHIFT;
const MASK = SEGMENT_RECORDS - 1;
/** Records the first segment of a small history starts with. */
const FIRST_RECORDS = 256;

interface Segment {
  words: Uint32Array<ArrayBuffer>;
  readonly values: (StoreValue | null)[];
  /** A snapshot has it too. */
  shared: boolean;
}

/** Records up to `count` as a snapshot keeps them; nobody else looks inside. */
export interface SharedRecords {
  readonly count: number;
  readonly segments: readonly Segment[];
}

export class RecordSegments {
  readonly #segments: Segment[];
  #count: number;

  /** Empty, or the given records, to be read only. */
  constructor(shared: SharedRecords | null = null) {
    this.#segments = shared === null ? [] : shared.segments.slice();
    this.#count = shared === null ? 0 : shared.count;
  }

  get count(): number {
    return this.#count;
  }

  word(index: number, word: number): number {
    return (this.#segments[index >>> SHIFT] as Segment).words[(index & MASK) * STRIDE + word] as number;
  }

  value(index: number): StoreValue | null {
    return (this.#segments[index >>> SHIFT] as Segment).values[index & MASK] as StoreValue | null;
  }

  /** The words among which those of a record lie, from {@link wordsAt} on. */
  wordsOf(index: number): Uint32Array {
    return (this.#segments[index >>> SHIFT] as Segment).words;
  }

  wordsAt(index: number): number {
    return (index & MASK) * STRIDE;
  }

  /** Adds a record that is not superseded and returns its index. */
  append(
    keyId: number,
    revision: number,
    sub: number,
    previous: number,
    create: number,
    version: number,
    lease: number,
    value: StoreValue | null,
  ): number {
    const index = this.#count++;
    const { words, values } = this.#roomFor(index);
    const at = (index & MASK) * STRIDE;
    words[at + REVISION] = revision;
    words[at + SUB] = sub;
    words[at + KEY] = keyId;
    words[at + CREATE] = create;
    words[at + VERSION] = version;
    words[at + PREVIOUS] = previous;
    words[at + LEASE] = lease;
    values.push(value);
    return index;
  }

  /** Replaces the version of a record and drops its value. */
  clear(index: number, version: number): void {
    let segment = this.#segments[index >>> SHIFT] as Segment;
    if (segment.shared) {
      segment = { words: segment.words.slice(), values: segment.values.slice(), shared: false };
      this.#segments[index >>> SHIFT] = segment;
    }
    segment.words[(index & MASK) * STRIDE + VERSION] = version;
    segment.values[index & MASK] = null;
  }

  /** All records, to be kept: from now on they are shared. */
  share(): SharedRecords {
    for (const segment of this.#segments) segment.shared = true;
    return { count: this.#count, segments: this.#segments.map((segment) => ({ ...segment })) };
  }

  #roomFor(index: number): Segment {
    const position = index & MASK;
    if (position === 0) {
      const records = index === 0 ? FIRST_RECORDS : SEGMENT_RECORDS;
      this.#segments.push({ words: new Uint32Array(STRIDE * records), values: [], shared: false });
    }
    const segment = this.#segments[index >>> SHIFT] as Segment;
    if (position * STRIDE === segment.words.length) {
      const grown = new Uint32Array(segment.words.length * 2);
      grown.set(segment.words);
      segment.words = grown;
    }
    return segment;
  }
}
