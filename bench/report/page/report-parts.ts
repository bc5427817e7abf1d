/**
 * From a result as data to the parts of a page: told apart by the schema that it names.
 */
import type { z } from 'zod';
import type { ProblemList } from '../../../scenarios/problem.ts';
import { CLI_CODES } from '../../cli/user-error.ts';
import type { CompareResult } from '../../compare/compare-result.ts';
import type { ReportCard } from '../../trial/run-trial.ts';
import { type Diagnostic, RESULT_SCHEMA_VERSION, type ResultDocument, resultSchema } from '../result.ts';
import { comparisonShape } from './comparison-shape.ts';
import type { LatencyCurve } from './curve.ts';
import type { ComparisonSummary, ReportPart } from './report-input.ts';
import { campaignShape, cardShape, mainJobShape, noReturnShape } from './result-shapes.ts';
import { mutationShape, searchShape, thresholdShape } from './search-shapes.ts';

/** Problems shown of one file. */
const ISSUES_MAX = 10;
/** Any of these makes a result a document of the common form. */
const DOCUMENT_FIELDS = ['schemaVersion', 'tool', 'suite', 'cases', 'summary'];

const CANARY_MISSED: Diagnostic = {
  severity: 'warning',
  code: '',
  message: 'the canary was not found, so nothing else can be believed',
  file: null,
  line: null,
  column: null,
};

/** The parts of a result; none after problems, which are added to `problems` with the file's name. */
export function partsOf(
  file: string,
  data: unknown,
  curves: readonly LatencyCurve[],
  problems: ProblemList,
): ReportPart[] {
  const fields = typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  const { schema, schemaVersion } = fields;
  // What a command keeps is a document with fields of its own; a part of one, as in a main job, has none of these.
  const isDocument = DOCUMENT_FIELDS.some((field) => field in fields);
  if (typeof schema === 'string' && isDocument && checkShape(file, resultSchema, data, problems) === null) return [];
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
  if (schemaVersion === RESULT_SCHEMA_VERSION) {
    const document = checkShape(file, resultSchema, data, problems);
    if (document === null) return [];
    return document.command === 'search' ? searchParts(file, document, problems) : [{ kind: 'document', document }];
  }
  const known = schema ?? schemaVersion;
  const shown =
    known === undefined
      ? 'no result of seatrial: it names no schema'
      : `schema ${JSON.stringify(known)} is not known here`;
  problems.error({ file }, CLI_CODES.badValue, shown, { hint: 'expected a result.json, or the folder of a run' });
  return [];
}

/** A search that did not find its canary says so, whatever else it says. */
function searchParts(file: string, document: ResultDocument, problems: ProblemList): ReportPart[] {
  const shape = 'mutants' in document ? mutationShape : 'trials' in document ? thresholdShape : searchShape;
  const own = checkShape<{ canaryFound?: boolean; complete: boolean }>(file, shape, document, problems);
  if (own === null) return [];
  if (own.canaryFound !== false || !own.complete) return [{ kind: 'document', document }];
  const diagnostics = [...document.diagnostics, CANARY_MISSED];
  return [{ kind: 'document', document: { ...document, diagnostics } }];
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
