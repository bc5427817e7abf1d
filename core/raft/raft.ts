/**
 * The consensus state machine: messages and ticks in, messages and log changes out. No clock, no I/O.
 *
 * What a role does with a message is in leader.ts and follower.ts, elections in election.ts, sending to followers in
 * replication.ts; here are the state, the terms and the changes of role. Behaviour and log texts: etcd-io/raft (cdfbeed).
 */
import { AssertionError, assert } from '../base/assert.ts';
import { restoreMembership } from './changer.ts';
import { checkConfig, type RaftConfig } from './config.ts';
import { hup, ignoresVote, respondToVote } from './election.ts';
import { ENTRY_CONF_CHANGE_V2, ENTRY_NORMAL, Entry, entriesBytes, payloadBytes } from './entry.ts';
import { stepCandidate, stepFollower } from './follower.ts';
import { stepLeader } from './leader.ts';
import { RaftLog } from './log.ts';
import { hex, type RaftLogger } from './logger.ts';
import { switchToConfig } from './membership.ts';
import {
  Message,
  MSG_APP,
  MSG_APP_RESP,
  MSG_BEAT,
  MSG_CHECK_QUORUM,
  MSG_HEARTBEAT,
  MSG_HUP,
  MSG_PRE_VOTE,
  MSG_PRE_VOTE_RESP,
  MSG_PROP,
  MSG_READ_INDEX,
  MSG_SNAP,
  MSG_STORAGE_APPEND_RESP,
  MSG_STORAGE_APPLY_RESP,
  MSG_VOTE,
  MSG_VOTE_RESP,
  messageTypeName,
  NONE,
} from './message.ts';
import { ReadOnly } from './read-only.ts';
import {
  type HardState,
  isEmptyHardState,
  type RaftSnapshot,
  type ReadState,
  STATE_CANDIDATE,
  STATE_FOLLOWER,
  STATE_LEADER,
  STATE_PRE_CANDIDATE,
} from './snapshot.ts';
import { formatConfig, ProgressTracker } from './tracker.ts';

/** Answer of {@link Raft.step} to a proposal that was not taken. */
export const PROPOSAL_DROPPED = 'raft proposal dropped';

export class Raft {
  readonly id: number;
  readonly config: RaftConfig;
  readonly logger: RaftLogger | null;
  readonly log: RaftLog;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly electionTimeout: number;
  readonly #heartbeatTimeout: number;
  readonly maxMessageBytes: number;
  readonly #maxUncommittedBytes: number;
  term = 0;
  vote = NONE;
  state = STATE_FOLLOWER;
  lead = NONE;
  isLearner = false;
  /** Whom the leadership is being handed to. */
  leadTransferee = NONE;
  /** No configuration change may be proposed before this entry is applied. */
  pendingConfIndex = 0;
  tracker: ProgressTracker;
  readOnly: ReadOnly;
  /** Reads that came before the leader committed in its term. */
  pendingReads: Message[] = [];
  readStates: ReadState[] = [];
  /** To be sent at once. */
  messages: Message[] = [];
  /** To be sent once the log and hard state so far are durable. */
  messagesAfterAppend: Message[] = [];
  electionElapsed = 0;
  #heartbeatElapsed = 0;
  /** Ticks without a leader after which this node campaigns. */
  randomizedElectionTimeout = 0;
  #uncommittedBytes = 0;

