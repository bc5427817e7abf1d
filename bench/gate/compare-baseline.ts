/**
 * A result against its baseline: layers 0 to 3 of the gate, all free of noise.
 *
 * Status and digest must be equal; counters of work and virtual times must not grow by more than the tolerance (none by
 * default), and count as improved when they shrink. A case whose input differs from the baseline's is incomparable: another
 * question was asked. What only one side has is new or missing.
 */
import type { Comparison, ResultCase, ResultDocument, ResultMetric, Verdict } from '../report/result.ts';
import { showMetric } from '../report/result-values.ts';
import type { Baseline, BaselineCase } from './baseline.ts';

export interface CompareRules {
  /** Relative growth of counters and virtual times that is let through: 0.01 = 1 %. */
  readonly tolerance: number;
  /** Cases of the baseline that were not asked for this time are no concern. */
  readonly partial: boolean;
}

/** All comparisons, in the order of the result's cases; cases that vanished last. `null`: there is no baseline. */
export function compareToBaseline(
  result: ResultDocument,
  baseline: Baseline | null,
  rules: CompareRules,
): Comparison[] {
  const found = result.cases.flatMap((each) => {
    const known = baseline !== null && Object.hasOwn(baseline.cases, each.id) ? baseline.cases[each.id] : undefined;
    return compareCase(each, known, rules);
  });
  if (baseline === null || rules.partial) return found;
  const ids = new Set(result.cases.map(({ id }) => id));
  const vanished = Object.keys(baseline.cases).filter((id) => !ids.has(id));
  const reason = 'the baseline has this case, the result has not';
  return [...found, ...vanished.map((id) => comparison(id, 'case', id, null, 'missing', reason))];
}

function compareCase(each: ResultCase, known: BaselineCase | undefined, rules: CompareRules): Comparison[] {
  const status = compareStatus(each, known);
  if (each.status === 'broken' || each.status === 'missing') return [status];
  if (known === undefined) {
    return [status, comparison(each.id, 'case', null, each.id, 'new', 'the baseline has no such case')];
  }
  if (known.inputDigest !== each.inputDigest) {
    const reason = 'the case itself has changed (scenario, size or policy): the numbers are of another question';
    return [status, comparison(each.id, 'input', known.inputDigest, each.inputDigest, 'incomparable', reason)];
  }
  return [
    status,
    compareDigest(each, known),
    ...compareCounters(each, known, rules),
    ...compareVirtual(each, known, rules),
  ];
}

/** A case that does not come out as its scenario expects fails whatever the baseline says. */
function compareStatus(each: ResultCase, known: BaselineCase | undefined): Comparison {
  const verdict: Verdict =
    each.status === 'fail' || each.status === 'broken'
      ? 'fail'
      : each.status === 'missing'
        ? 'inconclusive'
        : each.status === 'inconclusive' && known?.status === 'pass'
          ? 'fail'
          : 'pass';
  const reason = verdict === 'pass' ? '' : `${each.outcome}${each.message === '' ? '' : `: ${each.message}`}`;
  return comparison(each.id, 'status', known?.status ?? null, each.status, verdict, reason);
}

function compareDigest(each: ResultCase, known: BaselineCase): Comparison {
  const equal = each.traceDigest === known.traceDigest;
  const reason = equal ? '' : 'behaviour has changed: other events, or the same in another order';
  return comparison(each.id, 'digest', known.traceDigest, each.traceDigest, equal ? 'pass' : 'fail', reason);
}

function compareCounters(each: ResultCase, known: BaselineCase, rules: CompareRules): Comparison[] {
  const names = [...new Set([...Object.keys(known.counters), ...Object.keys(each.counters)])].sort();
  return names.map((name) =>
    compareNumber(each.id, name, known.counters[name], each.counters[name], 'lower', '', rules),
  );
}

function compareVirtual(each: ResultCase, known: BaselineCase, rules: CompareRules): Comparison[] {
  const metrics = new Map(each.metrics.filter(({ kind }) => kind === 'virtual').map((metric) => [metric.name, metric]));
  const names = [...new Set([...Object.keys(known.virtual), ...metrics.keys()])].sort();
  return names.map((name) => {
    const metric: ResultMetric | undefined = metrics.get(name);
    const { better = 'lower', unit = '' } = metric ?? {};
    return compareNumber(each.id, name, known.virtual[name], metric?.value, better, unit, rules);
  });
}

/** `undefined`: that side does not know the number at all; `null`: it knows it, and there was nothing to measure. */
function compareNumber(
  caseId: string,
  name: string,
  baseline: number | null | undefined,
  candidate: number | null | undefined,
  better: ResultMetric['better'],
  unit: string,
  { tolerance }: CompareRules,
): Comparison {
  if (baseline === undefined)
    return comparison(caseId, name, null, candidate ?? null, 'new', 'the baseline does not have it');
  if (candidate === undefined)
    return comparison(caseId, name, baseline, null, 'missing', 'the result does not have it');
  if (baseline === candidate) return comparison(caseId, name, baseline, candidate, 'pass', '', tolerance);
  const shown = `${showMetric(candidate, unit)} instead of ${showMetric(baseline, unit)}`;
  if (baseline === null || candidate === null || better === 'equal') {
    return comparison(caseId, name, baseline, candidate, 'fail', shown, tolerance);
  }
  const growth = better === 'lower' ? candidate - baseline : baseline - candidate;
  const verdict: Verdict = growth < 0 ? 'improved' : growth <= Math.abs(baseline) * tolerance ? 'pass' : 'fail';
  return comparison(caseId, name, baseline, candidate, verdict, verdict === 'pass' ? '' : shown, tolerance);
}

function comparison(
  caseId: string,
  metric: string,
  baseline: number | string | null,
  candidate: number | string | null,
  verdict: Verdict,
  reason: string,
  minEffect = 0,
): Comparison {
  const known = typeof baseline === 'number' && typeof candidate === 'number' && baseline !== 0;
  const estimate = known ? (candidate - baseline) / Math.abs(baseline) : null;
  const unknown = { low: null, high: null, confidence: null };
  return {
    caseId,
    metric,
    baseline,
    candidate,
    estimate,
    ...unknown,
    method: 'exact',
    n: 1,
    minEffect,
    verdict,
    reason,
  };
}
