/** What a fault holds back comes later, in its order, and nothing overtakes it. */
import { expect, test } from 'vitest';
import type { Context } from '../../../core/sim/context.ts';
import { HoldBack } from '../../../core/sim/hold-back.ts';

/** A context with a clock of its own and a fault that answers `lagUs`. */
function bench() {
  const state = { nowUs: 0, lagUs: undefined as number | undefined, timers: 0 };
  const ctx = {
    now: () => state.nowUs,
    intercept: () => state.lagUs,
    setTimer: () => state.timers++,
  } as unknown as Context;
  const hold = new HoldBack<string>(ctx, { point: 0, subject: null, op: 1, index: 2 });
  const taken: string[] = [];
  return { state, hold, taken, release: () => hold.release((item) => taken.push(item)) };
}

test('without a fault nothing is held', () => {
  expect(bench().hold.isHolding).toBe(false);
});

test('items come when they have waited long enough, in their order', () => {
  const { state, hold, taken, release } = bench();
  state.lagUs = 100;
  expect(hold.isHolding).toBe(true);
  hold.hold('a');
  state.nowUs = 60;
  hold.hold('b');
  state.nowUs = 100;
  release();
  expect(taken).toEqual(['a']);
  state.nowUs = 160;
  release();
  expect(taken).toEqual(['a', 'b']);
  expect(state.timers).toBe(2);
});

test('after the fault what was held comes first; cleared it does not come', () => {
  const { state, hold, taken, release } = bench();
  state.lagUs = Number.MAX_SAFE_INTEGER;
  hold.hold('a');
  state.lagUs = undefined;
  expect(hold.isHolding).toBe(true);
  release();
  expect(taken).toEqual(['a']);
  expect(hold.isHolding).toBe(false);
  state.lagUs = 100;
  hold.hold('b');
  hold.clear();
  state.nowUs = 1000;
  release();
  expect(taken).toEqual(['a']);
});
