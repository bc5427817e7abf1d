/**
 * Connection table: ordered, reliable byte streams between two processes. What is known of an end is one record of words.
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
const WORDS_SHIFT = 3;
const PID = 0;
const OPEN = 1;
/** 1 while a health check of that end is scheduled. */
const CHECKING = 2;
/** Messages sent from this end, and those of them that have not arrived. */
const SENT = 3;
const ON_WIRE = 4;
/** n-th connection between its two processes: keys its draws, which must not depend on anybody else's connections. */
const ORDINAL = 5;
/** 1 where both processes are on one machine. */
const LOCAL = 6;
/** Hash of the two processes' names, of this end's first. */
const PAIR = 7;

export class ConnectionTable {
  #capacity = 64;
  #count = 0;
  #words = new Int32Array(128 << WORDS_SHIFT);
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
    this.#openEnd(conn * 2, client, ordinal, isLocal, pair, now);
    this.#openEnd(conn * 2 + 1, server, ordinal, isLocal, back, now);
    return conn;
  }

  #openEnd(end: number, pid: Pid, ordinal: number, isLocal: boolean, pair: number, now: number): void {
    const words = this.#words;
    const at = end << WORDS_SHIFT;
    words[at + PID] = pid;
    words[at + OPEN] = 1;
    words[at + ORDINAL] = ordinal;
    words[at + LOCAL] = isLocal ? 1 : 0;
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
    return this.#words[((conn * 2) << WORDS_SHIFT) + ORDINAL] as number;
  }

  /** Whether both processes are on one machine. */
  isLocal(conn: Conn): boolean {
    return this.#words[((conn * 2) << WORDS_SHIFT) + LOCAL] === 1;
  }

  /** Hash of the names of the processes at `end` and at the other end. */
  pair(conn: Conn, end: number): number {
    return this.#words[((conn * 2 + end) << WORDS_SHIFT) + PAIR] as number;
  }

  isOpen(conn: Conn, end: number): boolean {
    return this.#words[((conn * 2 + end) << WORDS_SHIFT) + OPEN] === 1;
  }

  /** Closes one end. */
  closeEnd(conn: Conn, end: number): void {
    this.#words[((conn * 2 + end) << WORDS_SHIFT) + OPEN] = 0;
  }

  /** A health check of this end gets scheduled; false if one is already. */
  beginCheck(conn: Conn, end: number): boolean {
    const at = ((conn * 2 + end) << WORDS_SHIFT) + CHECKING;
    if (this.#words[at] === 1) return false;
    this.#words[at] = 1;
    return true;
  }

  /** The scheduled check takes place. */
  endCheck(conn: Conn, end: number): void {
    this.#words[((conn * 2 + end) << WORDS_SHIFT) + CHECKING] = 0;
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
    this.#times = growFloat64(this.#times, count * 4);
  }
}
