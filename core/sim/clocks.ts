/**
 * The clocks of every process: a monotonic one with a rate, a wall clock with an offset. True time is known to the kernel alone.
 */
import { assert } from '../base/assert.ts';
import type { Pid } from './process.ts';
import type { ProcessTable } from './process-table.ts';

/** Wall clock at virtual time 0: 2025-01-01T00:00:00Z, in ms since 1970. */
const EPOCH_MS = 1_735_689_600_000;

/** True virtual time, µs. An object, as a function of each simulation's own would make V8 discard what it compiled in the one before. */
export interface TrueTime {
  readonly now: number;
}

export class Clocks {
  readonly #processes: ProcessTable;
  readonly #time: TrueTime;
  #allTrue = true;

  constructor(processes: ProcessTable, time: TrueTime) {
    this.#processes = processes;
    this.#time = time;
  }

  /** No clock was ever changed: all show true time, and nothing has to be looked up a process. */
  get allTrue(): boolean {
    return this.#allTrue;
  }

  /** The process's monotonic clock, µs. */
  monotonic(pid: Pid): number {
    if (this.#allTrue) return this.#time.now;
    const p = this.#processes;
    const elapsed = this.#time.now - (p.clockSince[pid] as number);
    const rate = p.clockRate[pid] as number;
    return (p.clockBase[pid] as number) + (rate === 1 ? elapsed : Math.floor(elapsed * rate));
  }

  /** The process's wall clock, µs since 1970. */
  wall(pid: Pid): number {
    return this.#allTrue ? this.trueWallUs : this.trueWallUs + (this.#processes.wallOffset[pid] as number);
  }

  /** True time as a right wall clock shows it, µs since 1970. */
  get trueWallUs(): number {
    return EPOCH_MS * 1000 + this.#time.now;
  }

  /** True time that passes while the process's own clock advances by `localUs`, µs. */
  trueDelay(pid: Pid, localUs: number): number {
    const rate = this.#allTrue ? 1 : (this.#processes.clockRate[pid] as number);
    return Math.round(rate === 1 ? Math.max(0, localUs) : Math.max(0, Math.ceil(localUs / rate)));
  }

  /** Lets the monotonic clock run `rate` times as fast as true time from now on. Pending timers keep their instant. */
  setRate(pid: Pid, rate: number): void {
    assert(rate > 0, 'clock rate must be positive');
    this.#processes.clockBase[pid] = this.monotonic(pid);
    this.#processes.clockSince[pid] = this.#time.now;
    this.#processes.clockRate[pid] = rate;
    this.#allTrue = false;
  }

  /** Shifts the wall clock by `offsetUs` against true time. */
  setWallOffset(pid: Pid, offsetUs: number): void {
    this.#processes.wallOffset[pid] = offsetUs;
    this.#allTrue = false;
  }
}
