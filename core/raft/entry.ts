/**
 * Log entries: what a leader proposes, a quorum stores and every member applies in the same order.
 *
 * Always holds: an entry never changes once it has its term and index, so members share entry objects.
 * Types and sizes are etcd-io/raft's (raftpb at cdfbeed).
 */

/** Ordinary proposal, or (with no data) the first entry of a new leader. */
export const ENTRY_NORMAL = 0;
/** A configuration change of one node. */
export const ENTRY_CONF_CHANGE = 1;
/** A configuration change of any number of nodes; without data: leave the joint configuration. */
export const ENTRY_CONF_CHANGE_V2 = 2;

const TYPE_NAMES = ['EntryNormal', 'EntryConfChange', 'EntryConfChangeV2'];

/** Name of an entry type, as etcd-io/raft prints it. */
export const entryTypeName = (type: number): string => TYPE_NAMES[type] ?? String(type);

/** What an entry carries: bytes, a configuration change or a store request. Only its length matters to Raft. */
export interface EntryData {
  /** Size of the encoding in bytes. */
  readonly byteLength: number;
  /** Where the data takes part in a simulation's digest. */
  contentHash?(): number;
}

/** One place of the log. */
export class Entry {
  readonly type: number;
  readonly term: number;
  readonly index: number;
  readonly data: EntryData | null;
  /** Whether the wire form names the type (proto2 presence): always for changes, never for plain proposals. */
  readonly namesType: boolean;

  constructor(type: number, term: number, index: number, data: EntryData | null, namesType = type !== ENTRY_NORMAL) {
    this.type = type;
    this.term = term;
    this.index = index;
    this.data = data;
    this.namesType = namesType;
  }
}

/** Bytes of a protobuf varint. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Size of the entry's protobuf encoding in bytes: message and apply limits go by it. */
export function entryBytes(entry: Entry): number {
  const head = 2 + varintBytes(entry.term) + varintBytes(entry.index) + (entry.namesType ? 2 : 0);
  if (entry.data === null) return head;
  return head + 1 + varintBytes(entry.data.byteLength) + entry.data.byteLength;
}

/** Sum of {@link entryBytes}. */
export function entriesBytes(entries: readonly Entry[]): number {
  let sum = 0;
  for (let i = 0; i < entries.length; i++) sum += entryBytes(entries[i] as Entry);
  return sum;
}

/** Sum of the payloads in bytes, without framing: in-flight and uncommitted limits go by it. */
export function payloadBytes(entries: readonly Entry[]): number {
  let sum = 0;
  for (let i = 0; i < entries.length; i++) sum += (entries[i] as Entry).data?.byteLength ?? 0;
  return sum;
}

/** How many of `entries` from the first fit into `maxBytes`; at least one where there is one. */
export function fittingCount(entries: readonly Entry[], maxBytes: number): number {
  if (entries.length === 0 || maxBytes === Number.POSITIVE_INFINITY) return entries.length;
  let sum = entryBytes(entries[0] as Entry);
  for (let count = 1; count < entries.length; count++) {
    sum += entryBytes(entries[count] as Entry);
    if (sum > maxBytes) return count;
  }
  return entries.length;
}
