/**
 * S5: what API servers asked of the store and got for an answer has an order in time in which one copy of each key would have answered the same.
 *
 * Keys are judged one by one, a few dozen requests at a time, whenever nothing is under way on a key; the rest at the end of the run. A
 * request without an answer counts as done when the committed history shows its very change, and not at all otherwise. Keys that are
 * written in batches (heartbeats of nodes, by the thousand) are left out.
 */
import { growUint8 } from '../../base/grow.ts';
import { findPoint } from '../../sim/registry.ts';
import { NEVER_RETURNED } from '../linearizability/history.ts';
import { inconsistentPart } from '../linearizability/inconsistent-part.ts';
import { LinearizationSearch } from '../linearizability/search.ts';
import {
  absentSince,
  type KeyInput,
  type KeyOperation,
  type KeyOutput,
  presentAt,
  VERSIONED_KEY_MODEL,
} from '../linearizability/versioned-key-model.ts';
import type { Judge, Predicate } from '../predicate.ts';

/** Requests on a key that are judged together. */
const CHUNK_OPERATIONS = 48;
/** Steps of a search; more than that is no answer, which counts as a violation. */
const STEPS_MAX = 200_000;

/** The parts of a request to the store that are read here: a transaction on one key, or a range. */
interface Call {
  readonly sequence: number;
  readonly payload: {
    readonly keyId?: number;
    /** A batch. */
    readonly keyIds?: readonly number[];
    readonly expected?: number;
    readonly value?: object | null;
    readonly revision?: number;
  };
}

/** The parts of an answer; `answer` null: the connection broke. */
interface Answered {
  readonly sequence: number;
  readonly answer: {
    readonly succeeded?: boolean;
    readonly revision?: number;
    readonly current?: { readonly modRevision: number } | null;
    readonly deleted?: number;
    readonly keyValues?: readonly { readonly modRevision: number }[];
  } | null;
}

interface Commit {
  readonly keyId: number;
  readonly revision: number;
  readonly value: object | null;
}

interface OpenCall {
  readonly client: number;
  readonly callAt: number;
  readonly input: KeyInput;
  readonly value: object | null;
  /** Nobody will answer any more. */
  isLost: boolean;
  /** Revision at which its change was committed, 0 while it was not. */
  revision: number;
}

interface KeyHistory {
  operations: KeyOperation[];
  /** What is under way, lost calls that may still be done included. */
  open: OpenCall[];
  /** Calls that may still be answered. */
  answerable: number;
  /** Mod revision of the last commit, 0 for absent. */
  committed: number;
  /** State before {@link operations}. */
  initial: number;
}

export function linearizableStore(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S5',
    about: 'the answers of the store to the API servers have an order that one copy of each key explains',
    evaluations: 0,
  };
  const [onCall, onAnswer, onCommit] = ['api.store-call', 'api.store-answer', 'store.commit'].map(findPoint);
  if (onCall === undefined || onAnswer === undefined || onCommit === undefined) return predicate;
  const history = new StoreHistory(judge, predicate);
  const { observation } = judge.sim;
  observation.listen(onCall, (pid, subject) => history.called(pid, subject as Call));
  observation.listen(onAnswer, (pid, subject) => history.answered(pid, subject as Answered));
  observation.listen(onCommit, (_pid, subject) => history.committed(subject as Commit));
  predicate.conclude = () => history.conclude();
  return predicate;
}

/** The histories of all keys that are under judgement. */
class StoreHistory {
  readonly #judge: Judge;
  readonly #predicate: Predicate;
  readonly #keys = new Map<number, KeyHistory>();
  /** By client and number: calls that may still be answered. */
  readonly #calls = new Map<number, Map<number, { readonly keyId: number; readonly call: OpenCall }>>();
  /** By key id: 1 for keys that are written in batches. */
  #leftOut = new Uint8Array(256);

  constructor(judge: Judge, predicate: Predicate) {
    this.#judge = judge;
    this.#predicate = predicate;
  }

