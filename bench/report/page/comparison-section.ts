/**
 * A comparison of policies on the page: what differs for certain, forest plots of the main metrics, curves, and all numbers.
 */
import type {
  CompareResult,
  Curve,
  ExperimentResult,
  MetricComparison,
  MetricResult,
  SensitivityRow,
} from '../../compare/compare-result.ts';
import { forksTable } from '../../compare/forks-table.ts';
import { countOf } from '../counted.ts';
import { Table } from '../table.ts';
import { differenceText, differenceUnit, forestPlot, valueText } from './forest-plot.ts';
import { linePlot } from './line-plot.ts';
import { html, type Markup } from './markup.ts';
import { commandMarkup } from './replay-line-markup.ts';
import type { ComparisonSummary } from './report-input.ts';
import { foldedTable, tableMarkup } from './table-markup.ts';

/** Rows of a curve's table. */
const CURVE_ROWS_MAX = 25;

/** The section's content. */
export function comparisonSection(result: CompareResult, summary: ComparisonSummary | null): Markup {
  const { workload, seeds, baseline, policies, confidence, rules } = result;
  return html`<h2>Policy comparison</h2>
${summary !== null && html`<p class="verdict">${summary.verdict}</p>`}
<p class="verdict"><span class="facts">${workload.name}: ${countOf(workload.nodes, 'node')}${workload.gpus > 0 ? `, ${countOf(workload.gpus, 'GPU')}` : ''}, ${countOf(workload.pods, 'pod')} of ${countOf(workload.kinds, 'kind')} · ${policies.length === 1 ? '1 policy' : `${policies.length} policies`} · ${countOf(seeds.length, 'paired seed')}${result.complete ? '' : ' · incomplete'}</span></p>
<p class="facts">Each policy meets the same arrivals, seed by seed. A dot is the Hodges-Lehmann estimate of the difference from ${baseline}, the line its exact ${Math.round(confidence * 100)} % interval from the signed rank; better and worse are said only where the test holds after Holm's correction over all metrics and policies of the experiment. Ties: ${rules.tieRule}; node order: ${rules.nodeOrder}; nodes looked at: ${rules.sample}.</p>
${summary !== null && summary.reproduce !== '' && commandMarkup(summary.reproduce)}
<details class="data"><summary>Policies and assumptions</summary><ul>${policies.map(({ name, about }) => html`<li><strong>${name}</strong>: ${about}</li>`)}${result.assumptions.map((text) => html`<li>${text}</li>`)}</ul></details>
${result.broken.length > 0 && html`<h3>Broken</h3><ul>${result.broken.map((each) => html`<li>${each.case}: ${each.cause}</li>`)}</ul>`}
${result.experiments.map((experiment) => experimentMarkup(experiment, result))}
${result.answers.length > 0 && html`<h3>Answers</h3><ul>${result.answers.map(({ experiment, policy, seed, text }) => html`<li>${experiment} under <strong>${policy}</strong>: ${text} (seed ${seed})</li>`)}</ul>`}
${result.forks.length > 0 && html`<h3>Fork</h3>${tableMarkup(forksTable(result), { caption: 'The first decision that differs' })}`}
${sensitivityMarkup(result)}`;
}

function experimentMarkup({ name, about, metrics, curves }: ExperimentResult, { baseline }: CompareResult): Markup {
  const main = metrics.filter((metric) => metric.main);
  return html`<h3>${name}</h3>
<p>${about}</p>
${tableMarkup(meansTable(main), { caption: `${name}: means over the seeds` })}
${main.map(
  (
    metric,
  ) => html`<figure class="chart"><figcaption>${metric.name} <span class="note">${metric.about}</span></figcaption>
${metric.comparisons.length > 0 && html`<div class="scroll" role="region" aria-label="${metric.name}: differences" tabindex="0">${forestPlot(metric, baseline)}</div>`}
${foldedTable(comparisonTable([metric], baseline), metric.name)}</figure>`,
)}
${curves.map(curveMarkup)}
<details class="data"><summary>All metrics as a table</summary>${tableMarkup(meansTable(metrics), { caption: `${name}: means over the seeds` })}${tableMarkup(comparisonTable(metrics, baseline), { caption: `${name}: differences from ${baseline}` })}</details>`;
}

