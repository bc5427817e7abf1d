/**
 * All that a component may do: its process's window on the simulation.
 *
 * One context a process, kept over restarts. Whatever is not here (another process's state, a real clock) a component cannot reach.
 */
import { hashString } from '../base/content-hash.ts';
import type { CostTable } from '../base/costs.ts';
import { drawUint32, type Sfc32 } from '../base/random.ts';
import type { Disk } from './disk.ts';
import { OP_TASK_TIMER } from './ops.ts';
import { type Conn, NO_CONN, NO_TIMER, type Payload, type Pid, PROCESS_DOWN, type Timer } from './process.ts';
import type { BugId, CounterId, MarkId, PointId } from './registry.ts';
import type { Simulation } from './simulation.ts';
import { type Task, WAIT, type Wait } from './task.ts';

export class Context {
  readonly pid: Pid;
  readonly name: string;
  readonly sim: Simulation;
  /** What work costs this process, µs; a fault may make it dearer for a time. */
  costs: CostTable;

  constructor(sim: Simulation, pid: Pid, name: string) {
    this.sim = sim;
    this.costs = sim.costs;
    this.pid = pid;
    this.name = name;
  }

  /**
   * true while this process is up. An instance that crashed or exited in the middle of an event still runs to the end of that
   * event's code: from then on every effect below does nothing.
   */
  get alive(): boolean {
    return this.sim.processes.state[this.pid] !== PROCESS_DOWN;
  }

  /** This process's monotonic clock, µs. Its rate may differ from true time; it goes on while the process is paused. */
  now(): number {
    return this.sim.clocks.monotonic(this.pid);
  }

  /** This process's wall clock, µs since 1970-01-01T00:00:00Z. */
  wallUs(): number {
    return this.sim.clocks.wall(this.pid);
  }

  /** Delivers `op` to this process after `delayUs` of its own clock. Dropped by a crash. */
  setTimer(delayUs: number, op: number, a = 0, b = 0, payload: Payload | null = null): Timer {
    if (!this.alive) return NO_TIMER;
    return this.sim.setTimer(this.pid, delayUs, op, a, b, payload);
  }

  /** Takes a timer off the queue; false if it has fired. A handle is good until the timer fires: forget it then. */
  cancelTimer(timer: Timer): boolean {
    return timer !== NO_TIMER && this.sim.cancelTimer(timer);
  }

  /** Sends a datagram. */
  send(to: Pid, op: number, a: number, b: number, payload: Payload | null, extraDelayUs = 0): void {
    if (this.alive) this.sim.network.send(this.pid, to, op, a, b, payload, extraDelayUs);
  }

  /** Dials `to`; usable at once. If nobody listens, OP_CONN_CLOSED follows. */
  connect(to: Pid): Conn {
    return this.alive ? this.sim.network.connect(this.pid, to) : NO_CONN;
  }

  /** Sends in order on a connection; false if this end is closed. */
  sendOn(conn: Conn, op: number, a: number, b: number, payload: Payload | null, extraDelayUs = 0): boolean {
    return conn >= 0 && this.alive && this.sim.network.sendOn(this.pid, conn, op, a, b, payload, extraDelayUs);
  }

  /** Closes this end in order; messages sent before still arrive. */
  close(conn: Conn): void {
    if (conn >= 0 && this.alive) this.sim.network.close(this.pid, conn);
  }

  /** How many messages on this connection the peer has not looked at, all that waits there counted as ours: a slow reader shows here. */
  unread(conn: Conn): number {
    return conn < 0 ? 0 : this.sim.network.unread(this.pid, conn);
  }

  /** The process at the other end. */
  peerOf(conn: Conn): Pid {
    const connections = this.sim.network.connections;
    return connections.pid(conn, 1 - connections.endOf(conn, this.pid));
  }

  isOpen(conn: Conn): boolean {
    if (conn < 0) return false;
    const connections = this.sim.network.connections;
    return connections.isOpen(conn, connections.endOf(conn, this.pid));
  }

  /** Long-lived random stream of (this process's name, `purpose`); it survives restarts. */
  random(purpose: string): Sfc32 {
    return this.sim.stream(this.pid, purpose);
  }

  /** Stateless draw (uint32) of (master seed, object key, purpose): the same whatever else happens. */
  draw(objectKey: string, purpose: string): number {
    return drawUint32(this.sim.seed, hashString(objectKey), hashString(purpose));
  }

  /** This process is busy for `us` µs: what arrives meanwhile waits. */
  spend(us: number): void {
    if (this.alive) this.sim.spend(this.pid, us);
  }

  /** Counts that a rare path was reached. */
  mark(id: MarkId): void {
    this.sim.observation.mark(id);
  }

  /** Counts `amount` units of work. */
  count(id: CounterId, amount = 1): void {
    this.sim.observation.count(id, amount);
  }

  /** Shows `subject` to whoever listens at a declared point. Costs next to nothing when nobody does. */
  observe(point: PointId, subject: unknown): void {
    this.sim.observation.observe(point, this.pid, subject);
  }

  /** Whether any fault may answer at the point: lets a component leave out what it would need for that. */
  isIntercepted(point: PointId): boolean {
    return this.sim.observation.isIntercepted(point);
  }

  /** Asks a fault at a declared point whether it wants another outcome; undefined = go on. */
  intercept(point: PointId, subject: unknown): unknown {
    return this.sim.observation.intercept(point, this.pid, subject);
  }

  /** true if this bug is switched on in this run. */
  bug(id: BugId): boolean {
    return this.sim.observation.bugs[id] === 1;
  }

  /** Takes a value into this process's digest (a committed write, a decision). */
  mixDigest(value: number): void {
    this.sim.mixDigest(this.pid, value);
  }

  /** Runs `body` to its first yield. `label`, `key` and `ordinal` name its points. */
  startTask(label: string, key: string, body: Generator<Wait, void, unknown>, ordinal = 0): Task {
    return this.sim.tasks.start(this.pid, label, key, ordinal, body);
  }

  /** Gives a suspended task its answer and runs it to its next yield. */
  resume(task: Task, value: unknown): void {
    this.sim.tasks.resume(task, value);
  }

  /** Throws `error` into a suspended task. */
  fail(task: Task, error: unknown): void {
    this.sim.tasks.fail(task, error);
  }

  /** The task whose code is running; asking outside a task is a bug. */
  get currentTask(): Task {
    return this.sim.tasks.current();
  }

  /** Suspends the current task for `us` µs of this process's clock. */
  *sleep(us: number): Generator<Wait, void, unknown> {
    const task = this.currentTask;
    this.setTimer(us, OP_TASK_TIMER, task.id, 0, task);
    yield WAIT;
  }

  /** This process's disk. */
  get disk(): Disk {
    return this.sim.diskOf(this.pid);
  }

  /** Ends this process (connections are reset). Its supervisor decides about a restart. */
  exit(code: number): void {
    this.sim.exit(this.pid, code);
  }
}
