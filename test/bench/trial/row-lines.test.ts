/** What is shown while a trial runs: a few rows, and once what is never Ready. */
import { expect, test } from 'vitest';
import type { CardRow } from '../../../bench/trial/card.ts';
import { rowLines } from '../../../bench/trial/row-lines.ts';
import { CARD_ROW } from '../../support/report-card.ts';

const rowsOf = (count: number, changes: Partial<CardRow>): CardRow[] =>
  Array.from({ length: count }, (_, index) => ({ ...CARD_ROW, workload: `w${index}`, reasons: ['none'], ...changes }));

test('up to six rows have a line each, of more the first five', () => {
  const lines = rowLines(rowsOf(6, { mark: 'failed' }), new Set());
  expect(lines).toHaveLength(6);
  expect(lines[5]).toBe(`failed    ${'drain'.padEnd(24)}  w5  none\n`);
  const more = rowLines([...rowsOf(7, { mark: 'failed' }), ...rowsOf(2, { mark: 'survived' })], new Set());
  expect(more).toHaveLength(7);
  expect(more.slice(5).map((line) => line.slice(36))).toEqual(['2 more workloads\n', '2 workloads\n']);
});

test('what is never Ready is told once, what did not run not at all', () => {
  const told = new Set<string>();
  expect(rowLines(rowsOf(1, { mark: 'failed', neverReady: true }), told)).toHaveLength(1);
  expect(rowLines(rowsOf(1, { mark: 'failed', neverReady: true }), told)).toEqual([]);
  expect(rowLines(rowsOf(1, { mark: 'unknown', cases: 0 }), told)).toEqual([]);
});
