/**
 * The network: datagrams and connections over links.
 *
 * Rules: messages of one connection arrive in order and are never lost while it is open (a loss costs retransmissions, a partition makes
 * them wait for its end); datagrams may be lost, doubled and overtaken where a link says so. What was under way when a link was cut still
 * arrives. Two processes on one machine talk over its loopback.
 */

import { assert } from '../base/assert.ts';
import { mix } from '../base/content-hash.ts';
import type { CostTable } from '../base/costs.ts';
import { drawUint32, type Seed, scaleDraw } from '../base/random.ts';
import type { TrueTime } from './clocks.ts';
import { ConnectionTable } from './connections.ts';
import { HELD_MESSAGES_MAX } from './limits.ts';
import { type LinkState, LinkTable } from './links.ts';
import {
  CLOSED_BY_PEER,
  CLOSED_RESET,
  CLOSED_TIMEOUT,
  OP_CONN_CLOSED,
  OP_CONN_OPEN,
  OP_HEALTH_CHECK,
  REFUSED,
} from './ops.ts';
import { PairCounts } from './pair-counts.ts';
import type { Picks } from './picks.ts';
import { type Conn, type Payload, type Pid, PROCESS_DOWN, PROCESS_PAUSED } from './process.ts';
import type { ProcessTable } from './process-table.ts';

/** A message that waits for a cut or held link. */
interface HeldMessage {
  readonly from: Pid;
  readonly to: Pid;
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly payload: Payload | null;
  readonly conn: Conn;
}

/** What the network needs of the simulation. */
export interface NetworkHost extends TrueTime {
  /** Puts a message into the event queue that arrives at `timeUs`. */
  postMessage(
    timeUs: number,
    sender: Pid,
    target: Pid,
    op: number,
    a: number,
    b: number,
    payload: Payload | null,
    conn: Conn,
  ): void;
}

const DRAW_LATENCY = 0x1a7e9c;
const DRAW_LOSS = 0x105501;
const DRAW_REORDER = 0x0dde41;
/** Retransmissions a lost segment may need; each doubles the wait. */
const RETRANSMISSIONS_MAX = 6;

export class Network {
  readonly connections = new ConnectionTable();
  readonly links = new LinkTable();
  /** Machines without power: nobody there answers or resets. */
  readonly deadMachines = new Set<string>();
  readonly #processes: ProcessTable;
  readonly #seed: Seed;
  readonly #costs: CostTable;
  readonly #host: NetworkHost;
  /** Messages sent so far by (from, to) as datagrams, and connections dialled. */
  readonly #datagrams = new PairCounts();
  readonly #dialled = new PairCounts();
  #held: HeldMessage[] = [];
  /** Ends (conn · 2 + end) that closed in order while their link was cut: what they sent before still goes out when it heals. */
  readonly #closing = new Set<number>();

  constructor(processes: ProcessTable, seed: Seed, costs: CostTable, host: NetworkHost) {
    this.#processes = processes;
    this.#seed = seed;
    this.#costs = costs;
    this.#host = host;
  }

  /** Messages that `from` sent on a connection and that its peer has not looked at: on their way, or among what waits there. */
  unread(from: Pid, conn: Conn): number {
    const { connections } = this;
    const end = connections.endOf(conn, from);
    const waiting = this.#processes.extras[connections.pid(conn, 1 - end)]?.inbox.size ?? 0;
    return connections.onWire(conn, end) + waiting;
  }

