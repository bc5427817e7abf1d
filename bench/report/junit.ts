/**
 * JUnit XML for the test tabs of CI services.
 *
 * One `testsuite` a document, one `testcase` a case and one a comparison. `failure` = the answer is no, `error` = the tool
 * broke, `skipped` = no answer. Always: one such element a test case, since some readers keep only one; characters that
 * XML 1.0 forbids are left out, so that names from users' files cannot break the file.
 */
import { createHash } from 'node:crypto';
import type { CaseStatus, Comparison, ResultCase, ResultDocument, Verdict } from './result.ts';

type Mark = 'failure' | 'error' | 'skipped';

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly mark: Mark | null;
  /** Type and text of the mark. */
  readonly type: string;
  readonly message: string;
  readonly details: string;
}

const STATUS_MARKS: Readonly<Record<CaseStatus, Mark | null>> = {
  pass: null,
  fail: 'failure',
  broken: 'error',
  missing: 'skipped',
  inconclusive: 'skipped',
};

const VERDICT_MARKS: Readonly<Record<Verdict, Mark | null>> = {
  pass: null,
  improved: null,
  new: null,
  fail: 'failure',
  missing: 'failure',
  incomparable: 'skipped',
  inconclusive: 'skipped',
};

/** The file's text. `hostMs`: host time of a case by id, where it is known. */
export function junitXml(
  result: ResultDocument,
  hostMs: (caseId: string) => number | undefined = () => undefined,
): string {
  const tests = [
    ...result.cases.map((each) => caseTest(each, (hostMs(each.id) ?? 0) / 1000)),
    ...result.comparisons.map(comparisonTest),
  ];
  const count = (mark: Mark): number => tests.filter((each) => each.mark === mark).length;
  const totals = attributes({
    tests: tests.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(tests.reduce((sum, each) => sum + each.seconds, 0)),
  });
  const suite = result.suite.id === '' ? result.command : result.suite.id;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: `seatrial ${result.command}` })}${totals}>`,
    `  <testsuite${attributes({ name: suite })}${totals}>`,
    '    <properties>',
    ...properties(result).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...tests.map((each) => testElement(suite, each)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function properties(result: ResultDocument): [name: string, value: string][] {
  const { tool, suite, summary } = result;
  const digest = digestOf(result);
  return [
    ['seatrial', tool.version],
    ['build', tool.build],
    ...(suite.digest === '' ? [] : ([['suite-digest', suite.digest]] as [string, string][])),
    ...(digest === '' ? [] : ([['digest', digest]] as [string, string][])),
    ['verdict', summary.verdict.replace(/^verdict: /, '')],
    ['reproduce', summary.reproduce],
  ];
}

/** Of the runs: the document's own, else the only case's, else SHA-256 over those of the cases; '' where no case has one. */
function digestOf(result: ResultDocument & { readonly digest?: unknown }): string {
  const digests = result.cases.map(({ traceDigest }) => traceDigest).filter((digest) => digest !== '');
  const [first = ''] = digests;
  if (typeof result.digest === 'string' && first !== '') return result.digest;
  return digests.length < 2 ? first : createHash('sha256').update(digests.join('\n')).digest('hex');
}

function caseTest(each: ResultCase, hostSeconds: number): TestCase {
  return {
    name: each.id,
    seconds: hostSeconds,
    mark: STATUS_MARKS[each.status],
    type: each.outcome,
    message: each.message === '' ? each.outcome : each.message,
    details: each.reproduce,
  };
}

function comparisonTest(each: Comparison): TestCase {
  return {
    name: `${each.caseId} ${each.metric}`,
    seconds: 0,
    mark: VERDICT_MARKS[each.verdict],
    type: each.verdict,
    message: each.reason,
    details: `baseline ${each.baseline ?? 'none'}, candidate ${each.candidate ?? 'none'}`,
  };
}

function testElement(suite: string, each: TestCase): string {
  const head = `    <testcase${attributes({ classname: suite, name: each.name, time: seconds(each.seconds) })}`;
  if (each.mark === null) return `${head}/>`;
  const { mark, type, message, details } = each;
  const text = escapeXml(details);
  const shown =
    mark === 'skipped'
      ? `<skipped${attributes({ message })}/>`
      : `<${mark}${attributes({ type, message })}>${text}</${mark}>`;
  return `${head}>\n      ${shown}\n    </testcase>`;
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(`${value}`)}"`)
    .join('');
}

/** Text for XML 1.0: what it forbids is dropped, what it reads as markup is escaped; line breaks survive in attributes. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
