/**
 * Event trace: one record an event, in columns; formatted when read, never when written.
 *
 * Off by default. With tracing on, each event carries the id of the event during which it was sent (its cause).
 */

import type { Payload } from './process.ts';

/** One traced event. Times are µs. */
export interface TraceRecord {
  readonly id: number;
  /** Its number among all events of the run. */
  readonly event: number;
  readonly cause: number;
  readonly timeUs: number;
  readonly target: string;
  readonly from: string;
  readonly op: number;
  readonly a: number;
  readonly b: number;
  /** Label and key of the task that wakes up; '' for every other event. */
  readonly task: string;
  readonly payloadHash: number;
  /** By reference, for whoever wants to say what it was. */
  readonly payload: Payload | null;
}

/** Gets every delivered event of the window it asked for. */
export interface TraceSink {
  readonly fromUs: number;
  readonly untilUs: number;
  record(event: TraceRecord): void;
}

/** True if two records say the same (ids and causes aside, which count from the start of the run). */
export function sameEvent(left: TraceRecord, right: TraceRecord): boolean {
  return (
    left.timeUs === right.timeUs &&
    left.target === right.target &&
    left.from === right.from &&
    left.op === right.op &&
    left.a === right.a &&
    left.b === right.b &&
    left.payloadHash === right.payloadHash
  );
}

/** Collects a window of events. */
export class TraceBuffer implements TraceSink {
  readonly fromUs: number;
  readonly untilUs: number;
  readonly events: TraceRecord[] = [];

  constructor(fromUs: number, untilUs: number) {
    this.fromUs = fromUs;
    this.untilUs = untilUs;
  }

  record(event: TraceRecord): void {
    this.events.push(event);
  }
}
