/**
 * The result document as a long table for spreadsheets: one number a row. `mark` is the command's own word for the case (`outcome` in JSON): of a trial,
 * survived, degraded, unknown or failed.
 */

import { csvText } from './metrics-csv.ts';
import type { ResultCase, ResultDocument } from './result.ts';

const COLUMNS = ['run', 'case', 'seed', 'status', 'mark', 'metric', 'kind', 'unit', 'value'] as const;

/** The file's text: a header, then a row a metric and a row a counter of each case. */
export function resultCsv(result: ResultDocument): string {
  const run = `${result.command} ${result.suite.id}`.trim();
  return csvText(
    COLUMNS,
    result.cases.flatMap((each) => rowsOf(run, each)),
  );
}

function rowsOf(run: string, each: ResultCase): object[] {
  const shared = { run, case: each.id, seed: each.seed, status: each.status, mark: each.outcome };
  const counters = Object.entries(each.counters).map(([metric, value]) => ({
    ...shared,
    metric,
    kind: 'counter',
    unit: '',
    value,
  }));
  const metrics = each.metrics.map(({ name, kind, unit, value }) => ({ ...shared, metric: name, kind, unit, value }));
  const rows = [...metrics, ...counters];
  return rows.length > 0 ? rows : [{ ...shared, metric: '', kind: '', unit: '', value: null }];
}
