/**
 * The files of a member of a group: write-ahead log, snapshot, backend marks.
 *
 * Always holds: snapshot and log give every entry and every vote the member has promised; nothing is dropped from the log that
 * the snapshot does not hold. Recovery leaves out a torn last record and refuses any other damage, naming file and record.
 */
import type { Entry } from '../raft/entry.ts';
import { EMPTY_HARD_STATE, type HardState } from '../raft/snapshot.ts';
import type { Context } from '../sim/context.ts';
import type { DiskRecord } from '../sim/disk.ts';
import { BackendMark, EntryRecord, GroupSnapshot, StateRecord } from './member-records.ts';

/** Bytes of framing (length, checksum, type) a record adds. */
const FRAME_BYTES = 32;
const MARK_BYTES = 64;

const WAL_FILE = 'wal';
export const SNAPSHOT_FILE = 'snapshot';
const BACKEND_FILE = 'backend';

/** What recovery found. */
export interface GroupRecovery {
  /** null: fine. Otherwise what is damaged; the member must not start. */
  readonly damage: string | null;
  /** null: the member has never run. */
  readonly snapshot: GroupSnapshot | null;
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
  /** How far the backend was committed. */
  readonly dataIndex: number;
  readonly consistentIndex: number;
  readonly torn: boolean;
}

const isIntact = (record: DiskRecord): boolean => record.data.contentHash() === record.checksum;

const damaged = (damage: string): GroupRecovery => ({
  damage,
  snapshot: null,
  entries: [],
  hardState: EMPTY_HARD_STATE,
  dataIndex: 0,
  consistentIndex: 0,
  torn: false,
});

/** Of two hard states of one member the later one: terms and commits only grow, a vote is given once a term. */
function later(left: HardState, right: HardState): HardState {
  const commit = Math.max(left.commit, right.commit);
  if (left.term !== right.term) return { ...(left.term > right.term ? left : right), commit };
  return { term: left.term, vote: left.vote === 0 ? right.vote : left.vote, commit };
}

export class MemberWal {
  readonly #context: Context;
  /** By record of the log file: index of its entry, 0 for a hard state. */
  #indexes: number[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  /** Reads back what survived. A torn tail is cut off, so that nothing is written behind the damage. */
  recover(): GroupRecovery {
    const { disk } = this.#context;
    const stored = disk.read(SNAPSHOT_FILE)[0];
    if (stored === undefined) return { ...damaged(''), damage: null };
    if (!isIntact(stored) || !(stored.data instanceof GroupSnapshot)) return damaged('snapshot: checksum mismatch');
    const snapshot = stored.data;
    const found = this.#readLog(snapshot);
    if (typeof found === 'string') return damaged(found);
    const backend = this.#readBackend();
    if (backend === null) return damaged('backend: checksum mismatch');
    const last = found.entries.at(-1)?.index ?? snapshot.index;
    return {
      damage: null,
      snapshot,
      entries: found.entries,
      hardState: { ...found.hardState, commit: Math.min(found.hardState.commit, last) },
      dataIndex: Math.max(snapshot.index, backend.dataIndex),
      consistentIndex: Math.max(snapshot.index, backend.consistentIndex),
      torn: found.torn,
    };
  }

  #readLog(snapshot: GroupSnapshot): { entries: Entry[]; hardState: HardState; torn: boolean } | string {
    const records = this.#context.disk.read(WAL_FILE);
    const entries: Entry[] = [];
    let hardState = snapshot.hardState;
    this.#indexes = [];
    for (let at = 0; at < records.length; at++) {
      const record = records[at] as DiskRecord;
      const { data } = record;
      if (!isIntact(record)) {
        if (record.torn !== true || at < records.length - 1) return `wal: checksum mismatch at record ${at}`;
        this.#context.disk.truncateAfter(WAL_FILE, at);
        return { entries, hardState, torn: true };
      }
      if (data instanceof StateRecord) {
        hardState = later(data.state, hardState);
        this.#indexes.push(0);
      } else if (data instanceof EntryRecord) {
        this.#indexes.push(data.entry.index);
        const place = data.entry.index - snapshot.index - 1;
        if (place < 0) continue;
        if (place > entries.length) return `wal: gap before record ${at}`;
        entries.length = place;
        entries.push(data.entry);
      } else return `wal: unknown record ${at}`;
    }
    return { entries, hardState, torn: false };
  }

  /** The newest intact mark; a torn last one does not count. */
  #readBackend(): BackendMark | null {
    const records = this.#context.disk.read(BACKEND_FILE);
    let mark = new BackendMark(0, 0);
    for (let at = 0; at < records.length; at++) {
      const record = records[at] as DiskRecord;
      if (isIntact(record) && record.data instanceof BackendMark) mark = record.data;
      else if (record.torn !== true || at < records.length - 1) return null;
      else this.#context.disk.truncateAfter(BACKEND_FILE, at);
    }
    return mark;
  }

  /** Logs entries and hard state; not durable before a later sync completes. */
  append(entries: readonly Entry[], state: HardState | null): void {
    const { disk } = this.#context;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry;
      disk.append(WAL_FILE, new EntryRecord(entry), FRAME_BYTES + (entry.data?.byteLength ?? 0));
      this.#indexes.push(entry.index);
    }
    if (state === null) return;
    disk.append(WAL_FILE, new StateRecord(state), FRAME_BYTES);
    this.#indexes.push(0);
  }

  /** Starts a sync of the log; `op` comes when it is done. */
  sync(op: number): void {
    this.#context.disk.sync(WAL_FILE, op);
  }

  /** Saves a snapshot at once and durably, and drops the log up to it. */
  saveSnapshot(snapshot: GroupSnapshot): void {
    const { disk } = this.#context;
    disk.replace(SNAPSHOT_FILE, snapshot, snapshot.sizeBytes);
    let count = 0;
    while (count < this.#indexes.length && (this.#indexes[count] as number) <= snapshot.index) count++;
    if (count === 0) return;
    disk.truncateBefore(WAL_FILE, count);
    this.#indexes.splice(0, count);
  }

  /** Saves a snapshot that replaces everything: what the log holds beyond it belongs to another history. */
  installSnapshot(snapshot: GroupSnapshot): void {
    const { disk } = this.#context;
    disk.replace(SNAPSHOT_FILE, snapshot, snapshot.sizeBytes);
    disk.truncateAfter(WAL_FILE, 0);
    disk.truncateAfter(BACKEND_FILE, 0);
    this.#indexes = [];
  }

  /** Starts the commit of the backend's batch; `op` comes if it fails. Marks before one that is durable are of no use. */
  commitBackend(mark: BackendMark, op: number): void {
    const { disk } = this.#context;
    const older = disk.durableCount(BACKEND_FILE) - 1;
    if (older > 0) disk.truncateBefore(BACKEND_FILE, older);
    disk.append(BACKEND_FILE, mark, MARK_BYTES);
    disk.syncUntold(BACKEND_FILE, op);
  }
}
