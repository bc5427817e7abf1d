/**
 * The simulated disk of a process: named append-only files of records that survive its crashes.
 *
 * A record is an immutable object with a size and a checksum. Appended records are durable only once a sync that began after
 * them has completed; what an instance writes after it is down never reaches the disk. On a crash the un-synced tail is lost, kept, or
 * torn (a prefix stays and the next record's checksum is broken). One sync runs at a time; the next waits for it. Faults change the latency, make syncs fail, or flip a bit.
 */
import { assert } from '../base/assert.ts';
import type { TrueTime } from './clocks.ts';
import type { Payload, Pid, UnsyncedFate } from './process.ts';

/** Most records one file may hold before its owner must truncate it. */
const FILE_RECORDS_MAX = 1 << 24;

/** One record as read back. */
export interface DiskRecord {
  readonly data: Payload;
  readonly sizeBytes: number;
  /** Content hash at the time of writing; differs from `data.contentHash()` after a detected corruption. */
  readonly checksum: number;
  /** The record is shorter than its length says: a crash tore it. What a flipped bit damaged is whole. */
  readonly torn?: true;
}

/** A sync that did not make the records durable. Delivered as the payload of the completion. */
export class DiskFailure implements Payload {
  readonly reason: 'io-error' | 'no-space';
  constructor(reason: 'io-error' | 'no-space') {
    this.reason = reason;
  }
  contentHash(): number {
    return this.reason === 'io-error' ? 0x10e770 : 0x05bace;
  }
}

/** What faults may change. */
export interface DiskConditions {
  /** Added to every sync, µs. */
  extraSyncUs: number;
  failing: boolean;
  full: boolean;
}

class File {
  records: DiskRecord[] = [];
  syncedCount = 0;
}

/** What a disk needs of the simulation. */
export interface DiskHost extends TrueTime {
  /** Whether the process that writes is alive. */
  isUp(pid: Pid): boolean;
  /** Completes `op` at the process at `timeUs`. */
  postOwn(pid: Pid, timeUs: number, op: number, a: number, b: number, payload: Payload | null): void;
}

export class Disk {
  /** Syncs asked for so far. */
  syncs = 0;
  readonly conditions: DiskConditions = { extraSyncUs: 0, failing: false, full: false };
  readonly #files = new Map<string, File>();
  readonly #host: DiskHost;
  readonly #pid: Pid;
  readonly #syncUs: number;
  #busyUntilUs = 0;

  /** The disk of the process `pid`; one fsync takes `syncUs`. */
  constructor(host: DiskHost, pid: Pid, syncUs: number) {
    this.#host = host;
    this.#pid = pid;
    this.#syncUs = syncUs;
  }

  /** Appends a record to `file` (created if missing). Not durable before a later {@link sync} completes. */
  append(file: string, data: Payload, sizeBytes: number): void {
    if (!this.#host.isUp(this.#pid)) return;
    const records = this.#file(file).records;
    if (records.length >= FILE_RECORDS_MAX) assert(false, `disk: ${file} has more than ${FILE_RECORDS_MAX} records`);
    records.push({ data, sizeBytes, checksum: data.contentHash() });
  }

  /**
   * Makes everything appended to `file` so far durable. Completion is delivered as `receive(op, self, a, b, payload)` with payload null,
   * or a {@link DiskFailure}.
   */
  sync(file: string, op: number, a = 0, b = 0): void {
    this.#sync(file, op, a, b, true);
  }

  /** As {@link sync}, for who can go on without knowing: `op` comes only if it fails. */
  syncUntold(file: string, op: number): void {
    this.#sync(file, op, 0, 0, false);
  }

  #sync(file: string, op: number, a: number, b: number, told: boolean): void {
    if (!this.#host.isUp(this.#pid)) return;
    const target = this.#file(file);
    const { extraSyncUs, failing, full } = this.conditions;
    this.syncs++;
    this.#settle();
    const start = Math.max(this.#host.now, this.#busyUntilUs);
    this.#busyUntilUs = start + this.#syncUs + extraSyncUs;
    const failure = full ? new DiskFailure('no-space') : failing ? new DiskFailure('io-error') : null;
    this.#pending.push({
      file: target,
      count: target.records.length,
      atUs: this.#busyUntilUs,
      failed: failure !== null,
    });
    if (told || failure !== null) this.#host.postOwn(this.#pid, this.#busyUntilUs, op, a, b, failure);
  }

