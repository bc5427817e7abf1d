import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearestName } from '../../scenarios/suggest.ts';

const KNOWN = ['node-crash', 'zone-loss', 'partition', 'pause', 'kill'];

describe('nearest name', () => {
  test.each([
    ['kil', 'kill'],
    ['KILL', 'kill'],
    ['node-crahs', 'node-crash'],
    ['nodecrash', 'node-crash'],
    ['part', 'partition'],
    ['zone-los', 'zone-loss'],
  ])('%s → %s', (unknown, nearest) => {
    expect(nearestName(unknown, KNOWN)).toBe(nearest);
  });

  test.each(['', 'x', 'network', 'k', 'a'.repeat(1000)])('nothing near "%s"', (unknown) => {
    expect(nearestName(unknown, KNOWN)).toBeUndefined();
  });

  test('distance is a metric on small words: zero only for equal, symmetric, swap costs one', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
      { seed: 3, numRuns: 500 },
    );
    expect(editDistance('abcd', 'abdc')).toBe(1);
  });
});
