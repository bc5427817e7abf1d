/**
 * Elections: who may campaign, who gets a vote, and how the votes are counted.
 *
 * Rules and log texts: etcd-io/raft (cdfbeed).
 */
import { ENTRY_NORMAL } from './entry.ts';
import { hex } from './logger.ts';
import { Message, MSG_PRE_VOTE, MSG_VOTE, messageTypeName, NONE, voteResponseType } from './message.ts';
import { VOTE_LOST, VOTE_WON } from './quorum.ts';
import type { Raft } from './raft.ts';
import { broadcastAppend } from './replication.ts';
import { STATE_LEADER, STATE_PRE_CANDIDATE } from './snapshot.ts';

/** Starts an election, unless this node leads, may not, or has a configuration change to apply first. */
export function hup(raft: Raft, preElection: boolean, transfer: boolean): void {
  const me = hex(raft.id);
  if (raft.state === STATE_LEADER) {
    raft.logger?.debug(`${me} ignoring MsgHup because already leader`);
    return;
  }
  if (!raft.promotable()) {
    raft.logger?.warning(`${me} is unpromotable and can not campaign`);
    return;
  }
  if (raft.log.someUnapplied((entry) => entry.type !== ENTRY_NORMAL)) {
    raft.logger?.warning(
      `${me} cannot campaign at term ${raft.term} since there are still pending configuration changes to apply`,
    );
    return;
  }
  raft.logger?.info(`${me} is starting a new election at term ${raft.term}`);
  campaign(raft, preElection, transfer);
}

/** Asks every voter; the own vote counts once it is durable, so it takes the way of an answer. */
export function campaign(raft: Raft, preElection: boolean, transfer: boolean): void {
  const me = hex(raft.id);
  if (!raft.promotable()) raft.logger?.warning(`${me} is unpromotable; campaign() should have been called`);
  if (preElection) raft.becomePreCandidate();
  else raft.becomeCandidate();
  const type = preElection ? MSG_PRE_VOTE : MSG_VOTE;
  const term = preElection ? raft.term + 1 : raft.term;
  for (const id of raft.tracker.voters) {
    if (id === raft.id) {
      const own = new Message(voteResponseType(type), id);
      own.term = term;
      raft.send(own);
      continue;
    }
    const request = new Message(type, id);
    request.term = term;
    request.index = raft.log.lastIndex();
    request.logTerm = raft.log.lastTerm();
    request.isTransfer = transfer;
    raft.logger?.info(
      `${me} [logterm: ${request.logTerm}, index: ${request.index}] sent ${messageTypeName(type)} request to ${hex(id)} ` +
        `at term ${raft.term}`,
    );
    raft.send(request);
  }
}

/** A voter that has heard its leader within an election timeout refuses to help unseat it, unless the leader asks. */
export function ignoresVote(raft: Raft, message: Message): boolean {
  if (message.type !== MSG_VOTE && message.type !== MSG_PRE_VOTE) return false;
  const inLease = raft.checkQuorum && raft.lead !== NONE && raft.electionElapsed < raft.electionTimeout;
  if (message.isTransfer || !inLease) return false;
  raft.logger?.info(
    `${standing(raft)} ignored ${request(message)} at term ${raft.term}: lease is not expired (remaining ticks: ` +
      `${raft.electionTimeout - raft.electionElapsed})`,
  );
  return true;
}

/** Grants or refuses a vote. Learners vote too: a promotion may be committed that they have not heard of. */
export function respondToVote(raft: Raft, message: Message): void {
  const { type, from } = message;
  const free =
    raft.vote === from ||
    (raft.vote === NONE && raft.lead === NONE) ||
    (type === MSG_PRE_VOTE && message.term > raft.term);
  const answer = new Message(voteResponseType(type), from);
  if (free && raft.log.isUpToDate(message.logTerm, message.index)) {
    raft.logger?.info(
      `${standing(raft)} cast ${messageTypeName(type)} for ${hex(from)} [logterm: ${message.logTerm}, index: ` +
        `${message.index}] at term ${raft.term}`,
    );
    // The request's term, not ours: a pre-candidate would ignore an older one.
    answer.term = message.term;
    raft.send(answer);
    if (type === MSG_VOTE) {
      raft.electionElapsed = 0;
      raft.vote = from;
    }
    return;
  }
  raft.logger?.info(`${standing(raft)} rejected ${request(message)} at term ${raft.term}`);
  answer.term = raft.term;
  answer.reject = true;
  raft.send(answer);
}

/** A candidate gets an answer. */
export function countVote(raft: Raft, message: Message): void {
  const { type, from, reject } = message;
  const name = messageTypeName(type);
  const me = hex(raft.id);
  raft.logger?.info(`${me} received ${name}${reject ? ' rejection' : ''} from ${hex(from)} at term ${raft.term}`);
  raft.tracker.recordVote(from, !reject);
  const { granted, rejected, result } = raft.tracker.tally();
  raft.logger?.info(`${me} has received ${granted} ${name} votes and ${rejected} vote rejections`);
  if (result === VOTE_WON) {
    if (raft.state === STATE_PRE_CANDIDATE) {
      campaign(raft, false, false);
      return;
    }
    raft.becomeLeader();
    broadcastAppend(raft);
  } else if (result === VOTE_LOST) raft.becomeFollower(raft.term, NONE);
}

function standing(raft: Raft): string {
  return `${hex(raft.id)} [logterm: ${raft.log.lastTerm()}, index: ${raft.log.lastIndex()}, vote: ${hex(raft.vote)}]`;
}

function request(message: Message): string {
  const { type, from, logTerm, index } = message;
  return `${messageTypeName(type)} from ${hex(from)} [logterm: ${logTerm}, index: ${index}]`;
}
