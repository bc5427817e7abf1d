/**
 * What a leader does with a message.
 *
 * Rules and log texts: etcd-io/raft (cdfbeed).
 */
import { assert } from '../base/assert.ts';
import { type ConfChange, confChangeOf, describeConfChange } from './conf-change.ts';
import { ENTRY_NORMAL, Entry } from './entry.ts';
import { hex } from './logger.ts';
import {
  type Message,
  MSG_APP_RESP,
  MSG_BEAT,
  MSG_CHECK_QUORUM,
  MSG_FORGET_LEADER,
  MSG_HEARTBEAT_RESP,
  MSG_PROP,
  MSG_READ_INDEX,
  MSG_SNAP_STATUS,
  MSG_TRANSFER_LEADER,
  MSG_UNREACHABLE,
  NONE,
} from './message.ts';
import { PROGRESS_PROBE, PROGRESS_REPLICATE, PROGRESS_SNAPSHOT, type Progress } from './progress.ts';
import { PROPOSAL_DROPPED, type Raft } from './raft.ts';
import { READ_ONLY_SAFE } from './read-only.ts';
import { confirmReads, readIndex, releasePendingReads } from './reads.ts';
import { broadcastAppend, broadcastHeartbeat, sendAllAppends, sendAppend, sendTimeoutNow } from './replication.ts';
import { formatConfig } from './tracker.ts';

export function stepLeader(raft: Raft, message: Message): string | null {
  switch (message.type) {
    case MSG_BEAT:
      broadcastHeartbeat(raft);
      return null;
    case MSG_CHECK_QUORUM:
      checkQuorum(raft);
      return null;
    case MSG_PROP:
      return propose(raft, message);
    case MSG_READ_INDEX:
      readIndex(raft, message);
      return null;
    case MSG_FORGET_LEADER:
      return null;
  }
  const progress = raft.tracker.progress.get(message.from);
  if (progress === undefined) {
    raft.logger?.debug(`${hex(raft.id)} no progress available for ${hex(message.from)}`);
    return null;
  }
  switch (message.type) {
    case MSG_APP_RESP:
      progress.recentActive = true;
      if (message.reject) appendRejected(raft, message, progress);
      else appendAccepted(raft, message, progress);
      break;
    case MSG_HEARTBEAT_RESP:
      heartbeatAnswered(raft, message, progress);
      break;
    case MSG_SNAP_STATUS:
      snapshotReported(raft, message, progress);
      break;
    case MSG_UNREACHABLE:
      // Appends are pipelined: one that was on its way is probably lost.
      if (progress.state === PROGRESS_REPLICATE) progress.becomeProbe();
      raft.logger?.debug(
        `${hex(raft.id)} failed to send message to ${hex(message.from)} because it is unreachable [${progress}]`,
      );
      break;
    case MSG_TRANSFER_LEADER:
      transferLeader(raft, message.from, progress);
      break;
  }
  return null;
}

/** Steps down where no quorum has been heard of since the last check. */
function checkQuorum(raft: Raft): void {
  if (!raft.tracker.quorumActive()) {
    raft.logger?.warning(`${hex(raft.id)} stepped down to follower since quorum is not active`);
    raft.becomeFollower(raft.term, NONE);
  }
  const { ids, nodes } = raft.tracker;
  for (let i = 0; i < ids.length; i++) if (ids[i] !== raft.id) (nodes[i] as Progress).recentActive = false;
}

function propose(raft: Raft, message: Message): string | null {
  assert(message.entries.length > 0, 'raft: empty proposal');
  // A leader that is no longer in the group finishes what it has, and takes nothing new.
  if (!raft.tracker.progress.has(raft.id)) return PROPOSAL_DROPPED;
  if (raft.leadTransferee !== NONE) {
    raft.logger?.debug(
      `${hex(raft.id)} [term ${raft.term}] transfer leadership to ${hex(raft.leadTransferee)} is in progress; dropping proposal`,
    );
    return PROPOSAL_DROPPED;
  }
  let entries = message.entries;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    if (entry.type === ENTRY_NORMAL) continue;
    if (admitsConfChange(raft, confChangeOf(entry.data))) {
      raft.pendingConfIndex = raft.log.lastIndex() + i + 1;
      continue;
    }
    // An ordinary empty entry takes the place of a refused change.
    entries = entries.with(i, new Entry(ENTRY_NORMAL, 0, 0, null, true));
  }
  if (!raft.appendEntries(entries)) return PROPOSAL_DROPPED;
  broadcastAppend(raft);
  return null;
}

/** One change at a time, and only leaving is allowed while joint. */
function admitsConfChange(raft: Raft, change: ConfChange): boolean {
  const { config } = raft.tracker;
  const joint = config.outgoing.length > 0;
  const leaves = change.changes.length === 0;
  let failed = '';
  if (raft.pendingConfIndex > raft.log.applied) {
    failed = `possible unapplied conf change at index ${raft.pendingConfIndex} (applied to ${raft.log.applied})`;
  } else if (joint && !leaves) failed = 'must transition out of joint config first';
  else if (!joint && leaves) failed = 'not in joint state; refusing empty conf change';
  if (failed === '' || raft.config.disableConfChangeValidation === true) return true;
  raft.logger?.info(
    `${hex(raft.id)} ignoring conf change ${describeConfChange(change)} at config ${formatConfig(config)}: ${failed}`,
  );
  return false;
}

