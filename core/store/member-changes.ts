/**
 * Changes of a group's members: add a learner, promote it, remove a member (etcd 3.6, server/etcdserver/server.go).
 *
 * Only the leader takes a change. A learner is promoted once it has nine tenths of the leader's log; a change that would leave too
 * few active members for a quorum is refused, as etcd's strict reconfiguration check does.
 */
import { mix } from '../base/content-hash.ts';
import { CHANGE_ADD_LEARNER, CHANGE_ADD_NODE, CHANGE_REMOVE_NODE, ConfChange } from '../raft/conf-change.ts';
import type { RawNode } from '../raft/raw-node.ts';
import { STATE_LEADER } from '../raft/snapshot.ts';
import type { Conn, Payload } from '../sim/process.ts';
import {
  ERROR_LEARNER_NOT_READY,
  ERROR_MEMBER_EXISTS,
  ERROR_MEMBER_NOT_FOUND,
  ERROR_NOT_LEADER,
  ERROR_NOT_LEARNER,
  ERROR_TOO_MANY_LEARNERS,
  ERROR_UNHEALTHY,
  type StoreError,
} from './errors.ts';
import type { ReplicaHost } from './member-replica.ts';

export const MEMBER_ADD_LEARNER = 0;
export const MEMBER_PROMOTE = 1;
export const MEMBER_REMOVE = 2;

/** Learners a group may have at a time. */
const LEARNERS_MAX = 1;
/** Share of the leader's log that a learner must have to be promoted. */
const READY_SHARE = 0.9;

/** Asks for one change of the group. */
export class MemberChange implements Payload {
  readonly type: number;
  readonly memberId: number;

  constructor(type: number, memberId: number) {
    this.type = type;
    this.memberId = memberId;
  }

  contentHash(): number {
    return mix(mix(0x6d656d, this.type), this.memberId);
  }
}

const CONF_TYPES = [CHANGE_ADD_LEARNER, CHANGE_ADD_NODE, CHANGE_REMOVE_NODE];

/** Proposes a change, or refuses it; the outcome shows in the group's configuration. */
export function changeMembers(raw: RawNode, host: ReplicaHost, change: MemberChange, conn: Conn, id: number): void {
  const refusal = refusalOf(raw, change);
  if (refusal !== null) {
    host.refuse(conn, id, refusal);
    return;
  }
  const type = CONF_TYPES[change.type] as number;
  raw.proposeConfChange(new ConfChange([{ type, nodeId: change.memberId }], 0, true));
}

function refusalOf({ raft }: RawNode, { type, memberId }: MemberChange): StoreError | null {
  const { tracker } = raft;
  const progress = tracker.progress.get(memberId);
  if (raft.state !== STATE_LEADER) return ERROR_NOT_LEADER;
  if (type === MEMBER_ADD_LEARNER) {
    if (progress !== undefined) return ERROR_MEMBER_EXISTS;
    return tracker.config.learners.length >= LEARNERS_MAX ? ERROR_TOO_MANY_LEARNERS : null;
  }
  if (progress === undefined) return ERROR_MEMBER_NOT_FOUND;
  if (type === MEMBER_PROMOTE) {
    if (!progress.isLearner) return ERROR_NOT_LEARNER;
    const lead = tracker.progress.get(raft.id)?.match ?? 0;
    return progress.match < lead * READY_SHARE ? ERROR_LEARNER_NOT_READY : null;
  }
  if (progress.isLearner) return null;
  const rest = tracker.config.incoming.filter((id) => id !== memberId);
  const active = rest.filter((id) => id === raft.id || tracker.progress.get(id)?.recentActive === true).length;
  return active < (rest.length >>> 1) + 1 ? ERROR_UNHEALTHY : null;
}
