import { expect, test } from 'vitest';
import { casesOf, otherRules } from '../../../bench/compare/cases.ts';
import type { CompareResult, ExperimentName, MetricComparison } from '../../../bench/compare/compare-result.ts';
import { compareMarkdown, compareText } from '../../../bench/compare/compare-text.ts';
import type { RunOutcome } from '../../../bench/compare/run-outcome.ts';
import { summarize } from '../../../bench/compare/summarize.ts';
import { unanswered, verdictLine } from '../../../bench/compare/verdict.ts';
import { makeColours } from '../../../bench/report/colour.ts';
import { stableJson } from '../../../bench/report/stable-json.ts';
import { RULES, smallWorkload } from './small-workload.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const POLICIES = ['plain', 'better', 'same', 'noise'].map((name) => {
  return { kind: 'named' as const, name, base: name, about: name, queue: 'fifo' as const, gangs: false };
});

/** Allocation 80 + noise by seed; `better` gets 1 more on every seed, `noise` ± 3 by turns; ties drawn favour `plain`. */
function outcome(policy: number, seed: number, variant: number): RunOutcome {
  const base = 80 + ((seed * 7) % 5);
  const shift = [variant === 0 ? 5 : 0, 1, 0, seed % 2 === 0 ? 3 : -3][policy] as number;
  return {
    values: { 'gpu-allocation': base + shift, failed: 10, skew: null },
    curves: { allocation: [0, base], fragmentation: [0, 1] },
    checksum: seed * 4 + policy,
    tiesMean: 2,
    placed: 5,
  };
}

function result(
  lost: readonly number[] = [],
  values?: RunOutcome['values'],
  answer?: string,
  experiments: readonly ExperimentName[] = ['fill-up'],
): CompareResult {
  const variants = otherRules(RULES);
  const plan = {
    policyCount: 4,
    seeds: SEEDS,
    experiments,
    rules: RULES,
    variants,
    variantSeeds: 3,
  };
  const cases = casesOf(plan);
  const outcomeOf = ({ policy, seed, variant }: (typeof cases)[number]): RunOutcome => ({
    ...outcome(policy, seed, variant),
    ...(values === undefined ? {} : { values }),
    ...(answer === undefined ? {} : { answer }),
  });
  return summarize({
    ...plan,
    workload: smallWorkload(),
    policies: POLICIES,
    sensitivitySeeds: 3,
    fillPercent: 1,
    load: 0.9,
    compression: null,
    horizonS: 1,
    disturb: 0,
    forkAtS: 0,
    offers: [],
    assumptions: [],
    workers: 1,
    caseTimeoutMs: 0,
    cases,
    outcomes: cases.map((c, i) => (lost.includes(i) ? null : outcomeOf(c))),
    broken: new Map(lost.map((number) => [number, 'it broke'])),
    complete: true,
  });
}

test('a difference on every seed is found with its size; noise and equality are not differences', () => {
  const metric = result().experiments[0]?.metrics.find(({ name }) => name === 'gpu-allocation');
  expect(metric?.comparisons.map(({ policy, verdict, estimate, wins }) => [policy, verdict, estimate, wins])).toEqual([
    ['better', 'better', 1, 12],
    ['same', 'same', 0, 0],
    ['noise', 'undecided', 0, 6],
  ]);
  expect(metric?.comparisons[0]).toMatchObject({ low: 1, high: 1, n: 12, losses: 0 });
  expect(metric?.comparisons[0]?.p).toBeLessThan(0.05);
  expect(result().experiments[0]?.metrics.map(({ name }) => name)).toEqual(['gpu-allocation', 'failed']);
});

test('a rule under which the policies change places is told', () => {
  const { sensitivity, sensitivityFindings } = result();
  expect(sensitivity).toHaveLength(16);
  expect(sensitivityFindings).toContain(
    'with ties: drawn; node order: drawn; all nodes scored, plain is ahead of better',
  );
  expect(sensitivity[4]).toMatchObject({ policy: 'plain', difference: 5, rank: 1, seeds: 3 });
});

test('a lost run is a missing pair and an incomplete result, never a number', () => {
  const lost = result([0]);
  expect([lost.complete, lost.broken]).toEqual([false, [{ case: 'plain/seed-1/fill-up', cause: 'it broke' }]]);
  expect(lost.experiments[0]?.metrics[0]?.comparisons[0]?.n).toBe(11);
  expect(lost.experiments[0]?.metrics[0]?.byPolicy[0]?.values[0]).toBeNull();
  expect(verdictLine(lost)).toBe('incomplete');
  expect(lost.digest).not.toBe(result().digest);
});

