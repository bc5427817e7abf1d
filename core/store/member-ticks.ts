/**
 * Raft's clock of one member: a tick each 100 ms on a grid of its own, as the ticker of etcd's raft loop (3.6, server/etcdserver/raft.go).
 *
 * A follower that hears its leader has nothing to do at a tick but to count it. A sleeping clock has one timer for the tick at which an
 * election would be due and counts the ticks in between when somebody asks: the same ticks, without an event for each. Ticks that
 * fall into a pause of the process are lost, all but one, as a Go ticker's are.
 */
import { NONE } from '../raft/message.ts';
import type { Raft } from '../raft/raft.ts';
import { STATE_FOLLOWER } from '../raft/snapshot.ts';
import type { Context } from '../sim/context.ts';
import { NO_TIMER } from '../sim/process.ts';
import { BUG_TRUSTS_LEADER } from './member-names.ts';
import { OP_TICK } from './member-timers.ts';

/** etcd's default: a heartbeat, and so a tick, each 100 ms. */
const TICK_US = 100_000;

export class MemberTicks {
  readonly #context: Context;
  readonly #raft: Raft;
  readonly #sleeps: boolean;
  /** Ticks up to here are counted, µs of this process's clock; always on the grid. */
  #countedUs = 0;
  /** When the timer is due. */
  #armedUs = 0;
  #timer = NO_TIMER;

  /** `sleeps`: whether a follower's clock may sleep; otherwise each tick is an event. */
  constructor(context: Context, raft: Raft, sleeps: boolean) {
    this.#context = context;
    this.#raft = raft;
    this.#sleeps = sleeps;
  }

  /** Begins the grid at a random phase within a tick: members start at different instants, for ticks in step would split votes far too often. */
  start(): void {
    const nowUs = this.#context.now();
    this.#countedUs = nowUs + this.#context.random('ticks').below(TICK_US) - TICK_US;
    this.#arm(nowUs, this.#countedUs + TICK_US);
  }

  /** The timer has come: runs the tick that is due. Those before it, if the clock slept, changed nothing but the count. */
  tick(): void {
    this.#timer = NO_TIMER;
    const ticks = this.#take(this.#context.now());
    if (ticks === 0) return;
    if (this.#sleeps && this.#raft.state === STATE_FOLLOWER) this.#raft.electionElapsed += ticks - 1;
    const { lead, state } = this.#raft;
    if (state === STATE_FOLLOWER && lead !== NONE && this.#context.bug(BUG_TRUSTS_LEADER))
      this.#raft.electionElapsed = 0;
    else this.#raft.tick();
  }

  /** Counts what passed while the clock slept: before Raft takes a message. */
  catchUp(): void {
    if (this.#timer === NO_TIMER || !this.#sleeps) return;
    if (this.#raft.state === STATE_FOLLOWER) this.#raft.electionElapsed += this.#take(this.#context.now());
  }

  /** A heartbeat of the leader arrives in `delayUs`, and nothing before it. */
  hears(delayUs: number): void {
    this.#take(this.#context.now() + delayUs);
    this.#raft.electionElapsed = 0;
  }

  /** To be called when the member has done its work: sets the timer for the next tick that matters. `isAwake`: each does. */
  settle(isAwake: boolean): void {
    const { electionElapsed, lead, randomizedElectionTimeout, state } = this.#raft;
    // A timer keeps its instant when the clock's rate changes: where that can be, none is far off.
    const maySleep = this.#sleeps && !isAwake && this.#context.sim.clocks.allTrue;
    const isWaiting = state === STATE_FOLLOWER && lead !== NONE;
    const ticks = maySleep && isWaiting ? Math.max(1, randomizedElectionTimeout - electionElapsed) : 1;
    if (this.#timer !== NO_TIMER && this.#countedUs + ticks * TICK_US >= this.#armedUs) return;
    const nowUs = this.#context.now();
    if (this.#timer !== NO_TIMER) {
      this.#context.cancelTimer(this.#timer);
      this.catchUp();
    }
    this.#arm(nowUs, this.#countedUs + ticks * TICK_US);
  }

  #arm(nowUs: number, dueUs: number): void {
    this.#armedUs = dueUs;
    this.#timer = this.#context.setTimer(Math.max(0, dueUs - nowUs), OP_TICK);
  }

  /** Takes the ticks up to `untilUs` off the grid; how many. */
  #take(untilUs: number): number {
    const ticks = Math.floor((untilUs - this.#countedUs) / TICK_US);
    if (ticks <= 0) return 0;
    const lost = ticks === 1 ? 0 : this.#lost();
    this.#countedUs += ticks * TICK_US;
    return ticks - lost;
  }

  /** Ticks since the last one that was counted which a pause of the process swallowed: all that fell into it but one. */
  #lost(): number {
    const { pid, sim } = this.#context;
    const trueUs = sim.now - this.#context.now() + this.#countedUs;
    const { pausedAt, resumedAt } = sim.processes;
    const until = Math.floor(((resumedAt[pid] as number) - trueUs) / TICK_US);
    const before = Math.max(0, Math.floor(((pausedAt[pid] as number) - trueUs) / TICK_US));
    return Math.max(0, until - before - 1);
  }
}
