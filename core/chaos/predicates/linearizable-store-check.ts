/**
 * S5: what API servers asked of the store and got for an answer has an order in time in which one copy of each key would have answered the same.
 *
 * Keys are judged one by one, whenever nothing is under way on a key; the rest at the end of the run. A request without an answer counts as
 * done when the committed history shows its very change, and not at all otherwise. Keys that are written in batches (heartbeats of nodes, by
 * the thousand) are left out.
 */
import { growUint8 } from '../../base/grow.ts';
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
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** Requests on a key that count as one evaluation. */
const COUNTED_OPERATIONS = 48;
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

/** A call, and from its end on the operation that is judged. */
class StoreCall implements KeyOperation {
  readonly client: number;
  /** Number of the request among its client's. */
  readonly sequence: number;
  readonly keyId: number;
  readonly callAt: number;
  readonly input: KeyInput;
  readonly value: object | null;
  returnAt = NEVER_RETURNED;
  output: KeyOutput | null = null;
  /** Nobody will answer any more. */
  isLost = false;
  /** Revision at which its change was committed, 0 while it was not. */
  revision = 0;

  constructor(client: number, sequence: number, keyId: number, callAt: number, input: KeyInput, value: object | null) {
    this.client = client;
    this.sequence = sequence;
    this.keyId = keyId;
    this.callAt = callAt;
    this.input = input;
    this.value = value;
  }
}

interface KeyHistory {
  /** Operations that are over and not yet judged. */
  operations: StoreCall[];
  /** What is under way, lost calls that may still be done included. */
  readonly open: StoreCall[];
  /** Calls that may still be answered. */
  answerable: number;
  /** Mod revision of the last commit, 0 for absent. */
  committed: number;
  /** State before {@link operations}. */
  state: number;
  /** Operations since the last evaluation was counted. */
  uncounted: number;
}

export function linearizableStore(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S5',
    about: 'the answers of the store to the API servers have an order that one copy of each key explains',
    evaluations: 0,
  };
  const history = new StoreHistory(judge, predicate);
  listen(judge, 'api.store-call', (pid, subject) => history.called(pid, subject as Call));
  listen(judge, 'api.store-answer', (pid, subject) => history.answered(pid, subject as Answered));
  listen(judge, 'store.commit', (_pid, subject) => history.committed(subject as Commit));
  const conclude = () => history.conclude();
  predicate.conclude = conclude;
  return predicate;
}

/** The calls of one client that may still be answered, by number: numbers rise one by one, so a few slots hold them all. */
class OpenCalls {
  #slots: (StoreCall | undefined)[] = new Array(16).fill(undefined);

