/**
 * What is inside a store member: how far it has applied, and its state as a member of the Raft group.
 */
import type { Progress } from '../../raft/progress.ts';
import type { Raft } from '../../raft/raft.ts';
import { formatConfig } from '../../raft/tracker.ts';
import type { StoreMember } from '../../store/member.ts';
import type { Parts } from './cluster-view.ts';

/** The member's parts; `raft` only where it agrees with others. */
export function storeMemberParts(member: StoreMember): Parts {
  const { group } = member;
  const own: Parts = {
    leader: () => member.isLeader,
    term: () => member.term,
    appliedIndex: () => member.appliedIndex,
  };
  if (group === null) return own;
  return {
    ...own,
    revision: () => group.revision,
    stateHash: () => group.stateHash,
    raft: () => raftState(group.raft),
  };
}

/** A Raft member's state in its own terms; indexes are of the log. */
function raftState(raft: Raft): unknown {
  const { log, tracker } = raft;
  return {
    id: raft.id,
    state: raft.state,
    term: raft.term,
    vote: raft.vote,
    lead: raft.lead,
    committed: log.committed,
    applied: log.applied,
    lastIndex: log.lastIndex(),
    lastTerm: log.lastTerm(),
    electionElapsed: raft.electionElapsed,
    randomizedElectionTimeout: raft.randomizedElectionTimeout,
    configuration: formatConfig(tracker.config),
    progress: Object.fromEntries(tracker.ids.map((id) => [id, progressState(tracker.progress.get(id) as Progress)])),
  };
}

function progressState({ match, next, recentActive, appendsPaused, pendingSnapshot }: Progress): unknown {
  return { match, next, recentActive, appendsPaused, pendingSnapshot };
}
