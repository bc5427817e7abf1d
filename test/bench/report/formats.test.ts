/**
 * Every format from one document: readable by its readers, whatever names users give.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { OUTPUT_FORMATS } from '../../../bench/cli/output-args.ts';
import { makeColours } from '../../../bench/report/colour.ts';
import { FORMAT_NAMES, renderReport } from '../../../bench/report/formats.ts';
import { escapeXml, junitXml } from '../../../bench/report/junit.ts';
import { type Comparison, type ResultDocument, resultJsonSchema, resultSchema } from '../../../bench/report/result.ts';
import { showChange, showFigure, showValue } from '../../../bench/report/result-values.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';
import { documentOf, resultCase } from '../../support/result-document.ts';

const HOSTILE = '=cmd()|,"<b>&\u0007\u001b[31m`x` -- ünï 漢字 %0A::error::\ud800';

const comparison: Comparison = {
  caseId: 'zone-loss/seed-1',
  metric: 'sim.events',
  baseline: 1000,
  candidate: 1050,
  estimate: 0.05,
  low: null,
  high: null,
  confidence: null,
  method: 'exact',
  n: 1,
  minEffect: 0,
  verdict: 'fail',
  reason: '5.0 % more work',
};

const mixed: ResultDocument = documentOf(
  [
    resultCase(),
    resultCase({ id: 'a b/seed-2', status: 'fail', outcome: 'fail RS2', message: HOSTILE }),
    resultCase({
      id: HOSTILE,
      status: 'broken',
      outcome: 'broken',
      message: 'worker exited\nwith code 9',
      source: null,
    }),
    resultCase({ id: 'c/seed-3', status: 'inconclusive', outcome: 'excused no-quorum', message: 'no quorum' }),
  ],
  {
    comparisons: [
      comparison,
      { ...comparison, metric: 'store.commits', verdict: 'pass', candidate: 1000, estimate: 0 },
    ],
    verdict: 'verdict: fail',
    exitCode: 1,
    diagnostics: [{ severity: 'warning', code: 'X', message: 'careful', file: null, line: null, column: null }],
  },
);

const render = (format: (typeof FORMAT_NAMES)[number], result = mixed): string => renderReport(format, { result });

describe('the document', () => {
  test('satisfies its own schema, and more fields at the top do no harm', () => {
    expect(resultSchema.parse({ ...mixed, own: 1 })).toMatchObject({ own: 1, command: 'bench run' });
    expect(mixed.summary.cases).toEqual({ broken: 1, fail: 1, missing: 0, inconclusive: 1, pass: 1 });
  });

  test('the published schema is the one in the code', () => {
    const file = path.join(PROJECT_ROOT, 'bench', 'report', 'schema', 'result.schema.json');
    const again =
      'npm run build && node dist/bench/cli/main.js validate --schema --kind result > bench/report/schema/result.schema.json && npx biome check --config-path test/biome.json --write bench/report/schema';
    expect(JSON.parse(readFileSync(file, 'utf8')), `out of date; run: ${again}`).toEqual(resultJsonSchema());
  });

  test('the formats of the flags are those of the registry', () => {
    expect([...FORMAT_NAMES]).toEqual([...OUTPUT_FORMATS]);
  });

  test('equal documents give equal bytes in every format', () => {
    for (const format of FORMAT_NAMES) expect(render(format, structuredClone(mixed))).toBe(render(format));
  });

  test('100 cases with their counters in every format: well under 2 s', () => {
    const counters = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`counter-${index}`, index]));
    const many = documentOf(Array.from({ length: 100 }, (_, index) => resultCase({ id: `case-${index}`, counters })));
    const startedMs = performance.now();
    for (const format of FORMAT_NAMES) expect(render(format, many).length).toBeGreaterThanOrEqual(0);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});

describe('text', () => {
  test('worst first, one verdict line, the command to reproduce last', () => {
    const lines = render('text').trimEnd().split('\n');
    expect(lines[0]).toMatch(/^broken /);
    expect(lines.at(-2)).toBe('verdict: fail');
    expect(lines.at(-1)).toBe('again: seatrial bench run smoke.yaml');
    expect(render('text')).toContain('  replay: seatrial replay zone-loss.yaml --seed 1\n');
    expect(render('text')).toMatch(/✗ fail +zone-loss\/seed-1 +sim\.events +1,000 +1,050 +\+5\.0 % +5\.0 % more work/);
    expect(render('text')).not.toContain('store.commits');
  });

  test('no control character of a name reaches the terminal; colours only where asked', () => {
    expect(render('text')).not.toMatch(/[\u0007\u001b]/);
    expect(renderReport('text', { result: mixed }, makeColours(true))).toContain('\u001b[31m');
  });

  test('values and changes', () => {
    expect([0.05, -0.25, 0.0004, 0].map(showChange)).toEqual(['+5.0 %', '−25 %', '+0.040 %', '0.0 %']);
    expect([showValue(1234567), showValue(null), showValue('ab'.repeat(32))]).toEqual([
      '1,234,567',
      '–',
      'abababababab…',
    ]);
    expect(showFigure('pod-startup-p99-us', 4_150_000)).toBe('4.15 s');
    expect(showFigure('pod-startup-p99 <= 10ms', 4_150_000)).toBe('4.15 s');
    expect(showFigure('store.commits < 1000', 4_150_000)).toBe('4,150,000');
  });
});

describe('JUnit', () => {
  test('one mark a test case: failure = no, error = broken, skipped = no answer', () => {
    const xml = render('junit');
    expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="seatrial bench run" tests="6"/);
    expect(xml).toContain('<testsuite name="smoke" tests="6" failures="2" errors="1" skipped="1" time="0.000">');
    for (const element of xml.match(/<testcase [\s\S]*?(?:\/>|<\/testcase>)/g) ?? []) {
      expect((element.match(/<(failure|error|skipped)[ >]/g) ?? []).length).toBeLessThanOrEqual(1);
    }
    expect(xml).toContain('classname="smoke" name="zone-loss/seed-1 sim.events"');
  });

  test('the digest of the runs: the document’s own, the only one, one of all; none without runs', () => {
    const of = (digests: readonly string[], own: { digest?: string } = {}): string | undefined => {
      const cases = digests.map((traceDigest, index) => ({
        ...(mixed.cases[0] as ResultDocument['cases'][number]),
        id: `${index}`,
        traceDigest,
      }));
      return /<property name="digest" value="([^"]*)"/.exec(junitXml({ ...mixed, ...own, cases }))?.[1];
    };
    expect(of(['', 'aa'])).toBe('aa');
    expect(of(['aa', 'bb'])).toMatch(/^[0-9a-f]{64}$/);
    expect(of(['aa', 'bb'])).not.toBe(of(['bb', 'aa']));
    expect(of(['aa', 'bb'], { digest: 'cc' })).toBe('cc');
    expect([of(['', '']), of([], { digest: 'cc' })]).toEqual([undefined, undefined]);
  });

  test('no character that XML 1.0 forbids, no markup of users', () => {
    expect(render('junit')).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
    expect(render('junit')).not.toContain('<b>');
    expect(escapeXml('a\u0000b<&>"\n😀')).toBe('ab&lt;&amp;&gt;&quot;&#10;😀');
  });

  test('properties say a verdict once, and no digest of a suite where there is none', () => {
    const summary = { ...mixed.summary, verdict: 'verdict: failed (1 of 2)' };
    const xml = junitXml({ ...mixed, summary, suite: { ...mixed.suite, digest: '' } });
    expect(xml).toContain('<property name="verdict" value="failed (1 of 2)"');
    expect(xml).not.toContain('suite-digest');
    const suite = { ...mixed.suite, digest: 'abc' };
    expect(junitXml({ ...mixed, suite })).toContain('<property name="suite-digest" value="abc"');
  });

  test('host times where they are known', () => {
    expect(junitXml(mixed, () => 1500)).toMatch(/name="a b\/seed-2" time="1\.500"/);
  });
});

describe('lines and tables', () => {
  test('NDJSON: each line an object with its type and its suite, the summary last', () => {
    const lines = render('ndjson')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual([
      ...['case', 'case', 'case', 'case', 'comparison', 'comparison', 'diagnostic', 'summary'],
    ]);
    for (const line of lines) expect(line.suite).toBe('smoke');
  });

  test('CSV: a number a row; formulas are made harmless, null is an empty cell', () => {
    const rows = parse(render('csv'), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(4 * 4);
    expect(rows[0]).toEqual({
      ...{ run: 'bench run smoke', case: 'zone-loss/seed-1', seed: '1', status: 'pass', mark: 'pass' },
      ...{ metric: 'pod-startup-p99-us', kind: 'virtual', unit: 'us', value: '2500000' },
    });
    expect(rows[1]?.['value']).toBe('');
    expect(rows.some((row) => row['case']?.startsWith("'=cmd"))).toBe(true);
  });

  test('Markdown: hidden marker, verdict, tables without markup of users', () => {
    const text = render('markdown');
    expect(text).toMatch(
      /^<!-- seatrial bench run smoke -->\n\n### seatrial bench run: smoke\n\n\*\*verdict: fail\*\*/,
    );
    expect(text).not.toContain('<b>');
    const many = documentOf(
      Array.from({ length: 80 }, (_, index) => resultCase({ id: `case-${index}`, status: 'fail' })),
    );
    expect(render('markdown', many)).toContain('… and 30 more; result.json has all');
  });
});

