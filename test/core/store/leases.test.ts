/** Leases of simulated members: expiry by the leader, renewal at any member, leader changes and restarts. */
import { describe, expect, it } from 'vitest';
import { StoreGroup } from '../../../core/chaos/store-campaign/store-group.ts';
import { grant, put, revoke } from '../../../core/chaos/store-campaign/v3-requests.ts';
import { TextValue } from '../../../core/chaos/store-campaign/value-fixture.ts';
import {
  LEASE_RENEW,
  LEASE_TIME_TO_LIVE,
  OP_STORE_LEASE,
  OP_STORE_REQUEST,
  OP_STORE_TXN,
  StoreLease,
  type StoreLeaseAnswer,
  StoreRequest,
  StoreTxn,
} from '../../../core/store/client-interface.ts';
import { ERROR_LEASE_EXISTS, ERROR_LEASE_NOT_FOUND } from '../../../core/store/errors.ts';
import type { WriteRequest } from '../../../core/store/v3/messages.ts';

class Lab {
  readonly group: StoreGroup;

  constructor(settings: ConstructorParameters<typeof StoreGroup>[0] = {}) {
    this.group = new StoreGroup(settings);
    this.group.run(200);
  }

  /** The answer to a request, 300 ms later. */
  write(member: number, request: WriteRequest): unknown {
    return this.#answer(member, this.group.client(member).ask(OP_STORE_REQUEST, new StoreRequest(request)));
  }

  ask(member: number, kind: number, lease: number): StoreLeaseAnswer {
    const id = this.group.client(member).ask(OP_STORE_LEASE, new StoreLease(kind, lease));
    return this.#answer(member, id) as StoreLeaseAnswer;
  }

  #answer(member: number, id: number): unknown {
    this.group.run(300);
    const answer = this.group.client(member).answers.get(id);
    expect(answer).toBeDefined();
    return answer;
  }

  follower(): number {
    return (this.group.leader() % this.group.members.length) + 1;
  }

  keys(member: number): string[] {
    return Object.keys(this.group.contents(member));
  }
}

describe('leases of a group', () => {
  it('expire a while after their time, and take their keys along in one revision, at every member', () => {
    const lab = new Lab();
    lab.write(2, grant(7, 2));
    lab.write(1, put('/b', 'x', { lease: 7n }));
    lab.group.client(3).ask(OP_STORE_TXN, new StoreTxn(lab.group.keys.intern('/a'), 0, new TextValue('y'), 7));
    lab.write(2, put('/kept', 'z'));
    expect(lab.keys(1)).toEqual(['/a', '/b', '/kept']);
    lab.group.run(700);
    expect(lab.keys(1)).toEqual(['/a', '/b', '/kept']);
    lab.group.run(900);
    for (const id of [1, 2, 3]) expect(lab.keys(id)).toEqual(['/kept']);
    expect(lab.group.member(2).engine.revision).toBe(5);
    expect(lab.group.mark('store-lease-expired')).toBe(1);
  });

  it('are looked for when one may be due: a short one granted later is seen in its time, a long one costs little', () => {
    const lab = new Lab();
    const events = () => lab.group.sim.eventCount;
    const begun = events();
    lab.group.run(20_000);
    const idle = events() - begun;
    lab.write(1, grant(7, 60));
    const granted = events();
    lab.group.run(20_000);
    expect(events() - granted - idle).toBeLessThan(10);
    lab.write(1, grant(8, 2));
    lab.write(1, put('/short', 'x', { lease: 8n }));
    lab.group.run(1_200);
    expect(lab.keys(2)).toEqual(['/short']);
    lab.group.run(1_000);
    expect(lab.keys(2)).toEqual([]);
    expect(lab.ask(1, LEASE_TIME_TO_LIVE, 7)).toMatchObject({ grantedTtlS: 60 });
    lab.group.run(38_000);
    expect(lab.ask(1, LEASE_TIME_TO_LIVE, 7)).toMatchObject({ ttlS: -1 });
  });

  it('live on while somebody renews them, at whichever member', () => {
    const lab = new Lab();
    lab.write(1, grant(7, 2));
    lab.write(1, put('/a', 'x', { lease: 7n }));
    for (let i = 0; i < 12; i++) expect(lab.ask(1 + (i % 3), LEASE_RENEW, 7)).toMatchObject({ ttlS: 2 });
    expect(lab.group.mark('store-lease-forwarded')).toBe(8);
    expect(lab.ask(lab.follower(), LEASE_TIME_TO_LIVE, 7)).toMatchObject({ ttlS: 1, grantedTtlS: 2, keyIds: [0] });
    expect(lab.keys(1)).toEqual(['/a']);
    lab.group.run(2_600);
    expect(lab.keys(1)).toEqual([]);
    expect(lab.ask(2, LEASE_RENEW, 7)).toMatchObject({ ttlS: 0 });
    expect(lab.ask(2, LEASE_TIME_TO_LIVE, 7)).toMatchObject({ ttlS: -1, grantedTtlS: 0 });
  });

  it('are granted once, and only a lease that is there can be attached or revoked', () => {
    const lab = new Lab();
    lab.write(1, grant(7, 100));
    expect(lab.write(2, grant(7, 100))).toMatchObject({ error: ERROR_LEASE_EXISTS });
    expect(lab.write(3, put('/a', 'x', { lease: 8n }))).toMatchObject({ error: ERROR_LEASE_NOT_FOUND });
    expect(lab.write(3, revoke(8))).toMatchObject({ error: ERROR_LEASE_NOT_FOUND });
    lab.write(2, put('/a', 'x', { lease: 7n }));
    expect(lab.write(3, revoke(7))).toMatchObject({ revision: 3 });
    expect(lab.keys(2)).toEqual([]);
  });

  it('get their whole time again from a new leader', () => {
    const lab = new Lab();
    lab.write(1, grant(7, 5));
    lab.group.run(3_000);
    const lost = lab.group.leader();
    lab.group.crash(lost);
    lab.group.run(2_500);
    const other = lab.group.leader();
    expect(other).not.toBe(lost);
    expect(lab.ask(other, LEASE_TIME_TO_LIVE, 7).ttlS).toBeGreaterThanOrEqual(4);
    lab.group.run(7_000);
    expect(lab.ask(other, LEASE_TIME_TO_LIVE, 7).ttlS).toBe(-1);
  });

  it('come back with a member that restarts, from log and from snapshot', () => {
    for (const solo of [{ solo: true, members: 1 } as const, { snapshotEntries: 3, catchUpEntries: 1 }]) {
      const lab = new Lab(solo);
      lab.write(1, grant(7, 3));
      for (let i = 0; i < 5; i++) lab.write(1, put('/a', `${i}`, { lease: 7n }));
      lab.group.crash(1);
      lab.group.restart(1);
      lab.group.run(1_500);
      expect(lab.keys(1)).toEqual(['/a']);
      lab.group.run(6_000);
      expect(lab.keys(1)).toEqual([]);
    }
  });
});
