/**
 * All pods of all nodes in columns: what each kubelet knows and what its runtime really does.
 *
 * A row belongs to one pod uid on one node and is reused after both API and runtime are done with it; `generation` tells a reused row
 * from the old one. Rows of one node form a list, and so do rows of one pod name (an older uid may still be stopping). No allocation
 * a row besides the columns' growth.
 */
import { ColumnBuffer } from '../base/column-buffer.ts';
import { growInt32, NO_FLOAT64, NO_INT32, NO_UINT8 } from '../base/grow.ts';
import type { Pod } from '../types/pod.ts';
import type { ContainerRun } from './container-run.ts';
import type { PodScript } from './pod-script.ts';

/** Phases of a row. Containers really run from RUNNING to STOPPING_RUN. */
export const PHASE = {
  free: 0,
  /** Waits for an older pod of the same name on this node. */
  queued: 1,
  /** Asks for ConfigMaps and Secrets. */
  sources: 2,
  /** A volume's source is missing. */
  mountWait: 3,
  /** A variable's source is missing. */
  configWait: 4,
  /** Sandbox, images, init containers, start. */
  starting: 5,
  /** ErrImagePull or ImagePullBackOff. */
  imageWait: 6,
  running: 7,
  ready: 8,
  /** All containers but the sidecars have ended for good; these are being stopped. */
  sidecars: 9,
  /** Being stopped, containers run. */
  stopping: 10,
  /** Being stopped, nothing runs (any more): final status and DELETE. */
  stopped: 11,
  /** Succeeded, Failed, or refused. */
  ended: 12,
} as const;
export type Phase = (typeof PHASE)[keyof typeof PHASE];

/** Bits of `flags`. */
export const FLAG = {
  /** A write is under way. */
  writing: 1,
  /** The status changed while a write was under way. */
  dirty: 2,
  /** The API no longer has this pod. */
  gone: 4,
  /** Its resources are counted on the node. */
  admitted: 8,
  /** The final status is written: DELETE next. */
  finalWritten: 16,
  /** Its containers were lost with the machine. */
  lost: 32,
  /** The phase of an ended pod is Failed. */
  failed: 64,
  /** It was Ready before it was stopped. */
  wasReady: 128,
  /** Somebody else wrote that it has ended, before it had. */
  saidEnded: 256,
  /** Its containers are ready, its gates closed. */
  gated: 512,
  /** Some condition was written with a reason or a message: what no longer has one has to say so. */
  toldWhy: 1024,
  /** The probes of its sidecars have succeeded, while its other containers go each its own way. */
  sidecarsReady: 2048,
  /** The last try to pull has failed, and its status does not say so yet. */
  pullFailed: 4096,
  /** It was killed to make room for a critical pod. */
  preempted: 8192,
} as const;

/** Rows with room from the first pod on. */
const ROWS_MIN = 64;

export class PodTable {
  #capacity = 0;
  #free = -1;
  /** Rows ever used; rows with phase free are among them. */
  count = 0;
  live = 0;
  readonly pod: (Pod | null)[] = [];
  readonly script: (PodScript | null)[] = [];
  /** Its containers one by one, since they go different ways; null until then. */
  readonly runs: (readonly ContainerRun[] | null)[] = [];
  /** `status.startTime`. */
  readonly startTime: string[] = [];
  /** Reason and message of a refusal or of waiting, '' for none. */
  readonly reason: string[] = [];
  readonly message: string[] = [];
  node = NO_INT32;
  keyId = NO_INT32;
  generation = NO_INT32;
  phase = NO_UINT8;
  flags = NO_INT32;
  restarts = NO_INT32;
  /** Restarts with the machine, which all of its containers shared. */
  reboots = NO_INT32;
  /** Tries at what it waits for (sources, image). */
  tries = NO_INT32;
  /** Answers still awaited. */
  awaited = NO_INT32;
  /** Exit code with which its containers ended last. */
  exitCode = NO_INT32;
  /** Index among the images of its script of the one that it waits for, −1 for none. */
  brokenAt = NO_INT32;
  /** Twice the number of init containers that are done, and one more while the next one runs. */
  initStage = NO_INT32;
  ip = NO_FLOAT64;
  /** Address before the machine's last power loss, 0 for none. */
  formerIp = NO_FLOAT64;
  /** True times, µs: start of the containers, first readiness, end of the run (−1 never), end of the stop. */
  startedUs = NO_FLOAT64;
  readyAtUs = NO_FLOAT64;
  exitAtUs = NO_FLOAT64;
  stopAtUs = NO_FLOAT64;
  /** By its node's clock: end of the back-off of what failed; −1 while that is tried again, µs. */
  backOffUntilUs = NO_FLOAT64;
  /** Wall times for the status, µs: containers started, containers ended (−1: nobody has looked yet), and the start of the run that ended. */
  startedWallUs = NO_FLOAT64;
  endedWallUs = NO_FLOAT64;
  endedRunWallUs = NO_FLOAT64;
  /** Pending timer, −1 for none. */
  timer = NO_FLOAT64;
  next = NO_INT32;
  previous = NO_INT32;
  nextOfKey = NO_INT32;
  #firstOfKey = NO_INT32;
  readonly #firstOfNode: Int32Array;

  constructor(nodes: number) {
    this.#firstOfNode = new Int32Array(nodes).fill(-1);
  }

  firstOf(node: number): number {
    return this.#firstOfNode[node] as number;
  }

