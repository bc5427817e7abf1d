/** The parts of Raft against plain models: window, quorum, storage, sizes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENTRY_NORMAL, Entry, entryBytes, fittingCount, varintBytes } from '../../../core/raft/entry.ts';
import { Inflights } from '../../../core/raft/inflights.ts';
import { jointCommitted, jointVote, majorityCommitted, majorityVote, unionIds } from '../../../core/raft/quorum.ts';
import { EMPTY_SNAPSHOT } from '../../../core/raft/snapshot.ts';
import { MemoryStorage, UNKNOWN_TERM } from '../../../core/raft/storage.ts';

const SEED = 20260821;

test('the window is a queue limited in messages and bytes', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), by: fc.integer({ min: 1, max: 5 }), bytes: fc.nat(40) }),
    fc.record({ kind: fc.constant('free' as const), upTo: fc.nat(60) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.nat(100),
      fc.array(step, { maxLength: 60 }),
      (max, maxBytes, steps) => {
        const window = new Inflights(max, maxBytes);
        let model: { readonly index: number; readonly bytes: number }[] = [];
        let last = 0;
        for (const each of steps) {
          const bytes = model.reduce((sum, one) => sum + one.bytes, 0);
          const full = model.length === max || (maxBytes !== 0 && bytes >= maxBytes);
          expect([window.full, window.count]).toEqual([full, model.length]);
          if (each.kind === 'free') {
            window.freeUpTo(each.upTo);
            model = model.filter(({ index }) => index > each.upTo);
          } else if (!full) {
            last += each.by;
            window.add(last, each.bytes);
            model.push({ index: last, bytes: each.bytes });
          }
        }
      },
    ),
    { seed: SEED },
  );
});

const voters = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 7 }).map((ids) => unionIds([], ids));

test('a committed index is the largest that a majority has; two halves: the smaller one', () => {
  fc.assert(
    fc.property(
      voters,
      voters,
      fc.array(fc.integer({ min: -1, max: 9 }), { minLength: 13, maxLength: 13 }),
      (a, b, at) => {
        const acked = (id: number): number => at[id] ?? -1;
        const plain = (ids: readonly number[]): number => {
          if (ids.length === 0) return Number.POSITIVE_INFINITY;
          const enough = (index: number): boolean => ids.filter((id) => acked(id) >= index).length * 2 > ids.length;
          return [9, 8, 7, 6, 5, 4, 3, 2, 1].find(enough) ?? 0;
        };
        expect(majorityCommitted(a, acked)).toBe(plain(a));
        expect(jointCommitted(a, b, acked)).toBe(Math.min(plain(a), plain(b)));
        expect(jointCommitted(b, a, acked)).toBe(jointCommitted(a, b, acked));
      },
    ),
    { seed: SEED },
  );
});

test('a vote that is won or lost stays so whatever the others say', () => {
  fc.assert(
    fc.property(
      voters,
      voters,
      fc.array(fc.constantFrom(true, false, undefined), { minLength: 13, maxLength: 13 }),
      fc.boolean(),
      (a, b, said, rest) => {
        const votes = new Map<number, boolean>();
        said.forEach((vote, id) => {
          if (vote !== undefined) votes.set(id, vote);
        });
        const now = jointVote(a, b, votes);
        const all = new Map(votes);
        for (const id of [...a, ...b]) if (!all.has(id)) all.set(id, rest);
        const end = jointVote(a, b, all);
        expect(end).not.toBe(1);
        if (now !== 1) expect(end).toBe(now);
        expect(jointVote(a, [], votes)).toBe(majorityVote(a, votes));
      },
    ),
    { seed: SEED },
  );
});

const entry = (index: number, term: number): Entry => new Entry(ENTRY_NORMAL, term, index, { byteLength: 10 });

test('storage replaces what conflicts, keeps the term before its first entry, and refuses what is compacted', () => {
  const storage = new MemoryStorage();
  storage.append([entry(1, 1), entry(2, 1), entry(3, 1)]);
  storage.append([entry(2, 2), entry(3, 2), entry(4, 2)]);
  expect([1, 2, 3, 4, 5].map((index) => storage.term(index))).toEqual([1, 2, 2, 2, UNKNOWN_TERM]);
  expect(storage.compact(2)).toBe(true);
  expect(storage.compact(2)).toBe(false);
  expect([storage.firstIndex(), storage.lastIndex(), storage.term(2), storage.term(1)]).toEqual([
    3,
    4,
    2,
    UNKNOWN_TERM,
  ]);
  expect(storage.entries(2, 4, 100)).toBeNull();
  storage.append([entry(2, 2), entry(3, 3)]);
  expect([storage.lastIndex(), storage.term(3)]).toEqual([3, 3]);
  expect(() => storage.append([entry(6, 3)])).toThrow('gap');
});

test('storage takes no snapshot that is not newer than its own', () => {
  const storage = new MemoryStorage();
  const snapshot = (index: number) => ({ index, term: 1, confState: EMPTY_SNAPSHOT.confState, data: [] });
  expect(storage.applySnapshot(snapshot(5))).toBe(true);
  storage.append([entry(6, 1)]);
  expect([4, 5].map((index) => storage.applySnapshot(snapshot(index)))).toEqual([false, false]);
  expect([storage.snapshotIndex, storage.lastIndex()]).toEqual([5, 6]);
  expect(storage.applySnapshot(snapshot(9))).toBe(true);
  expect([storage.firstIndex(), storage.lastIndex()]).toEqual([10, 9]);
});

test('limits count the encoded size; the first entry always fits', () => {
  expect([0, 127, 128, 16_383, 16_384, 2 ** 40].map(varintBytes)).toEqual([1, 1, 2, 2, 3, 6]);
  expect(entryBytes(entry(300, 1))).toBe(2 + 1 + 2 + 2 + 10);
  const entries = [entry(1, 1), entry(2, 1), entry(3, 1)];
  expect([0, 31, 32, 47, 48, 1_000].map((bytes) => fittingCount(entries, bytes))).toEqual([1, 1, 2, 2, 3, 3]);
});