  called(pid: number, { sequence, payload }: Call): void {
    let ofClient = this.#calls.get(pid);
    if (ofClient === undefined) {
      ofClient = new Map();
      this.#calls.set(pid, ofClient);
    }
    // A client that was started anew counts from one again: its old calls have no answer.
    const old = ofClient.get(sequence);
    ofClient.delete(sequence);
    if (old !== undefined) this.#lose(old.keyId, old.call);
    if (payload.keyIds !== undefined) this.#leaveOut(payload.keyIds);
    const input = inputOf(payload);
    const keyId = payload.keyId as number;
    if (input === null || this.#leftOut[keyId] === 1) return;
    const value = payload.value ?? null;
    const call: OpenCall = { client: pid, callAt: this.#judge.sim.now, input, value, isLost: false, revision: 0 };
    const history = this.#keys.get(keyId) ?? { operations: [], open: [], answerable: 0, committed: 0, initial: 0 };
    this.#keys.set(keyId, history);
    history.open.push(call);
    history.answerable++;
    ofClient.set(sequence, { keyId, call });
  }

  #leaveOut(keyIds: readonly number[]): void {
    for (let i = 0; i < keyIds.length; i++) {
      const keyId = keyIds[i] as number;
      if (keyId >= this.#leftOut.length) this.#leftOut = growUint8(this.#leftOut, keyId * 2);
      if (this.#leftOut[keyId] === 1) continue;
      this.#leftOut[keyId] = 1;
      this.#keys.delete(keyId);
    }
  }

  answered(pid: number, { sequence, answer }: Answered): void {
    const found = this.#calls.get(pid)?.get(sequence);
    if (found === undefined) return;
    this.#calls.get(pid)?.delete(sequence);
    const { keyId, call } = found;
    const output = answer === null ? null : outputOf(call.input, answer);
    if (output === null) {
      this.#lose(keyId, call);
      return;
    }
    const history = this.#keys.get(keyId);
    if (history === undefined) return;
    history.answerable--;
    this.#finish(keyId, history, call, output);
  }

  /** The call is over as a lost one; if its change is committed, it is done. */
  #lose(keyId: number, call: OpenCall): void {
    const history = this.#keys.get(keyId);
    if (history === undefined) return;
    history.answerable--;
    call.isLost = true;
    if (call.revision > 0) this.#finish(keyId, history, call, doneAt(call));
  }

  #finish(keyId: number, history: KeyHistory, call: OpenCall, output: KeyOutput): void {
    const { client, callAt, input } = call;
    history.open.splice(history.open.indexOf(call), 1);
    history.operations.push({ client, callAt, returnAt: this.#judge.sim.now, input, output });
    if (history.answerable === 0 && history.operations.length >= CHUNK_OPERATIONS) this.#judgeKey(keyId, history);
  }

  /** Finds the call whose very change this is. */
  committed({ keyId, revision, value }: Commit): void {
    const history = this.#keys.get(keyId);
    if (history === undefined) return;
    const before = history.committed;
    history.committed = value === null ? 0 : revision;
    const call = history.open.find(
      (each) =>
        each.revision === 0 &&
        (value === null
          ? each.input.op === 'delete' && (each.input.expected < 0 || each.input.expected === before)
          : each.input.op === 'put' && each.value === value),
    );
    if (call === undefined) return;
    call.revision = revision;
    if (call.isLost) this.#finish(keyId, history, call, doneAt(call));
  }

  /** The run is over: what is done counts, with an answer or without. */
  conclude(): void {
    for (const [keyId, history] of this.#keys) {
      const done = history.open.filter(({ revision }) => revision > 0);
      for (const call of done) this.#finish(keyId, history, call, doneAt(call));
      this.#judgeKey(keyId, history);
    }
  }

  #judgeKey(keyId: number, history: KeyHistory): void {
    const { operations } = history;
    if (operations.length === 0) return;
    this.#predicate.evaluations++;
    const model = { ...VERSIONED_KEY_MODEL, initial: history.initial };
    const partition = { name: `key ${keyId}`, operations, model };
    const verdict = new LinearizationSearch(partition).run(STEPS_MAX);
    if (verdict === 'illegal') {
      const part = inconsistentPart(partition);
      const last = operations.find(({ returnAt }) => returnAt === part.until);
      const what = last === undefined ? '' : `: ${this.#nameOf(last.client)}'s ${model.describe(last)} fits no order`;
      this.#judge.violate(this.#predicate, `the history of store key ${keyId} is not linearizable${what}`);
    } else if (verdict === 'running') {
      const message = `no verdict on the history of store key ${keyId} after ${STEPS_MAX} steps`;
      this.#judge.violate(this.#predicate, message);
    }
    history.initial = stateAfter(history);
    history.operations = [];
  }

  #nameOf(pid: number): string {
    return this.#judge.sim.processes.names[pid] ?? `process ${pid}`;
  }
}

const doneAt = ({ revision, input }: OpenCall): KeyOutput => ({ done: true, revision, deleted: input.op === 'delete' });

/** What the request means for its key, or null where it concerns no single key as of now. */
function inputOf(payload: Call['payload']): KeyInput | null {
  const { keyId, expected, value, revision } = payload;
  if (keyId === undefined || keyId < 0) return null;
  if (expected === undefined) return value === undefined && (revision ?? 0) <= 0 ? { op: 'read' } : null;
  return { op: value === null ? 'delete' : 'put', expected };
}

/** The answer as the model has it; null for a refusal, which leaves open what happened. */
function outputOf(input: KeyInput, answer: NonNullable<Answered['answer']>): KeyOutput | null {
  if (input.op === 'read') {
    if (answer.keyValues === undefined) return null;
    return { done: true, revision: answer.keyValues[0]?.modRevision ?? 0, deleted: false };
  }
  if (answer.succeeded === undefined) return null;
  if (!answer.succeeded) return { done: false, revision: answer.current?.modRevision ?? 0, deleted: false };
  return { done: true, revision: answer.revision ?? 0, deleted: answer.deleted === 1 };
}

/** The state a judged history leaves: revisions only grow, so its newest change was the last. */
function stateAfter({ initial, operations }: KeyHistory): number {
  let state = initial;
  for (const { input, output, returnAt } of operations) {
    if (input.op === 'read' || output === null || !output.done || returnAt === NEVER_RETURNED) continue;
    if (input.op === 'delete' && !output.deleted) continue;
    const after = input.op === 'put' ? presentAt(output.revision) : absentSince(output.revision);
    state = Math.max(state, after);
  }
  return state;
}
