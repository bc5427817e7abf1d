/**
 * What followers and candidates do with a message.
 *
 * Rules and log texts: etcd-io/raft (cdfbeed).
 */
import { AssertionError } from '../base/assert.ts';
import { restoreMembership } from './changer.ts';
import { countVote, hup } from './election.ts';
import { hex } from './logger.ts';
import { switchToConfig } from './membership.ts';
import {
  Message,
  MSG_APP,
  MSG_APP_RESP,
  MSG_FORGET_LEADER,
  MSG_HEARTBEAT,
  MSG_HEARTBEAT_RESP,
  MSG_PRE_VOTE_RESP,
  MSG_PROP,
  MSG_READ_INDEX,
  MSG_READ_INDEX_RESP,
  MSG_SNAP,
  MSG_TIMEOUT_NOW,
  MSG_TRANSFER_LEADER,
  MSG_VOTE_RESP,
  NONE,
} from './message.ts';
import { PROPOSAL_DROPPED, type Raft } from './raft.ts';
import { READ_ONLY_LEASE_BASED } from './read-only.ts';
import {
  type ConfState,
  EMPTY_SNAPSHOT,
  type RaftSnapshot,
  STATE_FOLLOWER,
  STATE_PRE_CANDIDATE,
  stateName,
} from './snapshot.ts';
import { ProgressTracker } from './tracker.ts';

