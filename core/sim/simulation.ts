/**
 * The simulation: virtual time, the event loop, processes and their life cycle.
 *
 * Always: the same (seed, processes, actions, costs, bugs) give the same events in the same order and so the same digest, on any machine. Cost of an
 * event: one heap pop, one dispatch, two digest mixes; no allocation. No real clock is read.
 */
import { assert } from '../base/assert.ts';
import { type CostTable, costTable } from '../base/costs.ts';
import { drawUint32, ReplaceableSeed, Sfc32, scaleDraw, seedOf } from '../base/random.ts';
import { Action } from './action.ts';
import { CheckpointChain } from './checkpoint-chain.ts';
import { Clocks } from './clocks.ts';
import { Context } from './context.ts';
import { Disk } from './disk.ts';
import { EventQueue } from './event-queue.ts';
import { CHECKPOINT_PERIOD_US, TIME_US_MAX } from './limits.ts';
import { Network } from './network.ts';
import { Observation } from './observation.ts';
import {
  OP_ACTION,
  OP_CONN_CLOSED,
  OP_HEALTH_CHECK,
  OP_START,
  OP_TASK_DELAYED,
  OP_TASK_TIMER,
  OP_WAKE,
} from './ops.ts';
import { type Order, orderKey, permutedOrder } from './order.ts';
import {
  type Behaviour,
  type CrashOptions,
  type Factory,
  type Payload,
  type Pid,
  PROCESS_DOWN,
  PROCESS_PAUSED,
  PROCESS_RUNNING,
  type Timer,
} from './process.ts';
import { ProcessTable } from './process-table.ts';
import type { RunEnd, SimulationOptions } from './simulation-options.ts';
import { Task } from './task.ts';
import { TaskRunner } from './task-runner.ts';
import type { TraceSink } from './trace.ts';

export type { RunEnd, SimulationOptions } from './simulation-options.ts';

