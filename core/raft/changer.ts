/**
 * Works out the configuration that follows from a change, or says why the change is refused. Changes nothing itself.
 *
 * Rules and texts: etcd-io/raft confchange (cdfbeed).
 */
import {
  CHANGE_ADD_LEARNER,
  CHANGE_ADD_NODE,
  CHANGE_REMOVE_NODE,
  CHANGE_UPDATE_NODE,
  type NodeChange,
} from './conf-change.ts';
import { Progress } from './progress.ts';
import { addId, removeId, unionIds } from './quorum.ts';
import type { ConfState } from './snapshot.ts';
import type { GroupConfig, ProgressTracker } from './tracker.ts';

/** A configuration with the progress of its nodes. */
export interface Membership {
  readonly config: GroupConfig;
  readonly progress: ReadonlyMap<number, Progress>;
}

/** A configuration under construction. */
class Draft {
  incoming: readonly number[];
  outgoing: readonly number[];
  learners: readonly number[];
  learnersNext: readonly number[];
  autoLeave: boolean;
  readonly progress = new Map<number, Progress>();
  readonly #tracker: ProgressTracker;
  readonly #lastIndex: number;

  constructor(from: Membership, tracker: ProgressTracker, lastIndex: number) {
    const { incoming, outgoing, learners, learnersNext, autoLeave } = from.config;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.learners = learners;
    this.learnersNext = learnersNext;
    this.autoLeave = autoLeave;
    for (const [id, progress] of from.progress) this.progress.set(id, progress.copy());
    this.#tracker = tracker;
    this.#lastIndex = lastIndex;
  }

  get isJoint(): boolean {
    return this.outgoing.length > 0;
  }

  apply(changes: readonly NodeChange[]): string | null {
    for (const { type, nodeId } of changes) {
      // Changes replaced by id 0 have been cancelled by the application.
      if (nodeId === 0) continue;
      if (type === CHANGE_ADD_NODE) this.#makeVoter(nodeId);
      else if (type === CHANGE_ADD_LEARNER) this.#makeLearner(nodeId);
      else if (type === CHANGE_REMOVE_NODE) this.#remove(nodeId);
      else if (type !== CHANGE_UPDATE_NODE) return `unexpected conf type ${type}`;
    }
    return this.incoming.length === 0 ? 'removed all voters' : null;
  }

  #makeVoter(id: number): void {
    const progress = this.progress.get(id);
    if (progress === undefined) {
      this.#join(id, false);
      return;
    }
    progress.isLearner = false;
    this.learners = removeId(this.learners, id);
    this.learnersNext = removeId(this.learnersNext, id);
    this.incoming = addId(this.incoming, id);
  }

  /** A voter of the outgoing half stays one until the joint configuration is left. */
  #makeLearner(id: number): void {
    const progress = this.progress.get(id);
    if (progress === undefined) {
      this.#join(id, true);
      return;
    }
    if (progress.isLearner) return;
    this.#remove(id);
    this.progress.set(id, progress);
    if (this.outgoing.includes(id)) {
      this.learnersNext = addId(this.learnersNext, id);
      return;
    }
    progress.isLearner = true;
    this.learners = addId(this.learners, id);
  }

  #remove(id: number): void {
    if (!this.progress.has(id)) return;
    this.incoming = removeId(this.incoming, id);
    this.learners = removeId(this.learners, id);
    this.learnersNext = removeId(this.learnersNext, id);
    if (!this.outgoing.includes(id)) this.progress.delete(id);
  }

  /** A new node counts as active, or the next check of the quorum could unseat the leader. */
  #join(id: number, isLearner: boolean): void {
    if (isLearner) this.learners = addId(this.learners, id);
    else this.incoming = addId(this.incoming, id);
    const progress = new Progress(0, Math.max(this.#lastIndex, 1), isLearner, this.#tracker.newInflights());
    progress.recentActive = true;
    this.progress.set(id, progress);
  }

  leaveJoint(): void {
    for (const id of this.learnersNext) {
      this.learners = addId(this.learners, id);
      (this.progress.get(id) as Progress).isLearner = true;
    }
    this.learnersNext = [];
    for (const id of this.outgoing) {
      if (!this.incoming.includes(id) && !this.learners.includes(id)) this.progress.delete(id);
    }
    this.outgoing = [];
    this.autoLeave = false;
  }

  finish(): Membership | string {
    return this.#fault() ?? { config: { ...this.#config() }, progress: this.progress };
  }

  #config(): GroupConfig {
    const { incoming, outgoing, learners, learnersNext, autoLeave } = this;
    return { incoming, outgoing, learners, learnersNext, autoLeave };
  }

  #fault(): string | null {
    for (const id of [...unionIds(this.incoming, this.outgoing), ...this.learners, ...this.learnersNext]) {
      if (!this.progress.has(id)) return `no progress for ${id}`;
    }
    for (const id of this.learnersNext) {
      if (!this.outgoing.includes(id)) return `${id} is in LearnersNext, but not Voters[1]`;
      if (this.progress.get(id)?.isLearner) return `${id} is in LearnersNext, but is already marked as learner`;
    }
    for (const id of this.learners) {
      if (this.outgoing.includes(id)) return `${id} is in Learners and Voters[1]`;
      if (this.incoming.includes(id)) return `${id} is in Learners and Voters[0]`;
      if (!this.progress.get(id)?.isLearner) return `${id} is in Learners, but is not marked as learner`;
    }
    if (this.isJoint) return null;
    if (this.learnersNext.length > 0) return 'cfg.LearnersNext must be nil when not joint';
    return this.autoLeave ? 'AutoLeave must be false when not joint' : null;
  }
}

