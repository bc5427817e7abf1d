/**
 * The store of one member behind etcd's v3 interface: history, leases, alarms and the quota, with one entry for what came through the
 * log and one for reads.
 *
 * Always: {@link apply} is a function of (store, request, time) alone, so members that apply the same log hold the same store.
 * The clock is used for the expiry of leases only, which never goes back into the store but through the log.
 */
import {
  ERROR_COMPACTED,
  ERROR_FUTURE_REVISION,
  ERROR_LEASE_NOT_FOUND,
  ERROR_NO_SPACE,
  type StoreError,
} from '../errors.ts';
import type { KeyInterner } from '../key-interner.ts';
import { Mvcc, type MvccImage } from '../mvcc.ts';
import { Alarms } from './alarms.ts';
import { type Compatibility, ETCD_3_6 } from './compatibility.ts';
import { hashKv } from './hash-kv.ts';
import { isError, Kv } from './kv.ts';
import { LeaseIds } from './lease-ids.ts';
import { type LeaseImage, Lessor } from './lessor.ts';
import type {
  AlarmMember,
  AlarmResponse,
  CompactionRequest,
  DeleteRangeResponse,
  HeaderResponse,
  KeyValue,
  LeaseGrantResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WriteRequest,
} from './messages.ts';
import { requestCost } from './quota.ts';
import { runTxn } from './txn.ts';

/** Default backend quota, bytes. */
export const DEFAULT_QUOTA_BYTES = 2 * 1024 * 1024 * 1024;
/** Hashes of finished compactions kept (hashStorageMaxSize). */
const COMPACTION_HASHES_MAX = 10;

export type WriteAnswer =
  | { readonly op: 'put'; readonly put: PutResponse }
  | { readonly op: 'deleteRange'; readonly deleteRange: DeleteRangeResponse }
  | { readonly op: 'txn'; readonly txn: TxnResponse }
  | { readonly op: 'leaseGrant'; readonly leaseGrant: LeaseGrantResponse }
  | { readonly op: 'header'; readonly header: HeaderResponse }
  | { readonly op: 'alarm'; readonly alarm: AlarmResponse };

/** Answer to HashKV. */
export interface HashAnswer {
  readonly revision: number;
  readonly hash: number;
  readonly compactRevision: number;
  readonly hashRevision: number;
}

/** Everything, as a snapshot keeps it. Immutable. */
export interface EngineImage {
  readonly mvcc: MvccImage;
  readonly leases: readonly LeaseImage[];
  /** Ids by handle, without handle 0. */
  readonly leaseIds: readonly bigint[];
  readonly alarms: readonly AlarmMember[];
  readonly allocatedBytes: number;
}

/** One change in a backup. */
export interface BackupRecord {
  readonly main: number;
  readonly sub: number;
  readonly isTombstone: boolean;
  readonly kv: KeyValue;
}

/** Everything in terms of the interface, whatever the history looks like in memory. */
export interface Backup {
  readonly revision: number;
  readonly compactRevision: number;
  /** In order of (main, sub). */
  readonly records: readonly BackupRecord[];
  readonly leases: readonly LeaseImage[];
  readonly alarms: readonly AlarmMember[];
}

export interface EngineOptions {
  readonly keys: KeyInterner;
  /** Backend quota, bytes; negative disables. */
  readonly quotaBytes?: number;
  /** Whether remaining times of leases are logged now and then. */
  readonly leaseCheckpoints?: boolean;
  /** Bug switch: the alarm for space stops nothing. */
  readonly ignoresSpaceAlarm?: boolean;
  /** Whether a compaction hashes what it removes, as etcd 3.6 does for comparing members: O(history) a compaction. */
  readonly compactionHashes?: boolean;
  /** Whose behaviour is reproduced where versions differ. */
  readonly compatibility?: Compatibility;
}

export class Engine {
  readonly compatibility: Compatibility;
  readonly mvcc: Mvcc;
  readonly kv: Kv;
  readonly lessor: Lessor;
  readonly alarms: Alarms;
  readonly #quotaBytes: number;
  readonly #keepsHashes: boolean;
  #allocatedBytes = 0;
  /** Newest last. */
  readonly #compactionHashes: HashAnswer[] = [];

  constructor(options: EngineOptions) {
    this.compatibility = options.compatibility ?? ETCD_3_6;
    this.mvcc = new Mvcc(options.keys, this.compatibility.keepsTombstoneAtCompaction);
    this.alarms = new Alarms(options.ignoresSpaceAlarm);
    this.lessor = new Lessor(options.leaseCheckpoints);
    this.kv = new Kv(this.mvcc, this.lessor, new LeaseIds());
    this.#quotaBytes = options.quotaBytes ?? DEFAULT_QUOTA_BYTES;
    this.#keepsHashes = options.compactionHashes === true && this.compatibility.remembersCompactionHashes;
  }

