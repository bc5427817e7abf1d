/**
 * Reads at a leader: postponed until it has committed in its term, then confirmed by a quorum or by its lease.
 *
 * Rules: etcd-io/raft (cdfbeed).
 */
import { assert } from '../base/assert.ts';
import type { Entry } from './entry.ts';
import { Message, MSG_READ_INDEX_RESP, NONE } from './message.ts';
import type { Raft } from './raft.ts';
import { READ_ONLY_SAFE } from './read-only.ts';
import { broadcastHeartbeat } from './replication.ts';

/** A leader that has not committed in its term may not know the newest commit index. */
const committedInTerm = (raft: Raft): boolean => raft.log.termOrZero(raft.log.committed) === raft.term;

/** Takes a read request. */
export function readIndex(raft: Raft, message: Message): void {
  if (raft.tracker.isSingleton) answerRead(raft, message, raft.log.committed);
  else if (!committedInTerm(raft)) raft.pendingReads.push(message);
  else startRead(raft, message);
}

function startRead(raft: Raft, message: Message): void {
  if (raft.readOnly.option !== READ_ONLY_SAFE) {
    answerRead(raft, message, raft.log.committed);
    return;
  }
  raft.readOnly.add(raft.log.committed, message);
  raft.readOnly.ack(raft.id, raft.readOnly.position);
  broadcastHeartbeat(raft);
}

/** The leader has committed in its term: postponed reads go on. */
export function releasePendingReads(raft: Raft): void {
  if (raft.pendingReads.length === 0) return;
  if (!committedInTerm(raft)) {
    raft.logger?.error('pending MsgReadIndex should be released only after first commit in current term');
    return;
  }
  const reads = raft.pendingReads;
  raft.pendingReads = [];
  for (const read of reads) startRead(raft, read);
}

/** A follower has confirmed the leader up to a read's position. */
export function confirmReads(raft: Raft, from: number, position: number): void {
  raft.readOnly.ack(from, position);
  for (const { request, index } of raft.readOnly.takeConfirmed(raft.tracker.config)) answerRead(raft, request, index);
}

function answerRead(raft: Raft, message: Message, index: number): void {
  if (message.from === NONE || message.from === raft.id) {
    const entry = message.entries[0];
    assert(entry !== undefined, 'raft: a read request without its entry');
    raft.readStates.push({ index, request: (entry as Entry).data });
    return;
  }
  const answer = new Message(MSG_READ_INDEX_RESP, message.from);
  answer.index = index;
  answer.entries = message.entries;
  raft.send(answer);
}
