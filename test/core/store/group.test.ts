import { describe, expect, it } from 'vitest';
import { Sfc32 } from '../../../core/base/random.ts';
import { StoreGroup } from '../../../core/chaos/store-campaign/store-group.ts';
import { textOf } from '../../../core/chaos/store-campaign/value-fixture.ts';
import {
  OP_STORE_WATCH,
  StoreErrorResponse,
  type StoreRangeResponse,
  type StoreTxnResponse,
  StoreWatch,
} from '../../../core/store/client-interface.ts';
import { MEMBER_ADD_LEARNER, MEMBER_PROMOTE, MEMBER_REMOVE, MemberChange } from '../../../core/store/member-changes.ts';
import { OP_STORE_MEMBER_CHANGE } from '../../../core/store/ops.ts';

const answer = <T>(group: StoreGroup, id: number, request: number): T => {
  const found = group.client(id).answers.get(request);
  expect(found).toBeDefined();
  return found as T;
};

/** Everything the members hold is equal, at equal applied index. */
function expectEqual(group: StoreGroup, ids: readonly number[]): void {
  const states = ids.map((id) => {
    const { appliedIndex, mvcc, stateHash } = group.member(id);
    return [appliedIndex, mvcc.revision, stateHash];
  });
  for (const state of states) expect(state).toEqual(states[0]);
}

