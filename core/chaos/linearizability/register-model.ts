/**
 * One register with read, write and compare-and-set: what Jepsen's etcd histories exercise.
 */
import type { Operation, SequentialModel } from './history.ts';

export type RegisterInput =
  | { readonly op: 'read' }
  | { readonly op: 'write'; readonly value: number }
  | { readonly op: 'cas'; readonly from: number; readonly to: number };

/** `value` answers a read (null: absent), `done` a compare-and-set; a write is only acknowledged. */
export interface RegisterOutput {
  readonly value: number | null;
  readonly done: boolean;
}

/** State of a register that was never written. Written values are ≥ 0. */
export const ABSENT = 0x7fffffff;

export const REGISTER_MODEL: SequentialModel<RegisterInput, RegisterOutput> = {
  initial: ABSENT,
  step(state, { input, output }) {
    if (input.op === 'write') return input.value;
    if (input.op === 'read') return output === null || (output.value ?? ABSENT) === state ? state : -1;
    // With an unknown outcome only the case in which it changes something matters: otherwise it can be left out.
    if (output === null || output.done) return state === input.from ? input.to : -1;
    return state === input.from ? -1 : state;
  },
  describeState: (state) => (state === ABSENT ? 'absent' : String(state)),
  describe: ({ input, output }) => {
    const answer = output === null ? '?' : '';
    if (input.op === 'write') return `write ${input.value}${answer}`;
    if (input.op === 'read') return `read → ${output === null ? '?' : (output.value ?? 'absent')}`;
    return `cas ${input.from}→${input.to} ${output === null ? '?' : output.done ? 'done' : 'refused'}`;
  },
};

/** An operation of a register history. */
export type RegisterOperation = Operation<RegisterInput, RegisterOutput>;
