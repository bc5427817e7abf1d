/**
 * One key of the store as its clients see it: conditional puts and deletes by mod revision, and reads. The state is the revision of
 * the last change and whether that was a deletion; revisions only grow, so every answer pins its place.
 */
import type { Operation, SequentialModel } from './history.ts';

export interface KeyInput {
  readonly op: 'read' | 'put' | 'delete';
  /** Mod revision the key must have, 0: it must not exist, −1: no condition, as for every read. */
  readonly expected: number;
}

export interface KeyOutput {
  /** A write: whether the condition held. A read: true. */
  readonly done: boolean;
  /** A write that was done: its revision. Otherwise the key's mod revision as shown, 0 for absent. */
  readonly revision: number;
  /** A delete that was done: whether there was something to delete. */
  readonly deleted: boolean;
}

export type KeyOperation = Operation<KeyInput, KeyOutput>;

/** State after a put at `revision`. */
export const presentAt = (revision: number): number => 2 * revision;
/** State after a deletion at `revision`; 0 is the state of a key that never was. */
export const absentSince = (revision: number): number => 2 * revision + 1;

const isAbsent = (state: number): boolean => state === 0 || state % 2 === 1;
const revisionOf = (state: number): number => Math.floor(state / 2);
/** Mod revision that the state shows, 0 for absent. */
const shown = (state: number): number => (isAbsent(state) ? 0 : revisionOf(state));

export const VERSIONED_KEY_MODEL: SequentialModel<KeyInput, KeyOutput> = {
  initial: 0,
  step(state, { input, output }) {
    if (output === null) return -1;
    if (input.op === 'read') return shown(state) === output.revision ? state : -1;
    const holds = input.expected < 0 || input.expected === shown(state);
    if (!output.done) return !holds && shown(state) === output.revision ? state : -1;
    if (!holds) return -1;
    if (input.op === 'delete' && !output.deleted) return isAbsent(state) ? state : -1;
    if (output.revision <= revisionOf(state)) return -1;
    if (input.op === 'put') return presentAt(output.revision);
    return isAbsent(state) ? -1 : absentSince(output.revision);
  },
  describeState: (state) => (isAbsent(state) ? 'absent' : `revision ${revisionOf(state)}`),
  describe: ({ input, output }) => {
    const result = output === null ? '?' : String(output.revision);
    if (input.op === 'read') return `read → ${output?.revision === 0 ? 'absent' : result}`;
    const condition = input.expected < 0 ? '' : ` if ${input.expected}`;
    return `${input.op}${condition} → ${output?.done === false ? `refused, is ${result}` : result}`;
  },
};
