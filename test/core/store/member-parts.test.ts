/** Parts of a store member by themselves: the barrier before linearizable reads, and who is told to be corrupt. */
import { describe, expect, test } from 'vitest';
import { ERROR_COMPACTED, ERROR_TIMEOUT } from '../../../core/store/errors.ts';
import { CorruptionMonitor } from '../../../core/store/member-corruption.ts';
import { ReadBarrier } from '../../../core/store/member-reads.ts';
import { OP_COMPARE } from '../../../core/store/member-timers.ts';
import { OP_STORE_PEER_HASH, OP_STORE_PEER_HASH_ANSWER } from '../../../core/store/ops.ts';

describe('the barrier before reads', () => {
  function barrierOf() {
    const asked: unknown[] = [];
    const served: number[] = [];
    const refused: unknown[] = [];
    const clock = { us: 0 };
    const context = {
      now: () => clock.us,
      sim: { now: 0 },
      bug: () => false,
      mark: () => {},
      observe: () => {},
    };
    const host = {
      engine: { revision: 1 },
      serve: ({ id }: { id: number }) => served.push(id),
      refuse: (_conn: number, id: number, error: unknown) => refused.push(id, error),
    };
    const barrier = new ReadBarrier(context as never, host as never, (request) => asked.push(request));
    const read = (id: number): void => {
      barrier.add({ payload: null, conn: 0, id } as never);
      barrier.start();
    };
    return { barrier, asked, served, refused, clock, read };
  }

  test('a confirmation serves the reads that came before it was asked for, once its index is applied', () => {
    const { barrier, asked, served, read } = barrierOf();
    read(1);
    read(2);
    expect(asked).toHaveLength(1);
    barrier.applied(99);
    barrier.confirmed('another', 1, 99);
    barrier.confirmed(asked[0], 5, 4);
    barrier.confirmed(asked[0], 3, 4);
    barrier.applied(4);
    expect(served).toEqual([]);
    barrier.applied(5);
    expect([served, asked.length, barrier.isWaiting]).toEqual([[1], 2, true]);
    barrier.confirmed(asked[1], 5, 5);
    expect([served, barrier.isWaiting]).toEqual([[1, 2], false]);
  });

  test('another leader, or half a second of silence, is asked anew; what the old one says counts no more', () => {
    const { barrier, asked, served, clock, read } = barrierOf();
    barrier.leaderChanged();
    read(1);
    barrier.leaderChanged();
    clock.us = 499_999;
    barrier.check();
    expect(asked).toHaveLength(2);
    clock.us = 500_000;
    barrier.check();
    expect(asked).toHaveLength(3);
    for (const old of asked.slice(0, 2)) barrier.confirmed(old, 1, 9);
    expect(served).toEqual([]);
    barrier.confirmed(asked[2], 9, 8);
    barrier.leaderChanged();
    clock.us = 5_000_000;
    barrier.check();
    expect(asked).toHaveLength(3);
    barrier.applied(9);
    expect(served).toEqual([1]);
  });

  test('a read is refused after seven seconds, and its confirmation serves no later one', () => {
    const { barrier, asked, served, refused, clock, read } = barrierOf();
    read(1);
    barrier.confirmed(asked[0], 9, 0);
    clock.us = 6_999_999;
    barrier.check();
    expect(refused).toEqual([]);
    clock.us = 7_000_000;
    barrier.check();
    expect(refused).toEqual([1, ERROR_TIMEOUT]);
    read(2);
    barrier.applied(9);
    expect([served, asked.length]).toEqual([[], 2]);
    barrier.confirmed(asked[1], 9, 9);
    expect(served).toEqual([2]);
  });
});

describe('comparison of members', () => {
  const OWN = { hash: 1, hashRevision: 5, compactRevision: 3, revision: 9 };
  const PEERS = [12, 13];

  function monitorOf(isLeader = true) {
    const sent: unknown[] = [];
    const raised: number[] = [];
    const context = {
      setTimer: () => {},
      send: (to: number, op: number, revision: number) => sent.push([to, op, revision]),
      bug: () => false,
      mark: () => {},
    };
    const engine = { newestCompactionHash: OWN, hashKv: (revision: number) => (revision < 5 ? ERROR_COMPACTED : OWN) };
    const replica = {
      isLeader,
      peers: PEERS,
      propose: ({ request }: { request: { alarm: { memberId: bigint } } }) =>
        raised.push(Number(request.alarm.memberId)),
    };
    const monitor = new CorruptionMonitor(context as never, { engine } as never, replica as never, 1, 1);
    const hear = (op: number, payload: unknown = null, a = 0) => monitor.receive(op, 12, a, payload as never);
    return { hear, sent, raised, replica };
  }

  test.each<[string, readonly object[], readonly number[]]>([
    ['all say the same', [{}, {}], []],
    ['nobody answers', [], []],
    ['one differs from a majority', [{}, { hash: 2 }], [3]],
    ['the leader differs from a majority', [{ hash: 2 }, { hash: 2 }], [1]],
    ['each says something else', [{ hash: 2 }, { hash: 3 }], [0]],
    ['one answers, and differs', [{ hash: 2 }], [0]],
    ['one is at another revision', [{}, { hash: 2, hashRevision: 6 }], []],
    ['one has compacted elsewhere', [{}, { hash: 2, compactRevision: 4 }], []],
  ])('%s', (_name, answers, expected) => {
    const { hear, sent, raised } = monitorOf();
    hear(OP_COMPARE);
    expect(sent).toEqual(PEERS.map((peer) => [peer, OP_STORE_PEER_HASH, 5]));
    answers.forEach((answer, i) => hear(OP_STORE_PEER_HASH_ANSWER, { id: 2 + i, answer: { ...OWN, ...answer } }));
    hear(OP_COMPARE);
    expect(raised).toEqual(expected);
    hear(OP_COMPARE);
    expect(raised).toEqual(expected);
  });

  test('only a leader compares; who has not that revision any more does not answer', () => {
    const follower = monitorOf(false);
    follower.hear(OP_COMPARE);
    expect(follower.sent).toEqual([]);
    const { hear, raised, replica, sent } = monitorOf();
    hear(OP_COMPARE);
    hear(OP_STORE_PEER_HASH_ANSWER, { id: 2, answer: { ...OWN, hash: 2 } });
    replica.isLeader = false;
    hear(OP_COMPARE);
    expect(raised).toEqual([]);
    const before = sent.length;
    hear(OP_STORE_PEER_HASH, null, 4);
    hear(OP_STORE_PEER_HASH, null, 5);
    expect(sent.slice(before)).toEqual([[12, OP_STORE_PEER_HASH_ANSWER, 0]]);
    expect(hear(-1)).toBe(false);
  });
});
