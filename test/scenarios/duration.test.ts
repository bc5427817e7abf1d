import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DURATION_US_MAX, formatDuration, parseDuration } from '../../scenarios/duration.ts';

describe('durations', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['250ms', 250_000],
    ['1us', 1],
    ['7µs', 7],
    ['1m30s', 90_000_000],
    ['1.5h', 5_400_000_000],
    ['0.000001s', 1],
    ['2d', 172_800_000_000],
    ['1h1ms', 3_600_001_000],
  ])('%s', (text, us) => {
    expect(parseDuration(text)).toEqual({ ok: true, us });
  });

  test.each([
    ['', 'expected a duration'],
    ['30', 'needs a unit'],
    ['1.5', 'needs a unit'],
    ['-3s', 'no sign'],
    ['+3s', 'no sign'],
    ['3 s', 'expected a duration'],
    ['s', 'expected a duration'],
    ['1.s', 'expected a duration'],
    ['.5s', 'expected a duration'],
    ['1e3s', 'expected a duration'],
    ['3y', 'expected a duration'],
    ['30s1m', 'large to small'],
    ['1s1s', 'large to small'],
    ['0.1us', 'finer than a microsecond'],
    ['99999d', 'longer than ten years'],
    ['9999999999999999h', 'longer than ten years'],
    [`${'1'.repeat(60)}s`, 'expected a duration'],
  ])('not "%s"', (text, reason) => {
    const result = parseDuration(text);
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? '' : result.reason).toContain(reason);
  });

  test('format and parse are inverse', () => {
    const property = fc.property(fc.integer({ min: 0, max: DURATION_US_MAX }), (us) => {
      expect(parseDuration(formatDuration(us))).toEqual({ ok: true, us });
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  test('any text gets an answer, never an exception', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const result = parseDuration(text);
        expect(result.ok ? Number.isSafeInteger(result.us) : result.reason.length > 0).toBe(true);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});
