/**
 * Messages from a store member to its clients. `revision` is always the header's: the store revision when the answer was
 * made (for a write: the revision of that write).
 */
import { hashString, mix } from '../base/content-hash.ts';
import type { Payload } from '../sim/process.ts';
import type { StoreError } from './errors.ts';
import type { WriteAnswer } from './v3/engine.ts';
import type { StoreEvent, StoreKeyValue } from './value.ts';

/** Bytes of an answer to a write. */
const ANSWER_BYTES = 256;

const hashOfKeyValue = (kv: StoreKeyValue): number => mix(mix(kv.keyId, kv.modRevision | 0), kv.value.hash);

/** A refused request. */
export class StoreErrorResponse implements Payload {
  readonly error: StoreError;
  /** True when the write may nevertheless have happened or may still happen. */
  readonly outcomeUnknown: boolean;

  constructor(error: StoreError, outcomeUnknown = false) {
    this.error = error;
    this.outcomeUnknown = outcomeUnknown;
  }

  contentHash(): number {
    return mix(hashString(this.error.message), this.outcomeUnknown ? 1 : 0);
  }
}

/** Answer to StoreTxn. */
export class StoreTxnResponse implements Payload {
  /** Whether the compare held. */
  readonly succeeded: boolean;
  /** Header revision; after a successful put this is the key's mod revision. */
  readonly revision: number;
  /** When the compare failed: the key's current state, null if absent. When it held: null. */
  readonly current: StoreKeyValue | null;
  /** Number of keys deleted: 1 or 0 (deleting what is absent succeeds and changes nothing). */
  readonly deleted: number;

  constructor(succeeded: boolean, revision: number, current: StoreKeyValue | null, deleted: number) {
    this.succeeded = succeeded;
    this.revision = revision;
    this.current = current;
    this.deleted = deleted;
  }

  contentHash(): number {
    const hash = mix(mix(this.succeeded ? 1 : 0, this.revision | 0), this.deleted);
    return this.current === null ? hash : mix(hash, hashOfKeyValue(this.current));
  }
}

/** Answer to StoreBatch, item by item. */
export class StoreBatchResponse implements Payload {
  readonly revision: number;
  /** Success: the revision item i took (0 when a delete found nothing). Failed compare: −(current mod revision) − 1. */
  readonly revisions: readonly number[];
  /** Current states of the items whose compare failed, in order of the items; null for an absent key. */
  readonly current: readonly (StoreKeyValue | null)[];

  constructor(revision: number, revisions: readonly number[], current: readonly (StoreKeyValue | null)[]) {
    this.revision = revision;
    this.revisions = revisions;
    this.current = current;
  }

  /** Whether the compare of item `i` held. */
  succeeded(i: number): boolean {
    return (this.revisions[i] as number) >= 0;
  }

  contentHash(): number {
    let hash = mix(0x62726573, this.revision | 0);
    for (let i = 0; i < this.revisions.length; i++) hash = mix(hash, (this.revisions[i] as number) | 0);
    return hash;
  }
}

/** Answer to StoreRange. */
export class StoreRangeResponse implements Payload {
  /** The store's current revision, not the one asked for. */
  readonly revision: number;
  /** In key order. Empty for a count. */
  readonly keyValues: readonly StoreKeyValue[];
  /** More keys than `limit`. */
  readonly more: boolean;
  /** Keys in the range at that revision, whatever the limit. */
  readonly count: number;

  constructor(revision: number, keyValues: readonly StoreKeyValue[], more: boolean, count: number) {
    this.revision = revision;
    this.keyValues = keyValues;
    this.more = more;
    this.count = count;
  }

  contentHash(): number {
    let hash = mix(mix(0x72726573, this.revision | 0), this.count);
    for (const kv of this.keyValues) hash = mix(hash, hashOfKeyValue(kv));
    return hash;
  }

  wireSizeBytes(): number {
    let size = 64;
    for (const kv of this.keyValues) size += 64 + kv.value.sizeBytes;
    return size;
  }
}

/** Answer to StoreRequest. */
export class StoreAnswer implements Payload {
  /** The store's revision once the request was carried out. */
  readonly revision: number;
  readonly answer: WriteAnswer;

  constructor(revision: number, answer: WriteAnswer) {
    this.revision = revision;
    this.answer = answer;
  }

  contentHash(): number {
    return mix(mix(0x616e7377, this.revision | 0), hashString(this.answer.op));
  }
}

/** Answer to StoreLease. */
export class StoreLeaseAnswer implements Payload {
  readonly revision: number;
  readonly leaseId: number;
  /** Seconds: after a renewal the whole time, 0 for an unknown lease; else what is left, −1 for an unknown one. */
  readonly ttlS: number;
  readonly grantedTtlS: number;
  /** Ids of the keys attached; of a renewal none. */
  readonly keyIds: readonly number[];

