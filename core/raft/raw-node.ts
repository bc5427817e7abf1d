/**
 * One Raft node as its owner drives it: step messages and ticks in, take {@link Ready} out, do what it says, advance.
 *
 * With asynchronous storage writes there is no advance: what storage threads finish comes back as messages.
 * Behaviour: etcd-io/raft RawNode (cdfbeed).
 */
import { assert } from '../base/assert.ts';
import type { ConfChange } from './conf-change.ts';
import type { RaftConfig } from './config.ts';
import { ENTRY_NORMAL, Entry, type EntryData, entriesBytes } from './entry.ts';
import { applyConfChange } from './membership.ts';
import {
  APPEND_THREAD,
  APPLY_THREAD,
  isLocalType,
  isResponseType,
  isStorageThread,
  Message,
  MSG_FORGET_LEADER,
  MSG_HUP,
  MSG_PROP,
  MSG_READ_INDEX,
  MSG_SNAP_STATUS,
  MSG_STORAGE_APPEND,
  MSG_STORAGE_APPEND_RESP,
  MSG_STORAGE_APPLY,
  MSG_STORAGE_APPLY_RESP,
  MSG_TRANSFER_LEADER,
  MSG_UNREACHABLE,
  NONE,
} from './message.ts';
import { Raft } from './raft.ts';
import type { Ready } from './ready.ts';
import type { ConfState, HardState, RaftSnapshot, SoftState } from './snapshot.ts';

/** Answer of {@link RawNode.step} to a message that no peer may send. */
export const STEP_LOCAL = 'raft: cannot step raft local message';
/** Answer of {@link RawNode.step} to an answer from a node outside the group. */
export const STEP_PEER_NOT_FOUND = 'raft: cannot step as peer not found';

/** What a Ready holds, while it is put together. */
type Draft = { -readonly [field in keyof Ready]: Ready[field] };

export class RawNode {
  readonly raft: Raft;
  readonly #async: boolean;
  #lead: number;
  #state: number;
  #hardState: HardState;
  #stepsOnAdvance: Message[] = [];
  /** What {@link takeMessages} gave out last. */
  #taken: Message[] = [];

  constructor(config: RaftConfig) {
    this.raft = new Raft(config);
    this.#async = config.asyncStorageWrites ?? false;
    this.#lead = this.raft.lead;
    this.#state = this.raft.state;
    this.#hardState = this.raft.hardState;
  }

  tick(): void {
    this.raft.tick();
  }

  /** Takes a message from a peer or a storage thread; null, or why it was not taken. */
  step(message: Message): string | null {
    const { type, from } = message;
    if (!isStorageThread(from)) {
      if (isLocalType(type)) return STEP_LOCAL;
      if (isResponseType(type) && !this.raft.tracker.progress.has(from)) return STEP_PEER_NOT_FOUND;
    }
    return this.raft.step(message);
  }

  campaign(): string | null {
    return this.raft.step(new Message(MSG_HUP, NONE));
  }

  propose(data: EntryData): string | null {
    const message = new Message(MSG_PROP, NONE);
    message.from = this.raft.id;
    message.entries = [new Entry(ENTRY_NORMAL, 0, 0, data)];
    return this.raft.step(message);
  }

  /** Proposes several at once: one append for all of them. */
  proposeAll(data: readonly EntryData[]): string | null {
    const message = new Message(MSG_PROP, NONE);
    message.from = this.raft.id;
    message.entries = data.map((one) => new Entry(ENTRY_NORMAL, 0, 0, one));
    return this.raft.step(message);
  }

  proposeConfChange(change: ConfChange): string | null {
    const message = new Message(MSG_PROP, NONE);
    message.entries = [new Entry(change.entryType, 0, 0, change)];
    return this.raft.step(message);
  }

  /** To be called for each committed change, when it is applied. Returns the group from now on. */
  applyConfChange(change: ConfChange): ConfState {
    return applyConfChange(this.raft, change);
  }

  /** Asks for a read; its data comes back in a ReadState. May be lost: ask again. */
  readIndex(data: EntryData): void {
    const message = new Message(MSG_READ_INDEX, NONE);
    message.entries = [new Entry(ENTRY_NORMAL, 0, 0, data)];
    this.raft.step(message);
  }

  transferLeader(to: number): void {
    this.#report(MSG_TRANSFER_LEADER, to, false);
  }

  forgetLeader(): void {
    this.raft.step(new Message(MSG_FORGET_LEADER, NONE));
  }

  /** The transport could not reach a node. */
  reportUnreachable(id: number): void {
    this.#report(MSG_UNREACHABLE, id, false);
  }

  /** The transport has delivered a snapshot, or failed to. */
  reportSnapshot(id: number, failed: boolean): void {
    this.#report(MSG_SNAP_STATUS, id, failed);
  }

