/**
 * One store member on real time: the engine, what it proposes to (memory or files), its timers and its identity.
 *
 * Always: requests are applied in the order in which they were proposed, and answered only after that; the clock is monotonic. The
 * member leads itself, so it expires leases as soon as it is started.
 */
import type { StoreError } from '../../../core/store/errors.ts';
import { KeyInterner } from '../../../core/store/key-interner.ts';
import type { Compatibility } from '../../../core/store/v3/compatibility.ts';
import type { Engine, WriteAnswer } from '../../../core/store/v3/engine.ts';
import { LEASE_LOOP_PERIOD_US } from '../../../core/store/v3/lessor.ts';
import type { WriteRequest } from '../../../core/store/v3/messages.ts';
import { WatchableEngine } from '../../../core/store/v3/watchable-engine.ts';
import { SYNC_PERIOD_US, VICTIM_PERIOD_US } from '../../../core/store/v3/watchable-store.ts';

const US_PER_MS = 1_000;
/** Revisions removed a step of a physical compaction, and the pause between steps, ms. */
const COMPACT_STEP_RECORDS = 1_000;
const COMPACT_PAUSE_MS = 10;

export type Answered = (answer: WriteAnswer | StoreError) => void;

/** Where proposals go before they are applied. */
export interface ProposalLog {
  /** Makes `request` durable, then calls `durable`; in order of the calls. */
  append(request: WriteRequest, durable: () => void): void;
  /** Called after requests were applied: the log may cut itself. */
  applied(engine: Engine): void;
  /** Writes what is pending and lets go of files. */
  close(): Promise<void>;
}

/** A log that keeps nothing. */
export const MEMORY_LOG: ProposalLog = {
  append: (_request, durable) => durable(),
  applied: () => {},
  close: () => Promise.resolve(),
};

export interface MemberOptions {
  readonly name: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly raftTerm: bigint;
  /** Whose behaviour is reproduced where versions differ; undefined: 3.6. */
  readonly compatibility?: Compatibility | undefined;
  /** Backend quota, bytes; negative disables, undefined: etcd's default. */
  readonly quotaBytes?: number | undefined;
  /** Period of the pass over watchers that are behind, ms; undefined: etcd's 100. */
  readonly syncPeriodMs?: number | undefined;
}

export class StoreMember {
  readonly engine: WatchableEngine;
  readonly options: MemberOptions;
  #log: ProposalLog = MEMORY_LOG;
  #proposed = 0;
  #applied = 0;
  readonly #syncPeriodMs: number;
  #syncTimer: NodeJS.Timeout | null = null;
  #victimTimer: NodeJS.Timeout | null = null;
  #compactTimer: NodeJS.Timeout | null = null;
  #leaseTimer: NodeJS.Timeout | null = null;
  #compacted: (() => void)[] = [];
  #closed = false;

  constructor(options: MemberOptions) {
    this.options = options;
    const { quotaBytes, compatibility } = options;
    this.engine = new WatchableEngine({
      keys: new KeyInterner(),
      compactionHashes: true,
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
      ...(compatibility === undefined ? {} : { compatibility }),
    });
    this.#syncPeriodMs = options.syncPeriodMs ?? SYNC_PERIOD_US / US_PER_MS;
  }

  /** Monotonic time, µs. */
  nowUs(): number {
    return performance.now() * US_PER_MS;
  }

  /** Number of requests applied since the store was made; stands in for etcd's Raft index. */
  get appliedIndex(): number {
    return this.#applied;
  }

  get proposedIndex(): number {
    return this.#proposed;
  }

  /** Begins to lead: from now on leases expire. `log` is where proposals go, `index` how many it holds. */
  start(log: ProposalLog, index: number): void {
    this.#log = log;
    this.#proposed = index;
    this.#applied = index;
    this.engine.lessor.promote(this.nowUs(), 0);
    this.#leaseTimer = setInterval(() => this.#expireLeases(), LEASE_LOOP_PERIOD_US / US_PER_MS);
    this.#armCompaction();
  }

  /** Logs and applies a request. */
  propose(request: WriteRequest, answered: Answered): void {
    this.#proposed++;
    this.#log.append(request, () => {
      this.#applied++;
      const answer = this.engine.apply(request, this.nowUs());
      answered(answer);
      this.#armVictims();
      this.#log.applied(this.engine);
      if (request.op === 'compaction') this.#armCompaction();
    });
  }

  #expireLeases(): void {
    for (const id of this.engine.lessor.expired(this.nowUs())) this.propose({ op: 'leaseRevoke', id }, () => {});
    const checkpoints = this.engine.lessor.dueCheckpoints(this.nowUs());
    if (checkpoints.length > 0) this.propose({ op: 'leaseCheckpoint', checkpoints }, () => {});
  }

  /** Arms the pass over watchers that are behind, if there are any. */
  armSync(): void {
    if (this.#syncTimer !== null || this.#closed || this.engine.watches.unsyncedCount === 0) return;
    this.#syncTimer = setTimeout(() => {
      this.#syncTimer = null;
      this.engine.watches.syncWatchers();
      this.armSync();
      this.#armVictims();
    }, this.#syncPeriodMs);
  }

  #armVictims(): void {
    if (this.#victimTimer !== null || this.#closed || this.engine.watches.victimCount === 0) return;
    this.#victimTimer = setTimeout(() => {
      this.#victimTimer = null;
      this.engine.watches.moveVictims();
      this.#armVictims();
      this.armSync();
    }, VICTIM_PERIOD_US / US_PER_MS);
  }

  #armCompaction(): void {
    if (this.#compactTimer !== null || this.#closed || !this.engine.mvcc.compacting) return;
    const step = (): void => {
      this.#compactTimer = null;
      if (!this.engine.mvcc.compactStep(COMPACT_STEP_RECORDS)) {
        this.#compactTimer = setTimeout(step, COMPACT_PAUSE_MS);
        return;
      }
      const waiting = this.#compacted;
      this.#compacted = [];
      for (const done of waiting) done();
    };
    step();
  }

  /** Calls `done` when no physical compaction is running. */
  whenCompacted(done: () => void): void {
    if (this.engine.mvcc.compacting) this.#compacted.push(done);
    else done();
  }

  /** Ends timers and the log. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of [this.#syncTimer, this.#victimTimer, this.#compactTimer]) {
      if (timer !== null) clearTimeout(timer);
    }
    if (this.#leaseTimer !== null) clearInterval(this.#leaseTimer);
    await this.#log.close();
  }
}
