/**
 * One version of one object as it lies in the store and in every cache: the object, its revision, size and hash.
 *
 * `metadata.resourceVersion` is set exactly once, when the store commits, before anybody else sees the object; the
 * stored encoding has none (as in etcd), so size and hash are taken without it. The watch event of the change hangs
 * here too: all API servers and all their watchers share that one event.
 */
import { assert } from '../../base/assert.ts';
import type { StoreValue } from '../../store/client-interface.ts';
import { canonicalBytes } from '../../types/canonical-json.ts';
import type { KubeObject, ObjectMeta } from '../../types/object.ts';
import { type DraftSums, draftHash, hashOfSums, keepCommittedHash, lastSizeBytes } from '../../types/object-hash.ts';
import type { WatchEvent } from '../../types/wire.ts';

/** What is known of an object's content without a look at it. */
export interface KnownContent extends DraftSums {
  readonly sizeBytes: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class StoredObject implements StoreValue, DraftSums {
  readonly object: KubeObject;
  /** Bytes of the stored encoding. */
  readonly sizeBytes: number;
  /** Content hash (int32) of the stored encoding. */
  readonly hash: number;
  bodySum = 0;
  metadataSum = 0;
  /** Mod revision; 0 before the commit. */
  revision = 0;
  /** The event of the change that made this version; null until the first API server needs it. */
  event: WatchEvent | null = null;
  /** The event of the deletion that ended this version. */
  deletion: WatchEvent | null = null;

  /**
   * A draft: `object.metadata.resourceVersion` is present as a field and undefined. `known` is what the caller knows of its content
   * from the version before.
   */
  constructor(object: KubeObject, known: KnownContent | null = null) {
    this.object = object;
    if (known === null) {
      this.hash = draftHash(object, this);
      this.sizeBytes = lastSizeBytes();
      return;
    }
    this.bodySum = known.bodySum;
    this.metadataSum = known.metadataSum;
    this.hash = hashOfSums(known.bodySum, known.metadataSum);
    this.sizeBytes = known.sizeBytes;
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
