/**
 * The card as a result document: what is no measure of a workload is no number.
 */
import { expect, test } from 'vitest';
import { cardMetrics } from '../../../bench/cli/main-job-trial.ts';
import { renderReport } from '../../../bench/report/formats.ts';
import type { CardRow } from '../../../bench/trial/card.ts';
import { cardResult } from '../../../bench/trial/card-result.ts';
import { CARD_ROW, cardOf } from '../../support/report-card.ts';

const CONTEXT = { exitCode: 0, verdict: 'verdict: degraded', failOn: 'failed', reproduce: '' } as const;
const csv = (row: Partial<CardRow>): string[] =>
  renderReport('csv', { result: cardResult(cardOf({ ...CARD_ROW, ...row }), CONTEXT) })
    .trimEnd()
    .split('\n')
    .slice(1);

test('the mark stands in each row of a table', () => {
  const rows = csv({ mark: 'degraded', reasons: [] });
  expect(rows).toHaveLength(5);
  for (const row of rows) expect(row).toContain(',1,pass,degraded,');
  expect(rows).toContain('trial,Deployment/demo/web drain,1,pass,degraded,none-ready-us,virtual,us,0');
});

test('a Job has no measures: it completes or not', () => {
  const rows = csv({ workload: 'Job/demo/import', mark: 'survived', longestNoneUs: 1_843_000_000, reasons: [] });
  expect(rows).toHaveLength(5);
  for (const row of rows) expect(row).toMatch(/,$/);
});

test('the same in metrics.csv; a time without end is empty there', () => {
  const valuesOf = (row: Partial<CardRow>) => cardMetrics(cardOf({ ...CARD_ROW, ...row })).map(({ value }) => value);
  expect(valuesOf({ workload: 'Job/demo/import', longestNoneUs: 1_843_000_000 })).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(valuesOf({ recoveryUs: -1 })).toEqual([2, 2, 0, 0, null]);
});
