/**
 * Columns about every process: state, incarnation, clocks, busy time, sequence numbers, waiting deliveries.
 */

import { assert } from '../base/assert.ts';
import { ColumnBuffer } from '../base/column-buffer.ts';
import { hashString } from '../base/content-hash.ts';
import { DigestColumn } from '../base/digest.ts';
import { NO_FLOAT64, NO_INT32, NO_UINT8 } from '../base/grow.ts';
import { NameIndex } from '../base/name-index.ts';
import type { Sfc32 } from '../base/random.ts';
import { Ring } from '../base/ring.ts';
import type { Context } from './context.ts';
import type { Disk } from './disk.ts';
import { INBOX_MAX, PROCESSES_MAX } from './limits.ts';
import { type Behaviour, type Factory, type Pid, PROCESS_DOWN } from './process.ts';

/** Processes that there is room for without asking. */
const PROCESSES_AT_FIRST = 32;
/** Thirteen doubles, two words and a byte. */
const BYTES_A_PROCESS = 113;

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
  /** What takes each behaviour's events: to look a method up on one of many classes costs as much as the rest of a delivery. */
  readonly receivers: (Behaviour['receive'] | null)[] = [];
  readonly contexts: Context[] = [];
  readonly digests = new DigestColumn(PROCESSES_AT_FIRST);
  /** Processes with streams, a disk or an inbox. */
  readonly extras: (ProcessExtras | null)[] = [];
  state: Uint8Array<ArrayBuffer> = NO_UINT8;
  incarnation: Int32Array<ArrayBuffer> = NO_INT32;
  nameHash: Int32Array<ArrayBuffer> = NO_INT32;
  sequence: Float64Array<ArrayBuffer> = NO_FLOAT64;
  busyUntil: Float64Array<ArrayBuffer> = NO_FLOAT64;
  wakeAt: Float64Array<ArrayBuffer> = NO_FLOAT64;
  /** Local clock = clockBase + (now − clockSince) · rate. */
  clockBase: Float64Array<ArrayBuffer> = NO_FLOAT64;
  clockSince: Float64Array<ArrayBuffer> = NO_FLOAT64;
  clockRate: Float64Array<ArrayBuffer> = NO_FLOAT64;
  wallOffset: Float64Array<ArrayBuffer> = NO_FLOAT64;
  /** When its present instance, or the last one, began, true time in µs. */
  startedAt: Float64Array<ArrayBuffer> = NO_FLOAT64;
  /** How many times as dear its work is as usual. */
  slowness: Float64Array<ArrayBuffer> = NO_FLOAT64;
  /** When the process was last let go on after a pause, true time in µs; 0 = never. */
  resumedAt: Float64Array<ArrayBuffer> = NO_FLOAT64;
  /** When it was last paused, µs; 0 = never. */
  pausedAt: Float64Array<ArrayBuffer> = NO_FLOAT64;
  /** Deliveries that had to wait, and how long in all, µs. */
  waits: Float64Array<ArrayBuffer> = NO_FLOAT64;
  waitedUs: Float64Array<ArrayBuffer> = NO_FLOAT64;

  readonly #byName = new NameIndex(this.names);

  constructor() {
    this.reserve(PROCESSES_AT_FIRST);
  }

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
    this.setBehaviour(pid, null);
    this.extras.push(null);
    this.#byName.add(pid);
    this.state[pid] = PROCESS_DOWN;
    this.nameHash[pid] = hashString(name);
    this.clockRate[pid] = 1;
    this.slowness[pid] = 1;
    return pid;
  }

  /** What runs in a process from now on; null = it is down. */
  setBehaviour(pid: Pid, behaviour: Behaviour | null): void {
    this.behaviours[pid] = behaviour;
    this.receivers[pid] = behaviour === null ? null : behaviour.receive;
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
    // One allocation for all columns: a small run is over soon.
    const columns = new ColumnBuffer(count, BYTES_A_PROCESS);
    this.sequence = columns.float64(this.sequence);
    this.busyUntil = columns.float64(this.busyUntil);
    this.wakeAt = columns.float64(this.wakeAt);
    this.clockBase = columns.float64(this.clockBase);
    this.clockSince = columns.float64(this.clockSince);
    this.clockRate = columns.float64(this.clockRate);
    this.wallOffset = columns.float64(this.wallOffset);
    this.startedAt = columns.float64(this.startedAt);
    this.slowness = columns.float64(this.slowness);
    this.resumedAt = columns.float64(this.resumedAt);
    this.pausedAt = columns.float64(this.pausedAt);
    this.waits = columns.float64(this.waits);
    this.waitedUs = columns.float64(this.waitedUs);
    this.incarnation = columns.int32(this.incarnation);
    this.nameHash = columns.int32(this.nameHash);
    this.state = columns.uint8(this.state);
    this.digests.reserve(count);
  }
}
