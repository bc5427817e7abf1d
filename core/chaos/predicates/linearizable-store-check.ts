/**
 * S5: what API servers asked of the store and got for an answer has an order in time in which one copy of each key would have answered the same.
 *
 * Keys are judged one by one, whenever nothing is under way on a key; the rest at the end of the run. A request without an answer counts as
 * done when the committed history shows its very change, and not at all otherwise. Events also end by themselves, when their lease does. Keys that
 * are written in batches (heartbeats of nodes, by the thousand) are left out.
 */
import { growUint8, NO_UINT8 } from '../../base/grow.ts';
import { EVENTS } from '../../types/resource-type.ts';
import { NEVER_RETURNED } from '../linearizability/history.ts';
import { inconsistentPart } from '../linearizability/inconsistent-part.ts';
import { LinearizationSearch } from '../linearizability/search.ts';
import { CallPool, OpenCalls, type StoreCall } from '../linearizability/store-call.ts';
import { absentSince, presentAt, VERSIONED_KEY_MODEL } from '../linearizability/versioned-key-model.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** Requests on a key that count as one evaluation. */
const COUNTED_OPERATIONS = 48;
/** Client and number of what nobody asked for. */
const NOBODY = -1;
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
  readonly previous?: { readonly object?: { readonly apiVersion?: string; readonly kind?: string } } | null;
}

/** What is known of one key. */
class KeyHistory {
  /** Operations that are over and not yet judged; null for none. */
  operations: StoreCall[] | null = null;
  /** What is under way, in the order in which it was called, lost calls that may still be done included. */
  first: StoreCall | null = null;
  #last: StoreCall | null = null;
  /** Calls that may still be answered. */
  answerable = 0;
  /** Mod revision of the last commit, 0 for absent. */
  committed = 0;
  /** State before {@link operations}. */
  state = 0;
  /** Operations since the last evaluation was counted. */
  uncounted = 0;

  open(call: StoreCall): void {
    if (this.#last === null) this.first = call;
    else this.#last.next = call;
    this.#last = call;
  }

  close(call: StoreCall): void {
    let before: StoreCall | null = null;
    for (let other = this.first; other !== null && other !== call; other = other.next) before = other;
    if (before === null) this.first = call.next;
    else before.next = call.next;
    if (this.#last === call) this.#last = before;
    call.next = null;
  }

  /** The call whose very change a commit is, or null. */
  ownerOf(value: object | null, before: number): StoreCall | null {
    let lost: StoreCall | null = null;
    for (let call = this.first; call !== null; call = call.next) {
      if (call.revision !== 0 || !call.isChange(value, before)) continue;
      // Deletions of one version are alike: one that was lost long ago is less likely to be it than one that is under way.
      if (!call.isLost) return call;
      lost ??= call;
    }
    return lost;
  }
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

/** The histories of all keys that are under judgement. */
class StoreHistory {
  readonly #judge: Judge;
  readonly #predicate: Predicate;
  /** By key id. */
  readonly #keys: (KeyHistory | null)[] = [];
  /** By client. */
  readonly #calls: OpenCalls[] = [];
  readonly #pool = new CallPool();
  /** By key id: 1 for keys that are written in batches. */
  #leftOut = NO_UINT8;

  constructor(judge: Judge, predicate: Predicate) {
    this.#judge = judge;
    this.#predicate = predicate;
  }

  called(pid: number, { sequence, payload }: Call): void {
    while (this.#calls.length <= pid) this.#calls.push(new OpenCalls());
    const ofClient = this.#calls[pid] as OpenCalls;
    // A client that was started anew counts from one again: its old calls have no answer.
    const old = ofClient.take(sequence);
    if (old !== null) this.#lose(old);
    const { keyId = -1, keyIds, expected, value, revision = 0 } = payload;
    if (keyIds !== undefined) this.#leaveOut(keyIds);
    // Only what concerns a single key as of now.
    const isRead = expected === undefined;
    if (keyId < 0 || (isRead && (value !== undefined || revision > 0)) || this.#leftOut[keyId] === 1) return;
    const call = this.#pool.take(pid, sequence, keyId, this.#judge.sim.now);
    call.input.op = isRead ? 'read' : value === null ? 'delete' : 'put';
    call.input.expected = expected ?? -1;
    call.value = value ?? null;
    const history = this.#historyOf(keyId);
    history.open(call);
    history.answerable++;
    ofClient.add(call);
  }

  #historyOf(keyId: number): KeyHistory {
    while (this.#keys.length <= keyId) this.#keys.push(null);
    this.#keys[keyId] ??= new KeyHistory();
    return this.#keys[keyId];
  }

  #leaveOut(keyIds: readonly number[]): void {
    for (let i = 0; i < keyIds.length; i++) {
      const keyId = keyIds[i] as number;
      if (keyId >= this.#leftOut.length) this.#leftOut = growUint8(this.#leftOut, (keyId + 1) * 2);
      if (this.#leftOut[keyId] === 1) continue;
      this.#leftOut[keyId] = 1;
      if (keyId < this.#keys.length) this.#keys[keyId] = null;
    }
  }

  answered(pid: number, { sequence, answer }: Answered): void {
    const call = this.#calls[pid]?.take(sequence) ?? null;
    if (call === null) return;
    if (answer === null || !takeAnswer(call, answer)) {
      this.#lose(call);
      return;
    }
    const history = this.#keys[call.keyId] ?? null;
    if (history === null) return;
    history.answerable--;
    if (call.input.op === 'delete') this.#correct(history, call);
    this.#finish(history, call);
  }

  /** The call is over as a lost one; if its change is committed, it is done. */
  #lose(call: StoreCall): void {
    const history = this.#keys[call.keyId] ?? null;
    if (history === null) return;
    history.answerable--;
    call.isLost = true;
    if (call.revision === 0) return;
    call.endDone();
    this.#finish(history, call);
  }

  /** The call is over with its output. */
  #finish(history: KeyHistory, call: StoreCall): void {
    history.close(call);
    call.returnAt = this.#judge.sim.now;
    history.uncounted++;
    if (history.operations === null && history.answerable === 0) {
      const after = VERSIONED_KEY_MODEL.step(history.state, call);
      if (after >= 0) {
        history.state = after;
        this.#pool.give(call);
        if (history.uncounted >= COUNTED_OPERATIONS) this.#count(history);
        return;
      }
    }
    history.operations ??= [];
    history.operations.push(call);
    if (history.answerable > 0) return;
    this.#judgeKey(history, history.operations);
    if (history.uncounted >= COUNTED_OPERATIONS) this.#count(history);
  }

  /** Finds the call whose very change this is. */
  committed({ keyId, revision, value, previous }: Commit): void {
    const history = this.#keys[keyId] ?? null;
    if (history === null) return;
    const before = history.committed;
    history.committed = value === null ? 0 : revision;
    const owner = history.ownerOf(value, before);
    if (owner !== null) this.#own(history, owner, revision);
    else if (value === null && isEvent(previous?.object)) this.#expired(history, keyId, revision);
  }

  /** The store has removed the key itself. */
  #expired(history: KeyHistory, keyId: number, revision: number): void {
    const call = this.#pool.take(NOBODY, NOBODY, keyId, this.#judge.sim.now);
    call.input.op = 'delete';
    call.input.expected = -1;
    call.revision = revision;
    call.endDone();
    history.open(call);
    this.#finish(history, call);
  }

  /** The change at `revision` is the call's. */
  #own(history: KeyHistory, call: StoreCall, revision: number): void {
    call.revision = revision;
    if (!call.isLost) return;
    call.endDone();
    this.#finish(history, call);
  }

  /** An answer tells whose a change is: it was taken for another's, or for this call's although it was not. */
  #correct(history: KeyHistory, call: StoreCall): void {
    if (call.answer.done) {
      for (let other = history.first; other !== null; other = other.next)
        if (other !== call && other.revision === call.answer.revision) other.revision = 0;
      return;
    }
    if (call.revision === 0) return;
    for (let owner = history.first; owner !== null; owner = owner.next) {
      if (!owner.isLost || owner.revision !== 0 || !owner.deletesAs(call)) continue;
      this.#own(history, owner, call.revision);
      return;
    }
  }

  /** The run is over: what is done counts, with an answer or without. */
  conclude(): void {
    for (const history of this.#keys) {
      if (history === null) continue;
      for (let call = history.first; call !== null; ) {
        const { next } = call;
        if (call.revision > 0) {
          call.endDone();
          this.#finish(history, call);
        }
        call = next;
      }
      if (history.operations !== null) this.#judgeKey(history, history.operations);
      if (history.uncounted > 0) this.#count(history);
    }
  }

  #count(history: KeyHistory): void {
    history.uncounted = 0;
    this.#predicate.evaluations++;
  }

  #judgeKey(history: KeyHistory, operations: readonly StoreCall[]): void {
    const state = stateInOrderOfReturn(operations, history.state);
    if (state < 0) this.#search(operations, history.state);
    history.state = state < 0 ? stateAfter(operations, history.state) : state;
    history.operations = null;
    for (const call of operations) this.#pool.give(call);
  }

