/**
 * Availability over time against a plain model that looks at every instant.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Availability } from '../../../bench/trial/availability.ts';

test('the same as counting every instant', () => {
  const change = fc.record({ after: fc.integer({ min: 1, max: 9 }), ready: fc.integer({ min: 0, max: 4 }) });
  const input = fc.record({
    first: fc.integer({ min: 0, max: 4 }),
    floor: fc.integer({ min: 0, max: 4 }),
    changes: fc.array(change, { maxLength: 12 }),
    tail: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(input, ({ first, floor, changes, tail }) => {
      const line = new Availability(100, first, 3, floor);
      const seen: number[] = [];
      let now = 100;
      let ready = first;
      for (const { after, ready: next } of changes) {
        for (let i = 0; i < after; i++) seen.push(ready);
        now += after;
        ready = next;
        line.set(now, ready);
      }
      for (let i = 0; i < tail; i++) seen.push(ready);
      const recovery = line.finish(now + tail);
      const all = [first, ...changes.map((each) => each.ready)];
      expect(line.lowest).toBe(Math.min(...all));
      expect(line.belowFloorUs).toBe(seen.filter((each) => each < floor).length);
      expect(line.longestNoneUs).toBe(
        Math.max(
          0,
          ...seen
            .map(String)
            .join('')
            .replaceAll(/[1-9]/g, ' ')
            .split(' ')
            .map((run) => run.length),
        ),
      );
      const lastLess = seen.findLastIndex((each) => each < 3);
      if (ready < 3) expect(recovery).toBe(-1);
      else expect(recovery).toBe(lastLess + 1);
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('the floor that was missed furthest is shown with what stood there', () => {
  const line = new Availability(0, 3, 3, 3);
  line.setFloor(10, 2);
  line.set(11, 2);
  expect([line.worstReady, line.worstFloor]).toEqual([2, 2]);
  line.setFloor(20, 3);
  expect([line.worstReady, line.worstFloor]).toEqual([2, 3]);
  line.set(21, 3);
  line.finish(30);
  expect(line.belowFloorUs).toBe(1);
});
