/**
 * What the store holds: opaque values, key-value states and change events.
 *
 * Everything here is immutable once the store has committed it and is passed by reference: one event object per change is
 * shared by the store's watch batches, every API server's cache and every watcher behind them.
 */
import { mix } from '../base/content-hash.ts';

/** An opaque value. The store uses only its size and hash; `bytes()` is asked for at the edges (façade, HashKV, snapshot). */
export interface StoreValue {
  /** Size of the canonical encoding in bytes: quota, limits and costs go by it. */
  readonly sizeBytes: number;
  /** Content hash (int32) of the encoding: digests and comparison of members go by it. */
  readonly hash: number;
  /** The canonical encoding. */
  bytes(): Uint8Array;
  /** The decoded object, if the writer keeps one. */
  readonly object?: unknown;
  /** Called exactly once, at commit, with the mod revision, before anybody else sees the value. */
  committed?(revision: number): void;
}

/** The state of a key at some revision (etcd's mvccpb.KeyValue). */
export interface StoreKeyValue {
  readonly keyId: number;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Number of puts since creation, from 1. */
  readonly version: number;
  /** Lease id, 0 for none. */
  readonly lease: number;
  readonly value: StoreValue;
}

export const EVENT_PUT = 0;
export const EVENT_DELETE = 1;

/**
 * One change (etcd's mvccpb.Event). For a delete, `createRevision`, `version` and `lease` are 0 and `value` is null, as on
 * etcd's wire. `previous` is the value just before the change, or null on creation (or, in a replay, when compacted).
 */
export class StoreEvent {
  /** {@link EVENT_PUT} or {@link EVENT_DELETE}. */
  readonly type: number;
  readonly keyId: number;
  /** Mod revision. */
  readonly revision: number;
  readonly createRevision: number;
  readonly version: number;
  readonly lease: number;
  readonly value: StoreValue | null;
  readonly previous: StoreValue | null;

  constructor(
    type: number,
    keyId: number,
    revision: number,
    createRevision: number,
    version: number,
    lease: number,
    value: StoreValue | null,
    previous: StoreValue | null,
  ) {
    this.type = type;
    this.keyId = keyId;
    this.revision = revision;
    this.createRevision = createRevision;
    this.version = version;
    this.lease = lease;
    this.value = value;
    this.previous = previous;
  }

  /** int32 over key, revision and value. */
  contentHash(): number {
    return mix(mix(this.keyId, this.revision | 0), this.value === null ? 0 : this.value.hash);
  }
}
