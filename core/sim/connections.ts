/**
 * Connection table: ordered, reliable byte streams between two processes. What is known of an end is one record of words, what
 * is known of both one word.
 *
 * Each end has its own state: an end closes when its process closes it, crashes, or hears that the peer is gone. A peer that died silently
 * (power loss, partition, pause) is noticed only by the health check of HTTP/2 clients: a ping after 30 s without reads, 15 s for its
 * answer. Ids are never reused.
 */
import { assert } from '../base/assert.ts';
import { growFloat64, growInt32 } from '../base/grow.ts';
import type { Conn, Pid } from './process.ts';

/** Connections one run may open. */
const CONNECTIONS_MAX = 1 << 22;

/** Words of an end's record: 2^WORDS_SHIFT of them, in this order. The end of who dialled is end 0, the other one is end 1. */
const WORDS_SHIFT = 2;
const PID = 0;
/** Messages sent from this end, and those of them that have not arrived. */
const SENT = 1;
const ON_WIRE = 2;
/** Hash of the two processes' names, of this end's first. */
const PAIR = 3;

/** Bits of a connection's state: end 0 is open (end 1: the next bit). */
const OPEN = 1;
/** A health check of end 0 is scheduled (end 1: the next bit). */
const CHECKING = 4;
/** Both processes are on one machine. */
const LOCAL = 16;
/** Above the bits: n-th connection between its two processes. It keys its draws, which must not depend on anybody else's connections. */
const ORDINAL_SHIFT = 5;

export class ConnectionTable {
  #capacity = 64;
  #count = 0;
  #words = new Int32Array(128 << WORDS_SHIFT);
  /** By connection: its bits and its ordinal. */
  #states = new Int32Array(64);
  /** By end: earliest arrival allowed for the next message towards the other end, which keeps the order; and the last read here, µs. */
  #times = new Float64Array(256);

  get count(): number {
    return this.#count;
  }

  /** A new connection from `client` to `server`, open at both ends. `pair` and `back`: hashes of their names, in either order. */
  open(client: Pid, server: Pid, ordinal: number, isLocal: boolean, pair: number, back: number, now: number): Conn {
    assert(this.#count < CONNECTIONS_MAX, `more than ${CONNECTIONS_MAX} connections`);
    if (this.#count === this.#capacity) this.reserve(this.#capacity * 2);
    const conn = this.#count++;
    this.#states[conn] = (ordinal << ORDINAL_SHIFT) | (isLocal ? LOCAL : 0) | (OPEN << 1) | OPEN;
    this.#openEnd(conn * 2, client, pair, now);
    this.#openEnd(conn * 2 + 1, server, back, now);
    return conn;
  }

  #openEnd(end: number, pid: Pid, pair: number, now: number): void {
    const words = this.#words;
    const at = end << WORDS_SHIFT;
    words[at + PID] = pid;
    words[at + PAIR] = pair;
    this.#times[end * 2 + 1] = now;
  }

  /** Which end of `conn` process `pid` holds: 0 or 1. A process connected to itself holds end 0. */
  endOf(conn: Conn, pid: Pid): number {
    return this.#words[(conn * 2) << WORDS_SHIFT] === pid ? 0 : 1;
  }

  pid(conn: Conn, end: number): Pid {
    return this.#words[(conn * 2 + end) << WORDS_SHIFT] as number;
  }

  /** n-th connection between its two processes, from 1. */
  ordinal(conn: Conn): number {
    return (this.#states[conn] as number) >>> ORDINAL_SHIFT;
  }

  /** Whether both processes are on one machine. */
  isLocal(conn: Conn): boolean {
    return ((this.#states[conn] as number) & LOCAL) !== 0;
  }

  /** Hash of the names of the processes at `end` and at the other end. */
  pair(conn: Conn, end: number): number {
    return this.#words[((conn * 2 + end) << WORDS_SHIFT) + PAIR] as number;
  }

  isOpen(conn: Conn, end: number): boolean {
    return ((this.#states[conn] as number) & (OPEN << end)) !== 0;
  }

  /** Closes one end. */
  closeEnd(conn: Conn, end: number): void {
    this.#states[conn] = (this.#states[conn] as number) & ~(OPEN << end);
  }

  /** A health check of this end gets scheduled; false if one is already. */
  beginCheck(conn: Conn, end: number): boolean {
    const state = this.#states[conn] as number;
    this.#states[conn] = state | (CHECKING << end);
    return (state & (CHECKING << end)) === 0;
  }

  /** The scheduled check takes place. */
  endCheck(conn: Conn, end: number): void {
    this.#states[conn] = (this.#states[conn] as number) & ~(CHECKING << end);
  }

  lastRead(conn: Conn, end: number): number {
    return this.#times[(conn * 2 + end) * 2 + 1] as number;
  }

  touch(conn: Conn, end: number, now: number): void {
    this.#times[(conn * 2 + end) * 2 + 1] = now;
  }

  /** Arrival time of a message sent from `end` that would arrive at `wanted`: never before an earlier one. */
  arrival(conn: Conn, end: number, wanted: number): number {
    const at = (conn * 2 + end) * 2;
    const last = this.#times[at] as number;
    const arrival = wanted > last ? wanted : last;
    this.#times[at] = arrival;
    return arrival;
  }

  /** Number of this message from `end`, counted up; keys the latency draw. */
  nextSequence(conn: Conn, end: number): number {
    const at = ((conn * 2 + end) << WORDS_SHIFT) + SENT;
    const sequence = (this.#words[at] as number) + 1;
    this.#words[at] = sequence;
    return sequence;
  }

  /** A message leaves `end`. */
  leaves(conn: Conn, end: number): void {
    const at = ((conn * 2 + end) << WORDS_SHIFT) + ON_WIRE;
    this.#words[at] = (this.#words[at] as number) + 1;
  }

  /** A message from `end` arrives. */
  arrives(conn: Conn, end: number): void {
    const at = ((conn * 2 + end) << WORDS_SHIFT) + ON_WIRE;
    this.#words[at] = (this.#words[at] as number) - 1;
  }

  /** Messages from `end` that have left and not arrived. */
  onWire(conn: Conn, end: number): number {
    return this.#words[((conn * 2 + end) << WORDS_SHIFT) + ON_WIRE] as number;
  }

  /** Ids of the connections with an open end at `pid`. */
  of(pid: Pid): Conn[] {
    const found: Conn[] = [];
    for (let conn = 0; conn < this.#count; conn++) {
      if ((this.pid(conn, 0) === pid && this.isOpen(conn, 0)) || (this.pid(conn, 1) === pid && this.isOpen(conn, 1))) {
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
    this.#words = growInt32(this.#words, (count * 2) << WORDS_SHIFT);
    this.#states = growInt32(this.#states, count);
    this.#times = growFloat64(this.#times, count * 4);
  }
}
