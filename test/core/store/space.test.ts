/** Quota and its alarm, defragmentation, and members whose content differs. */
import { describe, expect, it } from 'vitest';
import { StoreGroup } from '../../../core/chaos/store-campaign/store-group.ts';
import { disarm } from '../../../core/chaos/store-campaign/v3-requests.ts';
import { TextValue } from '../../../core/chaos/store-campaign/value-fixture.ts';
import {
  ERROR_CORRUPT,
  ERROR_NO_SPACE,
  OP_STORE_DEFRAGMENT,
  OP_STORE_REQUEST,
  OP_STORE_TXN,
  StoreRequest,
  StoreTxn,
} from '../../../core/store/client-interface.ts';
import type { MemberOptions } from '../../../core/store/member.ts';
import { ALARM_CORRUPT, ALARM_NOSPACE, type WriteRequest } from '../../../core/store/v3/messages.ts';

const QUOTA_BYTES = 20_000;

class Lab {
  readonly group: StoreGroup;

  constructor(member: Partial<MemberOptions>, settings: { readonly solo?: true; readonly members?: number } = {}) {
    this.group = new StoreGroup({ ...settings, member });
    this.group.run(300);
  }

  answer(member: number, id: number): unknown {
    this.group.run(100);
    return this.group.client(member).answers.get(id);
  }

  put(member: number, key: string, bytes = 500): unknown {
    return this.answer(member, this.group.put(member, key, 'x'.repeat(bytes)));
  }

  write(member: number, request: WriteRequest): unknown {
    return this.answer(member, this.group.client(member).ask(OP_STORE_REQUEST, new StoreRequest(request)));
  }

  compact(member: number): unknown {
    const { revision } = this.group.member(member).mvcc;
    const compaction = StoreRequest.compaction(revision, true);
    return this.answer(member, this.group.client(member).ask(OP_STORE_REQUEST, compaction));
  }

  defragment(member: number): unknown {
    const { group } = this;
    return this.answer(member, group.client(member).ask(OP_STORE_DEFRAGMENT, StoreRequest.compaction(0)));
  }

  delete(member: number, key: string): unknown {
    const txn = new StoreTxn(this.group.keys.intern(key), -1, null);
    return this.answer(member, this.group.client(member).ask(OP_STORE_TXN, txn));
  }

  fill(member: number): number {
    for (let count = 1; count < 100; count++) {
      if ((this.put(member, '/k') as { readonly error?: unknown }).error === ERROR_NO_SPACE) return count;
    }
    return 0;
  }
}

describe('the quota', () => {
  it.each([
    ['a group', {}],
    ['one member alone', { solo: true, members: 1 } as const],
  ])('of %s: the alarm stops puts everywhere until there is room and somebody takes it back', (_name, settings) => {
    const lab = new Lab({ quotaBytes: QUOTA_BYTES }, settings);
    const [first, other] = settings === undefined || 'solo' in settings ? [1, 1] : [2, 3];
    expect(lab.fill(first)).toBeGreaterThan(10);
    for (const member of lab.group.members) {
      expect(member.engine.alarms.list(ALARM_NOSPACE)).toEqual([{ memberId: BigInt(first), alarm: ALARM_NOSPACE }]);
    }
    // Small enough for the quota, yet refused.
    expect(lab.put(other, '/small', 1)).toMatchObject({ error: ERROR_NO_SPACE });
    expect(lab.delete(other, '/k')).toMatchObject({ deleted: 1 });
    expect(lab.compact(other)).toMatchObject({ answer: { op: 'header' } });

    // Compaction frees pages of the backend, and gives nothing back.
    lab.write(other, disarm(first));
    expect(lab.put(first, '/k')).toMatchObject({ error: ERROR_NO_SPACE });
    for (let id = 1; id <= lab.group.members.length; id++) lab.defragment(id);
    expect(lab.put(first, '/k')).toMatchObject({ error: ERROR_NO_SPACE });
    lab.write(other, disarm(first));
    expect(lab.put(first, '/k')).toMatchObject({ succeeded: true });
  });

  it('is known after a restart, alarm and allocated space included', () => {
    const lab = new Lab({ quotaBytes: QUOTA_BYTES });
    lab.fill(2);
    lab.delete(2, '/k');
    lab.compact(2);
    lab.group.crash(2);
    lab.group.restart(2);
    lab.group.run(1_000);
    expect(lab.group.member(2).engine.alarms.list(ALARM_NOSPACE)).toHaveLength(1);
    expect(lab.put(2, '/k')).toMatchObject({ error: ERROR_NO_SPACE });
  });
});

describe('a defragmentation', () => {
  it('stops applying and reading at its member for its time; the others, and leadership, go on', () => {
    const lab = new Lab({});
    const { group } = lab;
    for (let i = 0; i < 40; i++) lab.put(2, `/k${i}`, 400_000);
    const leader = group.leader();
    const follower = (leader % 3) + 1;
    const { term } = group.member(leader);
    for (const id of [follower, leader]) {
      const other = (id % 3) + 1;
      const done = group.client(id).ask(OP_STORE_DEFRAGMENT, StoreRequest.compaction(0));
      group.run(5);
      const read = group.get(id, '/k1');
      const put = group.put(other, '/k1', `by ${id}`);
      group.run(50);
      expect(group.client(id).answers.has(read)).toBe(false);
      // What the leader commits the others apply, while it does not.
      expect(group.client(other).answers.get(put)).toMatchObject({ succeeded: true });
      expect(group.member(id).mvcc.revision).toBe(group.member(other).mvcc.revision - 1);
      group.run(300);
      expect(group.client(id).answers.get(done)).toMatchObject({ answer: { op: 'header' } });
      expect(group.client(id).answers.get(read)).toMatchObject({ count: 1 });
      expect(group.member(id).mvcc.revision).toBe(group.member(other).mvcc.revision);
    }
    expect(group.member(leader).term).toBe(term);
    expect(group.mark('store-defragmented')).toBe(2);
  });
});

describe('members whose content differs', () => {
  const differing = (ids: readonly number[]): Lab => {
    const lab = new Lab({ compareHashesUs: 200_000 });
    lab.put(1, '/a', 1);
    for (const id of ids) {
      const { mvcc } = lab.group.member(id);
      mvcc.put(lab.group.keys.intern('/b'), new TextValue(`only at ${id}`));
      mvcc.commit();
    }
    for (let i = 0; i < 3; i++) lab.put(1, '/c', 1);
    lab.compact(((ids[0] ?? 1) % 3) + 1);
    lab.group.run(1_000);
    return lab;
  };
  const accused = (lab: Lab): bigint[] =>
    lab.group
      .member(1)
      .engine.alarms.list(ALARM_CORRUPT)
      .map(({ memberId }) => memberId);

  it('are found by the hash of a compaction; the minority is accused and everything stops', () => {
    for (const id of [1, 2, 3]) {
      const lab = differing([id]);
      expect(accused(lab)).toEqual([BigInt(id)]);
      expect(lab.put(1, '/d', 1)).toMatchObject({ error: ERROR_CORRUPT });
    }
  });

  it('accuse the whole group where no majority is equal, and nobody where all are', () => {
    expect(accused(differing([1, 2]))).toEqual([0n]);
    expect(accused(differing([]))).toEqual([]);
  });
});
