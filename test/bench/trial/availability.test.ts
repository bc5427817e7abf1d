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

test('where the floor moves, the fewest stand beside the floor of then, and the floor missed furthest beside what was there', () => {
  const line = new Availability(0, 2, 2, 2);
  line.setFloor(10, 0);
  line.set(11, 0);
  expect([line.lowest, line.floorAtLowest, line.missed]).toEqual([0, 0, null]);
  line.set(20, 1);
  line.setFloor(21, 2);
  expect([line.lowest, line.floorAtLowest, line.missed]).toEqual([0, 0, { floor: 2, ready: 1 }]);
  line.set(22, 2);
  line.setFloor(23, 1);
  line.set(24, 0);
  expect([line.lowest, line.floorAtLowest, line.missed]).toEqual([0, 1, { floor: 1, ready: 0 }]);
  line.finish(30);
  expect([line.belowFloorUs, line.longestNoneUs]).toEqual([7, 9]);
});
