/**
 * The heartbeats of a store's group while nothing disturbs it: the leader's tick counts for the whole round, without its messages.
 *
 * A heartbeat tells a follower that has all entries nothing but that its leader lives, and its answer tells the leader the same; a group of
 * three sends 2,400 of them a minute. A follower hears in place only where the message would have found nothing unusual on its way: the
 * process runs and is idle, its clock is true, the links are in their default state, term, log and commit are the leader's. Any other gets a message.
 * Heartbeats that confirm reads are always sent. With links without jitter elections fall on the same instants either way (a test).
 */
import type { Raft } from '../raft/raft.ts';
import { STATE_FOLLOWER } from '../raft/snapshot.ts';
import type { Context } from '../sim/context.ts';
import { PROCESS_RUNNING } from '../sim/process.ts';
import type { MemberTicks } from './member-ticks.ts';

/** What is looked at of a member. */
export interface BeatingMember {
  readonly context: Context;
  readonly raft: Raft;
  readonly ticks: MemberTicks;
  /** Whether it waits for its disk: it sends nothing meanwhile. */
  readonly isSyncing: boolean;
}

export class GroupBeats {
  /** Newest instances, by id in the group. */
  readonly #members: (BeatingMember | undefined)[] = [];

  /** A new instance of member `id`. */
  enter(id: number, member: BeatingMember): void {
    while (this.#members.length <= id) this.#members.push(undefined);
    this.#members[id] = member;
  }

  /** Has member `to` hear its leader `from`; false where a message must tell it. */
  beat(from: BeatingMember, to: number): boolean {
    const member = this.#members[to];
    if (member === undefined || !isReachable(from.context, member.context)) return false;
    if (from.isSyncing || member.isSyncing || !isInStep(from.raft, member.raft)) return false;
    // The cluster's own figure, as the network has it: a process has other costs while it is slow.
    member.ticks.hears(from.context.sim.costs.linkLatencyUs);
    return true;
  }
}

/** Whether messages between two members take their usual way, and the other end takes them at once. */
function isReachable({ pid, sim }: Context, { pid: to }: Context): boolean {
  const { clocks, network, processes } = sim;
  if (!clocks.allTrue) return false;
  if (processes.state[to] !== PROCESS_RUNNING || (processes.busyUntil[to] as number) > sim.now) return false;
  const [there, back] = [network.links.find(pid, to), network.links.find(to, pid)];
  return there?.isDefault !== false && back?.isDefault !== false;
}

/** Whether a follower has everything that its leader could tell it. */
function isInStep(leader: Raft, follower: Raft): boolean {
  if (follower.state !== STATE_FOLLOWER || follower.lead !== leader.id || follower.term !== leader.term) return false;
  const last = leader.log.lastIndex();
  const match = leader.tracker.progress.get(follower.id)?.match;
  return match === last && follower.log.lastIndex() === last && follower.log.committed === leader.log.committed;
}
