/**
 * Majorities and joint majorities: which index a group has stored, and how a vote stands.
 *
 * A majority of nobody agrees to everything: so an absent second half never decides. Voters are arrays of ids, ascending.
 * Rules: etcd-io/raft quorum (cdfbeed).
 */

export const VOTE_PENDING = 1;
export const VOTE_LOST = 2;
export const VOTE_WON = 3;

const VOTE_NAMES = ['', 'VotePending', 'VoteLost', 'VoteWon'];

/** Name of a vote's state, as etcd-io/raft prints it. */
export const voteName = (result: number): string => VOTE_NAMES[result] ?? String(result);

/** The index a node has acknowledged, or −1 where nothing is known of it. */
export type AckedIndex = (id: number) => number;

/** Room for sorting; the state machine is synchronous, so one array serves all groups. */
const sorted: number[] = [];

/** The largest index that more than half of `voters` have acknowledged; infinite for nobody. */
export function majorityCommitted(voters: readonly number[], acked: AckedIndex): number {
  const count = voters.length;
  if (count === 0) return Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const index = Math.max(0, acked(voters[i] as number));
    let at = i;
    for (; at > 0 && (sorted[at - 1] as number) > index; at--) sorted[at] = sorted[at - 1] as number;
    sorted[at] = index;
  }
  return sorted[count - ((count >>> 1) + 1)] as number;
}

/** The index that both majorities have acknowledged. */
export function jointCommitted(incoming: readonly number[], outgoing: readonly number[], acked: AckedIndex): number {
  const index = majorityCommitted(incoming, acked);
  return outgoing.length === 0 ? index : Math.min(index, majorityCommitted(outgoing, acked));
}

/** How a vote among `voters` stands; `votes` holds those who have answered. */
export function majorityVote(voters: readonly number[], votes: ReadonlyMap<number, boolean>): number {
  if (voters.length === 0) return VOTE_WON;
  let granted = 0;
  let missing = 0;
  for (const id of voters) {
    const vote = votes.get(id);
    if (vote === undefined) missing++;
    else if (vote) granted++;
  }
  const needed = (voters.length >>> 1) + 1;
  if (granted >= needed) return VOTE_WON;
  return granted + missing >= needed ? VOTE_PENDING : VOTE_LOST;
}

/** Both halves must win; one lost half loses. */
export function jointVote(
  incoming: readonly number[],
  outgoing: readonly number[],
  votes: ReadonlyMap<number, boolean>,
): number {
  const first = majorityVote(incoming, votes);
  const second = majorityVote(outgoing, votes);
  if (first === second) return first;
  return first === VOTE_LOST || second === VOTE_LOST ? VOTE_LOST : VOTE_PENDING;
}

/** `(1 2 a)`: ids in hexadecimal. */
export const formatIds = (ids: readonly number[]): string => `(${ids.map((id) => id.toString(16)).join(' ')})`;

/** Inserts into an ascending list; no effect where it is already there. */
export function addId(ids: readonly number[], id: number): number[] {
  const at = ids.findIndex((other) => other >= id);
  if (at < 0) return [...ids, id];
  return ids[at] === id ? [...ids] : [...ids.slice(0, at), id, ...ids.slice(at)];
}

/** The list without one id. */
export const removeId = (ids: readonly number[], id: number): number[] => ids.filter((other) => other !== id);

/** Every id of either list once, ascending. */
export function unionIds(left: readonly number[], right: readonly number[]): number[] {
  let all: number[] = [...left];
  for (const id of right) all = addId(all, id);
  return all;
}