/** The follower's log differs: the next probe goes to the largest index at which the logs can match. */
function appendRejected(raft: Raft, message: Message, progress: Progress): void {
  const { from, index, rejectHint, logTerm } = message;
  const me = hex(raft.id);
  raft.logger?.debug(
    `${me} received MsgAppResp(rejected, hint: (index ${rejectHint}, term ${logTerm})) from ${hex(from)} for index ${index}`,
  );
  // Terms never fall along a log: where ours is above the follower's, it cannot match. At most one probe a term.
  const probe = logTerm > 0 ? raft.log.findConflictByTerm(rejectHint, logTerm) : rejectHint;
  if (!progress.maybeDecrease(index, probe)) return;
  raft.logger?.debug(`${me} decreased progress of ${hex(from)} to [${progress}]`);
  if (progress.state === PROGRESS_REPLICATE) progress.becomeProbe();
  sendAppend(raft, from);
}

function appendAccepted(raft: Raft, message: Message, progress: Progress): void {
  const { from, index } = message;
  const moved = progress.maybeUpdate(index);
  if (!moved && !(progress.match === index && progress.state === PROGRESS_PROBE)) return;
  if (progress.state === PROGRESS_PROBE) progress.becomeReplicate();
  else if (progress.state === PROGRESS_REPLICATE) progress.inflights.freeUpTo(index);
  else if (progress.state === PROGRESS_SNAPSHOT && progress.match + 1 >= raft.log.firstIndex()) {
    // However it got there, the log can take over from the snapshot.
    raft.logger?.debug(
      `${hex(raft.id)} recovered from needing snapshot, resumed sending replication messages to ${hex(from)} [${progress}]`,
    );
    progress.becomeProbe();
    progress.becomeReplicate();
  }
  if (raft.maybeCommit()) {
    releasePendingReads(raft);
    broadcastAppend(raft);
  } else if (from !== raft.id && progress.canBumpCommit(raft.log.committed)) sendAppend(raft, from);
  if (from !== raft.id) sendAllAppends(raft, from);
  if (from === raft.leadTransferee && progress.match === raft.log.lastIndex()) {
    raft.logger?.info(`${hex(raft.id)} sent MsgTimeoutNow to ${hex(from)} after received MsgAppResp`);
    sendTimeoutNow(raft, from);
  }
}

function heartbeatAnswered(raft: Raft, message: Message, progress: Progress): void {
  progress.recentActive = true;
  progress.appendsPaused = false;
  if (progress.match < raft.log.lastIndex() || progress.state === PROGRESS_PROBE) sendAppend(raft, message.from);
  if (raft.readOnly.option !== READ_ONLY_SAFE || message.readPosition === 0) return;
  confirmReads(raft, message.from, message.readPosition);
}

/** The transport tells how sending a snapshot ended; the next append waits for an answer or a heartbeat. */
function snapshotReported(raft: Raft, message: Message, progress: Progress): void {
  if (progress.state !== PROGRESS_SNAPSHOT) return;
  const failed = message.reject;
  if (failed) progress.pendingSnapshot = 0;
  progress.becomeProbe();
  raft.logger?.debug(
    `${hex(raft.id)} snapshot ${failed ? 'failed' : 'succeeded'}, resumed sending replication messages to ` +
      `${hex(message.from)} [${progress}]`,
  );
  progress.appendsPaused = true;
}

function transferLeader(raft: Raft, to: number, progress: Progress): void {
  const me = hex(raft.id);
  if (progress.isLearner) {
    raft.logger?.debug(`${me} is learner. Ignored transferring leadership`);
    return;
  }
  const before = raft.leadTransferee;
  if (before === to) {
    raft.logger?.info(
      `${me} [term ${raft.term}] transfer leadership to ${hex(to)} is in progress, ignores request to same node ${hex(to)}`,
    );
    return;
  }
  if (before !== NONE) {
    raft.leadTransferee = NONE;
    raft.logger?.info(`${me} [term ${raft.term}] abort previous transferring leadership to ${hex(before)}`);
  }
  if (to === raft.id) {
    raft.logger?.debug(`${me} is already leader. Ignored transferring leadership to self`);
    return;
  }
  raft.logger?.info(`${me} [term ${raft.term}] starts to transfer leadership to ${hex(to)}`);
  // It has one election timeout from now.
  raft.electionElapsed = 0;
  raft.leadTransferee = to;
  if (progress.match === raft.log.lastIndex()) {
    sendTimeoutNow(raft, to);
    raft.logger?.info(`${me} sends MsgTimeoutNow to ${hex(to)} immediately as ${hex(to)} already has up-to-date log`);
  } else sendAppend(raft, to);
}
