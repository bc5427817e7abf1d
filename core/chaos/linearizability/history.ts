/**
 * A client history of one independent part of a store (a key), in the form the search takes it.
 *
 * Always: positions order calls and returns; intervals are closed, so at equal times calls come before returns. An operation
 * whose outcome is unknown has no return: it may take effect at any later time, or never.
 */
import { assert } from '../../base/assert.ts';

/** `returnAt` of an operation that may still take effect at any later time, or never. */
export const NEVER_RETURNED = Number.POSITIVE_INFINITY;

/** One call of a client. Times are in any unit that orders them (position in a log, µs). */
export interface Operation<Input, Output> {
  readonly client: number;
  readonly callAt: number;
  /** ≥ `callAt`, or {@link NEVER_RETURNED}. */
  readonly returnAt: number;
  readonly input: Input;
  /** null exactly when the outcome is unknown. */
  readonly output: Output | null;
}

/**
 * What a single copy of the object would answer. States are small integers, so that a search can compare and store them; a model
 * with richer states interns them.
 */
export interface SequentialModel<Input, Output> {
  readonly initial: number;
  /** State after `operation` took effect on `state`, or −1 when its answer contradicts `state`. */
  step(state: number, operation: Operation<Input, Output>): number;
  /** A state for people, at most a few dozen characters. */
  describeState(state: number): string;
  /** An operation with its answer for people. */
  describe(operation: Operation<Input, Output>): string;
}

/** A part of the history that is linearizable or not on its own. */
export interface Partition<Input, Output> {
  /** Name for people: the key. */
  readonly name: string;
  readonly operations: readonly Operation<Input, Output>[];
  readonly model: SequentialModel<Input, Output>;
}

/** Calls and returns in the order of time. Entry 2i is the call of operation i, 2i + 1 its return. */
export function orderEntries(operations: readonly Operation<unknown, unknown>[]): Int32Array {
  const entries: number[] = [];
  for (let i = 0; i < operations.length; i++) {
    const { callAt, returnAt } = operations[i] as Operation<unknown, unknown>;
    assert(returnAt >= callAt, 'an operation returns before it is called');
    entries.push(2 * i);
    if (returnAt !== NEVER_RETURNED) entries.push(2 * i + 1);
  }
  const timeOf = (entry: number): number => {
    const operation = operations[entry >> 1] as Operation<unknown, unknown>;
    return (entry & 1) === 0 ? operation.callAt : operation.returnAt;
  };
  entries.sort((a, b) => timeOf(a) - timeOf(b) || (a & 1) - (b & 1) || a - b);
  return Int32Array.from(entries);
}