  #search(operations: readonly StoreCall[], state: number): void {
    const keyId = operations[0]?.keyId;
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
    return pid === NOBODY ? 'the store' : (this.#judge.sim.processes.names[pid] ?? `process ${pid}`);
  }
}

function isEvent(object: { readonly apiVersion?: string; readonly kind?: string } | undefined): boolean {
  return object?.kind === EVENTS.kind && object.apiVersion === EVENTS.apiVersion;
}

/** Takes the answer in as the model has it; false for a refusal, which leaves open what happened. */
function takeAnswer(call: StoreCall, answer: NonNullable<Answered['answer']>): boolean {
  if (call.input.op === 'read') {
    if (answer.keyValues === undefined) return false;
    call.end(true, answer.keyValues[0]?.modRevision ?? 0, false);
    return true;
  }
  if (answer.succeeded === undefined) return false;
  if (answer.succeeded) call.end(true, answer.revision ?? 0, answer.deleted === 1);
  else call.end(false, answer.current?.modRevision ?? 0, false);
  return true;
}

/**
 * The state after all operations when their answers fit one after another as they came back, else −1. What returned before another was
 * called returned before it too, so that order respects time and is a proof; it is the right one for almost every key, where requests hardly
 * overlap.
 */
function stateInOrderOfReturn(operations: readonly StoreCall[], state: number): number {
  let after = state;
  for (const operation of operations) {
    after = VERSIONED_KEY_MODEL.step(after, operation);
    if (after < 0) return -1;
  }
  return after;
}

/** The state a judged history leaves: revisions only grow, so its newest change was the last. */
function stateAfter(operations: readonly StoreCall[], before: number): number {
  let state = before;
  for (const { input, output, returnAt } of operations) {
    if (input.op === 'read' || output === null || !output.done || returnAt === NEVER_RETURNED) continue;
    if (input.op === 'delete' && !output.deleted) continue;
    state = Math.max(state, input.op === 'put' ? presentAt(output.revision) : absentSince(output.revision));
  }
  return state;
}
