/**
 * One node of an interaction test: Raft, its storage, and an application that appends bytes and keeps a snapshot after each entry.
 *
 * Rules: etcd-io/raft rafttest (cdfbeed): the newest snapshot is what Raft gets when it asks for one.
 */

import { confChangeOf } from '../../../core/raft/conf-change.ts';
import type { RaftConfig } from '../../../core/raft/config.ts';
import { ENTRY_NORMAL, type Entry } from '../../../core/raft/entry.ts';
import type { Message } from '../../../core/raft/message.ts';
import { RawNode } from '../../../core/raft/raw-node.ts';
import { type HardState, isEmptyHardState, type RaftSnapshot } from '../../../core/raft/snapshot.ts';
import { MemoryStorage } from '../../../core/raft/storage.ts';

/** What `add-nodes` sets, the same for all nodes it adds. */
export type NodeSettings = Omit<RaftConfig, 'id' | 'storage' | 'random' | 'logger'>;

/** A payload: the application's bytes. */
export class Payload {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get byteLength(): number {
    return this.bytes.length;
  }
}

/** Storage that answers Raft with the application's newest snapshot. */
class NodeStorage extends MemoryStorage {
  readonly history: RaftSnapshot[];

  constructor(first: RaftSnapshot) {
    super();
    this.history = [first];
  }

  override snapshot(): RaftSnapshot {
    return this.history[this.history.length - 1] as RaftSnapshot;
  }
}

export class InteractionNode {
  readonly id: number;
  readonly settings: NodeSettings;
  readonly storage: NodeStorage;
  readonly raw: RawNode;
  /** Messages to the append and the apply thread, oldest first. */
  readonly appendWork: Message[] = [];
  readonly applyWork: Message[] = [];

  /** A node that has `first` as its state; index 0: a node that knows nothing. */
  constructor(id: number, settings: NodeSettings, first: RaftSnapshot, logger: RaftConfig['logger']) {
    this.id = id;
    this.settings = settings;
    this.storage = new NodeStorage(first);
    if (first.index > 0) this.storage.applySnapshot(first);
    // The files pin the timeout wherever it decides something; where they do not, no node campaigns unasked.
    const config = { ...settings, id, storage: this.storage, random: (n: number) => n - 1 };
    this.raw = new RawNode(logger === undefined ? config : { ...config, logger });
  }

  get isAsync(): boolean {
    return this.settings.asyncStorageWrites === true;
  }

  /** Makes hard state, entries and snapshot stable; a string is the error. */
  append(state: HardState | null, entries: readonly Entry[], snapshot: RaftSnapshot | null): string | null {
    if (state !== null && !isEmptyHardState(state)) this.storage.hardState = state;
    if (snapshot === null) {
      this.storage.append(entries);
      return null;
    }
    if (entries.length > 0) return "can't apply snapshot and entries at the same time";
    return this.storage.applySnapshot(snapshot) ? null : 'requested index is older than the existing snapshot';
  }

  /** Applies committed entries. */
  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const last = this.storage.snapshot();
      let confState = last.confState;
      let update = new Uint8Array(0);
      if (entry.type !== ENTRY_NORMAL) confState = this.raw.applyConfChange(confChangeOf(entry.data));
      else if (entry.data instanceof Payload) update = new Uint8Array(entry.data.bytes);
      const before = last.data instanceof Uint8Array ? last.data : new Uint8Array(0);
      const data = new Uint8Array(before.length + update.length);
      data.set(before);
      data.set(update, before.length);
      this.storage.history.push({ index: entry.index, term: entry.term, confState, data });
    }
  }
}
