/**
 * Columns about every process: state, incarnation, clocks, busy time, sequence numbers, waiting deliveries.
 */

import { assert } from '../base/assert.ts';
import { hashString } from '../base/content-hash.ts';
import { DigestColumn } from '../base/digest.ts';
import { growFloat64, growInt32, growUint8 } from '../base/grow.ts';
import { NameIndex } from '../base/name-index.ts';
import type { Sfc32 } from '../base/random.ts';
import { Ring } from '../base/ring.ts';
import type { Context } from './context.ts';
import type { Disk } from './disk.ts';
import { INBOX_MAX, PROCESSES_MAX } from './limits.ts';
import { type Behaviour, type Factory, type Pid, PROCESS_DOWN } from './process.ts';

/** Rare per-process state, made on first use. */
export interface ProcessExtras {
  readonly streams: Map<string, Sfc32>;
  disk: Disk | null;
  inbox: Ring<number>;
}

export class ProcessTable {
  readonly names: string[] = [];
  readonly machines: string[] = [];
  readonly factories: Factory[] = [];
  readonly behaviours: (Behaviour | null)[] = [];
  readonly contexts: Context[] = [];
  readonly digests = new DigestColumn(16);
  /** Processes with streams, a disk or an inbox. */
  readonly extras: (ProcessExtras | null)[] = [];
  state = new Uint8Array(16);
  incarnation = new Int32Array(16);
  nameHash = new Int32Array(16);
  sequence = new Float64Array(16);
  busyUntil = new Float64Array(16);
  wakeAt = new Float64Array(16);
  /** Local clock = clockBase + (now − clockSince) · rate. */
  clockBase = new Float64Array(16);
  clockSince = new Float64Array(16);
  clockRate = new Float64Array(16).fill(1);
  wallOffset = new Float64Array(16);
  /** When its present instance, or the last one, began, true time in µs. */
  startedAt = new Float64Array(16);
  /** How many times as dear its work is as usual. */
  slowness = new Float64Array(16).fill(1);
  /** When the process was last let go on after a pause, true time in µs; 0 = never. */
  resumedAt = new Float64Array(16);
  /** When it was last paused, µs; 0 = never. */
  pausedAt = new Float64Array(16);
  /** Deliveries that had to wait, and how long in all, µs. */
  waits = new Float64Array(16);
  waitedUs = new Float64Array(16);

  readonly #byName = new NameIndex((pid) => this.names[pid] as string);

  get count(): number {
    return this.names.length;
  }

  /** Adds a process that is not yet running. Names are unique. */
  add(name: string, machine: string, factory: Factory): Pid {
    const pid = this.names.length;
    assert(pid < PROCESSES_MAX, `more than ${PROCESSES_MAX} processes`);
    assert(this.#byName.find(name) < 0, `process "${name}" exists already`);
    if (pid === this.state.length) this.reserve(pid * 2);
    this.names.push(name);
    this.machines.push(machine);
    this.factories.push(factory);
    this.behaviours.push(null);
    this.extras.push(null);
    this.#byName.add(pid);
    this.state[pid] = PROCESS_DOWN;
    this.nameHash[pid] = hashString(name);
    this.clockRate[pid] = 1;
    this.slowness[pid] = 1;
    return pid;
  }

  find(name: string): Pid | undefined {
    const pid = this.#byName.find(name);
    return pid < 0 ? undefined : pid;
  }

  /** The rare state of `pid`, made if absent. */
  extrasOf(pid: Pid): ProcessExtras {
    let extras = this.extras[pid];
    if (extras === null || extras === undefined) {
      extras = { streams: new Map(), disk: null, inbox: new Ring(`inbox of ${this.names[pid]}`, INBOX_MAX) };
      this.extras[pid] = extras;
    }
    return extras;
  }

  /** Makes room for `count` processes in all: whoever adds thousands says so before. */
  reserve(count: number): void {
    if (count <= this.state.length) return;
    const n = count;
    this.state = growUint8(this.state, n);
    this.incarnation = growInt32(this.incarnation, n);
    this.nameHash = growInt32(this.nameHash, n);
    this.sequence = growFloat64(this.sequence, n);
    this.busyUntil = growFloat64(this.busyUntil, n);
    this.wakeAt = growFloat64(this.wakeAt, n);
    this.clockBase = growFloat64(this.clockBase, n);
    this.clockSince = growFloat64(this.clockSince, n);
    this.clockRate = growFloat64(this.clockRate, n);
    this.wallOffset = growFloat64(this.wallOffset, n);
    this.startedAt = growFloat64(this.startedAt, n);
    this.slowness = growFloat64(this.slowness, n);
    this.resumedAt = growFloat64(this.resumedAt, n);
    this.pausedAt = growFloat64(this.pausedAt, n);
    this.waits = growFloat64(this.waits, n);
    this.waitedUs = growFloat64(this.waitedUs, n);
    this.digests.reserve(n);
  }
}