/** How many ids are in one list only. */
const difference = (left: readonly number[], right: readonly number[]): number =>
  left.filter((id) => !right.includes(id)).length + right.filter((id) => !left.includes(id)).length;

/** Changes at most one voter, without a joint configuration. A string is the refusal. */
export function simpleChange(
  from: Membership,
  tracker: ProgressTracker,
  lastIndex: number,
  changes: readonly NodeChange[],
): Membership | string {
  const draft = new Draft(from, tracker, lastIndex);
  if (draft.isJoint) return "can't apply simple config change in joint config";
  const refusal = draft.apply(changes);
  if (refusal !== null) return refusal;
  if (difference(from.config.incoming, draft.incoming) > 1) {
    return 'more than one voter changed without entering joint config';
  }
  return draft.finish();
}

/** Enters a joint configuration with any changes. A string is the refusal. */
export function enterJoint(
  from: Membership,
  tracker: ProgressTracker,
  lastIndex: number,
  autoLeave: boolean,
  changes: readonly NodeChange[],
): Membership | string {
  const draft = new Draft(from, tracker, lastIndex);
  if (draft.isJoint) return 'config is already joint';
  if (draft.incoming.length === 0) return "can't make a zero-voter config joint";
  draft.outgoing = draft.incoming;
  const refusal = draft.apply(changes);
  if (refusal !== null) return refusal;
  draft.autoLeave = autoLeave;
  return draft.finish();
}

/** Leaves the joint configuration: the incoming half alone counts from here. A string is the refusal. */
export function leaveJoint(from: Membership, tracker: ProgressTracker, lastIndex: number): Membership | string {
  const draft = new Draft(from, tracker, lastIndex);
  if (!draft.isJoint) return "can't leave a non-joint config";
  draft.leaveJoint();
  return draft.finish();
}

/** Builds the configuration of `state` from nothing. A string is the refusal: the state is broken. */
export function restoreMembership(tracker: ProgressTracker, lastIndex: number, state: ConfState): Membership | string {
  const adds = (ids: readonly number[], type: number): NodeChange[] => ids.map((nodeId) => ({ type, nodeId }));
  const target = [
    ...adds(state.votersOutgoing, CHANGE_REMOVE_NODE),
    ...adds(state.voters, CHANGE_ADD_NODE),
    ...adds(state.learners, CHANGE_ADD_LEARNER),
    ...adds(state.learnersNext, CHANGE_ADD_LEARNER),
  ];
  const isJoint = state.votersOutgoing.length > 0;
  let membership: Membership | string = { config: tracker.config, progress: tracker.progress };
  for (const change of isJoint ? adds(state.votersOutgoing, CHANGE_ADD_NODE) : target) {
    membership = simpleChange(membership, tracker, lastIndex, [change]);
    if (typeof membership === 'string') return membership;
  }
  return isJoint ? enterJoint(membership, tracker, lastIndex, state.autoLeave, target) : membership;
}
