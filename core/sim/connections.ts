/**
 * Connection table: ordered, reliable byte streams between two processes, in columns.
 *
 * Each end has its own state: an end closes when its process closes it, crashes, or hears that the peer is gone. A peer that died silently
 * (power loss, partition, pause) is noticed only by the health check of HTTP/2 clients: a ping after 30 s without reads, 15 s for its
 * answer. Ids are never reused.
 */
import { assert } from '../base/assert.ts';
import { growFloat64, growInt32, growUint8 } from '../base/grow.ts';
import type { Conn, Pid } from './process.ts';

/** Connections one run may open. */
const CONNECTIONS_MAX = 1 << 22;

export class ConnectionTable {
  #capacity = 64;
  #count = 0;
  /** Process at end 0 (who dialled) and end 1, interleaved. */
  #pids = new Int32Array(128);
  #open = new Uint8Array(128);
  /** 1 while a health check of that end is scheduled. */
  #checking = new Uint8Array(128);
  /** Earliest arrival allowed for the next message towards the other end, µs: keeps the order. */
  #lastArrival = new Float64Array(128);
  #lastRead = new Float64Array(128);
  #sent = new Int32Array(128);
  /** Messages of each end that have not arrived. */
  #onWire = new Int32Array(128);
  /** n-th connection between its two processes: keys its draws, which must not depend on anybody else's connections. */
  #ordinal = new Int32Array(64);

  get count(): number {
    return this.#count;
  }

  /** A new connection from `client` to `server`, open at both ends. */
  open(client: Pid, server: Pid, ordinal: number, now: number): Conn {
    assert(this.#count < CONNECTIONS_MAX, `more than ${CONNECTIONS_MAX} connections`);
    if (this.#count === this.#capacity) this.reserve(this.#capacity * 2);
    const conn = this.#count++;
    this.#ordinal[conn] = ordinal;
    const end = conn * 2;
    this.#pids[end] = client;
    this.#pids[end + 1] = server;
    this.#open[end] = 1;
    this.#open[end + 1] = 1;
    this.#lastRead[end] = now;
    this.#lastRead[end + 1] = now;
    return conn;
  }

  /** Which end of `conn` process `pid` holds: 0 or 1. A process connected to itself holds end 0. */
  endOf(conn: Conn, pid: Pid): number {
    return this.#pids[conn * 2] === pid ? 0 : 1;
  }

  pid(conn: Conn, end: number): Pid {
    return this.#pids[conn * 2 + end] as number;
  }

  /** n-th connection between its two processes, from 1. */
  ordinal(conn: Conn): number {
    return this.#ordinal[conn] as number;
  }

  isOpen(conn: Conn, end: number): boolean {
    return this.#open[conn * 2 + end] === 1;
  }

  /** Closes one end; true if it was open. */
  closeEnd(conn: Conn, end: number): boolean {
    const at = conn * 2 + end;
    const was = this.#open[at] === 1;
    this.#open[at] = 0;
    return was;
  }

  /** A health check of this end gets scheduled; false if one is already. */
  beginCheck(conn: Conn, end: number): boolean {
    const at = conn * 2 + end;
    if (this.#checking[at] === 1) return false;
    this.#checking[at] = 1;
    return true;
  }

  /** The scheduled check takes place. */
  endCheck(conn: Conn, end: number): void {
    this.#checking[conn * 2 + end] = 0;
  }

  lastRead(conn: Conn, end: number): number {
    return this.#lastRead[conn * 2 + end] as number;
  }

  touch(conn: Conn, end: number, now: number): void {
    this.#lastRead[conn * 2 + end] = now;
  }

  /** Arrival time of a message sent from `end` that would arrive at `wanted`: never before an earlier one. */
  arrival(conn: Conn, end: number, wanted: number): number {
    const at = conn * 2 + end;
    const last = this.#lastArrival[at] as number;
    const arrival = wanted > last ? wanted : last;
    this.#lastArrival[at] = arrival;
    return arrival;
  }

  /** Number of this message from `end`, counted up; keys the latency draw. */
  nextSequence(conn: Conn, end: number): number {
    const at = conn * 2 + end;
    const sequence = (this.#sent[at] as number) + 1;
    this.#sent[at] = sequence;
    return sequence;
  }

  /** A message leaves `end`. */
  leaves(conn: Conn, end: number): void {
    const at = conn * 2 + end;
    this.#onWire[at] = (this.#onWire[at] as number) + 1;
  }

  /** A message from `end` arrives. */
  arrives(conn: Conn, end: number): void {
    const at = conn * 2 + end;
    this.#onWire[at] = (this.#onWire[at] as number) - 1;
  }

  /** Messages from `end` that have left and not arrived. */
  onWire(conn: Conn, end: number): number {
    return this.#onWire[conn * 2 + end] as number;
  }

  /** Ids of the connections with an open end at `pid`. */
  of(pid: Pid): Conn[] {
    const found: Conn[] = [];
    for (let conn = 0; conn < this.#count; conn++) {
      const end = conn * 2;
      if (
        (this.#pids[end] === pid && this.#open[end] === 1) ||
        (this.#pids[end + 1] === pid && this.#open[end + 1] === 1)
      ) {
        found.push(conn);
      }
    }
    return found;
  }

  /** Ids of the connections between two processes that are open at some end. */
  between(left: Pid, right: Pid): Conn[] {
    return this.of(left)
      .concat(this.of(right))
      .filter((conn, index, all) => {
        const ends = [this.pid(conn, 0), this.pid(conn, 1)];
        return ends.includes(left) && ends.includes(right) && all.indexOf(conn) === index;
      });
  }

  /** Makes room for `count` connections in all. */
  reserve(count: number): void {
    if (count <= this.#capacity) return;
    this.#capacity = count;
    const n = count * 2;
    this.#ordinal = growInt32(this.#ordinal, this.#capacity);
    this.#open = growUint8(this.#open, n);
    this.#checking = growUint8(this.#checking, n);
    this.#pids = growInt32(this.#pids, n);
    this.#sent = growInt32(this.#sent, n);
    this.#onWire = growInt32(this.#onWire, n);
    this.#lastArrival = growFloat64(this.#lastArrival, n);
    this.#lastRead = growFloat64(this.#lastRead, n);
  }
}