  get revision(): number {
    return this.mvcc.revision;
  }

  /** Serves a range from the applied state. */
  range(request: RangeRequest): RangeResponse | StoreError {
    return this.kv.range(request);
  }

  /** Serves a transaction that cannot write. */
  readTxn(request: TxnRequest): TxnResponse | StoreError {
    return runTxn(this.kv, request, this.compatibility.checksInOrder);
  }

  /** Whether the quota has room for the request. Asked before it is proposed and again when it is applied. */
  hasRoom(request: WriteRequest): boolean {
    return this.hasRoomFor(requestCost(request, this.compatibility.quotaCountsNested));
  }

  /** Whether the quota has room for a write that costs so much, bytes. */
  hasRoomFor(cost: number): boolean {
    return cost === 0 || this.#quotaBytes < 0 || this.allocatedBytes + cost < this.#quotaBytes;
  }

  /** Bytes that the backend takes up: what a compaction frees is used again, and given back by {@link defragment} only. */
  get allocatedBytes(): number {
    const { sizeBytes } = this.mvcc;
    if (sizeBytes > this.#allocatedBytes) this.#allocatedBytes = sizeBytes;
    return this.#allocatedBytes;
  }

  /** Gives back what compactions have freed. */
  defragment(): void {
    this.#allocatedBytes = this.mvcc.sizeBytes;
  }

  /**
   * Applies a request from the log and returns its answer or etcd's error. When only now the quota turns out to be
   * exceeded the change is made and the answer is an error all the same: its outcome is not what it says.
   */
  apply(request: WriteRequest, nowUs: number): WriteAnswer | StoreError {
    const refusal = this.alarms.refusal(request, this.compatibility.quotaCountsNested);
    if (refusal !== null) return refusal;
    const hasRoom = this.hasRoom(request);
    const answer = this.#execute(request, nowUs);
    this.mvcc.commit();
    return !hasRoom && !isError(answer) ? ERROR_NO_SPACE : answer;
  }

  #execute(request: WriteRequest, nowUs: number): WriteAnswer | StoreError {
    switch (request.op) {
      case 'put':
        return this.#put(request.put);
      case 'deleteRange':
        return { op: 'deleteRange', deleteRange: this.kv.deleteRange(request.deleteRange) };
      case 'txn': {
        const txn = runTxn(this.kv, request.txn, this.compatibility.checksInOrder);
        return isError(txn) ? txn : { op: 'txn', txn };
      }
      case 'compaction':
        return this.#compact(request.compaction);
      case 'leaseGrant': {
        const { id, ttl } = request.leaseGrant;
        const lease = this.lessor.grant(id, ttl, nowUs);
        if (isError(lease)) return lease;
        return { op: 'leaseGrant', leaseGrant: { revision: this.revision, id, ttl: lease.ttlS } };
      }
      case 'leaseRevoke':
        return this.#revoke(request.id);
      case 'leaseCheckpoint':
        for (const { id, remainingTtl } of request.checkpoints) this.lessor.checkpoint(id, remainingTtl, nowUs);
        return this.#header();
      case 'alarm':
        return { op: 'alarm', alarm: { alarms: this.alarms.apply(request.alarm) } };
    }
  }

