import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketRate, TokenBucket } from '../../../core/client/token-bucket.ts';

describe('TokenBucket', () => {
  it('lets a burst pass and then one token a period', () => {
    const bucket = new TokenBucket(new BucketRate(5, 10));
    const waits = Array.from({ length: 13 }, () => bucket.reserve(0));
    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200_000, 400_000, 600_000]);
  });

  it('saves no more than the burst', () => {
    const bucket = new TokenBucket(new BucketRate(1, 2));
    expect([bucket.reserve(1e9), bucket.reserve(1e9), bucket.reserve(1e9)]).toEqual([0, 0, 1_000_000]);
  });

  it('a rate that does not divide a second gives its whole burst late in a simulation too', () => {
    const bucket = new TokenBucket(new BucketRate(3, 4));
    for (let nowUs = 600_000_000_003; nowUs < 600_000_000_000 + 1e9; nowUs += 7_654_321) {
      expect(Array.from({ length: 4 }, () => bucket.tryTake(nowUs))).toEqual([true, true, true, true]);
    }
  });

  it('tryTake takes nothing when it fails', () => {
    const bucket = new TokenBucket(new BucketRate(1, 1));
    expect([bucket.tryTake(0), bucket.tryTake(0), bucket.tryTake(999_999), bucket.tryTake(1_000_000)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it.each([0, -1, Number.POSITIVE_INFINITY])('qps %s means no limit', (qps) => {
    const bucket = new TokenBucket(new BucketRate(qps, 0));
    expect(Array.from({ length: 1000 }, () => bucket.reserve(0)).every((wait) => wait === 0)).toBe(true);
  });

  it('refuses a bucket without room', () => {
    expect(() => new BucketRate(1, 0)).toThrow(/burst/);
  });

  it('never passes more than burst + rate · time in any interval, and wastes nothing when busy', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 200 }),
        (qps, burst, gaps) => {
          const bucket = new TokenBucket(new BucketRate(qps, burst));
          const passes: number[] = [];
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            passes.push(now + bucket.reserve(now));
          }
          for (let i = 0; i < passes.length; i++) {
            if (i > 0) expect(passes[i]).toBeGreaterThanOrEqual(passes[i - 1] as number);
            for (let j = i; j < passes.length; j++) {
              const span = (passes[j] as number) - (passes[i] as number);
              expect(j - i + 1).toBeLessThanOrEqual(burst + (span * qps) / 1e6 + 1e-3);
            }
          }
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });
});
