/**
 * Comparison of members by the hashes of their compactions, after etcd 3.6's CompactHashCheck (server/etcdserver/corrupt.go): the leader asks
 * every member for the hash up to its newest compaction, and raises the CORRUPT alarm for those that differ from a majority.
 *
 * Always: hashes are compared only where revision and compaction are the same; who has not compacted yet, or not any more, is left out. Without
 * a majority of equal hashes nobody knows who is right: then the alarm is for the whole group (member 0).
 */
import { mix } from '../base/content-hash.ts';
import type { Context } from '../sim/context.ts';
import type { Payload, Pid } from '../sim/process.ts';
import { BUG_HASH_ANY_COMPACTION, MARK_CORRUPT } from './member-names.ts';
import type { Replica, ReplicaHost } from './member-replica.ts';
import { OP_COMPARE } from './member-timers.ts';
import { OP_STORE_PEER_HASH, OP_STORE_PEER_HASH_ANSWER } from './ops.ts';
import { StoreRequest } from './requests.ts';
import type { HashAnswer } from './v3/engine.ts';
import { isError } from './v3/kv.ts';
import { ALARM_ACTIVATE, ALARM_CORRUPT } from './v3/messages.ts';

/** A member's hash of its history up to a compaction. */
class PeerHash implements Payload {
  readonly id: number;
  readonly answer: HashAnswer;

  constructor(id: number, answer: HashAnswer) {
    this.id = id;
    this.answer = answer;
  }

  contentHash(): number {
    return mix(this.id, this.answer.hash | 0);
  }
}

export class CorruptionMonitor {
  readonly #context: Context;
  readonly #host: ReplicaHost;
  readonly #replica: Replica;
  readonly #id: number;
  readonly #periodUs: number;
  /** The hash that is being compared, and what other members said of it. */
  #own: HashAnswer | null = null;
  #others: PeerHash[] = [];

  /** `id`: this member; `periodUs`: time between comparisons. */
  constructor(context: Context, host: ReplicaHost, replica: Replica, id: number, periodUs: number) {
    this.#context = context;
    this.#host = host;
    this.#replica = replica;
    this.#id = id;
    this.#periodUs = periodUs;
  }

  start(): void {
    this.#context.setTimer(this.#periodUs, OP_COMPARE);
  }

  /** Takes what concerns the comparison; false for anything else. */
  receive(op: number, from: Pid, a: number, payload: Payload | null): boolean {
    if (op === OP_COMPARE) this.#round();
    else if (op === OP_STORE_PEER_HASH) this.#answer(from, a);
    else if (op === OP_STORE_PEER_HASH_ANSWER) this.#heard(payload as PeerHash);
    else return false;
    return true;
  }

  #answer(from: Pid, revision: number): void {
    const answer = this.#host.engine.hashKv(revision);
    if (!isError(answer)) this.#context.send(from, OP_STORE_PEER_HASH_ANSWER, 0, 0, new PeerHash(this.#id, answer));
  }

  #round(): void {
    this.#context.setTimer(this.#periodUs, OP_COMPARE);
    this.#compare();
    this.#own = this.#replica.isLeader ? this.#host.engine.newestCompactionHash : null;
    this.#others = [];
    if (this.#own === null) return;
    for (const peer of this.#replica.peers) {
      this.#context.send(peer, OP_STORE_PEER_HASH, this.#own.hashRevision, 0, null);
    }
  }

  #heard(hash: PeerHash): void {
    const own = this.#own;
    if (own === null || hash.answer.hashRevision !== own.hashRevision) return;
    const isComparable = hash.answer.compactRevision === own.compactRevision;
    if (isComparable || this.#context.bug(BUG_HASH_ANY_COMPACTION)) this.#others.push(hash);
  }

  /** Judges what was heard since the last round. */
  #compare(): void {
    if (this.#own === null || !this.#replica.isLeader) return;
    const members = new Map<number, number[]>([[this.#own.hash, [this.#id]]]);
    for (const { id, answer } of this.#others) members.set(answer.hash, [...(members.get(answer.hash) ?? []), id]);
    if (members.size === 1) return;
    const quorum = ((this.#replica.peers.length + 1) >>> 1) + 1;
    const groups = [...members.values()];
    const isMajority = (ids: readonly number[]): boolean => ids.length >= quorum;
    const corrupt = groups.some(isMajority) ? groups.filter((ids) => !isMajority(ids)).flat() : [0];
    for (const id of corrupt) this.#raise(id);
  }

  #raise(id: number): void {
    this.#context.mark(MARK_CORRUPT);
    const alarm = { action: ALARM_ACTIVATE, alarm: ALARM_CORRUPT, memberId: BigInt(id) };
    this.#replica.propose(new StoreRequest({ op: 'alarm', alarm }), -1, 0);
  }
}
