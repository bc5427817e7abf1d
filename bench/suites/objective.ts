/**
 * Objectives: what a case's figures must keep, written as `pod-startup-p99 <= 5s`.
 *
 * Names are those of the result's metrics without their unit, or of its counters. Times need a unit, counts have none. A
 * metric without a value (no pod started, nothing recovered) keeps every objective: there is nothing to judge.
 */
import { workCounters } from '../../core/chaos/run-plan.ts';
import { parseDuration } from '../../scenarios/duration.ts';
import type { Place, ProblemList } from '../../scenarios/problem.ts';
import { CASE_COUNTS, CASE_TIMES } from '../report/campaign-result.ts';
import type { Comparison, ResultCase } from '../report/result.ts';
import { showMetric } from '../report/result-values.ts';

const OPERATORS = ['<=', '<', '>=', '>'] as const;

/** A checked objective. */
export interface Objective {
  /** As written. */
  readonly text: string;
  /** Metric or counter, without unit. */
  readonly metric: string;
  readonly operator: (typeof OPERATORS)[number];
  /** µs for a time. */
  readonly limit: number;
  readonly unit: 'us' | '';
}

/** Either an objective or what is wrong with the text. */
export type ObjectiveResult =
  | { readonly ok: true; readonly objective: Objective }
  | { readonly ok: false; readonly reason: string };

/** Reads an objective; never throws. Whether the metric exists, {@link checkMetric} says. */
export function parseObjective(text: string): ObjectiveResult {
  const parts = /^\s*([a-z][a-z0-9.-]*)\s*(<=|>=|<|>)\s*(\S+)\s*$/.exec(text);
  if (parts === null)
    return { ok: false, reason: 'expected such as "pod-startup-p99 <= 5s" or "store.commits < 1000"' };
  const [, metric = '', operator = '', amount = ''] = parts;
  const shared = { text: text.trim(), metric, operator: operator as Objective['operator'] };
  if (/^\d{1,15}(\.\d{1,9})?$/.test(amount))
    return { ok: true, objective: { ...shared, limit: Number(amount), unit: '' } };
  const duration = parseDuration(amount);
  if (!duration.ok) {
    const isCount = countNames().includes(metric);
    return { ok: false, reason: isCount ? `${metric} is a count: expected a number such as 1000` : duration.reason };
  }
  return { ok: true, objective: { ...shared, limit: duration.us, unit: 'us' } };
}

/** Adds a problem at `place` for a metric that no case has, or that has a unit where the objective has none, or the other way round. */
export function checkMetric({ metric, unit }: Objective, place: Place, problems: ProblemList): void {
  const counts = countNames();
  const [known, others]: [readonly string[], readonly string[]] =
    unit === 'us' ? [CASE_TIMES, counts] : [counts, CASE_TIMES];
  if (known.includes(metric)) return;
  if (others.includes(metric)) {
    const reason = unit === 'us' ? 'is a count, its limit has no unit' : 'is a time, its limit needs a unit such as 5s';
    problems.error(place, 'SUI-013', `${metric} ${reason}`);
  } else problems.unknownName(place, 'SUI-013', 'metric', metric, [...known, ...others]);
}

/** Metrics and counters that are numbers without a unit. */
function countNames(): readonly string[] {
  return [...CASE_COUNTS, ...workCounters().map(({ name }) => name)];
}

/** Judges a case by an objective whose metric exists. */
export function judgeObjective(objective: Objective, each: ResultCase): Comparison {
  const found = figureOf(objective, each);
  const wanted = objective.text.slice(objective.metric.length).trim();
  const shared = {
    caseId: each.id,
    metric: objective.text,
    baseline: objective.limit,
    estimate: null,
    low: null,
    high: null,
    confidence: null,
    method: 'objective' as const,
    n: 1,
    minEffect: 0,
  };
  const keeps = found === null || holds(found, objective);
  const reason = keeps ? '' : `${showMetric(found, objective.unit)}, wanted ${wanted}`;
  return { ...shared, candidate: found, verdict: keeps ? 'pass' : 'fail', reason };
}

/** The value, null when there was nothing to measure. */
function figureOf({ metric, unit }: Objective, each: ResultCase): number | null {
  if (unit === '' && Object.hasOwn(each.counters, metric)) return each.counters[metric] as number;
  const found = each.metrics.find((known) => known.unit === unit && withoutUnit(known.name, known.unit) === metric);
  if (found === undefined) throw new Error(`no case has the metric of the objective ${metric}`);
  return found.value;
}

function withoutUnit(name: string, unit: string): string {
  return unit !== '' && name.endsWith(`-${unit}`) ? name.slice(0, -unit.length - 1) : name;
}

function holds(value: number, { operator, limit }: Objective): boolean {
  if (operator === '<=') return value <= limit;
  if (operator === '<') return value < limit;
  return operator === '>=' ? value >= limit : value > limit;
}