  /** Takes out and returns the call with this number. */
  take(sequence: number): StoreCall | undefined {
    const at = sequence & (this.#slots.length - 1);
    const call = this.#slots[at];
    if (call?.sequence !== sequence) return undefined;
    this.#slots[at] = undefined;
    return call;
  }

  add(call: StoreCall): void {
    const at = call.sequence & (this.#slots.length - 1);
    if (this.#slots[at] === undefined) this.#slots[at] = call;
    else {
      const old = this.#slots;
      this.#slots = new Array(old.length * 2).fill(undefined);
      for (const other of old) if (other !== undefined) this.add(other);
      this.add(call);
    }
  }
}

/** The histories of all keys that are under judgement. */
class StoreHistory {
  readonly #judge: Judge;
  readonly #predicate: Predicate;
  /** By key id. */
  readonly #keys: (KeyHistory | undefined)[] = [];
  /** By client. */
  readonly #calls: (OpenCalls | undefined)[] = [];
  /** By key id: 1 for keys that are written in batches. */
  #leftOut = new Uint8Array(256);

  constructor(judge: Judge, predicate: Predicate) {
    this.#judge = judge;
    this.#predicate = predicate;
  }

  called(pid: number, { sequence, payload }: Call): void {
    while (this.#calls.length <= pid) this.#calls.push(undefined);
    this.#calls[pid] ??= new OpenCalls();
    const ofClient = this.#calls[pid];
    // A client that was started anew counts from one again: its old calls have no answer.
    const old = ofClient.take(sequence);
    if (old !== undefined) this.#lose(old);
    if (payload.keyIds !== undefined) this.#leaveOut(payload.keyIds);
    const input = inputOf(payload);
    const keyId = payload.keyId as number;
    if (input === null || this.#leftOut[keyId] === 1) return;
    const value = payload.value ?? null;
    const call = new StoreCall(pid, sequence, keyId, this.#judge.sim.now, input, value);
    const history = this.#historyOf(keyId);
    history.open.push(call);
    history.answerable++;
    ofClient.add(call);
  }

  #historyOf(keyId: number): KeyHistory {
    while (this.#keys.length <= keyId) this.#keys.push(undefined);
    this.#keys[keyId] ??= { operations: [], open: [], answerable: 0, committed: 0, state: 0, uncounted: 0 };
    return this.#keys[keyId];
  }

  #leaveOut(keyIds: readonly number[]): void {
    for (let i = 0; i < keyIds.length; i++) {
      const keyId = keyIds[i] as number;
      if (keyId >= this.#leftOut.length) this.#leftOut = growUint8(this.#leftOut, keyId * 2);
      if (this.#leftOut[keyId] === 1) continue;
      this.#leftOut[keyId] = 1;
      if (keyId < this.#keys.length) this.#keys[keyId] = undefined;
    }
  }

  answered(pid: number, { sequence, answer }: Answered): void {
    const call = this.#calls[pid]?.take(sequence);
    if (call === undefined) return;
    const output = answer === null ? null : outputOf(call.input, answer);
    if (output === null) {
      this.#lose(call);
      return;
    }
    const history = this.#keys[call.keyId];
    if (history === undefined) return;
    history.answerable--;
    if (call.input.op === 'delete') this.#correct(history, call, output);
    this.#finish(history, call, output);
  }

  /** The call is over as a lost one; if its change is committed, it is done. */
  #lose(call: StoreCall): void {
    const history = this.#keys[call.keyId];
    if (history === undefined) return;
    history.answerable--;
    call.isLost = true;
    if (call.revision > 0) this.#finish(history, call, doneAt(call));
  }

  #finish(history: KeyHistory, call: StoreCall, output: KeyOutput): void {
    const { open, operations } = history;
    if (open.length === 1) open.pop();
    else open.splice(open.indexOf(call), 1);
    call.returnAt = this.#judge.sim.now;
    call.output = output;
    history.uncounted++;
    if (history.answerable > 0) {
      operations.push(call);
      return;
    }
    const after = operations.length === 0 ? VERSIONED_KEY_MODEL.step(history.state, call) : -1;
    if (after < 0) {
      operations.push(call);
      this.#judgeKey(call.keyId, history);
    } else history.state = after;
    if (history.uncounted >= COUNTED_OPERATIONS) this.#count(history);
  }

  /** Finds the call whose very change this is. */
  committed({ keyId, revision, value }: Commit): void {
    const history = this.#keys[keyId];
    if (history === undefined) return;
    const before = history.committed;
    history.committed = value === null ? 0 : revision;
    const candidates = history.open.filter((call) => call.revision === 0 && isChangeOf(call, value, before));
    // Deletions of one version are alike: one that was lost long ago is less likely to be it than one that is under way.
    const found = candidates.find(({ isLost }) => !isLost) ?? candidates[0];
    if (found !== undefined) this.#own(history, found, revision);
  }

  /** The change at `revision` is the call's. */
  #own(history: KeyHistory, call: StoreCall, revision: number): void {
    call.revision = revision;
    if (call.isLost) this.#finish(history, call, doneAt(call));
  }

  /** An answer tells whose a change is: it was taken for another's, or for this call's although it was not. */
  #correct(history: KeyHistory, call: StoreCall, output: KeyOutput): void {
    if (output.done) {
      for (const other of history.open) if (other !== call && other.revision === output.revision) other.revision = 0;
    } else if (call.revision > 0) {
      const owner = history.open.find(
        ({ isLost, input, revision }) => isLost && revision === 0 && sameChange(input, call.input),
      );
      if (owner !== undefined) this.#own(history, owner, call.revision);
    }
  }

  /** The run is over: what is done counts, with an answer or without. */
  conclude(): void {
    for (const [keyId, history] of this.#keys.entries()) {
      if (history === undefined) continue;
      const done = history.open.filter(({ revision }) => revision > 0);
      for (const call of done) this.#finish(history, call, doneAt(call));
      if (history.operations.length > 0) this.#judgeKey(keyId, history);
      if (history.uncounted > 0) this.#count(history);
    }
  }

  #count(history: KeyHistory): void {
    history.uncounted = 0;
    this.#predicate.evaluations++;
  }

  #judgeKey(keyId: number, history: KeyHistory): void {
    const state = stateInOrderOfReturn(history);
    if (state < 0) this.#search(keyId, history);
    history.state = state < 0 ? stateAfter(history) : state;
    history.operations = [];
  }

  #search(keyId: number, { operations, state }: KeyHistory): void {
    const model = { ...VERSIONED_KEY_MODEL, initial: state };
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
  }

  #nameOf(pid: number): string {
    return this.#judge.sim.processes.names[pid] ?? `process ${pid}`;
  }
}

/** Whether a commit of `value` to a key that was at mod revision `before` is the change of `call`. */
function isChangeOf({ input, value: sent }: StoreCall, value: object | null, before: number): boolean {
  if (input.op === 'read') return false;
  if (value !== null) return input.op === 'put' && sent === value;
  return input.op === 'delete' && (input.expected < 0 || input.expected === before);
}

/** Whether two deletions would delete the same version. */
function sameChange(left: KeyInput, right: KeyInput): boolean {
  if (left.op !== 'delete' || right.op !== 'delete') return false;
  return left.expected < 0 || right.expected < 0 || left.expected === right.expected;
}

const doneAt = ({ revision, input }: StoreCall): KeyOutput => ({
  done: true,
  revision,
  deleted: input.op === 'delete',
});

const READ: KeyInput = { op: 'read' };

/** What the request means for its key, or null where it concerns no single key as of now. */
function inputOf(payload: Call['payload']): KeyInput | null {
  const { keyId, expected, value, revision } = payload;
  if (keyId === undefined || keyId < 0) return null;
  if (expected === undefined) return value === undefined && (revision ?? 0) <= 0 ? READ : null;
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

/**
 * The state after all operations when their answers fit one after another as they came back, else −1. What returned before another was
 * called returned before it too, so that order respects time and is a proof; it is the right one for almost every key, where requests hardly
 * overlap.
 */
function stateInOrderOfReturn({ operations, state }: KeyHistory): number {
  let after = state;
  for (const operation of operations) {
    after = VERSIONED_KEY_MODEL.step(after, operation);
    if (after < 0) return -1;
  }
  return after;
}

/** The state a judged history leaves: revisions only grow, so its newest change was the last. */
function stateAfter(history: KeyHistory): number {
  let { state } = history;
  for (const { input, output, returnAt } of history.operations) {
    if (input.op === 'read' || output === null || !output.done || returnAt === NEVER_RETURNED) continue;
    if (input.op === 'delete' && !output.deleted) continue;
    const after = input.op === 'put' ? presentAt(output.revision) : absentSince(output.revision);
    state = Math.max(state, after);
  }
  return state;
}