  readonly #pending: { file: File; count: number; atUs: number; failed: boolean }[] = [];

  /** The records of `file` in order of writing. After a restart: what survived. */
  read(file: string): readonly DiskRecord[] {
    return this.#files.get(file)?.records ?? [];
  }

  /** How many records of `file`, from the first, are durable. */
  durableCount(file: string): number {
    this.#settle();
    return this.#files.get(file)?.syncedCount ?? 0;
  }

  /** Drops the first `count` records of `file` (log truncation after a snapshot). */
  truncateBefore(file: string, count: number): void {
    if (!this.#host.isUp(this.#pid)) return;
    this.#settle();
    const target = this.#file(file);
    target.records.splice(0, count);
    target.syncedCount = Math.max(0, target.syncedCount - count);
    for (const sync of this.#pending) if (sync.file === target) sync.count = Math.max(0, sync.count - count);
  }

  /** Keeps the first `count` records of `file` and drops the others at once and durably (a torn tail is cut off). */
  truncateAfter(file: string, count: number): void {
    if (!this.#host.isUp(this.#pid)) return;
    this.#settle();
    const target = this.#file(file);
    target.records.length = Math.min(target.records.length, count);
    target.syncedCount = Math.min(target.syncedCount, count);
    for (const sync of this.#pending) if (sync.file === target) sync.count = Math.min(sync.count, count);
  }

  /** Replaces the whole file at once and durably (write to a temporary file, sync, rename). */
  replace(file: string, data: Payload, sizeBytes: number): void {
    if (!this.#host.isUp(this.#pid)) return;
    const target = this.#file(file);
    target.records = [{ data, sizeBytes, checksum: data.contentHash() }];
    target.syncedCount = 1;
    for (const sync of this.#pending) if (sync.file === target) sync.count = 1;
  }

  /**
   * Fault: record `index` of `file` no longer matches its checksum, or is silently replaced by `data`. Returns what puts the record
   * back, wherever it then is; without effect where it is gone.
   */
  corrupt(file: string, index: number, data: Payload | null): () => void {
    const target = this.#file(file);
    const record = target.records[index];
    assert(record !== undefined, `disk: ${file} has no record ${index}`);
    target.records[index] =
      data === null
        ? { ...record, checksum: ~record.checksum }
        : { data, sizeBytes: record.sizeBytes, checksum: data.contentHash() };
    const broken = target.records[index];
    return () => {
      const at = target.records.indexOf(broken as DiskRecord);
      if (at >= 0) target.records[at] = record;
    };
  }

  /** Somebody at the machine puts a file there, durably, while the process is down. */
  put(file: string, data: Payload, sizeBytes: number): void {
    assert(!this.#host.isUp(this.#pid), `disk: ${file} belongs to the running process`);
    const target = this.#file(file);
    target.records = [{ data, sizeBytes, checksum: data.contentHash() }];
    target.syncedCount = 1;
  }

  /** Fault: all files are gone. Of a process that is down. */
  lose(): void {
    this.#files.clear();
  }

  /** The process crashed: decides the fate of every file's un-synced tail. `keep(n)` draws how many of n stay when torn. */
  crash(fate: UnsyncedFate, keep: (unsyncedCount: number) => number): void {
    this.#settle();
    this.#pending.length = 0;
    this.#busyUntilUs = 0;
    for (const file of this.#files.values()) {
      const unsynced = file.records.length - file.syncedCount;
      if (unsynced === 0) continue;
      if (fate === 'kept') file.syncedCount = file.records.length;
      else if (fate === 'lost') file.records.length = file.syncedCount;
      else tear(file, keep(unsynced));
    }
  }

  /** Marks as durable what syncs that ended by now covered. */
  #settle(): void {
    const now = this.#host.now;
    while (this.#pending.length > 0 && (this.#pending[0]?.atUs as number) <= now) {
      const sync = this.#pending.shift();
      if (sync !== undefined && !sync.failed) sync.file.syncedCount = Math.max(sync.file.syncedCount, sync.count);
    }
  }

  #file(name: string): File {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = new File();
      this.#files.set(name, file);
    }
    return file;
  }
}

function tear(file: File, kept: number): void {
  const torn = file.records[file.syncedCount + kept];
  file.records.length = file.syncedCount + kept;
  if (torn !== undefined) file.records.push({ ...torn, checksum: ~torn.checksum, torn: true });
  file.syncedCount = file.records.length;
}
