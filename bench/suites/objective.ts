/**
 * Objectives: what a case's figures must keep, written as `pod-startup-p99 <= 5s`.
 *
 * Names are those of the result's metrics without their unit, or of its counters. Times need a unit, counts have none. A
 * metric without a value (no pod started, nothing recovered) keeps every objective: there is nothing to judge.
 */
import { parseDuration } from '../../scenarios/duration.ts';
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

/** Reads an objective; never throws. Whether the metric exists is known only with a result. */
export function parseObjective(text: string): ObjectiveResult {
  const parts = /^\s*([a-z][a-z0-9.-]*)\s*(<=|>=|<|>)\s*(\S+)\s*$/.exec(text);
  if (parts === null)
    return { ok: false, reason: 'expected such as "pod-startup-p99 <= 5s" or "store.commits < 1000"' };
  const [, metric = '', operator = '', amount = ''] = parts;
  const shared = { text: text.trim(), metric, operator: operator as Objective['operator'] };
  if (/^\d{1,15}(\.\d{1,9})?$/.test(amount))
    return { ok: true, objective: { ...shared, limit: Number(amount), unit: '' } };
  const duration = parseDuration(amount);
  if (!duration.ok) return { ok: false, reason: duration.reason };
  return { ok: true, objective: { ...shared, limit: duration.us, unit: 'us' } };
}

/** Judges a case: a comparison an objective. A metric that the case does not have is a failure that names those it has. */
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
  if (found === undefined) {
    const reason = `the result has no such metric; it has ${metricNames(each).join(', ')}`;
    return { ...shared, candidate: null, verdict: 'fail', reason };
  }
  const keeps = found === null || holds(found, objective);
  const reason = keeps ? '' : `${showMetric(found, objective.unit)}, wanted ${wanted}`;
  return { ...shared, candidate: found, verdict: keeps ? 'pass' : 'fail', reason };
}

/** The value, null when there was nothing to measure, undefined when there is no such metric with this unit. */
function figureOf(objective: Objective, each: ResultCase): number | null | undefined {
  const { metric, unit } = objective;
  if (unit === '' && Object.hasOwn(each.counters, metric)) return each.counters[metric] as number;
  return each.metrics.find((known) => known.unit === unit && withoutUnit(known.name, known.unit) === metric)?.value;
}

function metricNames(each: ResultCase): string[] {
  return [...each.metrics.map(({ name, unit }) => withoutUnit(name, unit)), ...Object.keys(each.counters)];
}

function withoutUnit(name: string, unit: string): string {
  return unit !== '' && name.endsWith(`-${unit}`) ? name.slice(0, -unit.length - 1) : name;
}

function holds(value: number, { operator, limit }: Objective): boolean {
  if (operator === '<=') return value <= limit;
  if (operator === '<') return value < limit;
  return operator === '>=' ? value >= limit : value > limit;
}
