/**
 * The result document: what every command that runs cases gives to machines, and what all formats are made from.
 *
 * One definition gives types, checks and the published JSON schema (bench/report/schema/result.schema.json). It holds the
 * deterministic part only: no host times, so equal inputs and build give equal bytes. A command may add fields of its own at
 * the top level; readers leave alone what they do not know. Names of metrics end with their unit.
 */
import { z } from 'zod';

/** Grows when a reader of the old form would misunderstand the new one. */
export const RESULT_SCHEMA_VERSION = 1;

/** Verdicts of a comparison, worst first. */
export const VERDICTS = ['fail', 'missing', 'incomparable', 'inconclusive', 'new', 'improved', 'pass'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What became of a case, worst first. `broken`: no answer because the tool or its worker broke; `missing`: never run. */
export const CASE_STATUSES = ['broken', 'fail', 'missing', 'inconclusive', 'pass'] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const metricSchema = z.strictObject({
  name: z.string().min(1).describe('kebab-case, the unit last: pod-startup-p99-us'),
  unit: z.string().describe('us, ms, bytes, 1/s; empty for counts'),
  better: z.enum(['lower', 'higher', 'equal']),
  kind: z.enum(['counter', 'virtual', 'wall', 'cpu', 'memory']).describe('virtual = simulated time, exact per seed'),
  value: z.number().nullable().describe('null = there was nothing to measure'),
});

const caseSchema = z.strictObject({
  id: z.string().min(1).describe('unique within the document'),
  params: parameters.describe('what tells this case from the others'),
  tags: z.array(z.string()),
  seed: z.int().min(0).nullable().describe('null when the case covers several seeds'),
  status: z.enum(CASE_STATUSES),
  outcome: z.string().describe("the command's own word: pass, fail RS2, survived, degraded …"),
  message: z.string().describe('why, one line; empty for a plain pass'),
  inputDigest: z.string().describe('SHA-256 over what was asked for: equal for equal work; empty where there is none'),
  traceDigest: z.string().describe('digest of the run, 64 hex digits; empty without a run'),
  counters: z.record(z.string(), z.number()).describe('work done: exact for a seed'),
  metrics: z.array(metricSchema),
  reproduce: z.string().describe('command line that shows this case again; empty when there is none'),
  source: z
    .strictObject({ file: z.string(), line: z.int().min(1), column: z.int().min(1) })
    .nullable()
    .describe('where the case is written'),
});

const comparisonSchema = z.strictObject({
  caseId: z.string(),
  metric: z.string().describe('a metric, a counter, digest, status or an objective'),
  baseline: z.union([z.number(), z.string()]).nullable(),
  candidate: z.union([z.number(), z.string()]).nullable(),
  estimate: z.number().nullable().describe('relative change: 0.05 = 5 % more than the baseline'),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number().nullable(),
  method: z.enum(['exact', 'objective', 'signed-rank']),
  n: z.int().min(0).describe('pairs behind the estimate; 1 for exact values'),
  minEffect: z.number().describe('smallest relative change that counts'),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
});

const diagnosticSchema = z.strictObject({
  severity: z.enum(['error', 'warning', 'note']),
  code: z.string(),
  message: z.string(),
  file: z.string().nullable(),
  line: z.int().min(1).nullable(),
  column: z.int().min(1).nullable(),
});

const summarySchema = z.strictObject({
  verdict: z.string().describe('one line, as the text report ends'),
  exitCode: z.int().min(0).max(255),
  complete: z.boolean().describe('false when interrupted: cases are missing'),
  cases: z.record(z.enum(CASE_STATUSES), z.int().min(0)),
  comparisons: z.record(z.enum(VERDICTS), z.int().min(0)),
  reproduce: z.string().describe('command line of the whole'),
});

/** The document. */
export const resultSchema = z.looseObject({
  schemaVersion: z.literal(RESULT_SCHEMA_VERSION),
  tool: z.strictObject({
    name: z.literal('seatrial'),
    version: z.string(),
    build: z.string().describe('digest over the compiled core and scenario loader'),
  }),
  command: z.string(),
  suite: z.strictObject({
    id: z.string(),
    digest: z.string().describe('SHA-256 over what was run: plans and seeds; empty where there is no such thing'),
  }),
  cases: z.array(caseSchema),
  comparisons: z.array(comparisonSchema),
  summary: summarySchema,
  diagnostics: z.array(diagnosticSchema),
});

export type ResultMetric = z.infer<typeof metricSchema>;
export type ResultCase = z.infer<typeof caseSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
export type Diagnostic = z.infer<typeof diagnosticSchema>;
export type ResultSummary = z.infer<typeof summarySchema>;
export type ResultDocument = z.infer<typeof resultSchema>;

/** The published JSON schema. */
export function resultJsonSchema(): Record<string, unknown> {
  return {
    $id: `seatrial/result/v${RESULT_SCHEMA_VERSION}`,
    title: 'Result of a seatrial command',
    ...z.toJSONSchema(resultSchema),
  };
}

/** Number of cases by status. */
export function countStatuses(cases: readonly ResultCase[]): Record<CaseStatus, number> {
  return countBy(CASE_STATUSES, cases, ({ status }) => status);
}

/** Number of comparisons by verdict. */
export function countVerdicts(comparisons: readonly Comparison[]): Record<Verdict, number> {
  return countBy(VERDICTS, comparisons, ({ verdict }) => verdict);
}

function countBy<K extends string, T>(keys: readonly K[], items: readonly T[], keyOf: (item: T) => K) {
  const counts = Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
  for (const item of items) counts[keyOf(item)]++;
  return counts;
}
