/**
 * One request under way: what it wants, how far it is, what it holds. All state of a request lives here, so that no
 * step needs a closure.
 */
import type { Conn, Payload } from '../sim/process.ts';
import type { KubeObject } from '../types/object.ts';
import type { ApiRequest } from '../types/wire.ts';
import type { ApiCore } from './core.ts';
import { STEP_NONE, type Step } from './steps.ts';
import { storeAnswered, storeLost } from './storage/answers.ts';
import type { StoreCaller } from './storage/store-client.ts';
import type { StoredObject } from './storage/stored-object.ts';
import type { TypeCache } from './watch/type-cache.ts';

/** A read-modify-write of one object; stateless, one instance a kind of change. */
export interface Mutation {
  /**
   * The next version of `existing`: a new object whose `metadata.resourceVersion` is undefined; `existing` itself
   * when nothing changes; null to delete it. Throws StatusError to refuse; on a cached state that may be outdated it
   * is asked again.
   */
  next(core: ApiCore, op: Operation, existing: KubeObject): KubeObject | null;
  /** The store has `object` (for a deletion: had it as last state). Answers the request or starts the next step. */
  done(core: ApiCore, op: Operation, object: KubeObject, deleted: boolean): void;
  /** The object does not exist (any more). Absent: 404. */
  missing?(core: ApiCore, op: Operation): void;
}

export class Operation implements StoreCaller {
  readonly request: ApiRequest;
  /** Where the answer goes; −1 for a step of another operation. */
  readonly conn: Conn;
  readonly deadlineUs: number;
  /** The operation that goes on when this one is done. */
  readonly parent: Operation | null;
  done = false;
  holdsSeat = false;
  queuedAtUs = 0;
  step: Step = STEP_NONE;
  /** Tries of the current step. */
  tries = 0;
  mutation: Mutation | null = null;
  cache: TypeCache | null = null;
  localId = -1;
  current: StoredObject | null = null;
  /** Whether `current` was read from the store for this operation, not from the cache. */
  fresh = false;
  next: StoredObject | null = null;
  /** Whether its change is a lease's renewal: hash and size follow from the version before. */
  renewsLease = false;
  waitRevision = 0;
  waitUntilUs = 0;
  /** What a verb has to remember between steps. */
  memo: unknown = null;

  constructor(request: ApiRequest, conn: Conn, deadlineUs: number, parent: Operation | null = null) {
    this.request = request;
    this.conn = conn;
    this.deadlineUs = deadlineUs;
    this.parent = parent;
  }

  onStoreAnswer(core: ApiCore, answer: Payload): void {
    storeAnswered(core, this, answer);
  }

  onStoreLost(core: ApiCore, sent: boolean): void {
    storeLost(core, this, sent);
  }
}
