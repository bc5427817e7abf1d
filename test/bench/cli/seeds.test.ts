import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSeeds, parseSeeds, SEED_MAX } from '../../../bench/cli/seeds.ts';
import { parseWorkerCount } from '../../../bench/cli/worker-count.ts';

describe('seeds', () => {
  test.each([
    ['7', [7]],
    ['0', [0]],
    ['1..4', [1, 2, 3, 4]],
    ['5..5', [5]],
    ['3,9,1', [3, 9, 1]],
    ['1..3, 2,9', [1, 2, 3, 9]],
    [`${SEED_MAX}`, [SEED_MAX]],
  ])('%s', (text, seeds) => {
    expect(parseSeeds(text)).toEqual({ ok: true, seeds });
  });

  test.each([
    ['abc', 'expected a seed'],
    ['', 'expected a seed'],
    ['-1', 'expected a seed'],
    ['1.5', 'expected a seed'],
    ['1e3', 'expected a seed'],
    ['0x10', 'expected a seed'],
    ['1..', 'expected a seed'],
    ['1...3', 'expected a seed'],
    ['1,,2', 'expected a seed'],
    ['5..3', 'runs backwards'],
    ['9007199254740992', 'at most'],
    ['1..9007199254740991', 'more than 100000'],
    ['1..60000,1..60000', 'more than 100000'],
  ])('not "%s"', (text, reason) => {
    const result = parseSeeds(text);
    expect(result.ok ? '' : result.reason).toContain(reason);
  });

  test('what is written is read back', () => {
    const seeds = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(seeds, (list) => {
        expect(parseSeeds(formatSeeds(list))).toEqual({ ok: true, seeds: list });
      }),
      { seed: 4, numRuns: 300 },
    );
    expect(formatSeeds([1, 2, 3, 9, 11, 12])).toBe('1..3,9,11..12');
  });
});

describe('worker count', () => {
  test.each([
    ['1', 1],
    ['4', 4],
    ['50%', 4],
    ['100%', 8],
    ['1%', 1],
  ])('%s of 8 cores', (text, workers) => {
    expect(parseWorkerCount(text, 8)).toEqual({ ok: true, workers });
  });

  test.each(['0', '0%', '101%', '-1', 'many', '', '1.5', '257', '50 %'])('not "%s"', (text) => {
    expect(parseWorkerCount(text, 8).ok).toBe(false);
  });
});
