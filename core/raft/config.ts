/**
 * How a member's Raft is set up, with etcd-io/raft's defaults and rules.
 */
import { assert } from '../base/assert.ts';
import type { RaftLogger } from './logger.ts';
import { isStorageThread, NONE } from './message.ts';
import { READ_ONLY_LEASE_BASED } from './read-only.ts';
import type { Storage } from './storage.ts';

export interface RaftConfig {
  /** This node, > 0. */
  readonly id: number;
  /** Ticks without a leader before an election; drawn anew in [electionTick, 2 · electionTick). */
  readonly electionTick: number;
  /** Ticks between heartbeats. */
  readonly heartbeatTick: number;
  readonly storage: Storage;
  /** Index applied before the restart. */
  readonly applied?: number;
  /** Writes and applies are done by storage threads that answer by message. */
  readonly asyncStorageWrites?: boolean;
  /** Most bytes of entries in one append. Default: no limit. */
  readonly maxMessageBytes?: number;
  /** Most bytes of committed entries handed out and not acknowledged. Default: as `maxMessageBytes`. */
  readonly maxApplyingBytes?: number;
  /** Most payload bytes not yet applied, above which proposals are dropped. Default: no limit. */
  readonly maxUncommittedBytes?: number;
  /** Most appends in flight to one follower. */
  readonly maxInflightMessages: number;
  /** Most payload bytes in flight to one follower; 0 = no limit. */
  readonly maxInflightBytes?: number;
  readonly checkQuorum?: boolean;
  readonly preVote?: boolean;
  /** READ_ONLY_SAFE (default) or READ_ONLY_LEASE_BASED. */
  readonly readOnly?: number;
  /** Followers drop proposals instead of sending them to the leader. */
  readonly disableProposalForwarding?: boolean;
  readonly disableConfChangeValidation?: boolean;
  /** A leader that is removed or demoted steps down at once. */
  readonly stepDownOnRemoval?: boolean;
  /** Has `to` hear a heartbeat that confirms no read, and answer it, without messages; false where it must be sent. Default: all are sent. */
  readonly beat?: (to: number) => boolean;
  readonly logger?: RaftLogger;
  /** Draws an integer in [0, n): the only random value is the election timeout. */
  readonly random: (n: number) => number;
  /** Bug switch: a leader commits by counting replicas of entries of any term. */
  readonly commitsAnyTerm?: boolean;
}

/** Throws an assertion where `config` breaks a rule. */
export function checkConfig(config: RaftConfig): void {
  const { id, heartbeatTick, electionTick, maxInflightMessages } = config;
  assert(id !== NONE && !isStorageThread(id), 'raft: this id is reserved');
  assert(heartbeatTick > 0, 'raft: heartbeat tick must be greater than 0');
  assert(electionTick > heartbeatTick, 'raft: election tick must be greater than heartbeat tick');
  assert(maxInflightMessages > 0, 'raft: max inflight messages must be greater than 0');
  const bytes = config.maxInflightBytes ?? 0;
  const messageBytes = config.maxMessageBytes ?? 0;
  assert(bytes === 0 || bytes >= messageBytes, 'raft: max inflight bytes must be >= max message size');
  assert(
    config.readOnly !== READ_ONLY_LEASE_BASED || config.checkQuorum === true,
    'raft: lease-based reads need check-quorum',
  );
}