describe('a group of store members', () => {
  it.each([1, 3, 5])('%i members: writes to any member are applied by all, reads of any member see them', (members) => {
    const group = new StoreGroup({ members });
    const puts = Array.from({ length: 20 }, (_, i) => [1 + (i % members), `/k${i % 7}`, `v${i}`] as const);
    for (const [id, key, text] of puts) {
      const request = group.put(id, key, text);
      group.run(10);
      expect(answer<StoreTxnResponse>(group, id, request).succeeded).toBe(true);
    }
    const reads = group.clients.map((_, i) => group.get(i + 1, '/k5'));
    group.run(200);
    reads.forEach((request, i) => {
      const { keyValues } = answer<StoreRangeResponse>(group, i + 1, request);
      expect(textOf(keyValues[0]?.value ?? null)).toBe('v19');
    });
    expectEqual(
      group,
      group.clients.map((_, i) => i + 1),
    );
  });

  it('one member alone answers as a group of one does, within the time of a backend commit', () => {
    const script = (group: StoreGroup): unknown[] => {
      const draws = new Sfc32(1, 2, 3);
      const from = group.sim.now;
      const requests: number[] = [];
      for (let i = 0; i < 120; i++) {
        const key = `/k${draws.below(6)}`;
        const kind = draws.below(5);
        if (kind === 0) {
          // A read that comes during a sync may be served before or after what the sync commits.
          group.run(20);
          requests.push(group.get(1, key));
          group.run(20);
        } else requests.push(group.put(1, key, `v${i}`, kind === 1 ? draws.below(i + 2) : -1));
        group.run(draws.below(3) === 0 ? 7 : 0);
        if (i !== 70) continue;
        group.run(50);
        group.crash(1, 'lost');
        group.restart(1);
        group.run(50);
      }
      group.run(100);
      return requests.map((request) => {
        const answer = group.client(1).answers.get(request) as StoreTxnResponse & StoreRangeResponse;
        const values = answer.keyValues?.map(({ modRevision, version, value }) => [
          modRevision,
          version,
          textOf(value),
        ]);
        instants.push((group.client(1).answeredAt.get(request) as number) - from);
        return [answer.revision, answer.succeeded, answer.current?.modRevision, values];
      });
    };
    const instants: number[] = [];
    const group = script(new StoreGroup({ members: 1 }));
    expect(group).toEqual(script(new StoreGroup({ members: 1, solo: true })));
    const half = instants.length / 2;
    for (let i = 0; i < half; i++) {
      expect(Math.abs((instants[i] as number) - (instants[half + i] as number))).toBeLessThanOrEqual(2_000);
    }
  });

  it('a put through three members takes about one fsync and two message times more than nothing', () => {
    const group = new StoreGroup();
    const asked = group.sim.now;
    const request = group.put(group.leader(), '/a', '1');
    group.run(20);
    const us = (group.client(group.leader()).answeredAt.get(request) as number) - asked;
    expect(us).toBeGreaterThan(1_000 + 4 * 200);
    expect(us).toBeLessThan(1_000 + 4 * 300 + 500);
  });

  it('when the leader is lost another one serves within two election timeouts, and nothing acknowledged is lost', () => {
    for (const seed of [1, 2, 3]) {
      const group = new StoreGroup({ seed });
      const lost = group.leader();
      group.put(lost, '/a', 'kept');
      group.run(20);
      group.crash(lost);
      const crashed = group.sim.now;
      const other = (lost % 3) + 1;
      // A write that goes to the lost leader is lost with it: the client tries again, as one with a deadline does.
      const requests: number[] = [];
      while (!requests.some((request) => group.client(other).answers.has(request))) {
        requests.push(group.put(other, '/b', 'after'));
        group.run(100);
      }
      const tookUs = group.sim.now - crashed;
      expect(tookUs).toBeGreaterThan(900_000);
      expect(tookUs).toBeLessThan(2_500_000);
      group.restart(lost);
      group.run(3_000);
      expect(group.contents(lost)).toEqual({ '/a': 'kept', '/b': 'after' });
      expectEqual(group, [1, 2, 3]);
    }
  });

  it('without a quorum nothing is acknowledged: writes and reads end in a timeout after 7 s', () => {
    const group = new StoreGroup();
    const leader = group.leader();
    const others = [1, 2, 3].filter((id) => id !== leader);
    for (const id of others) group.crash(id);
    const write = group.put(leader, '/a', '1');
    const read = group.get(leader, '/a');
    group.run(6_900);
    expect(group.client(leader).answers.size).toBe(0);
    group.run(300);
    expect(answer<StoreErrorResponse>(group, leader, write)).toMatchObject({
      error: { message: 'etcdserver: request timed out, possibly due to previous leader failure' },
      outcomeUnknown: true,
    });
    expect(answer<StoreErrorResponse>(group, leader, read)).toBeInstanceOf(StoreErrorResponse);
    for (const id of others) group.restart(id);
    group.run(4_000);
    expectEqual(group, [1, 2, 3]);
  });

  it('a leader that is cut off serves no stale read, and its watches end when it has had no leader for 3 s', () => {
    const group = new StoreGroup();
    const old = group.leader();
    const other = (old % 3) + 1;
    group.put(old, '/a', 'old');
    group.client(old).watch(OP_STORE_WATCH, 1, StoreWatch.ofPrefix('/', { startRevision: 1 }));
    group.run(200);
    group.cut(old, 1);
    group.run(3_000);
    const write = group.put(other, '/a', 'new');
    group.run(20);
    expect(answer<StoreTxnResponse>(group, other, write).succeeded).toBe(true);
    const stale = group.get(old, '/a');
    group.run(3_000);
    expect(group.client(old).answers.has(stale)).toBe(false);
    expect(group.client(old).canceled).toEqual([{ watchId: 1, compactRevision: 0, reason: 'etcdserver: no leader' }]);
    group.cut(old, -1);
    group.run(3_000);
    const { keyValues } = answer<StoreRangeResponse>(group, old, stale);
    expect(textOf(keyValues[0]?.value ?? null)).toBe('new');
  });

  it('a member that was away too long is sent a snapshot; its watches get everything once, in order', () => {
    const group = new StoreGroup({ snapshotEntries: 20, catchUpEntries: 5 });
    const leader = group.leader();
    const away = (leader % 3) + 1;
    group.client(away).watch(OP_STORE_WATCH, 1, StoreWatch.ofPrefix('/', { startRevision: 1 }));
    group.run(200);
    group.cut(away, 1);
    for (let i = 0; i < 60; i++) group.put(leader, `/k${i % 4}`, `v${i}`);
    group.run(1_000);
    expect(group.mark('store-snapshot-installed')).toBe(0);
    group.cut(away, -1);
    group.run(4_000);
    expect(group.mark('store-snapshot-installed')).toBe(1);
    const seen = (group.client(away).events.get(1) ?? []).map(({ revision }) => revision);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => i + 2));
    expectEqual(group, [1, 2, 3]);
  });

  it('a rolling restart keeps serving and loses nothing', () => {
    const group = new StoreGroup({ snapshotEntries: 20, catchUpEntries: 5 });
    let written = 0;
    for (const id of [1, 2, 3]) {
      group.crash(id, 'torn');
      group.run(2_500);
      const serving = (id % 3) + 1;
      for (let i = 0; i < 15; i++) group.put(serving, `/k${written++}`, 'x');
      group.run(100);
      group.restart(id);
      group.run(2_500);
    }
    group.run(2_000);
    expect(Object.keys(group.contents(1)).length).toBe(45);
    expectEqual(group, [1, 2, 3]);
  });

  it('members join as learners, are promoted when they have the log, and leave', () => {
    const group = new StoreGroup({ spare: 1, snapshotEntries: 20, catchUpEntries: 5 });
    const change = (type: number, memberId: number): number =>
      group.client(group.leader()).ask(OP_STORE_MEMBER_CHANGE, new MemberChange(type, memberId));
    for (let i = 0; i < 50; i++) group.put(1, `/k${i}`, 'x');
    group.run(100);
    const early = change(MEMBER_PROMOTE, 4);
    group.run(50);
    expect(answer<StoreErrorResponse>(group, group.leader(), early).error.message).toBe('etcdserver: member not found');
    change(MEMBER_ADD_LEARNER, 4);
    group.run(1_000);
    expectEqual(group, [1, 2, 3, 4]);
    expect(group.member(4).group?.raft.isLearner).toBe(true);
    change(MEMBER_PROMOTE, 4);
    group.run(1_000);
    expect(group.member(1).group?.raft.tracker.config.incoming).toEqual([1, 2, 3, 4]);
    const gone = [1, 2, 3].find((id) => id !== group.leader()) as number;
    change(MEMBER_REMOVE, gone);
    group.run(1_000);
    group.crash(gone);
    const rest = [1, 2, 3, 4].filter((id) => id !== gone);
    const request = group.put(4, '/last', 'y');
    group.run(100);
    expect(answer<StoreTxnResponse>(group, 4, request).succeeded).toBe(true);
    group.run(300);
    expectEqual(group, rest);
    // A member that restarts knows its group from its own files.
    group.crash(4);
    group.restart(4);
    group.run(3_000);
    expectEqual(group, rest);
    expect(group.member(4).group?.raft.tracker.config.incoming).toEqual(rest);
  });

  it('the leadership can be handed over without a loss of service', () => {
    const group = new StoreGroup();
    const from = group.leader();
    const to = (from % 3) + 1;
    group.member(from).group?.transferLeader(to);
    group.run(50);
    expect(group.leader()).toBe(to);
    const request = group.put(from, '/a', '1');
    group.run(50);
    expect(answer<StoreTxnResponse>(group, from, request).succeeded).toBe(true);
  });

  it('damage in the middle of log, snapshot or backend is refused; the others go on', () => {
    for (const file of ['wal', 'snapshot', 'backend']) {
      const group = new StoreGroup();
      for (let i = 0; i < 5; i++) {
        group.put(group.leader(), '/a', `${i}`);
        group.run(150);
      }
      const victim = (group.leader() % 3) + 1;
      group.crash(victim);
      group.sim.diskOf(group.pids[victim - 1] as number).corrupt(file, 0, null);
      group.restart(victim);
      group.run(100);
      expect(group.isUp(victim)).toBe(false);
      expect(group.mark('store-damaged')).toBe(1);
      const request = group.put(group.leader(), '/b', '1');
      group.run(50);
      expect(answer<StoreTxnResponse>(group, group.leader(), request).succeeded).toBe(true);
    }
  });

  it('a member whose disk fails to sync ends itself; a full disk does the same', () => {
    for (const condition of ['failing', 'full'] as const) {
      const group = new StoreGroup();
      const victim = (group.leader() % 3) + 1;
      group.sim.diskOf(group.pids[victim - 1] as number).conditions[condition] = true;
      const request = group.put(group.leader(), '/a', '1');
      group.run(50);
      expect(group.isUp(victim)).toBe(false);
      expect(answer<StoreTxnResponse>(group, group.leader(), request).succeeded).toBe(true);
    }
  });
});
