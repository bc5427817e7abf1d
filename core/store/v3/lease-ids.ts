/**
 * Small integers for lease ids, so that the history can hold a lease in a 32-bit column.
 *
 * Naming only, like the interner of keys: a handle says nothing about whether the lease exists. Handle 0 is lease 0 (none). Handles
 * are given in order of first use, so members that apply the same log give the same ones.
 */
import { assert } from '../../base/assert.ts';

/** Most lease ids one store may ever see. */
const MAX_LEASE_IDS = 0xffff_fffe;

export class LeaseIds {
  readonly #handles = new Map<bigint, number>([[0n, 0]]);
  readonly #ids: bigint[] = [0n];
  /** The handle given last: many keys are put under one lease, and a bigint is a slow key. */
  #last = 0;

  /** The handle of `id`, given now if it has none. */
  intern(id: bigint): number {
    if (this.#ids[this.#last] === id) return this.#last;
    const known = this.#handles.get(id);
    const handle = known ?? this.#ids.length;
    this.#last = handle;
    if (known !== undefined) return known;
    assert(handle < MAX_LEASE_IDS, 'more lease ids than MAX_LEASE_IDS');
    this.#handles.set(id, handle);
    this.#ids.push(id);
    return handle;
  }

  /** All ids in order of their handles, without handle 0. */
  all(): readonly bigint[] {
    return this.#ids.slice(1);
  }

  /** Takes over the ids of a snapshot: those known so far are forgotten with the history that named them. */
  load(ids: readonly bigint[]): void {
    this.#ids.length = 1;
    this.#last = 0;
    this.#handles.clear();
    this.#handles.set(0n, 0);
    for (const id of ids) this.intern(id);
  }

  /** The id behind a handle. */
  idOf(handle: number): bigint {
    const id = this.#ids[handle];
    assert(id !== undefined, 'unknown lease handle');
    return id;
  }
}
