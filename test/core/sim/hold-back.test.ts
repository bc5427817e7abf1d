/** What a fault holds back comes later, in its order, and nothing overtakes it. */
import { expect, test } from 'vitest';
import type { Context } from '../../../core/sim/context.ts';
import { HoldBack, type HoldQuestion } from '../../../core/sim/hold-back.ts';

/** A context with a clock of its own and a fault that answers `lagUs`. */
function bench() {
  const state = { nowUs: 0, lagUs: undefined as number | undefined, timers: 0, askedForItems: 0 };
  const ctx = {
    now: () => state.nowUs,
    isIntercepted: () => true,
    intercept: (_point: number, { isForItem }: HoldQuestion) => {
      if (isForItem) state.askedForItems++;
      return state.lagUs;
    },
    setTimer: () => state.timers++,
  } as unknown as Context;
  const taken: string[] = [];
  const hold = new HoldBack<string>(ctx, { point: 0, about: null, op: 1, index: 2 }, (item) => taken.push(item));
  return { state, hold, taken };
}

test('without a fault nothing is held', () => {
  const { state, hold, taken } = bench();
  hold.take('a');
  expect([taken, state.timers]).toEqual([['a'], 0]);
});

test('items come when they have waited long enough, in their order', () => {
  const { state, hold, taken } = bench();
  state.lagUs = 100;
  hold.take('a');
  state.nowUs = 60;
  hold.take('b');
  expect(taken).toEqual([]);
  state.nowUs = 100;
  hold.release();
  expect(taken).toEqual(['a']);
  state.nowUs = 160;
  hold.release();
  expect(taken).toEqual(['a', 'b']);
  expect(state.timers).toBe(2);
});

test('the fault is asked once for each item, however often those that wait are looked at', () => {
  const { state, hold } = bench();
  state.lagUs = Number.MAX_SAFE_INTEGER;
  for (const item of ['a', 'b', 'c']) hold.take(item);
  for (let i = 0; i < 5; i++) hold.release();
  expect(state.askedForItems).toBe(3);
});

test('after the fault what was held comes first; cleared it does not come', () => {
  const { state, hold, taken } = bench();
  state.lagUs = Number.MAX_SAFE_INTEGER;
  hold.take('a');
  state.lagUs = undefined;
  hold.take('b');
  expect(taken).toEqual([]);
  hold.release();
  expect(taken).toEqual(['a', 'b']);
  state.lagUs = 100;
  hold.take('c');
  hold.clear();
  state.nowUs = 1000;
  hold.release();
  expect(taken).toEqual(['a', 'b']);
});

test('whoever holds without end is told so, and nothing overtakes', () => {
  const { state, hold, taken } = bench();
  state.lagUs = Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < 1 << 20; i++) hold.take('a');
  expect(() => hold.take('b')).toThrow('too many items held back');
  expect(taken).toEqual([]);
});
