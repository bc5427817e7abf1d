/**
 * The cohort of kubelets that renew alike: one event a grid instant, one batch of renewals an API server.
 *
 * A wheel of lists by grid instant; entering and due nodes cost a few array writes. The batch travels on a connection of the fleet's own
 * process; whatever it could not renew goes back to the plain path of the node. Due nodes are taken in order of their index.
 */

import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import { LeaseBatch, type LeaseBatchResult, OP_LEASE_BATCH } from '../types/lease-batch.ts';
import { LEASES } from '../types/resource-type.ts';
import type { FleetState } from './fleet-state.ts';
import { GRID_US, HEARTBEAT_JITTER_US, HEARTBEAT_US, type Heartbeats } from './heartbeats.ts';
import { LEASE_NAMESPACE } from './node-object.ts';
import { OP_COHORT_TICK } from './ops.ts';

/** Grid instants the wheel spans: more than the longest period. */
const WHEEL = 2 * Math.ceil((HEARTBEAT_US + HEARTBEAT_JITTER_US) / GRID_US);

interface Pending {
  readonly id: number;
  readonly nodes: readonly number[];
}

/** The fleet's connection to one API server. */
interface Line {
  readonly server: Pid;
  conn: Conn;
  pending: Pending[];
  /** Nodes of the batch being gathered. */
  due: number[];
}

export class LeaseCohort {
  readonly #state: FleetState;
  readonly #heartbeats: Heartbeats;
  readonly #ctx: Context;
  readonly #first = new Int32Array(WHEEL).fill(-1);
  readonly #next: Int32Array;
  /** Grid instant at which a node is entered, −1 = not in the cohort. */
  readonly #at: Float64Array;
  readonly #leaseId: Int32Array;
  readonly #lines: Line[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #timer = -1;
  #ids = 0;
  #size = 0;

  /** `ctx`: the fleet's own process. */
  constructor(state: FleetState, heartbeats: Heartbeats, ctx: Context) {
    this.#state = state;
    this.#heartbeats = heartbeats;
    this.#ctx = ctx;
    const { count } = state.nodes;
    this.#next = new Int32Array(count).fill(-1);
    this.#at = new Float64Array(count).fill(-1);
    const keys = state.options.names.keys(LEASES);
    this.#leaseId = Int32Array.from({ length: count }, (_, node) =>
      keys.intern(LEASE_NAMESPACE, state.nodes.nameOf(node)),
    );
  }

  /** How many nodes are in the cohort. */
  get size(): number {
    return this.#size;
  }

  /** The node's next renewal is due at `dueUs` (on the grid, in the future). */
  enter(node: number, dueUs: number): void {
    const at = dueUs / GRID_US;
    const slot = at % WHEEL;
    if (this.#at[node] === -1) this.#size++;
    else this.#unlink(node);
    this.#at[node] = at;
    this.#next[node] = this.#first[slot] as number;
    this.#first[slot] = node;
    if (at < this.#armedFor) this.#arm(at);
  }

  leave(node: number): void {
    if (this.#at[node] === -1) return;
    this.#unlink(node);
    this.#at[node] = -1;
    this.#size--;
  }

  #unlink(node: number): void {
    const slot = (this.#at[node] as number) % WHEEL;
    let at = this.#first[slot] as number;
    if (at === node) {
      this.#first[slot] = this.#next[node] as number;
      return;
    }
    while (at >= 0 && this.#next[at] !== node) at = this.#next[at] as number;
    if (at >= 0) this.#next[at] = this.#next[node] as number;
  }

  /** The cohort's timer. */
  tick(): void {
    const at = Math.floor(this.#ctx.sim.now / GRID_US);
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#timer = -1;
    const due = this.#take(at);
    for (let i = 0; i < due.length; i++) {
      const node = due[i] as number;
      const server = this.#heartbeats.dueInCohort(node);
      if (server >= 0) this.#line(server).due.push(node);
    }
    for (const line of this.#lines) if (line.due.length > 0) this.#send(line);
    this.#armNext(at);
  }

  /** Nodes entered at grid instants up to `at`, ascending. */
  #take(at: number): number[] {
    const due: number[] = [];
    const slot = at % WHEEL;
    for (let node = this.#first[slot] as number; node >= 0; node = this.#next[node] as number)
      if (this.#at[node] === at) due.push(node);
    for (const node of due) this.leave(node);
    return due.length > 1 ? due.sort((left, right) => left - right) : due;
  }

  /** The answer to a batch. */
  onResult(conn: Conn, id: number, payload: Payload | null): void {
    const line = this.#lines.find((one) => one.conn === conn);
    if (line === undefined) return;
    const index = line.pending.findIndex((one) => one.id === id);
    if (index < 0) return;
    const { nodes } = line.pending[index] as Pending;
    line.pending.splice(index, 1);
    const { failed } = payload as LeaseBatchResult;
    for (const node of nodes) this.#state.nodes.leaseWriting[node] = 0;
    for (let i = 0; i < failed.length; i++) {
      this.#heartbeats.renewalFailed(nodes[failed[i] as number] as number);
    }
  }

  /** A connection of the fleet's process ended: nobody knows what was renewed. */
  onClosed(conn: Conn): void {
    const line = this.#lines.find((one) => one.conn === conn);
    if (line === undefined) return;
    const { pending } = line;
    line.conn = -1;
    line.pending = [];
    for (const { nodes } of pending) for (const node of nodes) this.#heartbeats.renewalFailed(node);
  }

  /** Sends the batch that a line has gathered. */
  #send(line: Line): void {
    const nodes = line.due;
    line.due = [];
    if (line.conn < 0) line.conn = this.#ctx.connect(line.server);
    const id = ++this.#ids;
    const { leaseWriting } = this.#state.nodes;
    const ids = nodes.map((node) => this.#leaseId[node] as number);
    for (const node of nodes) leaseWriting[node] = 1;
    line.pending.push({ id, nodes });
    this.#ctx.sendOn(line.conn, OP_LEASE_BATCH, id, 0, new LeaseBatch(ids, this.#ctx.wallUs()));
  }

  #line(server: Pid): Line {
    for (const known of this.#lines) if (known.server === server) return known;
    const line: Line = { server, conn: -1, pending: [], due: [] };
    this.#lines.push(line);
    return line;
  }

  #armNext(from: number): void {
    if (this.#size === 0) return;
    for (let at = from + 1; at <= from + WHEEL; at++) {
      for (let node = this.#first[at % WHEEL] as number; node >= 0; node = this.#next[node] as number) {
        if (this.#at[node] !== at) continue;
        if (at < this.#armedFor) this.#arm(at);
        return;
      }
    }
  }

  #arm(at: number): void {
    if (this.#timer >= 0) this.#ctx.cancelTimer(this.#timer);
    this.#armedFor = at;
    this.#timer = this.#ctx.setTimer(Math.max(0, at * GRID_US - this.#ctx.sim.now), OP_COHORT_TICK);
  }
}