export class Simulation {
  readonly seed: ReplaceableSeed;
  readonly costs: CostTable;
  readonly options: SimulationOptions;
  readonly processes = new ProcessTable();
  readonly queue = new EventQueue();
  readonly clocks: Clocks;
  readonly network: Network;
  readonly tasks: TaskRunner;
  readonly chain = new CheckpointChain();
  readonly observation: Observation;
  /** Called when a process ends itself. */
  onExit: ((pid: Pid, code: number) => void) | null = null;
  /** Called at each checkpoint, before digests are taken: audits of live objects. */
  readonly onCheckpoint: (() => void)[] = [];
  trace: TraceSink | null = null;
  /** Orders events that come at one instant; null = by process id. Asked when an event is sent. */
  order: Order | null;
  eventCount = 0;
  /** The harness: owns scheduled actions. */
  readonly #harness: Pid;
  #now = 0;
  #nextCheckpoint = CHECKPOINT_PERIOD_US;
  #causing = 0;
  #traced = 0;
  /** Event id of the cause by slot, while tracing. */
  readonly #causes: number[] = [];
  #stopped = false;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.seed = new ReplaceableSeed(seedOf(options.seed));
    this.costs = costTable(options.costs);
    this.observation = new Observation(options.bugs ?? []);
    this.order = permutedOrder(this.seed, options.interleaving);
    this.clocks = new Clocks(this.processes, this);
    this.network = new Network(this.processes, this.seed, this.costs, this);
    this.tasks = new TaskRunner(this);
    this.#harness = this.addProcess('harness', 'harness', () => ({ start() {}, receive() {} }));
  }

  /** True virtual time, µs. Components use their context's clocks. */
  get now(): number {
    return this.#now;
  }

  // ---- processes -------------------------------------------------------------------------------------------------

  /** Adds a process on `machine`; it starts at `startUs` (default: the current instant), at one instant in order of ids. */
  addProcess(name: string, machine: string, factory: Factory, startUs = this.#now): Pid {
    const pid = this.processes.add(name, machine, factory);
    this.processes.contexts.push(new Context(this, pid, name));
    const hash = this.processes.nameHash[pid] as number;
    this.processes.digests.reserve(pid + 1);
    this.processes.digests.reset(pid, this.seed.low ^ hash, this.seed.high ^ ~hash);
    this.#post(startUs, pid, pid, OP_START, 0, 0, null, -1, 0);
    return pid;
  }

  /** The process named `name`; asking for another is a bug. */
  pidOf(name: string): Pid {
    const pid = this.processes.find(name);
    assert(pid !== undefined, `no process is named "${name}"`);
    return pid;
  }

  contextOf(pid: Pid): Context {
    return this.processes.contexts[pid] as Context;
  }

  isRunning(pid: Pid): boolean {
    return this.processes.state[pid] === PROCESS_RUNNING;
  }

  /** Whether the process has an instance, be it running or paused. */
  isUp(pid: Pid): boolean {
    return this.processes.state[pid] !== PROCESS_DOWN;
  }

  /** How many instances of the process have ended. */
  incarnationOf(pid: Pid): number {
    return this.processes.incarnation[pid] as number;
  }

  /** Throws the instance away with its timers, tasks and connections. Of a process that is down it calls off a start that is under way. */
  crash(pid: Pid, options: CrashOptions = {}): void {
    const processes = this.processes;
    processes.incarnation[pid] = (processes.incarnation[pid] as number) + 1;
    if (processes.state[pid] === PROCESS_DOWN) return;
    processes.state[pid] = PROCESS_DOWN;
    processes.setBehaviour(pid, null);
    processes.busyUntil[pid] = 0;
    processes.wakeAt[pid] = 0;
    const extras = processes.extras[pid];
    if (extras) {
      for (let slot = extras.inbox.shift(); slot !== undefined; slot = extras.inbox.shift()) this.queue.free(slot);
      extras.disk?.crash(options.unsynced ?? 'lost', (unsynced) => {
        const incarnation = processes.incarnation[pid] as number;
        return scaleDraw(drawUint32(this.seed, (processes.nameHash[pid] as number) ^ incarnation, 0x70_24), unsynced);
      });
    }
    this.tasks.drop(pid);
    this.network.processDown(pid, options.silent === true);
  }

  /** Builds a new instance of a process that is down; it starts at once. */
  restart(pid: Pid): void {
    assert(this.processes.state[pid] === PROCESS_DOWN, `restart of ${this.processes.names[pid]}, which is not down`);
    this.postOwn(pid, this.#now, OP_START, 0, 0, null);
  }

  /** A process ends itself. */
  exit(pid: Pid, code: number): void {
    if (this.processes.state[pid] === PROCESS_DOWN) return;
    this.crash(pid);
    this.onExit?.(pid, code);
  }

  /** Freezes a process: nothing is lost, everything waits. */
  pause(pid: Pid): void {
    if (this.processes.state[pid] !== PROCESS_RUNNING) return;
    this.processes.state[pid] = PROCESS_PAUSED;
    this.processes.pausedAt[pid] = this.#now;
    this.network.suspect(pid);
  }

  /** Lets a paused process go on; what waited is delivered in order, at once. */
  resume(pid: Pid): void {
    if (this.processes.state[pid] !== PROCESS_PAUSED) return;
    this.processes.state[pid] = PROCESS_RUNNING;
    this.processes.resumedAt[pid] = this.#now;
    this.#wake(pid, this.#now);
  }

  stream(pid: Pid, purpose: string): Sfc32 {
    const streams = this.processes.extrasOf(pid).streams;
    let stream = streams.get(purpose);
    if (stream === undefined) {
      stream = Sfc32.named(this.seed, this.processes.names[pid] as string, purpose);
      streams.set(purpose, stream);
    }
    return stream;
  }

  diskOf(pid: Pid): Disk {
    const extras = this.processes.extrasOf(pid);
    extras.disk ??= new Disk(this, pid, this.costs.storeFsyncUs);
    return extras.disk;
  }

  spend(pid: Pid, us: number): void {
    if (us > 0) this.processes.busyUntil[pid] = Math.max(this.#now, this.processes.busyUntil[pid] as number) + us;
  }

  mixDigest(pid: Pid, value: number): void {
    this.processes.digests.mix(pid, value | 0, this.#now | 0);
  }

  // ---- timers, actions -------------------------------------------------------------------------------------------

  setTimer(pid: Pid, delayUs: number, op: number, a: number, b: number, payload: Payload | null): Timer {
    const incarnation = this.processes.incarnation[pid] as number;
    const at = this.#now + this.clocks.trueDelay(pid, delayUs);
    return this.queue.handleOf(this.#post(at, pid, pid, op, a, b, payload, -1, incarnation));
  }

  cancelTimer(timer: Timer): boolean {
    return this.queue.cancel(timer);
  }

  /** Schedules an action of the harness at an absolute instant (µs, not before now). `label` enters the digest. */
  at(timeUs: number, label: string, act: () => void): Timer {
    assert(timeUs >= this.#now, `action "${label}" lies in the past`);
    const slot = this.#post(timeUs, this.#harness, this.#harness, OP_ACTION, 0, 0, new Action(label, act), -1, -1);
    return this.queue.handleOf(slot);
  }

  // ---- the loop --------------------------------------------------------------------------------------------------

  /** Runs until nothing is pending, `untilUs` is reached, the budget is used up, or {@link stop} is called. */
  run(untilUs: number): RunEnd {
    const eventsMax = this.options.eventsMax ?? Number.MAX_SAFE_INTEGER;
    const queue = this.queue;
    this.#stopped = false;
    while (queue.size > 0) {
      const time = queue.peekTime();
      if (time > untilUs) break;
      while (time >= this.#nextCheckpoint) this.#checkpoint();
      if (this.eventCount >= eventsMax) return 'events-budget';
      this.#now = time;
      const slot = queue.pop();
      this.eventCount++;
      this.#dispatch(slot);
      if (this.#stopped) return 'stopped';
    }
    if (queue.size === 0 && untilUs === Number.POSITIVE_INFINITY) return 'idle';
    while (untilUs >= this.#nextCheckpoint) this.#checkpoint();
    this.#now = Math.max(this.#now, untilUs);
    return queue.size === 0 ? 'idle' : 'until';
  }

  /** Ends {@link run} after the current event. */
  stop(): void {
    this.#stopped = true;
  }

  /** SHA-256 over the checkpoint chain, a last checkpoint of the present state included. */
  digestHex(): string {
    return this.#withPresent(() => this.chain.sha256Hex());
  }

  /** The words of the checkpoint chain, a last checkpoint of the present state included. */
  chainWords(): Int32Array {
    return this.#withPresent(() => this.chain.words());
  }

  /** The present digest lanes of one process: [low, high]. */
  digestOf(pid: Pid): readonly [number, number] {
    return [this.processes.digests.low(pid), this.processes.digests.high(pid)];
  }

  /** For the network: a message on its way, which arrives at whatever instance is there then. */
  postMessage(
    timeUs: number,
    sender: Pid,
    target: Pid,
    op: number,
    a: number,
    b: number,
    payload: Payload | null,
    conn: number,
  ): void {
    this.#post(timeUs, sender, target, op, a, b, payload, conn, -1);
  }

  /** For disks and tasks: an event of a process's own, for its present instance. */
  postOwn(pid: Pid, timeUs: number, op: number, a: number, b: number, payload: Payload | null): void {
    this.#post(timeUs, pid, pid, op, a, b, payload, -1, this.processes.incarnation[pid] as number);
  }

  /** Puts an event into the queue; the answer is its slot there: a timer's handle is made of it where one is wanted. */
  #post(
    time: number,
    sender: Pid,
    target: Pid,
    op: number,
    a: number,
    b: number,
    payload: Payload | null,
    conn: number,
    incarnation: number,
  ): number {
    const queue = this.queue;
    if (!(time >= this.#now && time <= TIME_US_MAX))
      assert(false, `event ${op} lies in the past or beyond all time: ${time}`);
    const slot = queue.allocate();
    queue.write(slot, op, target, sender, conn, incarnation, a, b, payload);
    if (this.trace !== null) this.#causes[slot] = this.#causing;
    const sequences = this.processes.sequence;
    const sequence = (sequences[sender] as number) + 1;
    sequences[sender] = sequence;
    const rank = this.order === null ? sender : this.order(sender, time, target);
    queue.push(slot, time, orderKey(rank, sequence));
    return slot;
  }

  #dispatch(slot: number): void {
    const queue = this.queue;
    if (this.trace !== null) this.#causing = this.#causes[slot] ?? 0;
    const target = queue.target(slot);
    const incarnation = queue.incarnation(slot);
    const processes = this.processes;
    if (incarnation >= 0 && incarnation !== processes.incarnation[target]) {
      queue.free(slot);
      return;
    }
    const op = queue.op(slot);
    if (op <= OP_START && op !== OP_CONN_CLOSED && this.#dispatchKernel(slot, op, target)) return;
    const conn = queue.conn(slot);
    if (conn >= 0 && !this.network.admit(target, op, conn)) {
      queue.free(slot);
      return;
    }
    const state = processes.state[target];
    if (state === PROCESS_DOWN) {
      queue.free(slot);
      return;
    }
    if (state === PROCESS_PAUSED || (processes.busyUntil[target] as number) > this.#now || this.#hasWaiting(target)) {
      this.#wait(slot, target);
      return;
    }
    this.#deliver(slot, target);
  }

  /** Kernel opcodes; returns true if the event is used up. */
  #dispatchKernel(slot: number, op: number, target: Pid): boolean {
    const queue = this.queue;
    switch (op) {
      case OP_START:
        queue.free(slot);
        this.#start(target);
        return true;
      case OP_WAKE:
        queue.free(slot);
        this.#drain(target);
        return true;
      case OP_HEALTH_CHECK: {
        const conn = queue.conn(slot);
        const end = queue.a(slot);
        queue.free(slot);
        this.network.healthCheck(conn, end);
        return true;
      }
      case OP_ACTION: {
        const action = queue.payload(slot) as Action;
        this.#account(slot, target);
        queue.free(slot);
        action.act();
        return true;
      }
      default:
        return false;
    }
  }

  #hasWaiting(target: Pid): boolean {
    return (this.processes.extras[target]?.inbox.size ?? 0) > 0;
  }

  #wait(slot: number, target: Pid): void {
    const processes = this.processes;
    processes.extrasOf(target).inbox.push(slot);
    processes.waits[target] = (processes.waits[target] as number) + 1;
    if (processes.state[target] === PROCESS_PAUSED) return;
    const until = Math.max(this.#now, processes.busyUntil[target] as number);
    processes.waitedUs[target] = (processes.waitedUs[target] as number) + until - this.#now;
    this.#wake(target, until);
  }

  #wake(target: Pid, at: number): void {
    if ((this.processes.wakeAt[target] as number) > this.#now) return;
    this.processes.wakeAt[target] = at;
    this.#post(at, target, target, OP_WAKE, 0, 0, null, -1, this.processes.incarnation[target] as number);
  }

  #drain(target: Pid): void {
    const processes = this.processes;
    const incarnation = processes.incarnation[target] as number;
    processes.wakeAt[target] = 0;
    const inbox = processes.extrasOf(target).inbox;
    while (inbox.size > 0) {
      if (processes.state[target] !== PROCESS_RUNNING || processes.incarnation[target] !== incarnation) return;
      const busyUntil = processes.busyUntil[target] as number;
      if (busyUntil > this.#now) {
        processes.waitedUs[target] = (processes.waitedUs[target] as number) + (busyUntil - this.#now) * inbox.size;
        this.#wake(target, busyUntil);
        return;
      }
      this.#deliver(inbox.shift() as number, target);
    }
  }

  #deliver(slot: number, target: Pid): void {
    const queue = this.queue;
    const op = queue.op(slot);
    const from = queue.from(slot);
    const a = queue.a(slot);
    const b = queue.b(slot);
    const conn = queue.conn(slot);
    const payload = queue.payload(slot);
    this.#account(slot, target);
    queue.free(slot);
    if (op === OP_TASK_TIMER) this.tasks.wake(payload as Task);
    else if (op === OP_TASK_DELAYED) this.tasks.endDelay(a);
    else {
      const { behaviours, receivers } = this.processes;
      (receivers[target] as Behaviour['receive']).call(behaviours[target], op, from, a, b, payload, conn, target);
    }
  }

  /** Takes a delivered event into the digest of its target, and into the trace. */
  #account(slot: number, target: Pid): void {
    const queue = this.queue;
    const now = this.#now;
    const payload = queue.payload(slot);
    const payloadHash = payload === null ? 0 : payload.contentHash();
    const op = queue.op(slot);
    const from = queue.from(slot);
    const a = queue.a(slot);
    const b = queue.b(slot);
    const digests = this.processes.digests;
    digests.mix(target, now | 0, Math.imul((now / 0x1_0000_0000) | 0, 0x9e3779b1) ^ op);
    digests.mix(target, payloadHash ^ from, Math.imul(a | 0, 0x85ebca6b) ^ (b | 0));
    if (this.trace === null) return;
    this.#causing = ++this.#traced;
    if (now < this.trace.fromUs || now > this.trace.untilUs) return;
    this.trace.record({
      id: this.#traced,
      event: this.eventCount,
      cause: this.#causes[slot] ?? 0,
      timeUs: now,
      target: this.processes.names[target] as string,
      from: this.processes.names[from] as string,
      op,
      a,
      b,
      task: payload instanceof Task ? `${payload.label} ${payload.key}`.trimEnd() : '',
      payloadHash,
      payload,
    });
  }

  #start(pid: Pid): void {
    const processes = this.processes;
    if (processes.state[pid] !== PROCESS_DOWN) return;
    processes.state[pid] = PROCESS_RUNNING;
    processes.startedAt[pid] = this.#now;
    const behaviour = (processes.factories[pid] as Factory)(processes.contexts[pid] as Context);
    processes.setBehaviour(pid, behaviour);
    behaviour.start(pid);
  }

  #checkpoint(): void {
    this.#now = Math.max(this.#now, this.#nextCheckpoint);
    for (const audit of this.onCheckpoint) audit();
    this.chain.take(this.processes);
    this.#nextCheckpoint += CHECKPOINT_PERIOD_US;
  }

  #withPresent<T>(read: () => T): T {
    const mark = this.chain.mark();
    this.chain.take(this.processes);
    const result = read();
    this.chain.takeBack(mark);
    return result;
  }
}
