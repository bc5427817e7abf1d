/**
 * Commits of a member's backend: data and consistent index together, every 100 ms or 10,000 writes, as etcd batches them.
 *
 * After a crash the backend stands at its last commit; the log brings the rest. If the index were written apart from the data,
 * a crash between the two would lose entries or apply them twice.
 */
import type { Context } from '../sim/context.ts';
import { BUG_DEFRAGMENT_INDEX, BUG_INDEX_AHEAD, MARK_SYNC_FAILED } from './member-names.ts';
import { BackendMark } from './member-records.ts';
import { OP_BACKEND_DUE, OP_BACKEND_FAILED } from './member-timers.ts';
import type { MemberWal } from './member-wal.ts';

/** etcd's --backend-batch-interval and --backend-batch-limit. */
const INTERVAL_US = 100_000;
const WRITES_MAX = 10_000;

export class BackendCommits {
  readonly #context: Context;
  readonly #wal: MemberWal;
  #armed = false;
  #writes = 0;
  #appliedIndex = 0;
  /** Index of the last commit. */
  #committedIndex = 0;

  constructor(context: Context, wal: MemberWal) {
    this.#context = context;
    this.#wal = wal;
  }

  /** The backend stands at `index`, durably. */
  recovered(index: number): void {
    this.#appliedIndex = index;
    this.#committedIndex = index;
    this.#writes = 0;
  }

  /** Entries up to `index` are applied, `writes` of them changed the store. */
  applied(index: number, writes: number): void {
    this.#appliedIndex = index;
    this.#writes += writes;
    if (this.#writes >= WRITES_MAX) this.#commit();
    else if (!this.#armed) {
      this.#armed = true;
      this.#context.setTimer(INTERVAL_US, OP_BACKEND_DUE);
      if (this.#context.bug(BUG_INDEX_AHEAD)) this.#write(this.#committedIndex, this.#appliedIndex);
    }
  }

  receive(op: number): boolean {
    if (op === OP_BACKEND_DUE) {
      this.#armed = false;
      this.#commit();
      return true;
    }
    if (op !== OP_BACKEND_FAILED) return false;
    this.#context.mark(MARK_SYNC_FAILED);
    this.#context.exit(1);
    return true;
  }

  /** A defragmentation commits first what is under way. */
  beginDefragment(): void {
    if (this.#context.bug(BUG_DEFRAGMENT_INDEX)) this.#write(this.#appliedIndex, this.#committedIndex);
    else this.#commit();
  }

  #commit(): void {
    this.#writes = 0;
    if (this.#committedIndex === this.#appliedIndex) return;
    this.#committedIndex = this.#appliedIndex;
    this.#write(this.#appliedIndex, this.#appliedIndex);
  }

  #write(dataIndex: number, consistentIndex: number): void {
    this.#wal.commitBackend(new BackendMark(dataIndex, consistentIndex), OP_BACKEND_FAILED);
  }
}
