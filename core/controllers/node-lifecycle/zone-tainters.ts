/**
 * NoExecute taints go out through one queue a zone, at the rate the zone's state allows, so that a failing network does not empty a
 * cluster at once.
 *
 * The real loop looks at the queues every 100 ms; here the same instants are used, but only those at which a queue could
 * give something: nothing runs while all queues are empty or stopped. Source: Kubernetes 1.34 pkg/controller/nodelifecycle
 * (doNoExecuteTaintingPass) and scheduler/rate_limited_queue.go.
 */
import { BucketRate, TokenBucket } from '../../client/token-bucket.ts';
import type { Context } from '../../sim/context.ts';
import { defineMark } from '../../sim/registry.ts';
import { type Task, WAIT, type Wait } from '../../sim/task.ts';

const MARK_EVICTION_RATE_LIMITED = defineMark('node-taint-rate-limited', 'a NoExecute taint waited for its zone');

/** Between two looks at the queues, µs. */
const PASS_US = 100_000;
const RETRY_US = 50_000;

/** What to do next with a node: done with it, or try again after `RETRY_US` (`'later'`) or at once (`'again'`). */
export type TaintOutcome = 'done' | 'later' | 'again';

/** Nodes of one zone that wait for a NoExecute taint. A node that was served stays known until it is removed. */
export class ZoneTainter {
  qps: number;
  #bucket: TokenBucket;
  /** Waiting node → when it may be tried, µs. */
  readonly #waiting = new Map<number, number>();
  readonly #known = new Set<number>();

  constructor(qps: number) {
    this.qps = qps;
    this.#bucket = new TokenBucket(new BucketRate(qps, 1));
  }

  /** Adds a node unless it is known; true when it was added. */
  add(id: number, nowUs: number): boolean {
    if (this.#known.has(id)) return false;
    this.#known.add(id);
    this.#waiting.set(id, nowUs);
    return true;
  }

  /** Forgets a node; true when it was known. */
  remove(id: number): boolean {
    this.#waiting.delete(id);
    return this.#known.delete(id);
  }

  /** A waiting node is gone: its turn comes next and takes a token all the same, as the others are queued anew at each tick. */
  putFirst(id: number): void {
    if (this.#waiting.has(id)) this.#waiting.set(id, 0);
  }

  /** Lets a served node be added again; one that still waits keeps its place. */
  forget(id: number): void {
    if (!this.#waiting.has(id)) this.#known.delete(id);
  }

  /** New rate; 0 stops the queue. A token that was just used stays used. */
  swapRate(qps: number, nowUs: number): void {
    if (qps === this.qps) return;
    const drained = this.qps <= 0 || !this.#bucket.tryTake(nowUs);
    this.qps = qps;
    if (qps <= 0) return;
    this.#bucket = new TokenBucket(new BucketRate(qps, 1));
    if (drained) this.#bucket.tryTake(nowUs);
  }

  /** Whether a look at the queue could do anything. */
  get active(): boolean {
    return this.qps > 0 && this.#waiting.size > 0;
  }

  /** Nodes that wait. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Takes the token and gives the node that is next at `nowUs`; −1 when there is no token or nothing is due. */
  take(nowUs: number): number {
    if (!this.active || !this.#bucket.tryTake(nowUs)) return -1;
    let best = -1;
    let bestUs = Number.POSITIVE_INFINITY;
    for (const [id, dueUs] of this.#waiting) {
      if (dueUs >= bestUs) continue;
      best = id;
      bestUs = dueUs;
    }
    return bestUs <= nowUs ? best : -1;
  }

  /** Ends the turn of a node that {@link take} gave. */
  settle(id: number, outcome: TaintOutcome, nowUs: number): void {
    if (!this.#waiting.has(id)) return;
    if (outcome === 'done') this.#waiting.delete(id);
    else this.#waiting.set(id, nowUs + (outcome === 'later' ? RETRY_US : 0) + 1);
  }
}

/** All zones' queues and the loop that serves them. */
export class ZoneTainters {
  readonly zones: ZoneTainter[] = [];
  readonly #ctx: Context;
  readonly #serve: (id: number) => Generator<Wait, TaintOutcome, unknown>;
  #startUs = 0;
  #idle: Task | null = null;

  /** `serve` taints one node. */
  constructor(ctx: Context, serve: (id: number) => Generator<Wait, TaintOutcome, unknown>) {
    this.#ctx = ctx;
    this.#serve = serve;
  }

  /** Starts the loop; its instants count from now. */
  start(): void {
    this.#startUs = this.#ctx.now();
    this.#ctx.startTask('node-taint-pass', '', this.#loop());
  }

  /** Something may have become possible: a node was added or a rate changed. */
  wake(): void {
    const idle = this.#idle;
    if (idle === null || !this.#active) return;
    this.#idle = null;
    this.#ctx.resume(idle, undefined);
  }

  get #active(): boolean {
    for (const zone of this.zones) if (zone.active) return true;
    return false;
  }

  *#loop(): Generator<Wait, void, unknown> {
    const { zones } = this;
    for (;;) {
      while (!this.#active) {
        this.#idle = this.#ctx.currentTask;
        yield WAIT;
      }
      const sinceUs = this.#ctx.now() - this.#startUs;
      yield* this.#ctx.sleep(PASS_US - (sinceUs % PASS_US));
      for (let i = 0; i < zones.length; i++) {
        const zone = zones[i] as ZoneTainter;
        for (let id = zone.take(this.#ctx.now()); id >= 0; id = zone.take(this.#ctx.now())) {
          const outcome = yield* this.#serve(id);
          zone.settle(id, outcome, this.#ctx.now());
        }
        if (zone.active) this.#ctx.mark(MARK_EVICTION_RATE_LIMITED);
      }
    }
  }
}
