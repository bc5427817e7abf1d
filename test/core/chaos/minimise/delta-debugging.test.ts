/**
 * Delta debugging alone: it finds exactly what is needed, in order, and never more than one item too many to take away.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimalList } from '../../../../core/chaos/minimise/delta-debugging.ts';

const numbers = Array.from({ length: 40 }, (_, index) => index);

describe('minimalList', () => {
  it('takes everything away when nothing is needed', () => {
    expect(minimalList(numbers, () => true)).toEqual([]);
    expect(minimalList([], () => false)).toEqual([]);
  });

  it('keeps a single item, and one that stands alone', () => {
    expect(minimalList(numbers, (some) => some.includes(17))).toEqual([17]);
    expect(minimalList([3], (some) => some.includes(3))).toEqual([3]);
  });

  it('keeps items that are needed together, in their order', () => {
    const needed = [3, 20, 39];
    const asked: number[] = [];
    const holds = (some: readonly number[]) => {
      asked.push(some.length);
      return needed.every((item) => some.includes(item));
    };
    expect(minimalList(numbers, holds)).toEqual(needed);
    expect(asked.length).toBeLessThan(100);
  });

  it('is 1-minimal for any condition', () => {
    const property = fc.property(
      fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 4,
      }),
      (alternatives) => {
        // Fails when any of the alternatives is there as a whole: not monotone in single items.
        const holds = (some: readonly number[]) => alternatives.some((set) => set.every((item) => some.includes(item)));
        const all = numbers.slice(0, 12);
        const minimal = minimalList(all, holds);
        expect(holds(minimal)).toBe(true);
        for (const item of minimal) expect(holds(minimal.filter((each) => each !== item))).toBe(false);
      },
    );
    fc.assert(property, { seed: 20260, numRuns: 300 });
  });
});
