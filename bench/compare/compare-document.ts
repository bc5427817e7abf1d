/**
 * A comparison as a result document: a case a run, and all fields of the comparison at the top level.
 */
import { EXIT, type ExitCode } from '../cli/exit.ts';
import type { ResultCase, ResultDocument, ResultMetric } from '../report/result.ts';
import { resultDocument } from '../report/result-parts.ts';
import type { CompareCase } from './cases.ts';
import { METRICS } from './metrics.ts';
import type { ComparedPolicies } from './run-compare.ts';
import { unanswered, verdictLine } from './verdict.ts';

/** Command lines that show the whole, or one run, again. */
export interface CompareLines {
  readonly whole: string;
  readonly ofCase: (each: CompareCase, policy: string) => string;
}

/** The document. */
export function compareDocument(compared: ComparedPolicies, lines: CompareLines, exitCode: ExitCode): ResultDocument {
  const { result, cases } = compared;
  return resultDocument({
    command: 'compare',
    suite: { id: result.workload.name, digest: result.digest },
    cases: cases.map((each, number) => resultCase(compared, lines, each, number)),
    verdict: verdictLine(result),
    exitCode,
    complete: result.complete,
    reproduce: lines.whole,
    own: { ...result },
  });
}

/** Broken cases are a broken tool; a question without an answer has none; an interruption is the caller's. */
export function exitOfCompare({ result }: ComparedPolicies): ExitCode {
  if (result.broken.length > 0) return EXIT.broken;
  return result.complete && unanswered(result) !== undefined ? EXIT.noAnswer : EXIT.yes;
}

function resultCase(
  { result, answers }: ComparedPolicies,
  lines: CompareLines,
  each: CompareCase,
  number: number,
): ResultCase {
  const policy = result.policies[each.policy]?.name ?? '';
  const { tieRule, nodeOrder, sample } = each.rules;
  const rules = each.variant < 0 ? '' : `/${tieRule}-${nodeOrder}-${sample}`;
  const id = `${policy}/seed-${each.seed}/${each.experiment}${rules}`;
  const outcome = answers[number]?.outcome ?? null;
  const cause = result.broken.find((broken) => broken.case === id)?.cause;
  return {
    id,
    params: { policy, experiment: each.experiment, tieRule, nodeOrder, sample },
    tags: each.variant < 0 ? [] : ['sensitivity'],
    seed: each.seed,
    status: outcome !== null ? 'pass' : cause === undefined ? 'missing' : 'broken',
    outcome: outcome !== null ? 'ran' : cause === undefined ? 'missing' : 'broken',
    message: cause?.split('\n')[0] ?? '',
    inputDigest: '',
    traceDigest: '',
    counters: outcome === null ? {} : { placements: outcome.placed, checksum: outcome.checksum >>> 0 },
    metrics: outcome === null ? [] : metricsOf(each, outcome.values),
    reproduce: lines.ofCase(each, policy),
    source: null,
  };
}

const UNITS = { '%': 'percent', s: 's', count: '', points: 'points', ratio: 'ratio' } as const;

function metricsOf({ experiment }: CompareCase, values: Readonly<Record<string, number | null>>): ResultMetric[] {
  return METRICS.filter((metric) => metric.experiment === experiment && metric.name in values).map((metric) => {
    const unit = UNITS[metric.unit];
    const name = unit === '' ? metric.name : `${metric.name}-${unit}`;
    return { name, unit, better: metric.better, kind: 'virtual', value: values[metric.name] ?? null };
  });
}
