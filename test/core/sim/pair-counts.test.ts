/** Counts of pairs are those of a plain table, for the first peer and for all others. */
import { expect, it } from 'vitest';
import { PairCounts } from '../../../core/sim/pair-counts.ts';

it('counts each ordered pair for itself', () => {
  const counts = new PairCounts();
  const model = new Map<string, number>();
  for (let i = 0; i < 2_000; i++) {
    const from = (i * 37) % 41;
    const to = (i * i) % 5;
    const expected = (model.get(`${from}-${to}`) ?? 0) + 1;
    model.set(`${from}-${to}`, expected);
    expect(counts.next(from, to)).toBe(expected);
  }
});
