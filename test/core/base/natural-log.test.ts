/** ln of integers: as Math.log to the last place, for every size a cluster can have. */
import { expect, test } from 'vitest';
import { naturalLog } from '../../../core/base/natural-log.ts';

test('agrees with Math.log within one unit in the last place', () => {
  let differing = 0;
  for (let n = 1; n <= 200_000; n++) {
    const expected = Math.log(n);
    const actual = naturalLog(n);
    if (actual !== expected) differing++;
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(expected * Number.EPSILON);
  }
  expect(differing).toBeLessThan(40_000);
});

test('orientation figures of the manual: 3 zones, 5,000 hosts', () => {
  expect(naturalLog(5)).toBeCloseTo(1.609, 3);
  expect(naturalLog(5002)).toBeCloseTo(8.518, 3);
});

test.each([0, -1, 1.5, Number.NaN])('%s is a bug of the caller', (n) => {
  expect(() => naturalLog(n)).toThrow();
});
