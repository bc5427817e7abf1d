/**
 * Calls of a user's code in a worker thread, seen from outside: a policy or a controller that loops never comes back to say so itself.
 *
 * The worker counts in shared memory when a call begins and ends and says what it is; who started the worker looks at the count from time to time.
 * Cost: a few hundred ns a call, nothing where no user's code runs.
 */
import { threadId } from 'node:worker_threads';

/** Calls begun and ended; odd = one is running. */
const COUNT = 0;
const THREAD = 1;
const TEXT_BYTES = 2;
const INTS = 3;
const TEXT_MAX = 500;

/** Host time a single call may take where nothing else is said, ms. */
export const CALL_LIMIT_MS = 10_000;

const encoder = new TextEncoder();
let current: CallWatch | null = null;

/** The shared count of one thread's calls. */
export class CallWatch {
  readonly buffer: SharedArrayBuffer;
  readonly #ints: Int32Array;
  readonly #text: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(INTS * Int32Array.BYTES_PER_ELEMENT + TEXT_MAX)) {
    this.buffer = buffer;
    this.#ints = new Int32Array(buffer, 0, INTS);
    this.#text = new Uint8Array(buffer, this.#ints.byteLength);
  }

  /** Changes with every call; odd while one runs. */
  get count(): number {
    return Atomics.load(this.#ints, COUNT);
  }

  /** What runs, and in which thread. */
  get running(): { readonly text: string; readonly threadId: number } {
    const length = Atomics.load(this.#ints, TEXT_BYTES);
    return { text: new TextDecoder().decode(this.#text.slice(0, length)), threadId: Atomics.load(this.#ints, THREAD) };
  }

  begin(text: string): void {
    Atomics.store(this.#ints, THREAD, threadId);
    Atomics.store(this.#ints, TEXT_BYTES, encoder.encodeInto(text, this.#text).written);
    Atomics.add(this.#ints, COUNT, 1);
  }

  end(): void {
    Atomics.add(this.#ints, COUNT, 1);
  }
}

/** From now on this thread's calls are counted there. */
export function watchCalls(buffer: SharedArrayBuffer): void {
  current = new CallWatch(buffer);
}

/** A call of a user's code begins; `text` says which, as the subject of `did not end`. */
export function beginCall(text: string): void {
  current?.begin(text);
}

/** It has ended, in whatever way. */
export function endCall(): void {
  current?.end();
}
