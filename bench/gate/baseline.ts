/**
 * Baselines: what the cases of a suite gave when a person last looked, committed as `results/baselines/<suite>.json`.
 *
 * Always: digests, counters and virtual times only, no host time; one value a line, keys sorted, so that a change reads well
 * in a diff. A file of another form or one that is cut off is a user error with its place, never half a comparison.
 */
import { z } from 'zod';
import type { ProblemList } from '../../scenarios/problem.ts';
import { readJsonFile } from '../report/json-file.ts';
import { CASE_STATUSES, type ResultCase, type ResultDocument } from '../report/result.ts';
import { stableJson } from '../report/stable-json.ts';

export const BASELINE_SCHEMA = 'seatrial/baseline/v1';

const baselineCase = z.strictObject({
  inputDigest: z.string(),
  traceDigest: z.string(),
  status: z.enum(CASE_STATUSES),
  counters: z.record(z.string(), z.number()),
  /** Virtual times and counts by name; null = nothing was measured. */
  virtual: z.record(z.string(), z.number().nullable()),
});

const baselineSchema = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  suite: z.string(),
  cases: z.record(z.string(), baselineCase),
});

export type Baseline = z.infer<typeof baselineSchema>;
export type BaselineCase = Baseline['cases'][string];

/** The baseline that a result would be. */
export function baselineOf(result: ResultDocument): Baseline {
  return {
    schema: BASELINE_SCHEMA,
    suite: result.suite.id,
    cases: Object.fromEntries(result.cases.map((each) => [each.id, baselineCaseOf(each)])),
  };
}

/** The file's text. */
export function baselineText(baseline: Baseline): string {
  return stableJson(baseline);
}

/** Reads a baseline; null when there is no such file, or after problems, which are then in `problems`. */
export function readBaseline(file: string, again: string, problems: ProblemList): Baseline | null {
  const hint = `write it anew, and read the difference: ${again}`;
  const value = readJsonFile(file, problems, { code: 'GATE-001', hint, absent: 'fine' });
  if (value === undefined) return null;
  const { schema } = (value ?? {}) as { schema?: unknown };
  if (schema !== BASELINE_SCHEMA) {
    const found = typeof schema === 'string' ? `it is of schema "${schema}"` : 'it names no schema';
    problems.error(
      { file, line: 1, column: 1 },
      'GATE-002',
      `no baseline of this version: ${found}, expected "${BASELINE_SCHEMA}"`,
      { hint },
    );
    return null;
  }
  const parsed = baselineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues.slice(0, 10)) {
    problems.error({ file }, 'GATE-003', `${issue.path.join('.') || 'the file'}: ${issue.message}`, { hint });
  }
  return null;
}

function baselineCaseOf(each: ResultCase): BaselineCase {
  const { inputDigest, traceDigest, status, counters, metrics } = each;
  const virtual = metrics.filter(({ kind }) => kind === 'virtual').map(({ name, value }) => [name, value]);
  return { inputDigest, traceDigest, status, counters: { ...counters }, virtual: Object.fromEntries(virtual) };
}
