/**
 * Decides what becomes of a new event: a new object, a higher count on an old one, or nothing.
 *
 * client-go's rules (1.34, tools/record/events_cache.go): from the tenth different message of one (object, type, reason) within 600 s
 * on, messages are combined; an event that was seen before only raises its count; each object may have 25 events at once
 * and then one every 300 s. Keeps the 4,096 objects that were heard of last.
 */
import { BucketRate } from './token-bucket.ts';

/** Objects remembered, the longest silent one is forgotten first. */
const CORRELATOR_OBJECTS_MAX = 4_096;
/** Different messages of one object, type and reason that are remembered. */
const CORRELATOR_LINES_MAX = 64;
const SIMILAR_MAX = 10;
const SIMILAR_INTERVAL_US = 600_000_000;
const SPAM_RATE = new BucketRate(1 / 300, 25);
const COMBINED = '(combined from similar events): ';

/** What is to be done: `name` is the Event object's. */
export interface Correlation {
  readonly name: string;
  readonly message: string;
  /** 1 = create it; more = patch `count` and `lastTimestamp`. */
  readonly count: number;
  /** Wall time of its first occurrence, µs. */
  readonly firstWallUs: number;
  /** Stands for several similar events. */
  readonly combined: boolean;
}

// Most objects have one group with one message: lists are copied when they grow, so that each is as long as it must be.
const NONE: readonly string[] = [];
const NO_LINES: readonly Line[] = [];
const NO_GROUPS: readonly Group[] = [];

interface Line {
  readonly message: string;
  readonly name: string;
  readonly firstWallUs: number;
  count: number;
}

interface Group {
  readonly type: string;
  readonly reason: string;
  /** Different messages within the interval, oldest first. */
  similar: readonly string[];
  lastUs: number;
  combined: Line | null;
  lines: readonly Line[];
}

interface ObjectRecord {
  readonly key: string;
  fullAtUs: number;
  groups: readonly Group[];
  before: ObjectRecord;
  after: ObjectRecord;
}

export class EventCorrelator {
  readonly #objects = new Map<string, ObjectRecord>();
  /** The records in a ring, in order of when they were heard of: the one after it is the longest silent, the one before it the newest. */
  readonly #order: ObjectRecord = newRecord('');

  /** Takes an event in; `makeName` is asked for a new object's name. null = suppressed as spam. */
  correlate(
    objectKey: string,
    type: string,
    reason: string,
    message: string,
    wallUs: number,
    makeName: () => string,
  ): Correlation | null {
    const record = this.#recordOf(objectKey);
    const group = groupOf(record, type, reason);
    if (wallUs - group.lastUs > SIMILAR_INTERVAL_US) group.similar = NONE;
    group.lastUs = wallUs;
    if (!group.similar.includes(message)) group.similar = grown(group.similar, message);
    const combine = group.similar.length >= SIMILAR_MAX;
    if (combine) group.similar = group.similar.slice(1);
    const line = combine ? combinedLine(group, wallUs, makeName) : lineOf(group, message, wallUs, makeName);
    line.count++;
    const fullAtUs = SPAM_RATE.take(record.fullAtUs, wallUs);
    if (SPAM_RATE.waitUs(fullAtUs, wallUs) > 0) return null;
    record.fullAtUs = fullAtUs;
    const text = combine ? COMBINED + message : message;
    return { name: line.name, message: text, count: line.count, firstWallUs: line.firstWallUs, combined: combine };
  }

  /** The record of an object, which becomes the newest. */
  #recordOf(objectKey: string): ObjectRecord {
    const newest = this.#order.before;
    if (newest.key === objectKey && newest !== this.#order) return newest;
    let record = this.#objects.get(objectKey);
    if (record === undefined) {
      if (this.#objects.size >= CORRELATOR_OBJECTS_MAX) this.#forgetOldest();
      record = newRecord(objectKey);
      this.#objects.set(objectKey, record);
    } else unlink(record);
    record.before = this.#order.before;
    record.after = this.#order;
    record.before.after = record;
    this.#order.before = record;
    return record;
  }

  #forgetOldest(): void {
    const oldest = this.#order.after;
    unlink(oldest);
    this.#objects.delete(oldest.key);
  }
}

/** A record that is alone in its ring. */
function newRecord(key: string): ObjectRecord {
  const record: Partial<ObjectRecord> = { key, fullAtUs: 0, groups: NO_GROUPS };
  record.before = record as ObjectRecord;
  record.after = record as ObjectRecord;
  return record as ObjectRecord;
}

function unlink(record: ObjectRecord): void {
  record.before.after = record.after;
  record.after.before = record.before;
}

function grown<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  const longer = new Array<T>(list.length + 1);
  for (let i = 0; i < list.length; i++) longer[i] = list[i] as T;
  longer[list.length] = item;
  return longer;
}

function groupOf(record: ObjectRecord, type: string, reason: string): Group {
  for (const group of record.groups) if (group.reason === reason && group.type === type) return group;
  const group: Group = { type, reason, similar: NONE, lastUs: 0, combined: null, lines: NO_LINES };
  record.groups = grown(record.groups, group);
  return group;
}

function lineOf(group: Group, message: string, wallUs: number, makeName: () => string): Line {
  for (const line of group.lines) if (line.message === message) return line;
  const line: Line = { message, name: makeName(), firstWallUs: wallUs, count: 0 };
  const kept = group.lines.length >= CORRELATOR_LINES_MAX ? group.lines.slice(1) : group.lines;
  group.lines = grown(kept, line);
  return line;
}

function combinedLine(group: Group, wallUs: number, makeName: () => string): Line {
  group.combined ??= { message: '', name: makeName(), firstWallUs: wallUs, count: 0 };
  return group.combined;
}
