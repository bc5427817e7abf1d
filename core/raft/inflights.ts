/**
 * The window of appends sent to one follower and not yet acknowledged, limited in messages and in bytes.
 *
 * A ring over typed arrays that grows by doubling up to the limit, so an idle follower costs nothing.
 */
import { assert } from '../base/assert.ts';
import { NO_FLOAT64 } from '../base/grow.ts';

export class Inflights {
  readonly #maxMessages: number;
  /** 0 = no limit. */
  readonly #maxBytes: number;
  #indexes = NO_FLOAT64;
  #sizes = NO_FLOAT64;
  #start = 0;
  #count = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** Messages in flight. */
  get count(): number {
    return this.#count;
  }

  /** Whether nothing more may be sent. The byte limit may be overshot by one message, as etcd-io/raft does. */
  get full(): boolean {
    return this.#count === this.#maxMessages || (this.#maxBytes !== 0 && this.#bytes >= this.#maxBytes);
  }

  /** Notes a message whose last entry is `index`, with `bytes` of payload. */
  add(index: number, bytes: number): void {
    assert(!this.full, 'raft: an append was sent into a full window');
    if (this.#count === this.#indexes.length) this.#grow();
    const at = (this.#start + this.#count) % this.#indexes.length;
    this.#indexes[at] = index;
    this.#sizes[at] = bytes;
    this.#count++;
    this.#bytes += bytes;
  }

  /** Forgets all messages whose last entry is ≤ `index`. */
  freeUpTo(index: number): void {
    while (this.#count > 0 && (this.#indexes[this.#start] as number) <= index) {
      this.#bytes -= this.#sizes[this.#start] as number;
      this.#start = (this.#start + 1) % this.#indexes.length;
      this.#count--;
    }
  }

  /** Forgets everything. */
  reset(): void {
    this.#start = 0;
    this.#count = 0;
    this.#bytes = 0;
  }

  #grow(): void {
    const size = Math.min(this.#maxMessages, Math.max(4, this.#indexes.length * 2));
    const indexes = new Float64Array(size);
    const sizes = new Float64Array(size);
    for (let i = 0; i < this.#count; i++) {
      const from = (this.#start + i) % this.#indexes.length;
      indexes[i] = this.#indexes[from] as number;
      sizes[i] = this.#sizes[from] as number;
    }
    this.#indexes = indexes;
    this.#sizes = sizes;
    this.#start = 0;
  }
}