/** Candidates and pre-candidates: a leader of this term ends the candidacy. */
export function stepCandidate(raft: Raft, message: Message): string | null {
  const { type, from } = message;
  switch (type) {
    case MSG_PROP:
      raft.logger?.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`);
      return PROPOSAL_DROPPED;
    case MSG_APP:
    case MSG_HEARTBEAT:
    case MSG_SNAP:
      raft.becomeFollower(message.term, from);
      handleFromLeader(raft, message);
      return null;
    case MSG_VOTE_RESP:
    case MSG_PRE_VOTE_RESP:
      // An answer to the pre-election may come late, when the election itself is on.
      if ((type === MSG_PRE_VOTE_RESP) === (raft.state === STATE_PRE_CANDIDATE)) countVote(raft, message);
      return null;
    case MSG_TIMEOUT_NOW:
      raft.logger?.debug(
        `${hex(raft.id)} [term ${raft.term} state ${stateName(raft.state)}] ignored MsgTimeoutNow from ${hex(from)}`,
      );
      return null;
  }
  return null;
}

export function stepFollower(raft: Raft, message: Message): string | null {
  const { type, from } = message;
  const me = hex(raft.id);
  switch (type) {
    case MSG_PROP:
      return forwardProposal(raft, message);
    case MSG_APP:
    case MSG_HEARTBEAT:
    case MSG_SNAP:
      raft.electionElapsed = 0;
      raft.lead = from;
      handleFromLeader(raft, message);
      return null;
    case MSG_TRANSFER_LEADER:
      if (raft.lead === NONE) raft.logger?.info(`${me} no leader at term ${raft.term}; dropping leader transfer msg`);
      else forward(raft, message);
      return null;
    case MSG_FORGET_LEADER:
      forgetLeader(raft);
      return null;
    case MSG_TIMEOUT_NOW:
      raft.logger?.info(
        `${me} [term ${raft.term}] received MsgTimeoutNow from ${hex(from)} and starts an election to get leadership.`,
      );
      // No pre-vote: the leader itself asked.
      hup(raft, false, true);
      return null;
    case MSG_READ_INDEX:
      if (raft.lead === NONE) raft.logger?.info(`${me} no leader at term ${raft.term}; dropping index reading msg`);
      else forward(raft, message);
      return null;
    case MSG_READ_INDEX_RESP:
      if (message.entries.length === 1) {
        raft.readStates.push({ index: message.index, request: message.entries[0]?.data });
      } else {
        raft.logger?.error(
          `${me} invalid format of MsgReadIndexResp from ${hex(from)}, entries count: ${message.entries.length}`,
        );
      }
      return null;
  }
  return null;
}

/** Sends the leader what only it can handle; who asked stays visible. */
function forward(raft: Raft, message: Message): void {
  const copy = new Message(message.type, raft.lead);
  copy.from = message.from;
  copy.entries = message.entries;
  raft.send(copy);
}

function forwardProposal(raft: Raft, message: Message): string | null {
  const me = hex(raft.id);
  if (raft.lead === NONE) {
    raft.logger?.info(`${me} no leader at term ${raft.term}; dropping proposal`);
    return PROPOSAL_DROPPED;
  }
  if (raft.config.disableProposalForwarding === true) {
    raft.logger?.info(`${me} not forwarding to leader ${hex(raft.lead)} at term ${raft.term}; dropping proposal`);
    return PROPOSAL_DROPPED;
  }
  forward(raft, message);
  return null;
}

/** Makes the follower free to vote without waiting for its lease to end. */
function forgetLeader(raft: Raft): void {
  if (raft.readOnly.option === READ_ONLY_LEASE_BASED) {
    raft.logger?.error('ignoring MsgForgetLeader due to ReadOnlyLeaseBased');
    return;
  }
  if (raft.lead === NONE) return;
  raft.logger?.info(`${hex(raft.id)} forgetting leader ${hex(raft.lead)} at term ${raft.term}`);
  raft.lead = NONE;
}

function handleFromLeader(raft: Raft, message: Message): void {
  if (message.type === MSG_APP) handleAppend(raft, message);
  else if (message.type === MSG_SNAP) handleSnapshot(raft, message);
  else {
    raft.log.commitTo(message.commit);
    const answer = new Message(MSG_HEARTBEAT_RESP, message.from);
    answer.readPosition = message.readPosition;
    raft.send(answer);
  }
}

function answerAppend(raft: Raft, to: number, index: number): void {
  const answer = new Message(MSG_APP_RESP, to);
  answer.index = index;
  raft.send(answer);
}

function handleAppend(raft: Raft, message: Message): void {
  const { from, index, logTerm } = message;
  const log = raft.log;
  if (index < log.committed) {
    answerAppend(raft, from, log.committed);
    return;
  }
  const last = log.maybeAppend(index, logTerm, message.entries, message.commit);
  if (last >= 0) {
    answerAppend(raft, from, last);
    return;
  }
  raft.logger?.debug(
    `${hex(raft.id)} [logterm: ${log.termOrZero(index)}, index: ${index}] rejected MsgApp [logterm: ${logTerm}, index: ` +
      `${index}] from ${hex(from)}`,
  );
  // The leader's log has no higher term up to there, so it cannot match ours where ours is higher.
  const hint = log.findConflictByTerm(Math.min(index, log.lastIndex()), logTerm);
  const answer = new Message(MSG_APP_RESP, from);
  answer.index = index;
  answer.reject = true;
  answer.rejectHint = hint;
  answer.logTerm = log.termOrZero(hint);
  raft.send(answer);
}

function handleSnapshot(raft: Raft, message: Message): void {
  const snapshot = message.snapshot ?? EMPTY_SNAPSHOT;
  const restored = restore(raft, snapshot);
  raft.logger?.info(
    `${hex(raft.id)} [commit: ${raft.log.committed}] ${restored ? 'restored' : 'ignored'} snapshot [index: ` +
      `${snapshot.index}, term: ${snapshot.term}]`,
  );
  answerAppend(raft, message.from, raft.log.committed);
}

/** The stored form of a configuration as protobuf's text format has it. */
function text(state: ConfState): string {
  const list = (name: string, ids: readonly number[]): string[] => ids.map((id) => `${name}:${id}`);
  return [
    ...list('voters', state.voters),
    ...list('learners', state.learners),
    ...list('voters_outgoing', state.votersOutgoing),
    ...list('learners_next', state.learnersNext),
    `auto_leave:${state.autoLeave}`,
  ].join(' ');
}

/** Starts over from a snapshot; false if it says nothing new or is not meant for this node. */
function restore(raft: Raft, snapshot: RaftSnapshot): boolean {
  const { log } = raft;
  const me = hex(raft.id);
  if (snapshot.index <= log.committed) return false;
  if (raft.state !== STATE_FOLLOWER) {
    raft.logger?.warning(`${me} attempted to restore snapshot as leader; should never happen`);
    raft.becomeFollower(raft.term + 1, NONE);
    return false;
  }
  const { voters, votersOutgoing, learners } = snapshot.confState;
  if (!voters.includes(raft.id) && !learners.includes(raft.id) && !votersOutgoing.includes(raft.id)) {
    raft.logger?.warning(
      `${me} attempted to restore snapshot but it is not in the ConfState ${text(snapshot.confState)}; should never happen`,
    );
    return false;
  }
  const tail = (): string => `lastindex: ${log.lastIndex()}, lastterm: ${log.lastTerm()}`;
  const place = `[index: ${snapshot.index}, term: ${snapshot.term}]`;
  if (log.matchTerm(snapshot.index, snapshot.term)) {
    raft.logger?.info(`${me} [commit: ${log.committed}, ${tail()}] fast-forwarded commit to snapshot ${place}`);
    log.commitTo(snapshot.index);
    return false;
  }
  log.restore(snapshot);
  raft.tracker = new ProgressTracker(raft.tracker.maxInflight, raft.tracker.maxInflightBytes);
  const membership = restoreMembership(raft.tracker, log.lastIndex(), snapshot.confState);
  if (typeof membership === 'string') throw new AssertionError(`raft: snapshot with a broken group: ${membership}`);
  switchToConfig(raft, membership);
  raft.logger?.info(`${me} [commit: ${log.committed}, ${tail()}] restored snapshot ${place}`);
  return true;
}