  /** Opens a connection and sends its first packet. */
  connect(from: Pid, to: Pid): Conn {
    const { machines, nameHash } = this.#processes;
    const [own, other] = [nameHash[from] as number, nameHash[to] as number];
    const conn = this.connections.open(
      from,
      to,
      this.#dialled.next(from, to),
      machines[from] === machines[to],
      mix(own, other),
      mix(other, own),
      this.#host.now,
    );
    this.sendOn(from, conn, OP_CONN_OPEN, 0, 0, null, 0);
    if (!this.#reachable(from, to) || !this.#reachable(to, from) || this.#silent(to))
      this.#scheduleHealthCheck(conn, 0);
    return conn;
  }

  /** Sends on an open connection; false if this end is closed. */
  sendOn(
    from: Pid,
    conn: Conn,
    op: number,
    a: number,
    b: number,
    payload: Payload | null,
    extraDelayUs: number,
  ): boolean {
    const end = this.connections.endOf(conn, from);
    if (!this.connections.isOpen(conn, end)) return false;
    this.connections.leaves(conn, end);
    this.#transmit(from, end, conn, op, a, b, payload, extraDelayUs);
    return true;
  }

  #transmit(
    from: Pid,
    end: number,
    conn: Conn,
    op: number,
    a: number,
    b: number,
    payload: Payload | null,
    extraDelayUs: number,
  ): void {
    const to = this.connections.pid(conn, 1 - end);
    const link = this.links.find(from, to);
    if (link !== null && (link.cut || link.hold)) {
      link.stopped++;
      this.#hold({ from, to, op, a, b, payload, conn });
      return;
    }
    const { connections } = this;
    const drawKey = mix(connections.ordinal(conn), connections.nextSequence(conn, end) * 2 + end);
    const pair = connections.pair(conn, end);
    let delay = extraDelayUs + this.#latency(connections.isLocal(conn), pair, link, drawKey);
    if (link !== null) delay += this.#impairments(pair, link, payload, drawKey);
    this.#host.postMessage(connections.arrival(conn, end, this.#host.now + delay), from, to, op, a, b, payload, conn);
  }

