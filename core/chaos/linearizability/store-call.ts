/**
 * A call of an API server to the store that concerns one key, and from its end on the operation that is judged.
 *
 * Always: a call is in the hands of one {@link CallPool}, of its key's history, or of nobody; nearly all are judged the moment they end, so a few records serve
 * a whole run.
 */
import { NEVER_RETURNED } from './history.ts';
import type { KeyInput, KeyOperation, KeyOutput } from './versioned-key-model.ts';

export class StoreCall implements KeyOperation {
  client = -1;
  /** Number of the request among its client's. */
  sequence = 0;
  keyId = -1;
  callAt = 0;
  returnAt = NEVER_RETURNED;
  readonly input: { op: KeyInput['op']; expected: number } = { op: 'read', expected: -1 };
  /** null, or {@link answer}. */
  output: KeyOutput | null = null;
  /** The record that becomes the output. */
  readonly answer: { done: boolean; revision: number; deleted: boolean } = { done: false, revision: 0, deleted: false };
  /** What is put; null for reads and deletions. */
  value: object | null = null;
  /** Nobody will answer any more. */
  isLost = false;
  /** Revision at which its change was committed, 0 while it was not. */
  revision = 0;
  /** The one that was called next on the key and is under way as well. */
  next: StoreCall | null = null;

  /** The call is answered so. */
  end(done: boolean, revision: number, deleted: boolean): void {
    this.answer.done = done;
    this.answer.revision = revision;
    this.answer.deleted = deleted;
    this.output = this.answer;
  }

  /** The call was done at the revision of its change, whatever was answered. */
  endDone(): void {
    this.end(true, this.revision, this.input.op === 'delete');
  }

  /** Whether a commit of `value` to its key, which was at mod revision `before`, is its change. */
  isChange(value: object | null, before: number): boolean {
    const { op, expected } = this.input;
    if (value !== null) return op === 'put' && this.value === value;
    return op === 'delete' && (expected < 0 || expected === before);
  }

  /** Whether it and another one are deletions of the same version. */
  deletesAs({ input }: StoreCall): boolean {
    const { op, expected } = this.input;
    if (op !== 'delete' || input.op !== 'delete') return false;
    return expected < 0 || input.expected < 0 || expected === input.expected;
  }
}

/** Records of calls that are over, for those to come. */
export class CallPool {
  readonly #free: StoreCall[] = [];

  take(client: number, sequence: number, keyId: number, callAt: number): StoreCall {
    const call = this.#free.pop() ?? new StoreCall();
    call.client = client;
    call.sequence = sequence;
    call.keyId = keyId;
    call.callAt = callAt;
    return call;
  }

  give(call: StoreCall): void {
    call.returnAt = NEVER_RETURNED;
    call.output = null;
    call.value = null;
    call.isLost = false;
    call.revision = 0;
    this.#free.push(call);
  }
}

/** The calls of one client that may still be answered, by number: numbers rise one by one, so a few slots hold them all. */
export class OpenCalls {
  #slots: (StoreCall | null)[] = new Array(16).fill(null);

  /** Takes out and returns the call with this number. */
  take(sequence: number): StoreCall | null {
    const at = sequence & (this.#slots.length - 1);
    const call = this.#slots[at] ?? null;
    if (call === null || call.sequence !== sequence) return null;
    this.#slots[at] = null;
    return call;
  }

  add(call: StoreCall): void {
    const at = call.sequence & (this.#slots.length - 1);
    if (this.#slots[at] === null) this.#slots[at] = call;
    else {
      const old = this.#slots;
      this.#slots = new Array(old.length * 2).fill(null);
      for (const other of old) if (other !== null) this.add(other);
      this.add(call);
    }
  }
}
