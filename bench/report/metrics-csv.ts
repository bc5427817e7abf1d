/**
 * metrics.csv: every number of a run, one a row, with its kind and unit.
 *
 * Always: no number without its kind: virtual (simulated time, exact for a seed), host (time or memory of this machine) or
 * count. Text that a spreadsheet would take for a formula is made harmless: case names come from users' files.
 */
import { stringify } from 'csv-stringify/sync';

/** One number. */
export interface Metric {
  /** What it was measured on: scenario, workload, trial; '' for the run as a whole. */
  readonly subject: string;
  /** Seed of the case, or '' when it covers several. */
  readonly seed: number | '';
  /** Kebab-case name without its unit, such as `pod-startup-p99`. */
  readonly name: string;
  readonly kind: 'virtual' | 'host' | 'count';
  /** `us`, `ms`, `bytes`, `1/s`, or '' for counts. */
  readonly unit: string;
  /** The number; null = not measured, an empty cell. */
  readonly value: number | null;
}

const COLUMNS = ['subject', 'seed', 'name', 'kind', 'unit', 'value'] as const;

/** The file's text: a header, then the rows as given. */
export function metricsCsv(metrics: readonly Metric[]): string {
  return csvText(COLUMNS, metrics);
}

/** Rows under named columns as CSV: LF, no byte-order mark, no formulas, empty cells for what is no number. */
export function csvText(columns: readonly string[], rows: readonly object[]): string {
  return stringify([...rows], {
    header: true,
    columns: [...columns],
    record_delimiter: '\n',
    bom: false,
    escape_formulas: true,
    cast: {
      boolean: (value) => (value ? 'true' : 'false'),
      number: (value) => (Number.isFinite(value) ? String(value) : ''),
    },
  });
}