  /** The row of a pod uid on a node, −1 when there is none. */
  find(node: number, keyId: number, uid: string): number {
    let row = keyId < this.#firstOfKey.length ? (this.#firstOfKey[keyId] as number) : -1;
    while (row >= 0) {
      if (this.node[row] === node && (this.pod[row] as Pod).metadata.uid === uid) return row;
      row = this.nextOfKey[row] as number;
    }
    return -1;
  }

  /** Another row of the same name on the same node, −1 when there is none. */
  otherOfName(row: number): number {
    let other = this.#firstOfKey[this.keyId[row] as number] as number;
    while (other >= 0) {
      if (other !== row && this.node[other] === this.node[row]) return other;
      other = this.nextOfKey[other] as number;
    }
    return -1;
  }

  /** Why the pod waits or was refused, in the API's words; nothing when it goes on. */
  explain(row: number, reason = '', message = ''): void {
    this.reason[row] = reason;
    this.message[row] = message;
  }

  /** A fresh row. */
  add(node: number, keyId: number, pod: Pod, script: PodScript): number {
    let row = this.#free;
    if (row >= 0) this.#free = this.next[row] as number;
    else {
      row = this.count++;
      if (row === this.#capacity) this.#grow();
    }
    this.live++;
    this.pod[row] = pod;
    this.script[row] = script;
    this.runs[row] = null;
    this.startTime[row] = '';
    this.explain(row);
    this.node[row] = node;
    this.keyId[row] = keyId;
    this.flags[row] = 0;
    this.restarts[row] = 0;
    this.reboots[row] = 0;
    this.tries[row] = 0;
    this.awaited[row] = 0;
    this.exitCode[row] = 0;
    this.brokenAt[row] = -1;
    this.initStage[row] = 0;
    this.ip[row] = 0;
    this.formerIp[row] = 0;
    this.startedUs[row] = -1;
    this.readyAtUs[row] = -1;
    this.exitAtUs[row] = -1;
    this.stopAtUs[row] = -1;
    this.backOffUntilUs[row] = -1;
    this.startedWallUs[row] = -1;
    this.endedWallUs[row] = -1;
    this.endedRunWallUs[row] = -1;
    this.timer[row] = -1;
    this.#link(row, node, keyId);
    return row;
  }

  /** Whether what runs of the pod is being stopped, all of it or what is left. */
  isStopping(row: number): boolean {
    const phase = this.phase[row];
    return phase === PHASE.stopping || phase === PHASE.sidecars;
  }

  /** Gives a row back. */
  remove(row: number): void {
    const node = this.node[row] as number;
    const next = this.next[row] as number;
    const previous = this.previous[row] as number;
    if (previous < 0) this.#firstOfNode[node] = next;
    else this.next[previous] = next;
    if (next >= 0) this.previous[next] = previous;
    this.#unlinkKey(row);
    this.live--;
    this.renew(row);
    this.phase[row] = PHASE.free;
    this.pod[row] = null;
    this.script[row] = null;
    this.runs[row] = null;
    this.next[row] = this.#free;
    this.#free = row;
  }

  /** Timers and answers under way are no longer for this row. */
  renew(row: number): void {
    this.generation[row] = ((this.generation[row] as number) + 1) & 0xfffff;
  }

  has(row: number, flag: number): boolean {
    return ((this.flags[row] as number) & flag) !== 0;
  }

  set(row: number, flag: number): void {
    this.flags[row] = (this.flags[row] as number) | flag;
  }

  clear(row: number, flag: number): void {
    this.flags[row] = (this.flags[row] as number) & ~flag;
  }

  #link(row: number, node: number, keyId: number): void {
    const first = this.#firstOfNode[node] as number;
    this.next[row] = first;
    this.previous[row] = -1;
    if (first >= 0) this.previous[first] = row;
    this.#firstOfNode[node] = row;
    if (keyId >= this.#firstOfKey.length) {
      const old = this.#firstOfKey.length;
      this.#firstOfKey = growInt32(this.#firstOfKey, Math.max(ROWS_MIN, old * 2, keyId + 1));
      this.#firstOfKey.fill(-1, old);
    }
    this.nextOfKey[row] = this.#firstOfKey[keyId] as number;
    this.#firstOfKey[keyId] = row;
  }

  #unlinkKey(row: number): void {
    const keyId = this.keyId[row] as number;
    let at = this.#firstOfKey[keyId] as number;
    if (at === row) {
      this.#firstOfKey[keyId] = this.nextOfKey[row] as number;
      return;
    }
    while (this.nextOfKey[at] !== row) at = this.nextOfKey[at] as number;
    this.nextOfKey[at] = this.nextOfKey[row] as number;
  }

  #grow(): void {
    const n = Math.max(ROWS_MIN, this.#capacity * 2);
    this.#capacity = n;
    const columns = new ColumnBuffer(n, BYTES_A_ROW);
    for (const name of FLOAT_COLUMNS) this[name] = columns.float64(this[name]);
    for (const name of INTEGER_COLUMNS) this[name] = columns.int32(this[name]);
    this.phase = columns.uint8(this.phase);
  }
}

const FLOAT_COLUMNS = [
  'ip',
  'formerIp',
  'startedUs',
  'readyAtUs',
  'exitAtUs',
  'stopAtUs',
  'backOffUntilUs',
  'startedWallUs',
  'endedWallUs',
  'endedRunWallUs',
  'timer',
] as const;
const INTEGER_COLUMNS = [
  'node',
  'keyId',
  'generation',
  'restarts',
  'reboots',
  'tries',
  'awaited',
  'exitCode',
  'brokenAt',
  'initStage',
  'next',
  'previous',
  'nextOfKey',
  'flags',
] as const;
const BYTES_A_ROW = 8 * FLOAT_COLUMNS.length + 4 * INTEGER_COLUMNS.length + 1;
