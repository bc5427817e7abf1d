/**
 * Keeps processes running, as the kubelet of a control-plane machine does for static pods, and counts who wants them down.
 *
 * A process that ends itself is restarted after a back-off (10 s doubling to 300 s, forgotten after 10 min of running; the first restart is
 * immediate but for the start time). A fault's outage holds a process down until every fault that wanted it down has ended.
 */
import { assert } from '../base/assert.ts';
import { type CrashOptions, type Pid, PROCESS_DOWN } from '../sim/process.ts';
import type { Simulation } from '../sim/simulation.ts';

const BACKOFF_FIRST_US = 10_000_000;
const BACKOFF_MAX_US = 300_000_000;
const FORGET_AFTER_US = 600_000_000;

interface Record {
  restarts: number;
  lastExitUs: number;
  /** When it is started again after its last exit, µs. */
  restartUs: number;
  outages: number;
  pauses: number;
}

/** One exit of a process by itself. */
export interface Exit {
  readonly process: string;
  readonly code: number;
  readonly timeUs: number;
}

export class Supervisor {
  /** Processes that ended by themselves, in order. */
  readonly exits: Exit[] = [];
  readonly #sim: Simulation;
  readonly #records = new Map<Pid, Record>();

  constructor(sim: Simulation) {
    this.#sim = sim;
    const onExit = (pid: Pid, code: number) => this.#exited(pid, code);
    sim.onExit = onExit;
  }

  /** A fault takes the process down, or keeps it down. */
  takeDown(pid: Pid, options: CrashOptions = {}): void {
    this.holdDown(pid);
    this.#sim.crash(pid, options);
  }

  /** A fault lets go of the process; it starts when none is left that wants it down. */
  letUp(pid: Pid): void {
    if (this.release(pid)) this.#restartAfter(pid, this.#sim.costs.processStartUs);
  }

  /** Notes that somebody wants the process down; whoever asks takes it down himself. */
  holdDown(pid: Pid): void {
    this.#recordOf(pid).outages++;
  }

  /** Takes one such note back; true if none is left. */
  release(pid: Pid): boolean {
    const record = this.#recordOf(pid);
    assert(record.outages > 0, `supervisor: ${this.#sim.processes.names[pid]} is not held down`);
    record.outages--;
    return record.outages === 0;
  }

  /** true while a fault keeps the process down. */
  isHeldDown(pid: Pid): boolean {
    return this.#recordOf(pid).outages > 0;
  }

  /** A fault freezes the process. */
  pause(pid: Pid): void {
    this.#recordOf(pid).pauses++;
    this.#sim.pause(pid);
  }

  /** A fault lets it go on; it does when no other wants it frozen. */
  unpause(pid: Pid): void {
    const record = this.#recordOf(pid);
    record.pauses--;
    if (record.pauses === 0) this.#sim.resume(pid);
  }

  /** Longest time until a process that has ended itself is started again, µs. */
  largestBackoffUs(): number {
    let largest = 0;
    for (const { restartUs } of this.#records.values()) largest = Math.max(largest, restartUs - this.#sim.now);
    return largest;
  }

  /** A task point crashed the process without a fault holding it: it comes back like after an exit. */
  crashed(pid: Pid): void {
    this.#restartAfter(pid, this.#sim.costs.processStartUs);
  }

  #exited(pid: Pid, code: number): void {
    const now = this.#sim.now;
    this.exits.push({ process: this.#sim.processes.names[pid] as string, code, timeUs: now });
    const record = this.#recordOf(pid);
    if (now - record.lastExitUs > FORGET_AFTER_US) record.restarts = 0;
    record.lastExitUs = now;
    const backoffUs =
      record.restarts === 0 ? 0 : Math.min(BACKOFF_MAX_US, BACKOFF_FIRST_US * 2 ** (record.restarts - 1));
    record.restarts++;
    record.restartUs = now + backoffUs;
    if (record.outages === 0) this.#restartAfter(pid, backoffUs + this.#sim.costs.processStartUs);
  }

  #restartAfter(pid: Pid, delayUs: number): void {
    const name = this.#sim.processes.names[pid] as string;
    this.#sim.at(this.#sim.now + delayUs, `restart of ${name}`, () => {
      if (this.#sim.processes.state[pid] === PROCESS_DOWN && this.#recordOf(pid).outages === 0) this.#sim.restart(pid);
    });
  }

  #recordOf(pid: Pid): Record {
    let record = this.#records.get(pid);
    if (record === undefined) {
      record = { restarts: 0, lastExitUs: Number.NEGATIVE_INFINITY, restartUs: 0, outages: 0, pauses: 0 };
      this.#records.set(pid, record);
    }
    return record;
  }
}
