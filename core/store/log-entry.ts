/**
 * What a member logs: write requests with their place in the log, and snapshots of the whole store.
 *
 * Both are immutable and kept on the simulated disk as objects; their hash is fixed at creation, so it can be checked
 * when they are read back.
 */
import { mix } from '../base/content-hash.ts';
import type { EntryData } from '../raft/entry.ts';
import type { Payload } from '../sim/process.ts';
import type { StoreBatch, StoreRequest, StoreTxn } from './requests.ts';
import type { EngineImage } from './v3/engine.ts';

/** Requests that change the store and therefore go through the log. */
export type LoggedRequest = StoreTxn | StoreBatch | StoreRequest;

/** A write request on its way into the log. Shared by all members that log it. */
export class Proposal implements Payload, EntryData {
  readonly request: LoggedRequest;
  readonly #hash: number;
  #announced = false;

  constructor(request: LoggedRequest, seed = 0x77616c) {
    this.request = request;
    this.#hash = mix(seed, request.contentHash());
  }

  /** Size of the request on the wire, bytes. */
  get byteLength(): number {
    return this.request.wireSizeBytes();
  }

  /** Whether it has been applied before, by any member, in this or an earlier life. */
  get isAnnounced(): boolean {
    return this.#announced;
  }

  /** True for the first caller only: it tells the values their revision, all later applications (replay) do not. */
  announceOnce(): boolean {
    const first = !this.#announced;
    this.#announced = true;
    return first;
  }

  contentHash(): number {
    return this.#hash;
  }
}

/** One record of the write-ahead log of a store with one member. */
export class LogEntry extends Proposal {
  /** Position in the log, from 1, without gaps. */
  readonly index: number;

  constructor(index: number, request: LoggedRequest) {
    super(request, mix(0x77616c, index | 0));
    this.index = index;
  }
}

/** The whole store after entry `index`; the log needs only what comes later. */
export class Snapshot implements Payload {
  readonly index: number;
  readonly image: EngineImage;
  readonly #hash: number;

  constructor(index: number, image: EngineImage) {
    this.index = index;
    this.image = image;
    const { history, revision, compactRevision } = image.mvcc;
    const head = mix(mix(mix(0x736e6170, index | 0), revision | 0), compactRevision | 0);
    this.#hash = mix(mix(head, history.hash), history.records.count);
  }

  contentHash(): number {
    return this.#hash;
  }
}
