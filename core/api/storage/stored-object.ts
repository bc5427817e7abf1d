/**
 * One version of one object as it lies in the store and in every cache: the object, its revision, size and hash.
 *
 * `metadata.resourceVersion` is set exactly once, when the store commits, before anybody else sees the object; the
 * stored encoding has none (as in etcd), so size and hash are taken without it. The version is at the same time the watch
 * event of the change that made it, which all API servers and all their watchers share: a busy cluster holds a million of
 * these, and two objects a version would cost half as much again.
 */
import { assert } from '../../base/assert.ts';
import type { StoreValue } from '../../store/client-interface.ts';
import { canonicalBytes } from '../../types/canonical-json.ts';
import type { KubeObject, ObjectMeta } from '../../types/object.ts';
import {
  bodySumOf,
  type DraftSums,
  hashOfSums,
  keepCommittedHash,
  lastSizeBytes,
  storedMetadataSum,
} from '../../types/object-hash.ts';
import { ADDED, MODIFIED, WatchEvent } from '../../types/wire.ts';

/** What is known of an object's content without a look at it. */
export interface KnownContent {
  /** Sum over its fields but the metadata. */
  readonly bodySum: number;
  readonly sizeBytes: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The version whose hash was asked for last: a commit and its way to the caches ask for it six times in a row. */
let lastHashed: StoredObject | null = null;
let lastHash = 0;

export class StoredObject extends WatchEvent implements StoreValue, DraftSums {
  /** Bytes of the stored encoding. */
  readonly sizeBytes: number;
  readonly bodySum: number;

  /**
   * A draft: `object.metadata.resourceVersion` is present as a field and undefined, `revision` is 0. `known` is what the caller knows of
   * its content from the version before; `like` an object with the same body, if there is one.
   */
  constructor(object: KubeObject, known: KnownContent | null = null, like: KubeObject = object) {
    super(0, -1, 0, object, null);
    if (known === null) {
      this.bodySum = bodySumOf(object, like);
      this.sizeBytes = lastSizeBytes();
      return;
    }
    this.bodySum = known.bodySum;
    this.sizeBytes = known.sizeBytes;
  }

  /** Sum over the fields of the metadata but resourceVersion, which keeps it. */
  get metadataSum(): number {
    return storedMetadataSum(this.object.metadata);
  }

  /** Content hash (int32) of the stored encoding. */
  get hash(): number {
    if (lastHashed !== this) {
      lastHash = hashOfSums(this.bodySum, this.metadataSum);
      lastHashed = this;
    }
    return lastHash;
  }

  /** This version as the event of the put that made it; whoever takes it in first says what it replaced. */
  asEvent(keyId: number, previous: KubeObject | null): WatchEvent {
    if (this.type === 0) {
      this.type = previous === null ? ADDED : MODIFIED;
      this.keyId = keyId;
      this.previous = previous;
    }
    return this;
  }

  /** A version read from the store whose value was not made by an API server of this cluster. */
  static adopt(object: KubeObject, revision: number): StoredObject {
    const metadata: ObjectMeta = { ...object.metadata, resourceVersion: undefined };
    const stored = new StoredObject({ ...object, metadata });
    stored.committed(revision);
    return stored;
  }

  bytes(): Uint8Array {
    const { object } = this;
    return canonicalBytes({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } });
  }

  committed(revision: number): void {
    assert(this.revision === 0, 'a stored object is committed once');
    this.revision = revision;
    const resourceVersion = String(revision);
    (this.object.metadata as Writable<ObjectMeta>).resourceVersion = resourceVersion;
    keepCommittedHash(this.object, this, resourceVersion);
  }
}