test('who is ahead without a decision is not called ahead, baseline or not', () => {
  const whole = result();
  const only = (names: readonly string[], baseline: string): CompareResult => {
    const experiments = whole.experiments.map((experiment) => ({
      ...experiment,
      metrics: experiment.metrics.map((metric) => ({
        ...metric,
        byPolicy: metric.byPolicy.filter(({ policy }) => names.includes(policy)),
      })),
    }));
    return { ...whole, baseline, experiments };
  };
  expect(verdictLine(only(['plain', 'same'], 'plain'))).toMatch(
    /^no difference in gpu-allocation between plain and same \(\d\d\.\d\d %\)$/,
  );
  expect(verdictLine(only(['plain', 'noise'], 'plain'))).toMatch(
    /^not decided in gpu-allocation: plain has \d\d\.\d\d %; against noise: 0\.00, ahead on 6 of 12 seeds; 12 seeds find 2\.59 and more$/,
  );
  const seen = (change: Partial<MetricComparison>): string => {
    const noise = only(['plain', 'noise'], 'plain');
    const experiments = noise.experiments.map((experiment) => ({
      ...experiment,
      metrics: experiment.metrics.map((metric) => ({
        ...metric,
        comparisons: metric.comparisons.map((each) => ({ ...each, ...change })),
      })),
    }));
    return verdictLine({ ...noise, experiments })
      .split('; ')
      .at(-1) as string;
  };
  expect(seen({ estimate: 0.5, smallestDifference: 2.5, verdict: 'undecided' })).toBe(
    'about 300 seeds would find as much',
  );
  expect(seen({ estimate: 3, smallestDifference: 2.5, verdict: 'undecided' })).toBe('some more seeds may');
  expect(seen({ estimate: 0.001, smallestDifference: 2.5, verdict: 'undecided' })).toBe(
    'not even 10,000 seeds would find so little',
  );
  expect(seen({ n: 4, smallestDifference: null, verdict: 'undecided' })).toBe('4 seeds cannot decide anything, 6 can');
  expect(verdictLine(only(['plain'], 'plain'))).toMatch(/^plain: gpu-allocation \d\d\.\d\d %$/);
});

test('a question that no policy answers has no answer, and the digest covers answers', () => {
  const asked = (text: string, cost: number | null): CompareResult =>
    result([], { 'gpu-allocation': 1, cost }, text, ['add-nodes']);
  const none = asked('no listed node can hold a/b', null);
  expect(verdictLine(none)).toBe(
    'no answer: add-nodes under plain, better, same and noise: no listed node can hold a/b',
  );
  expect(unanswered(none)?.policy).toBe('plain');
  expect(unanswered(asked('2 × a', 2))).toBeUndefined();
  expect(verdictLine(asked('2 × a', 2))).toBe(
    'no difference in cost between plain, better, same and noise (2.00); 2 × a',
  );
  expect(asked('2 × a', 2).digest).not.toBe(asked('2 × b', 2).digest);
});

test('what a question is answered with stands before the details', () => {
  const view = { all: true, reproduce: '' };
  const asked = result([], { 'gpu-allocation': 1, cost: 2 }, '2 × a', ['add-nodes']);
  const text = compareText(asked, view, makeColours(false)).split('\n');
  const [, answer, next] = text;
  const verdict = 'verdict: no difference in cost between plain, better, same and noise (2.00); 2 × a';
  expect(text.filter((line) => line === verdict)).toHaveLength(1);
  expect(answer).toMatch(
    /^ {2}add-nodes under plain, better, same and noise: 2 × a \(seed \d+, the worst of 12 seeds\)$/,
  );
  expect(next).toMatch(/^ {2}source: /);
  const differing = {
    ...asked,
    answers: asked.answers.map((each, i) => (i === 1 ? { ...each, text: '3 × a' } : each)),
  };
  expect(verdictLine(differing)).toBe(
    'no difference in cost between plain, better, same and noise (2.00); plain: 2 × a',
  );
  expect(compareText(differing, view, makeColours(false)).split('\n').slice(1, 3)).toEqual([
    expect.stringMatching(/^ {2}add-nodes under plain, same and noise: 2 × a /),
    expect.stringMatching(/^ {2}add-nodes under better: 3 × a /),
  ]);
  expect(compareMarkdown(asked, view).match(/^verdict: no difference in cost/gm)).toHaveLength(1);
  expect(compareText(result(), view, makeColours(false)).split('\n')[1]).toMatch(/^ {2}source: /);
});

test('the result is plain data, and both reports name the answer and the command', () => {
  const view = { all: true, reproduce: 'seatrial compare --policy plain,better' };
  expect(stableJson(result())).toBe(stableJson(result()));
  const text = compareText(result(), view, makeColours(false));
  expect(text).toContain('again: seatrial compare --policy plain,better\n');
  expect(text.trimEnd().split('\n').at(-1)).toMatch(
    /^verdict: better is ahead in gpu-allocation .*better than plain: \+1\.00/,
  );
  expect(text).toContain('! with ties: drawn');
  expect(compareMarkdown(result(), view)).toMatch(/^\| gpu-allocation .* \| plain \| 8\d\.\d\d \|/m);
});