describe('GitHub', () => {
  test('annotations: worst first, at the place of the case, text escaped', () => {
    const lines = render('github').trimEnd().split('\n');
    expect(lines[0]).toMatch(/^::error title=/);
    expect(lines[0]).toContain('worker exited%0Awith code 9');
    expect(lines[1]).toMatch(/^::error file=suites\/smoke\.yaml,line=7,col=5,title=a b\/seed-2%3A fail RS2::=cmd/);
    expect(lines[1]).toContain('%250A');
    expect(lines.every((line) => /^::(error|warning|notice) /.test(line))).toBe(true);
  });

  test('a row of a card by its mark, also where it is no finding', () => {
    const card = documentOf([
      resultCase({ id: 'a', status: 'pass', outcome: 'survived' }),
      resultCase({ id: 'b', status: 'pass', outcome: 'degraded' }),
      resultCase({ id: 'c', status: 'inconclusive', outcome: 'unknown' }),
      resultCase({ id: 'd', status: 'fail', outcome: 'failed' }),
    ]);
    const levels = [...render('github', card).matchAll(/^::(\w+) .*title=(\w)%3A/gm)].map((match) => match.slice(1));
    expect(levels).toEqual([
      ['error', 'd'],
      ['warning', 'b'],
      ['notice', 'c'],
    ]);
    const strict = documentOf([resultCase({ status: 'fail', outcome: 'degraded' })]);
    expect(render('github', strict)).toMatch(/^::error /);
    const excused = documentOf([resultCase({ status: 'inconclusive', outcome: 'excused no-quorum' })]);
    expect(render('github', excused)).toMatch(/^::warning /);
  });

  test('at most ten a level, the rest as a number', () => {
    const many = documentOf(
      Array.from({ length: 14 }, (_, index) => resultCase({ id: `case-${index}`, status: 'fail' })),
    );
    const lines = render('github', many).trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe("::notice title=seatrial::4 more errors; the step's summary lists them");
    expect(render('github', documentOf([resultCase()]))).toBe('');
  });
});