  #report(type: number, from: number, reject: boolean): void {
    const message = new Message(type, NONE);
    message.from = from;
    message.reject = reject;
    this.raft.step(message);
  }

  get #appliesUnstable(): boolean {
    return !this.#async;
  }

  hasReady(): boolean {
    return this.raft.messages.length > 0 || this.#hasMoreThanMessages();
  }

  /** Whether there is anything in the next Ready besides messages that may go at once. */
  #hasMoreThanMessages(): boolean {
    const { raft } = this;
    const { log } = raft;
    return (
      raft.messagesAfterAppend.length > 0 ||
      log.unstable.hasNextEntries ||
      log.hasNextCommitted(this.#appliesUnstable) ||
      raft.lead !== this.#lead ||
      raft.state !== this.#state ||
      this.#hardStateChanged() ||
      log.unstable.nextSnapshot() !== null ||
      raft.readStates.length > 0
    );
  }

  #hardStateChanged(): boolean {
    const { raft } = this;
    const before = this.#hardState;
    return raft.term !== before.term || raft.vote !== before.vote || raft.log.committed !== before.commit;
  }

  /**
   * Takes out the messages where there is nothing else to do: a Ready without the rest, after which no advance is due. Heartbeats and their
   * answers are. Null otherwise. Good until the next call: two lists take turns.
   */
  takeMessages(): readonly Message[] | null {
    const { raft } = this;
    const { messages } = raft;
    if (messages.length === 0 || this.#async || raft.log.unstable.entries.length > 0) return null;
    if (this.#hasMoreThanMessages()) return null;
    const other = this.#taken;
    while (other.length > 0) other.pop();
    raft.messages = other;
    this.#taken = messages;
    return messages;
  }

  /** Takes out what is to be done. All of it must be done before the next call, or be on its way to the storage threads. */
  ready(): Ready {
    const { raft } = this;
    const { log } = raft;
    const softState: SoftState | null =
      raft.lead !== this.#lead || raft.state !== this.#state ? { lead: raft.lead, state: raft.state } : null;
    const before = this.#hardState;
    const entries = log.unstable.nextEntries();
    const draft: Draft = {
      softState,
      hardState: this.#hardStateChanged() ? raft.hardState : null,
      readStates: raft.readStates,
      entries,
      snapshot: log.unstable.nextSnapshot(),
      committedEntries: log.nextCommitted(this.#appliesUnstable),
      messages: raft.messages,
      mustSync: entries.length > 0 || raft.vote !== before.vote || raft.term !== before.term,
    };
    if (this.#async) this.#addStorageMessages(draft, raft.messages);
    else this.#keepOwnMessages(draft, raft.messages);
    this.#accept(draft);
    return draft;
  }

  #addStorageMessages(ready: Ready, messages: Message[]): void {
    const { raft } = this;
    const { entries, hardState, snapshot, committedEntries } = ready;
    if (entries.length > 0 || hardState !== null || snapshot !== null || raft.messagesAfterAppend.length > 0) {
      const append = new Message(MSG_STORAGE_APPEND, APPEND_THREAD);
      append.from = raft.id;
      append.entries = entries;
      if (hardState !== null) {
        append.term = hardState.term;
        append.vote = hardState.vote;
        append.commit = hardState.commit;
      }
      append.snapshot = snapshot;
      const responses = raft.messagesAfterAppend;
      if (this.#needsAppendResponse(snapshot)) responses.push(this.#appendResponse(snapshot));
      append.responses = responses;
      messages.push(append);
    }
    if (committedEntries.length > 0) {
      const apply = new Message(MSG_STORAGE_APPLY, APPLY_THREAD);
      apply.from = raft.id;
      apply.entries = committedEntries;
      apply.responses = [this.#applyResponse(committedEntries)];
      messages.push(apply);
    }
  }

  /** The owner writes before it sends; what this node promises itself is stepped when it advances. */
  #keepOwnMessages(ready: Ready, messages: Message[]): void {
    const { raft } = this;
    assert(this.#stepsOnAdvance.length === 0, 'raft: two Readies without an advance between them');
    for (const message of raft.messagesAfterAppend) {
      (message.to === raft.id ? this.#stepsOnAdvance : messages).push(message);
    }
    if (this.#needsAppendResponse(ready.snapshot)) this.#stepsOnAdvance.push(this.#appendResponse(ready.snapshot));
    if (ready.committedEntries.length > 0) this.#stepsOnAdvance.push(this.#applyResponse(ready.committedEntries));
  }

  #needsAppendResponse(snapshot: RaftSnapshot | null): boolean {
    return this.raft.log.unstable.entries.length > 0 || snapshot !== null;
  }

  /** Carries term and last entry as they are now: if the log changes meanwhile, it is recognised as out of date. */
  #appendResponse(snapshot: RaftSnapshot | null): Message {
    const { raft } = this;
    const response = new Message(MSG_STORAGE_APPEND_RESP, raft.id);
    response.from = APPEND_THREAD;
    response.term = raft.term;
    if (raft.log.unstable.entries.length > 0) {
      response.index = raft.log.lastIndex();
      response.logTerm = raft.log.lastTerm();
    }
    response.snapshot = snapshot;
    return response;
  }

  #applyResponse(entries: readonly Entry[]): Message {
    const response = new Message(MSG_STORAGE_APPLY_RESP, this.raft.id);
    response.from = APPLY_THREAD;
    response.entries = entries;
    return response;
  }

  #accept(ready: Ready): void {
    const { raft } = this;
    this.#lead = raft.lead;
    this.#state = raft.state;
    if (ready.hardState !== null) this.#hardState = ready.hardState;
    if (ready.readStates.length > 0) raft.readStates = [];
    raft.messages = [];
    raft.messagesAfterAppend = [];
    raft.log.unstable.acceptInProgress();
    const last = ready.committedEntries[ready.committedEntries.length - 1];
    if (last === undefined) return;
    const limited = raft.log.maxApplyingBytes !== Number.POSITIVE_INFINITY;
    raft.log.acceptApplying(last.index, limited ? entriesBytes(ready.committedEntries) : 0, this.#appliesUnstable);
  }

  /** The last Ready has been dealt with. Not with asynchronous storage writes. */
  advance(): void {
    assert(!this.#async, 'raft: advance with asynchronous storage writes');
    const steps = this.#stepsOnAdvance;
    this.#stepsOnAdvance = [];
    for (const message of steps) this.raft.step(message);
  }
}
