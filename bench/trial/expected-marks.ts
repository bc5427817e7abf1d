/**
 * What a report card should say, as a file beside the manifests: a mark for each workload and trial.
 *
 * The example's weaknesses are wanted: a card without them is as wrong as a card with more. Always: both directions are
 * compared, so a row that vanished is a difference too.
 */

import type { ProblemList } from '../../scenarios/problem.ts';
import { readJsonFile } from '../report/json-file.ts';
import type { CardWorkload } from './card.ts';
import { MARKS, type Mark } from './mark.ts';

/** Marks by workload, then by trial. */
export type ExpectedMarks = Readonly<Record<string, Readonly<Record<string, Mark>>>>;

/** A row that is not as expected; null = the row is not there. */
export interface MarkDifference {
  readonly workload: string;
  readonly trial: string;
  readonly expected: Mark | null;
  readonly found: Mark | null;
}

/** Reads a file of expected marks; null when it has errors, which are then in `problems`. */
export function readExpectedMarks(file: string, problems: ProblemList): ExpectedMarks | null {
  const value = readJsonFile(file, problems, { code: 'MAN-020', absent: 'problem' });
  if (value === undefined) return null;
  if (isExpectedMarks(value)) return value;
  problems.error({ file }, 'MAN-020', `expected {"Kind/namespace/name": {"trial": mark}} with ${MARKS.join(', ')}`);
  return null;
}

/** The marks of a card in the form of such a file. */
export function marksOf(workloads: readonly CardWorkload[]): ExpectedMarks {
  return Object.fromEntries(
    workloads.map(({ id, rows }) => [id, Object.fromEntries(rows.map(({ trial, mark }) => [trial, mark]))]),
  );
}

/** All differences, in the order of the expectation, then of the card. */
export function compareMarks(expected: ExpectedMarks, found: ExpectedMarks): MarkDifference[] {
  const differences: MarkDifference[] = [];
  for (const [workload, trials] of Object.entries(expected)) {
    for (const [trial, mark] of Object.entries(trials)) {
      const actual = found[workload]?.[trial] ?? null;
      if (actual !== mark) differences.push({ workload, trial, expected: mark, found: actual });
    }
  }
  for (const [workload, trials] of Object.entries(found)) {
    for (const [trial, mark] of Object.entries(trials)) {
      if (expected[workload]?.[trial] === undefined) differences.push({ workload, trial, expected: null, found: mark });
    }
  }
  return differences;
}

function isExpectedMarks(value: unknown): value is ExpectedMarks {
  const isRecord = (each: unknown): each is Record<string, unknown> =>
    typeof each === 'object' && each !== null && !Array.isArray(each);
  if (!isRecord(value)) return false;
  return Object.values(value).every(
    (trials) => isRecord(trials) && Object.values(trials).every((mark) => MARKS.some((known) => known === mark)),
  );
}
