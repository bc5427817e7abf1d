import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram, hdrLog, VALUE_MAX } from '../../../bench/report/histogram.ts';

function filled(name: string, values: readonly number[]): Histogram {
  const histogram = new Histogram(name);
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('histogram', () => {
  test('quantiles are within three digits of the exact ones', () => {
    const values = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.constantFrom(50, 90, 99, 100), (list, percent) => {
        const histogram = filled('x-us', list);
        const sorted = [...list].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil((percent / 100) * list.length) - 1)]!;
        const found = histogram.quantile(percent)!;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact / 1000 + 1);
        expect(histogram.count).toBe(list.length);
        histogram.destroy();
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  test('merging is addition: the same bytes in any order', () => {
    const values = fc.array(fc.integer({ min: 0, max: VALUE_MAX }), { maxLength: 30 });
    fc.assert(
      fc.property(values, values, (left, right) => {
        const [a, b, both] = [filled('x', left), filled('x', right), filled('x', [...right, ...left])];
        const [c, d] = [new Histogram('x', a.encode()), new Histogram('x', b.encode())];
        c.add(b);
        d.add(a);
        expect(c.encode()).toBe(both.encode());
        expect(d.encode()).toBe(both.encode());
        for (const histogram of [a, b, both, c, d]) histogram.destroy();
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  test.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, VALUE_MAX + 1])('%s is refused', (value) => {
    const histogram = new Histogram('x-us');
    expect(() => histogram.record(value)).toThrow(`histogram x-us: ${value} is not an integer`);
    expect(histogram.count).toBe(0);
    histogram.destroy();
  });

  test('an empty one has no quantile, a destroyed one no use', () => {
    const histogram = new Histogram('x-us');
    expect(histogram.quantile(50)).toBeNull();
    expect(histogram.max).toBe(0);
    histogram.destroy();
    histogram.destroy();
    expect(() => histogram.count).toThrow('used after destroy');
  });

  test('the log has one tagged line each and nothing of the clock', () => {
    const histograms = [filled('startup-us', [1000, 2000]), filled('bind-us', [7])];
    const text = hdrLog(histograms, 120);
    expect(text.split('\n').filter((line) => line.startsWith('Tag='))).toHaveLength(2);
    expect(text).toMatch(/^Tag=startup-us,0.000,120.000,\d+\.000,HIST/m);
    expect(hdrLog(histograms, 120)).toBe(text);
    for (const histogram of histograms) histogram.destroy();
  });
});
