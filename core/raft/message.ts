/**
 * Raft's messages: between members, from a member to itself, and to and from its storage threads.
 *
 * One class for all types, every field always present, so that the code that handles them stays monomorphic. A message does
 * not change once it is sent. Types and their meaning are etcd-io/raft's (raftpb at cdfbeed).
 */
import { mix } from '../base/content-hash.ts';
import type { Entry } from './entry.ts';
import type { RaftSnapshot } from './snapshot.ts';

/** No node. */
export const NONE = 0;
/** Target of {@link MSG_STORAGE_APPEND}: the thread that makes the log durable. */
export const APPEND_THREAD = -1;
/** Target of {@link MSG_STORAGE_APPLY}: the thread that applies committed entries. */
export const APPLY_THREAD = -2;

export const MSG_HUP = 0;
export const MSG_BEAT = 1;
export const MSG_PROP = 2;
export const MSG_APP = 3;
export const MSG_APP_RESP = 4;
export const MSG_VOTE = 5;
export const MSG_VOTE_RESP = 6;
export const MSG_SNAP = 7;
export const MSG_HEARTBEAT = 8;
export const MSG_HEARTBEAT_RESP = 9;
export const MSG_UNREACHABLE = 10;
export const MSG_SNAP_STATUS = 11;
export const MSG_CHECK_QUORUM = 12;
export const MSG_TRANSFER_LEADER = 13;
export const MSG_TIMEOUT_NOW = 14;
export const MSG_READ_INDEX = 15;
export const MSG_READ_INDEX_RESP = 16;
export const MSG_PRE_VOTE = 17;
export const MSG_PRE_VOTE_RESP = 18;
export const MSG_STORAGE_APPEND = 19;
export const MSG_STORAGE_APPEND_RESP = 20;
export const MSG_STORAGE_APPLY = 21;
export const MSG_STORAGE_APPLY_RESP = 22;
export const MSG_FORGET_LEADER = 23;

const NAMES = [
  'MsgHup',
  'MsgBeat',
  'MsgProp',
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgCheckQuorum',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgPreVote',
  'MsgPreVoteResp',
  'MsgStorageAppend',
  'MsgStorageAppendResp',
  'MsgStorageApply',
  'MsgStorageApplyResp',
  'MsgForgetLeader',
];

/** Name of a message type, as etcd-io/raft prints it. */
export const messageTypeName = (type: number): string => NAMES[type] ?? String(type);

/** The type with this name, or −1. */
export const messageTypeOf = (name: string): number => NAMES.indexOf(name);

const typeSet = (types: readonly number[]): Uint8Array => {
  const set = new Uint8Array(NAMES.length);
  for (const type of types) set[type] = 1;
  return set;
};

const LOCAL = typeSet([
  MSG_HUP,
  MSG_BEAT,
  MSG_UNREACHABLE,
  MSG_SNAP_STATUS,
  MSG_CHECK_QUORUM,
  MSG_STORAGE_APPEND,
  MSG_STORAGE_APPEND_RESP,
  MSG_STORAGE_APPLY,
  MSG_STORAGE_APPLY_RESP,
]);

const RESPONSE = typeSet([
  MSG_APP_RESP,
  MSG_VOTE_RESP,
  MSG_HEARTBEAT_RESP,
  MSG_UNREACHABLE,
  MSG_READ_INDEX_RESP,
  MSG_PRE_VOTE_RESP,
  MSG_STORAGE_APPEND_RESP,
  MSG_STORAGE_APPLY_RESP,
]);

/** Whether the type never travels between members. */
export const isLocalType = (type: number): boolean => LOCAL[type] === 1;
/** Whether the type answers another. */
export const isResponseType = (type: number): boolean => RESPONSE[type] === 1;
/** Whether the id is a storage thread's. */
export const isStorageThread = (id: number): boolean => id === APPEND_THREAD || id === APPLY_THREAD;

/** Shared by all messages without entries. */
export const NO_ENTRIES: readonly Entry[] = [];

export class Message {
  readonly type: number;
  to: number;
  from = NONE;
  /** 0 on local messages. */
  term = 0;
  /** Term of the entry at `index`, or of the rejection's hint. */
  logTerm = 0;
  index = 0;
  entries: readonly Entry[] = NO_ENTRIES;
  commit = 0;
  vote = NONE;
  snapshot: RaftSnapshot | null = null;
  reject = false;
  rejectHint = 0;
  /** On heartbeats and their answers: position of the newest read that the round confirms; 0 = none. */
  readPosition = 0;
  /** On votes: asked for by the leader itself, so leases do not count. */
  isTransfer = false;
  /** Sent once the storage work of this message is done. */
  responses: readonly Message[] | null = null;

  constructor(type: number, to: number) {
    this.type = type;
    this.to = to;
  }

  /** int32 over everything a receiver acts upon. */
  contentHash(): number {
    let hash = mix(mix(mix(mix(0x7261, this.type), this.to), this.from), this.term | 0);
    hash = mix(mix(mix(mix(hash, this.logTerm | 0), this.index | 0), this.commit | 0), this.rejectHint | 0);
    hash = mix(hash, (this.reject ? 1 : 0) | (this.isTransfer ? 2 : 0) | (this.readPosition << 2));
    const entries = this.entries;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry;
      hash = mix(mix(hash, entry.term | 0), entry.data?.contentHash?.() ?? 0);
    }
    if (this.snapshot !== null) hash = mix(mix(hash, this.snapshot.index | 0), this.snapshot.term | 0);
    return hash;
  }
}

/** The answer's type of a vote request. */
export const voteResponseType = (type: number): number => (type === MSG_VOTE ? MSG_VOTE_RESP : MSG_PRE_VOTE_RESP);
