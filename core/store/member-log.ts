/**
 * A member's durable state on its disk: a write-ahead log of entries since the last snapshot, and that snapshot.
 *
 * Always holds: snapshot and log together give every entry ever acknowledged; the log is no longer than
 * {@link SNAPSHOT_ENTRIES} changes or a quarter of the history, whichever is more (so that copying the history costs a constant a
 * write), plus what is not yet applied. A torn last record is dropped; any other damage is refused.
 */
import type { Context } from '../sim/context.ts';
import type { DiskRecord } from '../sim/disk.ts';
import { LogEntry, type LoggedRequest, Snapshot } from './log-entry.ts';
import type { Mvcc } from './mvcc.ts';
import type { Engine } from './v3/engine.ts';

/** Entries after which a snapshot is due (etcd's --snapshot-count since 3.6). */
const SNAPSHOT_ENTRIES = 10_000;
/** Bytes of framing (length, checksum, type, term, index) a log record adds to its request. */
const FRAME_BYTES = 32;
const RECORD_BYTES = 64;

const LOG_FILE = 'wal';
const SNAPSHOT_FILE = 'snapshot';

/** What recovery found. */
export interface Recovery {
  /** null: fine. Otherwise what is damaged; the member must not start. */
  readonly damage: string | null;
  readonly snapshot: Snapshot | null;
  readonly entries: readonly LogEntry[];
  /** The last record was torn and has been left out. */
  readonly torn: boolean;
}

const isIntact = (record: DiskRecord): boolean => record.data.contentHash() === record.checksum;

export class MemberLog {
  readonly #context: Context;
  #lastIndex = 0;
  /** Index of the first entry in the log file. */
  #firstIndex = 1;
  #snapshotRevision = 1;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Index of the last entry appended. */
  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** Reads back what survived. */
  recover(): Recovery {
    const disk = this.#context.disk;
    const stored = disk.read(SNAPSHOT_FILE)[0];
    if (stored !== undefined && !(isIntact(stored) && stored.data instanceof Snapshot)) {
      return { damage: 'snapshot: checksum mismatch', snapshot: null, entries: [], torn: false };
    }
    const snapshot = stored === undefined ? null : (stored.data as Snapshot);
    this.#lastIndex = snapshot === null ? 0 : snapshot.index;
    this.#snapshotRevision = snapshot === null ? 1 : snapshot.image.mvcc.revision;
    this.#firstIndex = this.#lastIndex + 1;
    const records = disk.read(LOG_FILE);
    const entries: LogEntry[] = [];
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as DiskRecord;
      if (!isIntact(record) || !(record.data instanceof LogEntry)) {
        if (i === records.length - 1) return { damage: null, snapshot, entries, torn: true };
        return { damage: `wal: checksum mismatch at record ${i}`, snapshot, entries: [], torn: false };
      }
      if (i === 0) this.#firstIndex = record.data.index;
      if (record.data.index > this.#lastIndex + 1) {
        return { damage: `wal: gap before record ${i}`, snapshot, entries: [], torn: false };
      }
      if (record.data.index <= this.#lastIndex) continue;
      this.#lastIndex = record.data.index;
      entries.push(record.data);
    }
    return { damage: null, snapshot, entries, torn: false };
  }

  /** Logs a request; not durable before a later sync completes. */
  append(request: LoggedRequest): LogEntry {
    const entry = new LogEntry(++this.#lastIndex, request);
    this.#context.disk.append(LOG_FILE, entry, FRAME_BYTES + entry.byteLength);
    return entry;
  }

  /** Starts a sync; `op` comes with `a` = the last index it covers. */
  sync(op: number): void {
    this.#context.disk.sync(LOG_FILE, op, this.#lastIndex);
  }

  /** Whether a snapshot is due after entry `appliedIndex`. An entry with many changes counts as many. */
  isSnapshotDue(mvcc: Mvcc, appliedIndex: number): boolean {
    const logged = Math.max(appliedIndex - this.#firstIndex + 1, mvcc.revision - this.#snapshotRevision);
    return logged >= Math.max(SNAPSHOT_ENTRIES, mvcc.history.count >>> 2);
  }

  /** Saves the store as it is after entry `appliedIndex` and drops the log up to there. */
  saveSnapshot(engine: Engine, appliedIndex: number): void {
    const image = engine.image();
    const { history, revision } = image.mvcc;
    this.#snapshotRevision = revision;
    const sizeBytes = engine.mvcc.history.valueBytes + RECORD_BYTES * history.records.count;
    this.#context.disk.replace(SNAPSHOT_FILE, new Snapshot(appliedIndex, image), sizeBytes);
    this.#context.disk.truncateBefore(LOG_FILE, appliedIndex - this.#firstIndex + 1);
    this.#firstIndex = appliedIndex + 1;
  }

  /** After a torn tail: snapshot, then an empty log, so that nothing is written behind the damage. */
  repair(engine: Engine, appliedIndex: number): void {
    this.saveSnapshot(engine, appliedIndex);
    this.#context.disk.truncateBefore(LOG_FILE, this.#context.disk.read(LOG_FILE).length);
  }
}
