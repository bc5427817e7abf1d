/**
 * The bounded channel between the store and one watch stream (etcd's chanBufLen).
 */
import { assert } from '../../base/assert.ts';
import type { WatchEvent } from './messages.ts';

/** Responses a stream may have waiting. */
export const CHANNEL_CAPACITY = 128;

/** A response on its way to the stream; `compactRevision` > 0 ends the watch. */
export interface PendingResponse {
  readonly watchId: bigint;
  readonly revision: number;
  readonly compactRevision: number;
  /** Without the values before: those are looked up when it is sent. */
  readonly changes: readonly WatchEvent[];
}

export class WatchChannel {
  readonly #slots: PendingResponse[] = [];
  #taken = 0;
  readonly #capacity: number;
  readonly #filled: () => void;

  /** `filled` is called when an empty channel gets its first response. */
  constructor(filled: () => void = () => {}, capacity = CHANNEL_CAPACITY) {
    assert(capacity > 0, 'a watch channel needs room');
    this.#capacity = capacity;
    this.#filled = filled;
  }

  get length(): number {
    return this.#slots.length - this.#taken;
  }

  /** Adds a response; false when there is no room. */
  offer(response: PendingResponse): boolean {
    if (this.length >= this.#capacity) return false;
    this.#slots.push(response);
    if (this.length === 1) this.#filled();
    return true;
  }

  /** The oldest response, or undefined. */
  take(): PendingResponse | undefined {
    if (this.#taken === this.#slots.length) return undefined;
    const response = this.#slots[this.#taken++] as PendingResponse;
    if (this.#taken === this.#slots.length) {
      this.#slots.length = 0;
      this.#taken = 0;
    }
    return response;
  }
}
