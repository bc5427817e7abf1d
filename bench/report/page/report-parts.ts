/**
 * From a result as data to the parts of a page: told apart by the schema that it names.
 */
import type { z } from 'zod';
import type { ProblemList } from '../../../scenarios/problem.ts';
import { CLI_CODES } from '../../cli/user-error.ts';
import type { CompareResult } from '../../compare/compare-result.ts';
import type { ReportCard } from '../../trial/run-trial.ts';
import { resultSchema } from '../result.ts';
import { comparisonShape } from './comparison-shape.ts';
import type { LatencyCurve } from './curve.ts';
import type { ComparisonSummary, ReportPart } from './report-input.ts';
import { campaignShape, cardShape, mainJobShape, noReturnShape } from './result-shapes.ts';

/** Problems shown of one file. */
const ISSUES_MAX = 10;

/** The parts of a result; none after problems, which are added to `problems` with the file's name. */
export function partsOf(
  file: string,
  data: unknown,
  curves: readonly LatencyCurve[],
  problems: ProblemList,
): ReportPart[] {
  const fields = typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  const { schema, schemaVersion } = fields;
  switch (schema) {
    case 'seatrial/report-card/v1':
      return cardParts(checkShape(file, cardShape, data, problems));
    case 'seatrial/campaign/v1': {
      const campaign = checkShape(file, campaignShape, data, problems);
      return campaign === null ? [] : [{ kind: 'campaign', campaign, curves }];
    }
    case 'seatrial/compare/v1':
      return comparisonParts(checkShape(file, comparisonShape, data, problems));
    case 'seatrial/no-return/v1': {
      const found = checkShape(file, noReturnShape, data, problems);
      return found === null ? [] : [{ kind: 'no-return', data: found }];
    }
    case 'seatrial/main-job/v1': {
      const job = checkShape(file, mainJobShape, data, problems);
      if (job === null) return [];
      const { trial, scenario, comparison } = job;
      return [
        ...cardParts(trial),
        ...comparisonParts(comparison ?? null),
        { kind: 'campaign', campaign: scenario, curves },
      ];
    }
  }
  if (schemaVersion === 1) {
    const document = checkShape(file, resultSchema, data, problems);
    return document === null ? [] : [{ kind: 'document', document }];
  }
  const known = schema ?? schemaVersion;
  const shown =
    known === undefined
      ? 'no result of seatrial: it names no schema'
      : `schema ${JSON.stringify(known)} is not known here`;
  problems.error({ file }, CLI_CODES.badValue, shown, { hint: 'expected a result.json, or the folder of a run' });
  return [];
}

/** `data` when it has the shape; null after a problem for each place that has not. */
export function checkShape<T>(file: string, shape: z.ZodType<T>, data: unknown, problems: ProblemList): T | null {
  const result = shape.safeParse(data);
  if (result.success) return result.data;
  for (const { path: place, message } of result.error.issues.slice(0, ISSUES_MAX)) {
    problems.error({ file }, CLI_CODES.badValue, `${place.join('.') || 'the whole'}: ${message}`);
  }
  return null;
}

/** The shapes hold what the sections draw; the rest of these types is not looked at. */
function cardParts(card: unknown): ReportPart[] {
  return card === null ? [] : [{ kind: 'trial', card: card as ReportCard }];
}

function comparisonParts(comparison: unknown): ReportPart[] {
  if (comparison === null) return [];
  const { summary = null } = comparison as { readonly summary?: ComparisonSummary };
  return [{ kind: 'comparison', comparison: comparison as CompareResult, summary }];
}
