import { describe, expect, test } from 'vitest';
import { StoreError } from '../../../../core/store/errors.ts';
import { LEASE_TTL_MIN_S, Lessor } from '../../../../core/store/v3/lessor.ts';

const S = 1_000_000;

function primary(checkpoints = false): Lessor {
  const lessor = new Lessor(checkpoints);
  lessor.promote(0, 0);
  return lessor;
}

describe('Lessor', () => {
  test('grants once, raises what is too short, refuses what is too long', () => {
    const lessor = primary();
    expect(lessor.grant(1n, -5, 0)).toMatchObject({ ttlS: LEASE_TTL_MIN_S });
    expect(lessor.grant(1n, 5, 0)).toBeInstanceOf(StoreError);
    expect(String(lessor.grant(2n, 9_000_000_001, 0))).toBe('etcdserver: too large lease TTL');
    expect(String(lessor.grant(0n, 5, 0))).toBe('etcdserver: requested lease not found');
  });

  test('only the primary lets leases expire, each once until it is tried again', () => {
    const lessor = primary();
    lessor.grant(1n, 10, 0);
    lessor.grant(2n, 20, 0);
    expect(lessor.expired(9.9 * S)).toEqual([]);
    expect(lessor.expired(10 * S)).toEqual([1n]);
    expect(lessor.expired(11 * S)).toEqual([]);
    expect(lessor.expired(13 * S)).toEqual([1n]);
    lessor.demote();
    expect(lessor.expired(1_000 * S)).toEqual([]);
  });

  test('a follower keeps leases for ever; who is promoted gives them their whole time and the election timeout', () => {
    const lessor = new Lessor();
    lessor.grant(1n, 10, 0);
    expect(lessor.expired(1e12)).toEqual([]);
    lessor.promote(100 * S, 1 * S);
    expect(lessor.expired(110.9 * S)).toEqual([]);
    expect(lessor.expired(111 * S)).toEqual([1n]);
  });

  test('renewal starts the time anew, but not for a lease that has run out', () => {
    const lessor = primary();
    lessor.grant(1n, 10, 0);
    expect(lessor.renew(1n, 9 * S)).toBe(10);
    expect(lessor.remainingS(lessor.lookup(1n)!, 9.5 * S)).toBe(9);
    expect(lessor.renew(1n, 19 * S)).toBe(0);
    expect(lessor.renew(7n, 0)).toBe(0);
  });

  test('a checkpoint is what a new primary goes by, until the lease is renewed', () => {
    const lessor = primary(true);
    lessor.grant(1n, 1_000, 0);
    expect(lessor.dueCheckpoints(299 * S)).toEqual([]);
    const due = lessor.dueCheckpoints(300 * S);
    expect(due).toEqual([{ id: 1n, remainingTtl: 700 }]);
    lessor.checkpoint(1n, 700, 300 * S);
    lessor.demote();
    lessor.promote(400 * S, 0);
    expect(lessor.remainingS(lessor.lookup(1n)!, 400 * S)).toBe(700);
    lessor.renew(1n, 400 * S);
    expect(lessor.remainingS(lessor.lookup(1n)!, 400 * S)).toBe(1_000);
  });

  test('a pile of leases after a promotion is spread, so that no second expires more than the rate', () => {
    const lessor = new Lessor();
    for (let i = 1; i <= 3_000; i++) lessor.grant(BigInt(i), 10, 0);
    lessor.promote(0, 0);
    const perSecond = new Map<number, number>();
    for (const { expiryUs } of lessor.leases()) {
      const second = Math.floor(expiryUs / S);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThan(1);
    expect(lessor.expired(1e12).length).toBe(500);
  });

  test('leases that are apart already stay where they are after a promotion', () => {
    const lessor = new Lessor();
    for (let i = 1; i <= 1_400; i++) lessor.grant(BigInt(i), i <= 700 ? 10 : 20, 0);
    lessor.promote(0, 0);
    expect(new Set(lessor.leases().map(({ expiryUs }) => expiryUs / S))).toEqual(new Set([10, 20]));
  });

  test('a key belongs to the lease of its last put', () => {
    const lessor = primary();
    lessor.grant(1n, 10, 0);
    lessor.grant(2n, 10, 0);
    lessor.attach(7, 1n);
    lessor.attach(7, 2n);
    expect([lessor.lookup(1n)?.keys.size, lessor.lookup(2n)?.keys.size]).toEqual([0, 1]);
    lessor.attach(7, 0n);
    expect(lessor.lookup(2n)?.keys.size).toBe(0);
  });
});
