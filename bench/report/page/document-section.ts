/**
 * Any result document on the page: verdict, comparisons worst first, cases with what they counted and measured.
 *
 * What has no section of its own (bench suites, gates) is shown by this one, from the common fields alone.
 */
import type { Comparison, ResultCase, ResultDocument, ResultMetric } from '../result.ts';
import { isVirtualTime } from '../result-values.ts';
import { Table } from '../table.ts';
import { showVirtual } from '../virtual-time.ts';
import { casesWorstFirst, comparisonsWorstFirst } from '../worst-first.ts';
import { numberLabel } from './axis.ts';
import { markBadge } from './card-section.ts';
import { latencyRangesPlots } from './latency-ranges-plot.ts';
import { html, type Markup } from './markup.ts';
import { commandMarkup } from './replay-line-markup.ts';
import { tableMarkup } from './table-markup.ts';

const STATUS_COLUMN = 1;
const MARK_OF = {
  broken: 'failed',
  fail: 'failed',
  missing: 'unknown',
  inconclusive: 'unknown',
  pass: 'survived',
} as const;
/** Findings shown with their lines; the table has all. */
const FINDINGS_MAX = 50;

/** The section's content. */
export function documentSection(result: ResultDocument): Markup {
  const { summary, diagnostics } = result;
  const cases = casesWorstFirst(result.cases);
  const findings = cases.filter(({ status }) => status !== 'pass').slice(0, FINDINGS_MAX);
  return html`<h2>Cases</h2>
<p class="verdict">${markBadge(summary.exitCode === 0 ? 'survived' : summary.exitCode === 4 ? 'unknown' : 'failed', summary.verdict.replace(/^verdict: /, ''))}<span class="facts">${result.cases.length} cases</span></p>
${summary.reproduce !== '' && commandMarkup(summary.reproduce)}
${findings.map(
  ({ id, status, outcome, message, reproduce }) =>
    html`<div class="finding"><p>${markBadge(MARK_OF[status], outcome)} <strong>${id}</strong>${message !== '' && `: ${message}`}</p>${reproduce !== '' && commandMarkup(reproduce)}</div>`,
)}
${comparisonsMarkup(result.comparisons)}
${cases.length > 0 && tableMarkup(caseTable(cases), { caption: 'Cases, worst first; times are virtual', cell: (row, column) => (column === STATUS_COLUMN ? statusBadge(cases[row] as ResultCase) : undefined) })}
${countersMarkup(cases)}
${latencyRangesPlots(cases)}
${diagnostics.length > 0 && html`<h3>Remarks</h3><ul>${diagnostics.map(({ severity, message }) => html`<li>${severity}: ${message}</li>`)}</ul>`}`;
}

function statusBadge({ status, outcome }: ResultCase): Markup {
  return markBadge(MARK_OF[status], outcome);
}

/** A column a metric that any case has. */
function caseTable(cases: readonly ResultCase[]): Table {
  const names = [...new Set(cases.flatMap(({ metrics }) => metrics.map(({ name }) => name)))];
  const table = new Table([
    { title: 'case' },
    { title: 'outcome' },
    ...names.map((name) => ({ title: name.replace(/-(us|ms)$/, ''), align: 'right' as const })),
  ]);
  for (const each of cases) {
    const byName = new Map(each.metrics.map((metric) => [metric.name, metric]));
    table.add([each.id, each.outcome, ...names.map((name) => metricText(byName.get(name)))]);
  }
  return table;
}

function countersMarkup(cases: readonly ResultCase[]): Markup | false {
  const names = [...new Set(cases.flatMap(({ counters }) => Object.keys(counters)))].sort();
  if (names.length === 0) return false;
  const table = new Table([{ title: 'case' }, ...names.map((name) => ({ title: name, align: 'right' as const }))]);
  for (const { id, counters } of cases) {
    table.add([id, ...names.map((name) => (counters[name] === undefined ? '' : numberLabel(counters[name], 0)))]);
  }
  return html`<details class="data"><summary>Work counters as a table</summary>${tableMarkup(table, { caption: 'Work counters, exact for a seed' })}</details>`;
}

function metricText(metric: ResultMetric | undefined): string {
  if (metric === undefined) return '';
  const { value, unit } = metric;
  if (value === null) return '–';
  if (unit === 'us') return showVirtual(value);
  const text = numberLabel(value, Number.isInteger(value) ? 0 : 2);
  return unit === '' ? text : `${text} ${unit}`;
}

/** What holds is folded away; what does not stands open. */
function comparisonsMarkup(comparisons: readonly Comparison[]): Markup | false {
  if (comparisons.length === 0) return false;
  const sorted = comparisonsWorstFirst(comparisons);
  const open = sorted.filter(({ verdict }) => verdict !== 'pass');
  const passed = sorted.filter(({ verdict }) => verdict === 'pass');
  const about = comparisons.every(({ method }) => method === 'objective') ? 'Objectives' : 'Objectives and baseline';
  return html`<h3>${about}</h3>
${open.length > 0 && tableMarkup(comparisonTable(open), { caption: 'Worst first' })}
${passed.length > 0 && html`<details class="data"><summary>${passed.length} that hold, as a table</summary>${tableMarkup(comparisonTable(passed), { caption: 'What holds' })}</details>`}
<h3>All cases</h3>`;
}

function comparedText(value: number | string | null, isTime: boolean): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  return isTime ? showVirtual(value) : numberLabel(value, Number.isInteger(value) ? 0 : 2);
}

function comparisonTable(comparisons: readonly Comparison[]): Table {
  const table = new Table([
    { title: 'case' },
    { title: 'metric' },
    { title: 'limit or baseline', align: 'right' },
    { title: 'now', align: 'right' },
    { title: 'change', align: 'right' },
    { title: 'verdict' },
    { title: 'why' },
  ]);
  for (const { caseId, metric, baseline, candidate, estimate, verdict, reason } of comparisons) {
    const shown = (value: number | string | null): string => comparedText(value, isVirtualTime(metric));
    const change = estimate === null ? '–' : `${estimate > 0 ? '+' : ''}${numberLabel(estimate * 100, 2)} %`;
    table.add([caseId, metric, shown(baseline), shown(candidate), change, verdict, reason]);
  }
  return table;
}
