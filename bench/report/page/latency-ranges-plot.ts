/**
 * Latency ranges: a row a case, from the median over p90 and p99 to the maximum.
 */
import type { ResultCase } from '../result.ts';
import { Table } from '../table.ts';
import { showVirtual } from '../virtual-time.ts';
import { logTimeTicks, timeTicks } from './axis.ts';
import { html, type Markup } from './markup.ts';
import { foldedTable } from './table-markup.ts';

const WIDTH = 760;
const LEFT = 260;
const RIGHT = 24;
const TOP = 8;
const ROW = 20;
const BOTTOM = 42;
/** Rows drawn; the table of cases has them all. */
const ROWS_MAX = 60;
/** Largest to smallest value from which a linear axis would hide the small ones. */
const LOG_FROM_RATIO = 30;
const QUANTILES = ['p50', 'p90', 'p99', 'max'] as const;

/** One row, µs. */
interface Range {
  readonly id: string;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Plots of all metrics that come as p50, p90, p99 and max; slowest cases first. */
export function latencyRangesPlots(cases: readonly ResultCase[]): Markup[] {
  const names = new Set(
    cases.flatMap(({ metrics }) => metrics.flatMap(({ name }) => /^(.*)-p99-us$/.exec(name)?.[1] ?? [])),
  );
  return [...names].flatMap((name) => {
    const ranges = cases.flatMap((each) => rangeOf(each, name) ?? []).sort((left, right) => right.p99 - left.p99);
    return ranges.length === 0 ? [] : [figure(name, ranges)];
  });
}

function rangeOf({ id, metrics }: ResultCase, name: string): Range | null {
  const [p50, p90, p99, max] = QUANTILES.map(
    (quantile) => metrics.find((metric) => metric.name === `${name}-${quantile}-us`)?.value ?? null,
  );
  if (p50 === null || p90 === null || p99 === null || max === null) return null;
  if (p50 === undefined || p90 === undefined || p99 === undefined || max === undefined) return null;
  return { id, p50, p90, p99, max };
}

function figure(name: string, ranges: readonly Range[]): Markup {
  const title = `${name} by case (virtual time)`;
  const shown = ranges.slice(0, ROWS_MAX);
  const note =
    ranges.length > shown.length
      ? html` <span class="note">the ${shown.length} slowest of ${ranges.length}</span>`
      : '';
  return html`<figure class="chart"><figcaption>${title}${note}</figcaption>
<div class="scroll" role="region" aria-label="${title}" tabindex="0">${plot(title, shown)}</div>
<p class="key"><svg class="inline" viewBox="0 0 14 14" aria-hidden="true"><circle class="dot s0" cx="7" cy="7" r="3.5"/></svg> median
<svg class="inline" viewBox="0 0 14 14" aria-hidden="true"><path class="range clear" d="M0 7H14M7 3v8"/></svg> to p90, to p99
<svg class="inline" viewBox="0 0 14 14" aria-hidden="true"><path class="bound" d="M7 2V12"/></svg> largest</p>
${foldedTable(tableOf(ranges), title)}</figure>`;
}

function plot(title: string, ranges: readonly Range[]): Markup {
  const max = Math.max(1, ...ranges.map((range) => range.max));
  const min = Math.max(1, Math.min(...ranges.map(({ p50 }) => p50)));
  const isLog = max / min > LOG_FROM_RATIO;
  const ticks = isLog ? logTimeTicks(min, max) : timeTicks(max, 6);
  const top = Math.max(max, ticks.at(-1)?.value ?? 0);
  const share = (us: number): number =>
    isLog ? Math.log(Math.max(us, min) / min) / Math.log(top / min || 2) : us / top;
  const x = (us: number): number => Math.round((LEFT + share(us) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  const height = TOP + ranges.length * ROW + BOTTOM;
  const bottom = height - BOTTOM;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" class="plot" role="img" aria-label="${title}">
<g class="grid">${ticks.map(
    ({ value, label }) =>
      html`<line x1="${x(value)}" x2="${x(value)}" y1="${TOP}" y2="${bottom + 4}"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
  )}</g>
<text class="axis" x="${LEFT}" y="${height - 6}">virtual time${isLog ? ', log scale' : ''}</text>
${ranges.map((range, index) => {
  const y = TOP + index * ROW + ROW / 2;
  const label = range.id.length > 36 ? `${range.id.slice(0, 35)}…` : range.id;
  return html`<text class="row" x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${label}</text>
<path class="range clear" d="M${x(range.p50)} ${y}H${x(range.p99)}M${x(range.p90)} ${y - 3}v6"/><circle class="dot s0" cx="${x(range.p50)}" cy="${y}" r="3.5"/><path class="bound" d="M${x(range.max)} ${y - 5}v10"/>
`;
})}</svg>`;
}

function tableOf(ranges: readonly Range[]): Table {
  const table = new Table([{ title: 'case' }, ...QUANTILES.map((title) => ({ title, align: 'right' as const }))]);
  for (const range of ranges) table.add([range.id, ...QUANTILES.map((quantile) => showVirtual(range[quantile]))]);
  return table;
}
