/**
 * Applying a configuration change at a member: the new group is in force from the moment the entry is applied.
 *
 * Rules and log texts: etcd-io/raft (cdfbeed).
 */
import { AssertionError } from '../base/assert.ts';
import { enterJoint, leaveJoint, type Membership, simpleChange } from './changer.ts';
import type { ConfChange } from './conf-change.ts';
import { hex } from './logger.ts';
import { NONE } from './message.ts';
import type { Raft } from './raft.ts';
import { broadcastAppend, broadcastNews } from './replication.ts';
import { type ConfState, STATE_LEADER } from './snapshot.ts';
import { formatConfig } from './tracker.ts';

/** Applies a committed change; a change that cannot be applied is a bug, since proposals are checked. */
export function applyConfChange(raft: Raft, change: ConfChange): ConfState {
  const membership = changed(raft, change);
  if (typeof membership === 'string') throw new AssertionError(`raft: configuration change refused: ${membership}`);
  return switchToConfig(raft, membership);
}

function changed(raft: Raft, change: ConfChange): Membership | string {
  const { tracker } = raft;
  const last = raft.log.lastIndex();
  if (change.leavesJoint) return leaveJoint(tracker, tracker, last);
  if (change.entersJoint) return enterJoint(tracker, tracker, last, change.autoLeave, change.changes);
  return simpleChange(tracker, tracker, last, change.changes);
}

/** Puts a configuration into force and does what follows from it. Returns it in stored form. */
export function switchToConfig(raft: Raft, membership: Membership): ConfState {
  const { tracker } = raft;
  tracker.assign(membership.config, membership.progress);
  raft.logger?.info(`${hex(raft.id)} switched to configuration ${formatConfig(tracker.config)}`);
  const state = tracker.confState;
  const self = tracker.progress.get(raft.id);
  raft.isLearner = self?.isLearner ?? false;
  if ((self === undefined || raft.isLearner) && raft.state === STATE_LEADER) {
    if (raft.config.stepDownOnRemoval === true) raft.becomeFollower(raft.term, NONE);
    return state;
  }
  if (raft.state !== STATE_LEADER || state.voters.length === 0) return state;
  // A smaller quorum may have stored more; new nodes need not wait for a heartbeat.
  if (raft.maybeCommit()) broadcastAppend(raft);
  else broadcastNews(raft);
  if (raft.leadTransferee !== NONE && !tracker.isVoter(raft.leadTransferee)) raft.leadTransferee = NONE;
  return state;
}