  constructor(config: RaftConfig) {
    checkConfig(config);
    const unlimited = Number.POSITIVE_INFINITY;
    this.config = config;
    this.id = config.id;
    this.logger = config.logger ?? null;
    this.maxMessageBytes = config.maxMessageBytes ?? unlimited;
    this.#maxUncommittedBytes = config.maxUncommittedBytes ?? unlimited;
    this.log = new RaftLog(config.storage, this.logger, config.maxApplyingBytes ?? this.maxMessageBytes);
    this.preVote = config.preVote ?? false;
    this.checkQuorum = config.checkQuorum ?? false;
    this.electionTimeout = config.electionTick;
    this.#heartbeatTimeout = config.heartbeatTick;
    this.readOnly = new ReadOnly(config.readOnly ?? 0);
    this.tracker = new ProgressTracker(config.maxInflightMessages, config.maxInflightBytes ?? 0);
    const { hardState, confState } = config.storage.initialState();
    const membership = restoreMembership(this.tracker, this.log.lastIndex(), confState);
    if (typeof membership === 'string') throw new AssertionError(`raft: stored configuration is broken: ${membership}`);
    switchToConfig(this, membership);
    if (!isEmptyHardState(hardState)) this.#loadState(hardState);
    if ((config.applied ?? 0) > 0) this.log.appliedTo(config.applied as number, 0);
    this.becomeFollower(this.term, NONE);
    this.logger?.info(
      `newRaft ${hex(this.id)} [peers: [${this.tracker.voters.map(hex).join(',')}], term: ${this.term}, ` +
        `commit: ${this.log.committed}, applied: ${this.log.applied}, lastindex: ${this.log.lastIndex()}, ` +
        `lastterm: ${this.log.lastTerm()}]`,
    );
  }