  constructor(revision: number, leaseId: number, ttlS: number, grantedTtlS: number, keyIds: readonly number[]) {
    this.revision = revision;
    this.leaseId = leaseId;
    this.ttlS = ttlS;
    this.grantedTtlS = grantedTtlS;
    this.keyIds = keyIds;
  }

  contentHash(): number {
    return mix(mix(mix(0x6c616e73, this.leaseId | 0), this.ttlS | 0), this.keyIds.length);
  }
}

/** A watch exists now; `revision` is the store's current revision. */
export class StoreWatchCreated implements Payload {
  readonly revision: number;

  constructor(revision: number) {
    this.revision = revision;
  }

  contentHash(): number {
    return mix(0x77637265, this.revision | 0);
  }
}

/** A watch has ended: canceled by the client, or its start was compacted (then `compactRevision` > 0), or refused. */
export class StoreWatchCanceled implements Payload {
  readonly compactRevision: number;
  /** etcd leaves it empty for a compacted start. */
  readonly reason: string;

  constructor(compactRevision: number, reason: string) {
    this.compactRevision = compactRevision;
    this.reason = reason;
  }

  contentHash(): number {
    return mix(mix(0x7763616e, this.compactRevision | 0), hashString(this.reason));
  }
}

/** Events of some changes in revision order, shared by every watch with the same range. Never splits a revision. */
export class StoreEventBatch {
  readonly events: readonly StoreEvent[];
  #hash = 0;
  #hashed = false;

  constructor(events: readonly StoreEvent[]) {
    this.events = events;
  }

  contentHash(): number {
    if (this.#hashed) return this.#hash;
    let hash = this.events.length;
    for (const event of this.events) hash = mix(hash, event.contentHash());
    this.#hash = hash;
    this.#hashed = true;
    return hash;
  }
}

/** All that one commit batch, or one catch-up batch, has for a connection: batch i is for watch `watchIds[i]`. */
export class StoreWatchEvents implements Payload {
  /** Store revision when the batch was made; no watch named here will get an event at or below it again. */
  readonly revision: number;
  readonly watchIds: readonly number[];
  readonly batches: readonly StoreEventBatch[];

  constructor(revision: number, watchIds: readonly number[], batches: readonly StoreEventBatch[]) {
    this.revision = revision;
    this.watchIds = watchIds;
    this.batches = batches;
  }

  /** The same but for one watch. */
  without(watchId: number): StoreWatchEvents {
    const others = (_: unknown, i: number): boolean => this.watchIds[i] !== watchId;
    return new StoreWatchEvents(this.revision, this.watchIds.filter(others), this.batches.filter(others));
  }

  /** What of it is for one watch: itself where all is, null where nothing is. */
  only(watchId: number): StoreWatchEvents | null {
    if (this.watchIds.length === 1) return this.watchIds[0] === watchId ? this : null;
    const own = (_: unknown, i: number): boolean => this.watchIds[i] === watchId;
    const watchIds = this.watchIds.filter(own);
    return watchIds.length === 0 ? null : new StoreWatchEvents(this.revision, watchIds, this.batches.filter(own));
  }

  contentHash(): number {
    let hash = mix(0x77657674, this.revision | 0);
    for (let i = 0; i < this.watchIds.length; i++) {
      hash = mix(mix(hash, this.watchIds[i] as number), (this.batches[i] as StoreEventBatch).contentHash());
    }
    return hash;
  }

  wireSizeBytes(): number {
    let size = 64;
    for (const batch of this.batches) {
      for (const event of batch.events) size += 96 + (event.value?.sizeBytes ?? 0) + (event.previous?.sizeBytes ?? 0);
    }
    return size;
  }
}

/** An answer to a write, and the request that it answers. */
export interface WriteAnswered {
  readonly id: number;
  readonly answer: Payload;
}

/** The answers to the writes of one apply (one or more) and what it has for the watches of the same connection, in one message. */
export class StoreAnswersAndEvents implements Payload {
  /** In the order of the writes. */
  readonly answers: readonly WriteAnswered[];
  readonly events: StoreWatchEvents;

  constructor(answers: readonly WriteAnswered[], events: StoreWatchEvents) {
    this.answers = answers;
    this.events = events;
  }

  contentHash(): number {
    // The id of the first travels in the message's own field.
    let hash = (this.answers[0] as WriteAnswered).answer.contentHash();
    for (let i = 1; i < this.answers.length; i++) {
      const { id, answer } = this.answers[i] as WriteAnswered;
      hash = mix(mix(hash, id), answer.contentHash());
    }
    return mix(hash, this.events.contentHash());
  }

  wireSizeBytes(): number {
    return ANSWER_BYTES * this.answers.length + this.events.wireSizeBytes();
  }
}

/** The named watches have got everything up to `revision`. */
export class StoreProgress implements Payload {
  readonly revision: number;

  constructor(revision: number) {
    this.revision = revision;
  }

  contentHash(): number {
    return mix(0x77707267, this.revision | 0);
  }
}
