/**
 * Sections of single results: a comparison of policies, and any result document.
 */
import { describe, expect, test } from 'vitest';
import { comparisonSection } from '../../../../bench/report/page/comparison-section.ts';
import { documentPage } from '../../../../bench/report/page/document-page.ts';
import { partsOf } from '../../../../bench/report/page/report-parts.ts';
import { ProblemList } from '../../../../scenarios/problem.ts';
import { comparisonOf } from '../../../support/comparison-sample.ts';
import { documentOf, resultCase } from '../../../support/result-document.ts';

describe('comparison of policies', () => {
  const page = comparisonSection(comparisonOf('openb'), {
    verdict: 'fgd is ahead',
    reproduce: 'seatrial compare --seed 1..10',
  }).text;

  test('a forest plot and a table a main metric, a curve, all metrics, sensitivity', () => {
    expect(page).toContain('fgd is ahead');
    expect(page).toContain('data-copy="seatrial compare --seed 1..10"');
    expect(page.match(/class="zero"/g)).toHaveLength(2);
    expect(page).toContain('+1.21 pp better');
    expect(page).toContain('−0.200 pp undecided');
    expect(page.match(/class="range clear"/g)).toHaveLength(4);
    expect(page.match(/class="range open"/g)).toHaveLength(2);
    expect(page).toContain('right of the line is better');
    expect(page).toContain('left of the line is better');
    expect(page.match(/class="line s\d"/g)).toHaveLength(4);
    expect(page).toContain('<td class="n">0.910 pp to 1.51 pp</td>');
    expect(page).toContain('10/0/0');
    expect(page).toContain('start-up p99');
    expect(page).toContain('No other rule changes the order of the policies.');
  });

  test('too few seeds: a difference without an interval is drawn as a dot and said so', () => {
    const result = comparisonOf('openb');
    const [experiment] = result.experiments;
    const [metric] = experiment?.metrics ?? [];
    if (experiment === undefined || metric === undefined) throw new Error('no metric');
    const bare = metric.comparisons.map((row) => ({
      ...row,
      low: null,
      high: null,
      p: null,
      verdict: 'undecided' as const,
    }));
    const few = {
      ...result,
      experiments: [{ ...experiment, metrics: [{ ...metric, comparisons: bare }] }],
    };
    const text = comparisonSection(few, null).text;
    expect(text).not.toContain('class="range');
    expect(text).toContain('too few seeds');
  });

  test('its shape is checked before it is drawn', () => {
    const problems = new ProblemList();
    expect(partsOf('x.json', { ...comparisonOf('openb'), seeds: 'all' }, [], problems)).toEqual([]);
    expect(problems.problems[0]?.message).toMatch(/^seeds: .*expected array/);
  });
});

test('cases with quantiles get a latency chart, slowest first; without them none', () => {
  const timed = (id: string, scale: number) => ({
    ...resultCase(),
    id,
    metrics: ['p50', 'p90', 'p99', 'max'].map((quantile, index) => ({
      name: `pod-startup-${quantile}-us`,
      unit: 'us',
      better: 'lower' as const,
      kind: 'virtual' as const,
      value: scale * (index + 1) * 1_000_000,
    })),
  });
  const page = documentPage(
    documentOf([timed('quick', 1), timed('slow', 3), { ...resultCase(), id: 'bare', metrics: [] }]),
  );
  expect(page).toContain('pod-startup by case (virtual time)');
  const plot = /<svg viewBox="0 0 760[\s\S]*?<\/svg>/.exec(page)?.[0] ?? '';
  expect([...plot.matchAll(/class="row"[^>]*>([^<]*)</g)].map(([, id]) => id)).toEqual(['slow', 'quick']);
  expect(documentPage(documentOf([{ ...resultCase(), metrics: [] }]))).not.toContain('by case (virtual time)');
});

test('any result document: worst first, each finding with its line', () => {
  const page = documentPage(
    documentOf([
      resultCase(),
      {
        ...resultCase(),
        id: 'b',
        status: 'fail',
        outcome: 'fail RS2',
        message: '<late>',
        reproduce: 'seatrial replay b --seed 2',
      },
    ]),
  );
  expect(page).toContain('&lt;late&gt;');
  expect(page).toContain('data-copy="seatrial replay b --seed 2"');
  expect(page.indexOf('<th scope="row">b</th>')).toBeLessThan(
    page.indexOf('<th scope="row">', page.indexOf('<th scope="row">b</th>') + 5),
  );
});