/** A row a metric, a column a policy. */
function meansTable(metrics: readonly MetricResult[]): Table {
  const policies = metrics[0]?.byPolicy.map(({ policy }) => policy) ?? [];
  const table = new Table([
    { title: 'metric' },
    { title: 'better' },
    ...policies.map((policy) => ({ title: policy, align: 'right' as const })),
  ]);
  for (const { name, unit, better, byPolicy } of metrics) {
    table.add([name, better, ...byPolicy.map(({ mean }) => valueText(mean, unit))]);
  }
  return table;
}

function comparisonTable(metrics: readonly MetricResult[], baseline: string): Table {
  const table = new Table([
    { title: 'metric' },
    { title: `policy against ${baseline}` },
    { title: 'difference', align: 'right' },
    { title: 'interval', align: 'right' },
    { title: 'p', align: 'right' },
    { title: 'win/tie/loss', align: 'right' },
    { title: 'could have found', align: 'right' },
    { title: 'verdict' },
  ]);
  for (const { name, unit, comparisons } of metrics) {
    for (const row of comparisons) {
      table.add([
        name,
        row.policy,
        differenceText(row, unit),
        intervalText(row, unit),
        row.p === null ? '–' : row.p < 0.001 ? '< 0.001' : row.p.toFixed(3),
        `${row.wins}/${row.ties}/${row.losses}`,
        valueText(row.smallestDifference, differenceUnit(unit)),
        row.verdict,
      ]);
    }
  }
  return table;
}

function intervalText({ low, high }: MetricComparison, unit: MetricResult['unit']): string {
  return low === null || high === null
    ? 'too few seeds'
    : `${valueText(low, differenceUnit(unit))} to ${valueText(high, differenceUnit(unit))}`;
}

function curveMarkup({ name, x, y, byPolicy }: Curve): Markup {
  const lines = byPolicy.map(({ policy, values }) => ({ name: policy, values }));
  const withUnit = (title: string, unit: string): string => (unit === '' ? title : `${title}, ${unit}`);
  const table = new Table([
    { title: withUnit(x.name, x.unit), align: 'right' },
    ...byPolicy.map(({ policy }) => ({ title: policy, align: 'right' as const })),
  ]);
  const step = Math.max(1, Math.ceil(x.values.length / CURVE_ROWS_MAX));
  for (let index = 0; index < x.values.length; index += step) {
    const shown = (value: number | null | undefined): string =>
      value === null || value === undefined ? '–' : plain(value);
    table.add([shown(x.values[index]), ...byPolicy.map(({ values }) => shown(values[index]))]);
  }
  const plot = { title: name, xTitle: withUnit(x.name, x.unit), yTitle: withUnit(y.name, y.unit), x: x.values, lines };
  return html`<figure class="chart"><figcaption>${name} <span class="note">mean over the seeds</span></figcaption>
<div class="scroll" role="region" aria-label="${name}" tabindex="0">${linePlot(plot)}</div>
${foldedTable(table, name)}</figure>`;
}

function sensitivityMarkup({ sensitivity, sensitivityFindings }: CompareResult): Markup | false {
  if (sensitivity.length === 0) return false;
  const table = new Table([
    { title: 'policy' },
    { title: 'ties' },
    { title: 'node order' },
    { title: 'looked at' },
    { title: 'metric' },
    { title: 'mean', align: 'right' },
    { title: 'change', align: 'right' },
    { title: 'rank', align: 'right' },
    { title: 'ties a decision', align: 'right' },
  ]);
  for (const row of sensitivity) table.add(sensitivityCells(row));
  return html`<h3>Sensitivity to tie rule, node order and sampling</h3>
${sensitivityFindings.length > 0 ? html`<ul>${sensitivityFindings.map((text) => html`<li>${text}</li>`)}</ul>` : html`<p>No other rule changes the order of the policies.</p>`}
${tableMarkup(table, { caption: 'The leading metric under other rules' })}`;
}

function sensitivityCells({ policy, rules, metric, mean, difference, rank, tiesMean }: SensitivityRow): string[] {
  const shown = (value: number | null): string => (value === null ? '–' : plain(value));
  const change = difference === null ? '–' : `${difference > 0 ? '+' : ''}${plain(difference)}`;
  return [
    policy,
    rules.tieRule,
    rules.nodeOrder,
    rules.sample,
    metric,
    shown(mean),
    change,
    `${rank}`,
    shown(tiesMean),
  ];
}

function plain(value: number): string {
  return valueText(value, 'count');
}
