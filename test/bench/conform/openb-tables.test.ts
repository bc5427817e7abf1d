import { expect, test } from 'vitest';
import { mean, round2Printed, roundToEven, tablesOf } from '../../../bench/conform/openb-tables.ts';

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [2.499999, 2],
  [-0.5, 0],
])('%f rounds to %i, halves to even', (value, rounded) => {
  expect(roundToEven(value) + 0).toBe(rounded);
});

test.each([
  [0.125, 0.12],
  [0.375, 0.38],
  [1.005, 1],
  [2.675, 2.67],
  [95.294, 95.29],
])('%f prints as %f', (value, printed) => {
  expect(round2Printed(value)).toBe(printed);
});

test('means add pairwise, as numpy does', () => {
  expect(mean([1, 2, 4])).toBe(7 / 3);
  const values = Array.from({ length: 300 }, () => 0.1);
  const plain = values.reduce((sum, value) => sum + value, 0) / 300;
  expect(Math.abs(mean(values) - 0.1)).toBeLessThan(Math.abs(plain - 0.1));
});

test('a column without a report takes those of its neighbours', () => {
  // 10 GPUs: reports at 0 %, 2 % and 2 %; column 1 is empty, column 4 has nothing near.
  const reports = {
    arrivedMilli: [0, 200, 249],
    usedMilli: [0, 200, 100],
    fragmentMilli: [10, 0, 0],
    idleMilli: [100, 0, 50],
  };
  const tables = tablesOf(reports, 10);
  expect(tables.alloc.slice(0, 3)).toEqual([0, 1, 1.5]);
  expect(tables.frag_ratio.slice(0, 3)).toEqual([10, 10 / 3, 0]);
  expect(tables.alloc[4]).toBeNaN();
  expect(tables.alloc).toHaveLength(131);
});
