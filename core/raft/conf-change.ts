/**
 * Configuration changes as the log carries them: which nodes become voters or learners, leave, or are updated, and whether a
 * joint configuration is used on the way (etcd-io/raft raftpb/confchange, cdfbeed).
 */
import { mix } from '../base/content-hash.ts';
import { ENTRY_CONF_CHANGE, ENTRY_CONF_CHANGE_V2, type EntryData, varintBytes } from './entry.ts';

export const CHANGE_ADD_NODE = 0;
export const CHANGE_REMOVE_NODE = 1;
export const CHANGE_UPDATE_NODE = 2;
export const CHANGE_ADD_LEARNER = 3;

/** Joint only where one step would not do; left by itself. */
export const TRANSITION_AUTO = 0;
/** Always joint; left by itself. */
export const TRANSITION_JOINT_IMPLICIT = 1;
/** Always joint; left by an explicit empty change. */
export const TRANSITION_JOINT_EXPLICIT = 2;

const CHANGE_NAMES = ['ConfChangeAddNode', 'ConfChangeRemoveNode', 'ConfChangeUpdateNode', 'ConfChangeAddLearnerNode'];
const TRANSITION_NAMES = [
  'ConfChangeTransitionAuto',
  'ConfChangeTransitionJointImplicit',
  'ConfChangeTransitionJointExplicit',
];
const LETTERS = 'vrul';

/** One node's change. */
export interface NodeChange {
  readonly type: number;
  readonly nodeId: number;
}

export class ConfChange implements EntryData {
  readonly changes: readonly NodeChange[];
  readonly transition: number;
  /** The first form of etcd-io/raft: exactly one change, no transition. */
  readonly isV1: boolean;
  readonly byteLength: number;

  constructor(changes: readonly NodeChange[], transition = TRANSITION_AUTO, isV1 = false) {
    this.changes = changes;
    this.transition = transition;
    this.isV1 = isV1;
    let bytes = isV1 ? 0 : 2;
    for (const change of changes) bytes += (isV1 ? 0 : 2) + 3 + varintBytes(change.nodeId);
    this.byteLength = bytes;
  }

  /** Type of the entry that carries it. */
  get entryType(): number {
    return this.isV1 ? ENTRY_CONF_CHANGE : ENTRY_CONF_CHANGE_V2;
  }

  /** Whether it asks to leave the joint configuration. */
  get leavesJoint(): boolean {
    return this.transition === TRANSITION_AUTO && this.changes.length === 0;
  }

  /** Whether it needs a joint configuration. */
  get entersJoint(): boolean {
    return this.transition !== TRANSITION_AUTO || this.changes.length > 1;
  }

  /** Whether the joint configuration it enters is left without being asked. */
  get autoLeave(): boolean {
    return this.transition !== TRANSITION_JOINT_EXPLICIT;
  }

  contentHash(): number {
    let hash = mix(0xcc, this.transition);
    for (const change of this.changes) hash = mix(mix(hash, change.type), change.nodeId);
    return hash;
  }
}

/** The change an entry without data stands for. */
export const LEAVE_JOINT = new ConfChange([]);

/** The configuration change an entry of either type carries. */
export const confChangeOf = (data: EntryData | null): ConfChange => (data instanceof ConfChange ? data : LEAVE_JOINT);

/** `v1 l2 r3 u4`: voter, learner, remove, update. */
export function formatChanges(changes: readonly NodeChange[]): string {
  return changes.map(({ type, nodeId }) => `${LETTERS[type] ?? 'unknown'}${nodeId}`).join(' ');
}

/** Reads {@link formatChanges}' form; a string is the error, in etcd-io/raft's words. */
export function parseChanges(text: string): NodeChange[] | string {
  const trimmed = text.trim();
  const changes: NodeChange[] = [];
  if (trimmed === '') return changes;
  for (const token of trimmed.split(' ')) {
    if (token.length < 2) return `unknown token ${token}`;
    const type = LETTERS.indexOf(token.charAt(0));
    if (type < 0) return `unknown input: ${token}`;
    const digits = token.slice(1);
    if (!/^[0-9]+$/.test(digits)) return `strconv.ParseUint: parsing ${JSON.stringify(digits)}: invalid syntax`;
    changes.push({ type, nodeId: Number(digits) });
  }
  return changes;
}

/** One line for the log: transition and every change. */
export function describeConfChange(change: ConfChange): string {
  const parts = [`transition:${TRANSITION_NAMES[change.transition] ?? change.transition}`];
  for (const { type, nodeId } of change.changes) {
    parts.push(`changes:{type:${CHANGE_NAMES[type] ?? type} node_id:${nodeId}}`);
  }
  return parts.join(' ');
}
