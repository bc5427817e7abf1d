/**
 * Rows of a CSV file with a header, each field with its place, so that a bad value can be named where it stands.
 *
 * Always: every problem of the file is reported, up to the row limit; a reader gets rows whose fields exist.
 */
import { parse } from 'csv-parse/sync';
import type { ProblemList } from '../../scenarios/problem.ts';

/** Rows of one file, at most: a trace of a million pods is beyond what an experiment takes. */
const ROWS_MAX = 1_000_000;

/** Codes of problems in trace files. */
export const TRACE_CODES = { unreadable: 'TRC-001', column: 'TRC-002', value: 'TRC-003', order: 'TRC-004' } as const;

/** One row. Getters report a bad value and give something harmless. */
export interface CsvRow {
  readonly line: number;
  /** Text of a column, '' when the file has no such column. */
  text(column: string): string;
  /** A whole number from `min` to `max`. */
  integer(column: string, min: number, max: number): number;
  /** The same, null for an empty field or a missing column. */
  optionalInteger(column: string, min: number, max: number): number | null;
  /** Reports what is wrong with a column's value. */
  refuse(column: string, expected: string): void;
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The rows of a CSV text. `required` columns must be in the header, in any order; others may be. Problems with the header
 * leave no rows.
 */
export function csvRows(file: string, text: string, required: readonly string[], problems: ProblemList): CsvRow[] {
  let parsed: Parsed[];
  try {
    parsed = parse(text, {
      info: true,
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
      to: ROWS_MAX + 1,
    }) as unknown as Parsed[];
  } catch (error) {
    const line = (error as { lines?: number }).lines;
    problems.error({ file, line }, TRACE_CODES.unreadable, error instanceof Error ? error.message : String(error));
    return [];
  }
  const header = parsed[0]?.record ?? [];
  const missing = required.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const found = header.length === 0 ? 'the file is empty' : `found ${header.join(', ').slice(0, 200)}`;
    problems.error({ file, line: 1, column: 1 }, TRACE_CODES.column, `no column ${missing.join(', ')}: ${found}`);
    return [];
  }
  return parsed.slice(1).flatMap(({ record, info }) => {
    // A field may hold line feeds: the parser's line is the last one of the row.
    const line = info.lines - record.join('').split('\n').length + 1;
    if (record.length === header.length) return [rowOf(file, line, header, record, problems)];
    const message = `${record.length} fields, expected ${header.length}`;
    problems.error({ file, line, column: 1 }, TRACE_CODES.column, message);
    return [];
  });
}

function rowOf(
  file: string,
  line: number,
  header: readonly string[],
  record: readonly string[],
  problems: ProblemList,
): CsvRow {
  const text = (column: string): string => record[header.indexOf(column)]?.trim() ?? '';
  const refuse = (column: string, expected: string): void => {
    const place = { file, line, column: columnOf(record, header.indexOf(column)) };
    problems.error(place, TRACE_CODES.value, `${column} "${text(column).slice(0, 60)}": expected ${expected}`);
  };
  const integer = (column: string, min: number, max: number): number => {
    const value = text(column);
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    refuse(column, `a whole number from ${min} to ${max}`);
    return min;
  };
  const optionalInteger = (column: string, min: number, max: number): number | null =>
    text(column) === '' ? null : integer(column, min, max);
  return { line, text, integer, optionalInteger, refuse };
}

/** Position of a field in its line, from 1; exact where no field is quoted. */
function columnOf(record: readonly string[], index: number): number {
  let column = 1;
  for (let i = 0; i < index; i++) column += (record[i]?.length ?? 0) + 1;
  return column;
}