  #loadState(state: HardState): void {
    const { committed } = this.log;
    assert(state.commit >= committed && state.commit <= this.log.lastIndex(), 'raft: stored commit is out of range');
    this.log.committed = state.commit;
    this.term = state.term;
    this.vote = state.vote;
  }

  get hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed };
  }

  /** Queues a message; promises (append and vote answers) wait until they are durable. */
  send(message: Message): void {
    const type = message.type;
    if (message.from === NONE) message.from = this.id;
    const isVote = type === MSG_VOTE || type === MSG_VOTE_RESP || type === MSG_PRE_VOTE || type === MSG_PRE_VOTE_RESP;
    assert(isVote === (message.term !== 0), 'raft: votes, and only votes, are sent with a term of their own');
    // Proposals and read requests may be passed on by a node of another term: they carry none.
    if (!isVote && type !== MSG_PROP && type !== MSG_READ_INDEX) message.term = this.term;
    if (type === MSG_APP_RESP || type === MSG_VOTE_RESP || type === MSG_PRE_VOTE_RESP) {
      this.messagesAfterAppend.push(message);
      return;
    }
    assert(message.to !== this.id, 'raft: message to itself');
    this.messages.push(message);
  }

  /** One unit of time. */
  tick(): void {
    if (this.state === STATE_LEADER) this.#tickHeartbeat();
    else this.#tickElection();
  }

  #tickElection(): void {
    this.electionElapsed++;
    if (!this.promotable() || this.electionElapsed < this.randomizedElectionTimeout) return;
    this.electionElapsed = 0;
    this.#stepSelf(MSG_HUP);
  }

  #tickHeartbeat(): void {
    this.#heartbeatElapsed++;
    this.electionElapsed++;
    if (this.electionElapsed >= this.electionTimeout) {
      this.electionElapsed = 0;
      if (this.checkQuorum) this.#stepSelf(MSG_CHECK_QUORUM);
      // A transfer that takes longer than an election is given up.
      if (this.state === STATE_LEADER) this.leadTransferee = NONE;
    }
    if (this.state !== STATE_LEADER) return;
    if (this.#heartbeatElapsed >= this.#heartbeatTimeout) {
      this.#heartbeatElapsed = 0;
      this.#stepSelf(MSG_BEAT);
    }
  }

  #stepSelf(type: number): void {
    const message = new Message(type, NONE);
    message.from = this.id;
    this.step(message);
  }

  /** Whether this node may campaign: a voter, as far as it knows, with no snapshot half installed. */
  promotable(): boolean {
    const progress = this.tracker.progress.get(this.id);
    return progress !== undefined && !progress.isLearner && this.log.unstable.snapshot === null;
  }

  becomeFollower(term: number, lead: number): void {
    this.reset(term);
    this.lead = lead;
    this.state = STATE_FOLLOWER;
    this.logger?.info(`${hex(this.id)} became follower at term ${this.term}`);
  }

  becomeCandidate(): void {
    assert(this.state !== STATE_LEADER, 'raft: a leader cannot become candidate');
    this.reset(this.term + 1);
    this.vote = this.id;
    this.state = STATE_CANDIDATE;
    this.logger?.info(`${hex(this.id)} became candidate at term ${this.term}`);
  }

  /** Asks whether an election could be won; neither term nor vote changes. */
  becomePreCandidate(): void {
    assert(this.state !== STATE_LEADER, 'raft: a leader cannot become pre-candidate');
    this.tracker.votes.clear();
    this.lead = NONE;
    this.state = STATE_PRE_CANDIDATE;
    this.logger?.info(`${hex(this.id)} became pre-candidate at term ${this.term}`);
  }

  becomeLeader(): void {
    assert(this.state !== STATE_FOLLOWER, 'raft: a follower cannot become leader');
    this.reset(this.term);
    this.lead = this.id;
    this.state = STATE_LEADER;
    const self = this.tracker.progress.get(this.id);
    assert(self !== undefined, 'raft: a leader must be in its own configuration');
    self.becomeReplicate();
    self.recentActive = true;
    // There may be an unapplied configuration change in the log; waiting for all of it is safe and needs no scan.
    this.pendingConfIndex = this.log.lastIndex();
    const taken = this.appendEntries([new Entry(ENTRY_NORMAL, 0, 0, null)]);
    assert(taken, 'raft: the empty entry of a new leader was dropped');
    this.logger?.info(`${hex(this.id)} became leader at term ${this.term}`);
  }

  reset(term: number): void {
    if (this.term !== term) {
      this.term = term;
      this.vote = NONE;
    }
    this.lead = NONE;
    this.electionElapsed = 0;
    this.#heartbeatElapsed = 0;
    this.randomizedElectionTimeout = this.electionTimeout + this.config.random(this.electionTimeout);
    this.leadTransferee = NONE;
    this.tracker.votes.clear();
    this.tracker.resetProgress(this.id, this.log.lastIndex());
    this.pendingConfIndex = 0;
    this.#uncommittedBytes = 0;
    this.readOnly = new ReadOnly(this.readOnly.option);
  }

  /** Leader: gives proposals their place in the log; false if that would exceed the limit of uncommitted bytes. */
  appendEntries(proposals: readonly Entry[]): boolean {
    const bytes = payloadBytes(proposals);
    const before = this.#uncommittedBytes;
    // A single proposal of any size passes while nothing waits; empty ones (new leader, leaving a joint configuration) always.
    if (before > 0 && bytes > 0 && before + bytes > this.#maxUncommittedBytes) {
      this.logger?.warning(
        `${hex(this.id)} appending new entries to log would exceed uncommitted entry size limit; dropping proposal`,
      );
      return false;
    }
    this.#uncommittedBytes = before + bytes;
    const last = this.log.lastIndex();
    const entries: Entry[] = [];
    for (let i = 0; i < proposals.length; i++) {
      const { type, data, namesType } = proposals[i] as Entry;
      entries.push(new Entry(type, this.term, last + 1 + i, data, namesType));
    }
    const self = new Message(MSG_APP_RESP, this.id);
    self.index = this.log.append(entries);
    // The leader counts its own copy only once it is durable.
    this.send(self);
    return true;
  }

  /** Leader: commits what a quorum has stored; true if that is more than before. */
  maybeCommit(): boolean {
    return this.log.maybeCommit(this.tracker.committed(), this.term, this.config.commitsAnyTerm === true);
  }

  /** Entries up to `index` are applied. A leader that waits for that leaves its joint configuration now. */
  appliedTo(index: number, bytes: number): void {
    const applied = Math.max(index, this.log.applied);
    this.log.appliedTo(applied, bytes);
    if (!this.tracker.config.autoLeave || applied < this.pendingConfIndex || this.state !== STATE_LEADER) return;
    const message = new Message(MSG_PROP, NONE);
    message.entries = [new Entry(ENTRY_CONF_CHANGE_V2, 0, 0, null)];
    const config = formatConfig(this.tracker.config);
    const error = this.step(message);
    if (error === null) {
      this.logger?.info(`initiating automatic transition out of joint configuration ${config}`);
    } else {
      this.logger?.debug(`not initiating automatic transition out of joint configuration ${config}: ${error}`);
    }
  }

  appliedSnapshot(snapshot: RaftSnapshot): void {
    this.log.unstable.stableSnapTo(snapshot.index);
    this.appliedTo(snapshot.index, 0);
  }

  /** Takes a message; null, or why it was not taken. */
  step(message: Message): string | null {
    const term = message.term;
    if (term > this.term && term !== 0) {
      if (ignoresVote(this, message)) return null;
      this.#followTerm(message);
    } else if (term < this.term && term !== 0) {
      this.#stepOldTerm(message);
      return null;
    }
    switch (message.type) {
      case MSG_HUP:
        hup(this, this.preVote, false);
        return null;
      case MSG_STORAGE_APPEND_RESP:
        if (message.index !== 0) this.log.unstable.stableTo(message.index, message.logTerm);
        if (message.snapshot !== null) this.appliedSnapshot(message.snapshot);
        return null;
      case MSG_STORAGE_APPLY_RESP:
        this.#applied(message.entries);
        return null;
      case MSG_VOTE:
      case MSG_PRE_VOTE:
        respondToVote(this, message);
        return null;
      default:
        if (this.state === STATE_LEADER) return stepLeader(this, message);
        return this.state === STATE_FOLLOWER ? stepFollower(this, message) : stepCandidate(this, message);
    }
  }

  #applied(entries: readonly Entry[]): void {
    const last = entries[entries.length - 1];
    if (last === undefined) return;
    this.appliedTo(last.index, this.log.maxApplyingBytes === Number.POSITIVE_INFINITY ? 0 : entriesBytes(entries));
    this.#uncommittedBytes = Math.max(0, this.#uncommittedBytes - payloadBytes(entries));
  }

  /** A message of a later term: this node's own is over, except for pre-votes, which are about a term that may never come. */
  #followTerm(message: Message): void {
    const { type, term, from } = message;
    if (type === MSG_PRE_VOTE || (type === MSG_PRE_VOTE_RESP && !message.reject)) return;
    this.logger?.info(
      `${hex(this.id)} [term: ${this.term}] received a ${messageTypeName(type)} message with higher term from ` +
        `${hex(from)} [term: ${term}]`,
    );
    const fromLeader = type === MSG_APP || type === MSG_HEARTBEAT || type === MSG_SNAP;
    this.becomeFollower(term, fromLeader ? from : NONE);
  }

  #stepOldTerm(message: Message): void {
    const { type, from } = message;
    if ((this.checkQuorum || this.preVote) && (type === MSG_HEARTBEAT || type === MSG_APP)) {
      // Terms grow only by messages here: a leader that was left behind learns by this answer, and a stuck node is freed.
      this.send(new Message(MSG_APP_RESP, from));
      return;
    }
    if (type === MSG_PRE_VOTE) {
      // Or a candidate of before pre-vote was switched on, with a higher term and a shorter log, would block elections.
      const last = this.log.lastIndex();
      this.logger?.info(
        `${hex(this.id)} [logterm: ${this.log.lastTerm()}, index: ${last}, vote: ${hex(this.vote)}] rejected ` +
          `${messageTypeName(type)} from ${hex(from)} [logterm: ${message.logTerm}, index: ${message.index}] at term ${this.term}`,
      );
      const answer = new Message(MSG_PRE_VOTE_RESP, from);
      answer.term = this.term;
      answer.reject = true;
      this.send(answer);
      return;
    }
    if (type === MSG_STORAGE_APPEND_RESP) {
      if (message.index !== 0) {
        // The entries may have been overwritten since, in a later term.
        this.logger?.info(
          `${hex(this.id)} [term: ${this.term}] ignored entry appends from a ${messageTypeName(type)} message with lower ` +
            `term [term: ${message.term}]`,
        );
      }
      // A snapshot holds committed state, whatever the term.
      if (message.snapshot !== null) this.appliedSnapshot(message.snapshot);
      return;
    }
    this.logger?.info(
      `${hex(this.id)} [term: ${this.term}] ignored a ${messageTypeName(type)} message with lower term from ` +
        `${hex(from)} [term: ${message.term}]`,
    );
  }
}