  /** Sends a datagram: may be lost, doubled, overtaken. */
  send(from: Pid, to: Pid, op: number, a: number, b: number, payload: Payload | null, extraDelayUs: number): void {
    const link = this.links.find(from, to);
    const sequence = this.#datagrams.next(from, to);
    const { machines, nameHash } = this.#processes;
    const pair = mix(nameHash[from] as number, nameHash[to] as number);
    const at = this.#host.now + extraDelayUs + this.#latency(machines[from] === machines[to], pair, link, sequence);
    if (link === null) return this.#host.postMessage(at, from, to, op, a, b, payload, -1);
    if (link.cut || link.hold) link.stopped++;
    if (link.cut) return;
    if (link.hold) return this.#hold({ from, to, op, a, b, payload, conn: -1 });
    if (this.#loses(pair, link, sequence)) return;
    const overtaken = picked(link.overtakes, this.#chance(pair, sequence, DRAW_REORDER, link.reorderPpm));
    const late = overtaken ? 10 * this.#costs.linkLatencyUs : 0;
    if (late > 0) link.impaired++;
    this.#host.postMessage(at + late + this.#transmission(link, payload), from, to, op, a, b, payload, -1);
    if (picked(link.doubles, this.#chance(pair, ~sequence, DRAW_REORDER, link.duplicationPpm))) {
      link.impaired++;
      this.#host.postMessage(at + late + this.#costs.linkLatencyUs, from, to, op, a, b, payload, -1);
    }
  }

  /** Closes this end in order; the peer hears of it after what was sent before. */
  close(from: Pid, conn: Conn): void {
    const end = this.connections.endOf(conn, from);
    if (!this.connections.isOpen(conn, end)) return;
    const link = this.links.find(from, this.connections.pid(conn, 1 - end));
    if (link !== null && (link.cut || link.hold)) this.#closing.add(conn * 2 + end);
    this.sendOn(from, conn, OP_CONN_CLOSED, CLOSED_BY_PEER, 0, null, 0);
    this.connections.closeEnd(conn, end);
  }

  /**
   * Called for each arriving message of a connection. True = deliver it. A closed end answers with a reset; a notice of
   * closing closes this end first.
   */
  admit(to: Pid, op: number, conn: Conn): boolean {
    const end = this.connections.endOf(conn, to);
    this.connections.arrives(conn, 1 - end);
    if (!this.connections.isOpen(conn, end)) {
      if (op !== OP_CONN_CLOSED && this.connections.isOpen(conn, 1 - end)) this.#reset(conn, 1 - end);
      return false;
    }
    if (op === OP_CONN_OPEN && this.#processes.state[to] === PROCESS_DOWN) {
      // Nobody listens: the machine refuses, unless it is without power.
      this.connections.closeEnd(conn, end);
      this.#reset(conn, 1 - end, REFUSED);
      return false;
    }
    if (op === OP_CONN_CLOSED) this.connections.closeEnd(conn, end);
    else this.connections.touch(conn, end, this.#host.now);
    return op !== OP_CONN_OPEN;
  }

  /** The process is gone: its ends close; the peers get a reset, or notice by themselves if `silent`. */
  processDown(pid: Pid, silent: boolean): void {
    for (const endKey of [...this.#closing]) {
      if (this.connections.pid(endKey >> 1, endKey & 1) === pid) this.#closing.delete(endKey);
    }
    for (const conn of this.connections.of(pid)) {
      const end = this.connections.endOf(conn, pid);
      const peer = this.connections.pid(conn, 1 - end);
      this.connections.closeEnd(conn, end);
      if (!this.connections.isOpen(conn, 1 - end)) continue;
      if (silent || !this.#reachable(pid, peer)) this.#scheduleHealthCheck(conn, 1 - end);
      else this.#reset(conn, 1 - end);
    }
  }

  /** Links from or to `pid` changed, or it was paused: every open connection that may be dead is looked at in time. */
  suspect(pid: Pid): void {
    for (const conn of this.connections.of(pid)) {
      for (let end = 0; end < 2; end++) if (this.connections.isOpen(conn, end)) this.#scheduleHealthCheck(conn, end);
    }
  }

  /** A health check fired at one end: closes it if the peer is still silent. Returns true if it closed. */
  healthCheck(conn: Conn, end: number): boolean {
    this.connections.endCheck(conn, end);
    if (!this.connections.isOpen(conn, end)) return false;
    const pid = this.connections.pid(conn, end);
    const peer = this.connections.pid(conn, 1 - end);
    if (this.#reachable(pid, peer) && this.#reachable(peer, pid) && !this.#silent(peer)) {
      if (!this.connections.isOpen(conn, 1 - end)) this.#reset(conn, end);
      return false;
    }
    const due = this.connections.lastRead(conn, end) + this.#costs.http2PingAfterUs + this.#costs.http2PingTimeoutUs;
    if (due > this.#host.now) {
      this.#scheduleHealthCheck(conn, end);
      return false;
    }
    this.#host.postMessage(this.#host.now, pid, pid, OP_CONN_CLOSED, CLOSED_TIMEOUT, 0, null, conn);
    return true;
  }

  /** Delivers what waited for links that are no longer cut or held, in the order it was sent. */
  releaseHeld(): void {
    const waiting = this.#held;
    this.#held = [];
    for (const message of waiting) {
      const { from, to, op, a, b, payload, conn } = message;
      const link = this.links.find(from, to);
      if (link !== null && (link.cut || link.hold)) this.#held.push(message);
      else if (conn < 0) this.send(from, to, op, a, b, payload, 0);
      else this.#retransmit(message, conn * 2 + this.connections.endOf(conn, from));
    }
  }

  #retransmit(message: HeldMessage, endKey: number): void {
    const { from, op, a, b, payload, conn } = message;
    if (!this.connections.isOpen(conn, endKey & 1) && !this.#closing.has(endKey)) return;
    if (op === OP_CONN_CLOSED) this.#closing.delete(endKey);
    this.#transmit(from, endKey & 1, conn, op, a, b, payload, this.#costs.tcpRetransmitUs);
  }

  /** The machine at the other end answers `end` with a reset, unless it has no power or the link back is cut. */
  #reset(conn: Conn, end: number, detail = 0): void {
    const pid = this.connections.pid(conn, end);
    const peer = this.connections.pid(conn, 1 - end);
    if (!this.#reachable(peer, pid) || this.deadMachines.has(this.#processes.machines[peer] as string)) {
      this.#scheduleHealthCheck(conn, end);
      return;
    }
    const { connections } = this;
    const drawKey = mix(connections.ordinal(conn), -1 - end);
    const pair = connections.pair(conn, 1 - end);
    const at = this.#host.now + this.#latency(connections.isLocal(conn), pair, this.links.find(peer, pid), drawKey);
    this.#host.postMessage(
      connections.arrival(conn, 1 - end, at),
      peer,
      pid,
      OP_CONN_CLOSED,
      CLOSED_RESET,
      detail,
      null,
      conn,
    );
  }

  #scheduleHealthCheck(conn: Conn, end: number): void {
    if (!this.connections.beginCheck(conn, end)) return;
    const pingAt = Math.max(this.#host.now, this.connections.lastRead(conn, end) + this.#costs.http2PingAfterUs);
    const pid = this.connections.pid(conn, end);
    this.#host.postMessage(pingAt + this.#costs.http2PingTimeoutUs, pid, pid, OP_HEALTH_CHECK, end, 0, null, conn);
  }

  #reachable(from: Pid, to: Pid): boolean {
    const link = this.links.find(from, to);
    return (link === null || !link.cut) && !this.deadMachines.has(this.#processes.machines[to] as string);
  }

  #silent(pid: Pid): boolean {
    const state = this.#processes.state[pid];
    return (
      state === PROCESS_PAUSED ||
      (state === PROCESS_DOWN && this.deadMachines.has(this.#processes.machines[pid] as string))
    );
  }

  #hold(message: HeldMessage): void {
    assert(
      this.#held.length < HELD_MESSAGES_MAX,
      `network: more than ${HELD_MESSAGES_MAX} messages wait for cut links`,
    );
    this.#held.push(message);
  }

  /** `pair`: hash of the names of both ends; `sequence` keys the draw. */
  #latency(isLocal: boolean, pair: number, link: LinkState | null, sequence: number): number {
    if (isLocal) return this.#costs.loopbackLatencyUs;
    if (link !== null && link.latencyUs >= 0) link.slowed++;
    const base = link !== null && link.latencyUs >= 0 ? link.latencyUs : this.#costs.linkLatencyUs;
    const jitter = link !== null && link.jitterUs >= 0 ? link.jitterUs : this.#costs.linkJitterUs;
    if (jitter === 0) return base;
    const extra = scaleDraw(this.#draw(pair, sequence, DRAW_LATENCY), jitter + 1);
    const delays = link === null ? null : link.delays;
    if (delays === null) return base + extra;
    const isLate = delays.take(2 * extra > jitter);
    if (!delays.isExact) return base + extra;
    return isLate ? base + jitter : base;
  }

  #impairments(pair: number, link: LinkState, payload: Payload | null, sequence: number): number {
    let delay = this.#transmission(link, payload);
    for (let tries = 0; tries < RETRANSMISSIONS_MAX; tries++) {
      if (!this.#loses(pair, link, mix(sequence, tries))) break;
      delay += this.#costs.tcpRetransmitUs * 2 ** tries;
    }
    return delay;
  }

  #transmission(link: LinkState, payload: Payload | null): number {
    if (link.bandwidthBytesPerS === 0) return 0;
    link.impaired++;
    const sizeBytes = payload?.wireSizeBytes?.() ?? 256;
    const start = Math.max(this.#host.now, link.busyUntilUs);
    link.busyUntilUs = start + Math.ceil((sizeBytes * 1_000_000) / link.bandwidthBytesPerS);
    return link.busyUntilUs - this.#host.now;
  }

  #loses(pair: number, { lossPpm, losses }: LinkState, sequence: number): boolean {
    return picked(losses, this.#chance(pair, sequence, DRAW_LOSS, lossPpm));
  }

  #chance(pair: number, sequence: number, purpose: number, ppm: number): boolean {
    return ppm > 0 && scaleDraw(this.#draw(pair, sequence, purpose), 1_000_000) < ppm;
  }

  #draw(pair: number, sequence: number, purpose: number): number {
    return drawUint32(this.#seed, pair, mix(sequence, purpose));
  }
}

/** Whether a transmission is hit: as was drawn, or as somebody says who decides or records it. */
function picked(picks: Picks | null, drawn: boolean): boolean {
  return picks === null ? drawn : picks.take(drawn);
}