  #header(): WriteAnswer {
    return { op: 'header', header: { revision: this.mvcc.headerRevision } };
  }

  #put(put: PutRequest): WriteAnswer | StoreError {
    if (put.lease !== 0n && this.lessor.lookup(put.lease) === undefined) return ERROR_LEASE_NOT_FOUND;
    return this.kv.checkPut(put) ?? { op: 'put', put: this.kv.put(put) };
  }

  /** Deletes the lease's keys, sorted, in one revision. */
  #revoke(id: bigint): WriteAnswer | StoreError {
    const lease = this.lessor.lookup(id);
    if (lease === undefined) return ERROR_LEASE_NOT_FOUND;
    const { keys } = this.mvcc;
    const byKey = [...lease.keys].sort((a, b) => (keys.keyOf(a) < keys.keyOf(b) ? -1 : 1));
    for (const keyId of byKey) this.kv.delete(keyId);
    this.lessor.remove(lease);
    return this.#header();
  }

  /** Compacts logically; the owner drives {@link Mvcc.compactStep} until the history is physically gone. */
  #compact(request: CompactionRequest): WriteAnswer | StoreError {
    const { mvcc } = this;
    const previous = mvcc.compactRevision;
    const interrupted = mvcc.compacting;
    const { revision } = request;
    const error = mvcc.compact(revision);
    if (error !== null) return error;
    // Nothing is removed yet, so the hash is that of the history before.
    if (this.#keepsHashes && !interrupted) this.#storeHash(revision, previous);
    return this.#header();
  }

  #storeHash(revision: number, compactRevision: number): void {
    const hash = hashKv(this.kv, revision, compactRevision, true);
    this.#compactionHashes.push({ revision: 0, hash, compactRevision, hashRevision: revision });
    if (this.#compactionHashes.length > COMPACTION_HASHES_MAX) this.#compactionHashes.shift();
  }

  /** Of the newest compaction; null where none was hashed since the start. */
  get newestCompactionHash(): HashAnswer | null {
    return this.#compactionHashes.at(-1) ?? null;
  }

  /** Hash of the history up to `revision` (0: now). The revision of a recent compaction is answered as of before it. */
  hashKv(revision: number): HashAnswer | StoreError {
    const { mvcc } = this;
    const stored = this.#compactionHashes.find(({ hashRevision }) => hashRevision === revision);
    if (stored !== undefined) return { ...stored, revision: mvcc.revision };
    const { compactRevision } = mvcc;
    const oldest = this.compatibility.hashesCompactRevision ? compactRevision : compactRevision + 1;
    if (revision > 0 && revision < oldest) return ERROR_COMPACTED;
    if (revision > mvcc.revision) return ERROR_FUTURE_REVISION;
    const hashRevision = revision === 0 ? mvcc.revision : revision;
    const hash = hashKv(this.kv, hashRevision, compactRevision);
    return { revision: mvcc.revision, hash, compactRevision, hashRevision };
  }

  /**
   * Replaces everything by a backup. `bumpRevisions` raises the revision, so that no client
   * has seen a later one; `markCompacted` then compacts everything before, so that every watch ends and every client reads anew.
   */
  restore(backup: Backup, bumpRevisions = 0, markCompacted = false): void {
    const { mvcc, kv } = this;
    mvcc.restore(backup.revision + bumpRevisions, backup.compactRevision, (history) => {
      for (const { main, sub, isTombstone, kv: entry } of backup.records) {
        const keyId = mvcc.keys.intern(entry.key);
        const lease = entry.lease === 0n ? 0 : kv.leaseIds.intern(entry.lease);
        const value = isTombstone ? null : entry.value;
        history.appendRestored(keyId, main, sub, entry.createRevision, entry.version, lease, value);
      }
    });
    this.#loadRest(backup.leases, backup.alarms);
    if (markCompacted) mvcc.compact(mvcc.revision);
  }

  /** All records in order, for a backup. Finishes a running physical compaction first. */
  backup(): Backup {
    const { mvcc, kv } = this;
    while (!mvcc.compactStep(Number.MAX_SAFE_INTEGER));
    const { history } = mvcc;
    const records: BackupRecord[] = [];
    for (let index = 0; index < history.count; index++) {
      const isTombstone = !history.isLive(index);
      const entry = kv.keyValueAt(index);
      records.push({ main: history.revision(index), sub: history.sub(index), isTombstone, kv: entry });
    }
    const { revision, compactRevision } = mvcc;
    return { revision, compactRevision, records, leases: this.lessor.image(), alarms: this.alarms.image() };
  }

  /** Everything. Finishes a running physical compaction first. */
  image(): EngineImage {
    return {
      mvcc: this.mvcc.image(),
      leases: this.lessor.image(),
      leaseIds: this.kv.leaseIds.all(),
      alarms: this.alarms.image(),
      allocatedBytes: this.allocatedBytes,
    };
  }

  /** Replaces everything. */
  load(image: EngineImage): void {
    this.kv.leaseIds.load(image.leaseIds);
    this.mvcc.load(image.mvcc);
    this.#allocatedBytes = image.allocatedBytes;
    this.#loadRest(image.leases, image.alarms);
  }

  #loadRest(leases: readonly LeaseImage[], alarms: readonly AlarmMember[]): void {
    this.lessor.load(leases);
    this.alarms.load(alarms);
    this.#compactionHashes.length = 0;
    this.#attachAll();
    this.replaced();
  }

  /** Called when everything was replaced. */
  protected replaced(): void {}

  /** Attachments are not stored with a lease: they follow from the keys. */
  #attachAll(): void {
    const { history, keys } = this.mvcc;
    for (let keyId = 0; keyId < keys.count; keyId++) {
      const index = history.head(keyId);
      if (index < 0 || !history.isLive(index)) continue;
      const lease = history.lease(index);
      if (lease !== 0) this.lessor.attach(keyId, this.kv.leaseIds.idOf(lease));
    }
  }
}
