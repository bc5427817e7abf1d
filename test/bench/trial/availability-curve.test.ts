/**
 * The line behind the availability chart, against all changes.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AvailabilityCurve, POINTS_MAX } from '../../../bench/trial/availability-curve.ts';

const change = fc.record({ afterUs: fc.integer({ min: 0, max: 50 }), ready: fc.integer({ min: 0, max: 5 }) });

test('begins and ends where the run does, misses no low and is never too long', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 600 }), (changes) => {
      const curve = new AvailabilityCurve(1000);
      curve.set(1000, 5, 3);
      let nowUs = 1000;
      let lowest = 5;
      changes.forEach(({ afterUs, ready }, index) => {
        nowUs += afterUs;
        curve.set(nowUs, ready, 3);
        // Of several numbers of one instant the last holds.
        if (changes[index + 1]?.afterUs !== 0) lowest = Math.min(lowest, ready);
      });
      if (changes[0]?.afterUs === 0)
        lowest = Math.min(...changes.filter((_, i) => changes[i + 1]?.afterUs !== 0).map(({ ready }) => ready));
      const points = curve.finish(nowUs + 7);
      if (points.length === 0) return;
      expect(points.length / 3).toBeLessThanOrEqual(POINTS_MAX + 1);
      const times = points.filter((_, index) => index % 3 === 0);
      const ready = points.filter((_, index) => index % 3 === 1);
      expect(times[0]).toBe(0);
      expect(times.at(-1)).toBe(nowUs + 7 - 1000);
      expect([...times].sort((left, right) => left - right)).toEqual(times);
      expect(Math.min(...ready)).toBe(lowest);
      expect(ready.at(-1)).toBe(changes.at(-1)?.ready);
    }),
    { seed: 20_261_121, numRuns: 200 },
  );
});

test('nothing changed: no line', () => {
  const curve = new AvailabilityCurve(0);
  curve.set(0, 3, 3);
  curve.set(10, 3, 3);
  expect(curve.finish(20)).toEqual([]);
});
