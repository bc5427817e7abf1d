import { describe, expect, test } from 'vitest';
import { logTimeTicks, numberLabel, numberTicks, timeLabel, timeTicks } from '../../../../bench/report/page/axis.ts';
import { spreadLabels } from '../../../../bench/report/page/spread-labels.ts';

const S = 1_000_000;

describe('time axis', () => {
  test.each([
    [0, '0'],
    [250_000, '250 ms'],
    [1_500_000, '1.5 s'],
    [59 * S, '59 s'],
    [60 * S, '1m'],
    [90 * S, '1m30s'],
    [2 * 3600 * S, '2h'],
    [3600 * S + 5 * S, '1h5s'],
  ])('%d µs is %s', (us, text) => {
    expect(timeLabel(us)).toBe(text);
  });

  test('steps are round and cover the largest value', () => {
    expect(timeTicks(750 * S, 6).map(({ label }) => label)).toEqual(['0', '5m', '10m']);
    expect(timeTicks(12_000_000, 5).map(({ label }) => label)).toEqual(['0', '5 s', '10 s']);
    expect(timeTicks(0, 5)[0]).toEqual({ value: 0, label: '0' });
  });

  test('a log axis has labels inside its range only', () => {
    expect(logTimeTicks(50_000, 463 * S).map(({ label }) => label)).toEqual(['100 ms', '1 s', '10 s', '1m40s']);
  });
});

test('numbers: steps of 1, 2, 5, a true minus, groups of three', () => {
  expect(numberTicks(-0.3, 0.5, 4).map(({ label }) => label)).toEqual(['−0.2', '0.0', '0.2', '0.4']);
  expect(numberLabel(-1234567.891, 1)).toBe('−1,234,567.9');
  expect(numberLabel(-0.04, 1)).toBe('0.0');
});

test('labels are a line apart, in order, and stay inside', () => {
  const placed = spreadLabels([10, 12, 11, 100], 15, 6, 100);
  expect([...placed].sort((a, b) => a - b)).toEqual([10, 25, 40, 100]);
  expect(placed[2]).toBeLessThan(placed[1] ?? 0);
  const crowded = spreadLabels([99, 99, 99], 15, 6, 100);
  expect(Math.max(...crowded)).toBe(100);
  expect(Math.min(...crowded)).toBe(70);
});
