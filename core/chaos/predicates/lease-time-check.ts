/**
 * S10: no lease of the store is revoked before its time is over, counted from its grant, its last renewal or the last change of leader.
 *
 * Whoever comes to lead gives every lease its whole time again, because it cannot know what was renewed before. Time is what the leader's own clock says.
 * Source: etcd 3.6 server/lease (Promote); etcd issue 15247.
 */
import type { Pid } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

interface LeaseChange {
  readonly change: 'granted' | 'renewed' | 'revoked';
  readonly id: bigint;
  readonly ttlS: number;
}

interface Held {
  readonly ttlS: number;
  sinceUs: number;
  sinceLocalUs: number;
}

export function leaseTimes(judge: Judge): Predicate {
  /** Since when each lease has its time, by true time and by the leader's clock, µs. */
  const held = new Map<bigint, Held>();
  /** Who leads; alone, it never says so. */
  let leader: Pid = -1;
  /** Members that lag apply old grants after the lease has ended. */
  const ended = new Set<bigint>();
  const predicate: Predicate = {
    id: 'S10',
    about: 'no lease of the store is revoked before its time is over, of which a new leader gives it all again',
    evaluations: 0,
  };
  const restart = (lease: Held): void => {
    lease.sinceUs = judge.sim.now;
    lease.sinceLocalUs = judge.sim.clocks.monotonic(leader);
  };
  listen(judge, 'store.leader', (pid) => {
    leader = pid;
    for (const lease of held.values()) restart(lease);
  });
  listen(judge, 'store.lease', (pid, subject) => {
    const { change, id, ttlS } = subject as LeaseChange;
    if (leader < 0) leader = pid;
    if (ended.has(id)) return;
    const lease = held.get(id) ?? { ttlS, sinceUs: 0, sinceLocalUs: 0 };
    if (change === 'renewed' || !held.has(id)) restart(lease);
    if (change !== 'revoked') {
      held.set(id, lease);
      return;
    }
    predicate.evaluations++;
    held.delete(id);
    ended.add(id);
    // A clock that begins anew with its process says too little.
    const { now, clocks } = judge.sim;
    const heldUs = Math.max(now - lease.sinceUs, clocks.monotonic(leader) - lease.sinceLocalUs);
    if (heldUs >= lease.ttlS * 1_000_000) return;
    const what = `of ${lease.ttlS} s is revoked ${Math.round(heldUs / 1_000_000)} s after it was granted or taken over`;
    judge.violate(predicate, `${judge.sim.processes.names[pid]}: lease ${id} ${what}`);
  });
  return predicate;
}
