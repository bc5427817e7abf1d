/**
 * What a member of a group keeps on its disk: entries and hard state in the write-ahead log, the snapshot, and marks of how far
 * the backend has been committed.
 *
 * Each record is immutable; its hash is fixed at creation and checked when it is read back.
 */
import { mix } from '../base/content-hash.ts';
import type { Entry } from '../raft/entry.ts';
import type { ConfState, HardState } from '../raft/snapshot.ts';
import type { Payload } from '../sim/process.ts';
import type { EngineImage } from './v3/engine.ts';

/** One entry of the log. A later record of the same index replaces it and all that follow. */
export class EntryRecord implements Payload {
  readonly entry: Entry;
  readonly #hash: number;

  constructor(entry: Entry) {
    this.entry = entry;
    this.#hash = mix(mix(mix(0x656e74, entry.term | 0), entry.index | 0), entry.data?.contentHash?.() ?? 0);
  }

  contentHash(): number {
    return this.#hash;
  }
}

const hardStateHash = ({ term, vote, commit }: HardState): number =>
  mix(mix(mix(0x737461, term | 0), vote), commit | 0);

/** Term, vote and commit index from here on. */
export class StateRecord implements Payload {
  readonly state: HardState;
  readonly #hash: number;

  constructor(state: HardState) {
    this.state = state;
    this.#hash = hardStateHash(state);
  }

  contentHash(): number {
    return this.#hash;
  }
}

/** The store after entry `index`, with the group and the hard state of that moment. */
export class GroupSnapshot implements Payload {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
  readonly image: EngineImage;
  readonly hardState: HardState;
  /** Bytes to write or to send. */
  readonly sizeBytes: number;
  /** The member's hash over all changes up to here. */
  readonly stateHash: number;
  readonly #hash: number;

  constructor(
    index: number,
    term: number,
    confState: ConfState,
    image: EngineImage,
    hardState: HardState,
    sizeBytes: number,
    stateHash: number,
  ) {
    this.index = index;
    this.term = term;
    this.confState = confState;
    this.image = image;
    this.hardState = hardState;
    this.sizeBytes = sizeBytes;
    this.stateHash = stateHash;
    const head = mix(mix(mix(hardStateHash(hardState), index | 0), term | 0), image.mvcc.revision | 0);
    this.#hash = mix(mix(head, stateHash), confState.voters.length + 16 * confState.learners.length);
  }

  contentHash(): number {
    return this.#hash;
  }
}

/** A commit of the backend: data up to one entry, and the index from which the log is applied again after a crash. */
export class BackendMark implements Payload {
  /** Last entry whose changes the backend holds. */
  readonly dataIndex: number;
  /** Last entry that must not be applied again. Written with the data, so the two are equal. */
  readonly consistentIndex: number;

  constructor(dataIndex: number, consistentIndex: number) {
    this.dataIndex = dataIndex;
    this.consistentIndex = consistentIndex;
  }

  contentHash(): number {
    return mix(mix(0x6261636b, this.dataIndex | 0), this.consistentIndex | 0);
  }
}
