import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Departures } from '../../../bench/compare/departures.ts';

test('gives rows in order of time, then row', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const departures = new Departures();
      times.forEach((time, row) => {
        departures.push(time, row);
      });
      const expected = times.map((time, row) => ({ time, row })).sort((a, b) => a.time - b.time || a.row - b.row);
      const found = expected.map(() => ({ time: departures.nextUs, row: departures.pop() }));
      expect(found).toEqual(expected);
      expect(departures.nextUs).toBe(Number.POSITIVE_INFINITY);
    }),
    { seed: 11, numRuns: 200 },
  );
});
