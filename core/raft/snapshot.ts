/**
 * What Raft knows of durable state: configuration, snapshot, hard state, and the soft state that is told but never stored.
 */

/** Who is in the group (etcd-io/raft ConfState). Lists of node ids, ascending. */
export interface ConfState {
  readonly voters: readonly number[];
  /** The outgoing half while the configuration is joint. */
  readonly votersOutgoing: readonly number[];
  readonly learners: readonly number[];
  /** Voters that become learners when the joint configuration is left. */
  readonly learnersNext: readonly number[];
  readonly autoLeave: boolean;
}

export const EMPTY_CONF_STATE: ConfState = {
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

/** The applied state after entry `index`, with the configuration in force there. */
export interface RaftSnapshot {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
  /** The application's; Raft passes it on. */
  readonly data: unknown;
}

/** Index 0 stands for "no snapshot". */
export const EMPTY_SNAPSHOT: RaftSnapshot = { index: 0, term: 0, confState: EMPTY_CONF_STATE, data: null };

export const isEmptySnapshot = (snapshot: RaftSnapshot | null): boolean => snapshot === null || snapshot.index === 0;

/** What must be durable before a member answers. */
export interface HardState {
  readonly term: number;
  readonly vote: number;
  readonly commit: number;
}

export const EMPTY_HARD_STATE: HardState = { term: 0, vote: 0, commit: 0 };

export const isEmptyHardState = (state: HardState | null): boolean =>
  state === null || (state.term === 0 && state.vote === 0 && state.commit === 0);

export const STATE_FOLLOWER = 0;
export const STATE_CANDIDATE = 1;
export const STATE_LEADER = 2;
export const STATE_PRE_CANDIDATE = 3;

const STATE_NAMES = ['StateFollower', 'StateCandidate', 'StateLeader', 'StatePreCandidate'];

/** Name of a role, as etcd-io/raft prints it. */
export const stateName = (state: number): string => STATE_NAMES[state] ?? String(state);

/** Leader and role: useful to the application, not stored. */
export interface SoftState {
  readonly lead: number;
  readonly state: number;
}

/** A read that may be served once the applied index has reached `index`. */
export interface ReadState {
  readonly index: number;
  /** The data the read was asked with. */
  readonly request: unknown;
}
