/**
 * Forest plot: for one metric the difference of each policy from the baseline, with its interval; zero is "no difference".
 */
import type { MetricComparison, MetricResult } from '../../compare/compare-result.ts';
import { numberLabel, numberTicks } from './axis.ts';
import { html, type Markup } from './markup.ts';

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 190;
const TOP = 10;
const ROW = 26;
const BOTTOM = 48;
const MIDDLE = (LEFT + WIDTH - RIGHT) / 2;

/** The plot of one metric; rows stand as given. A policy without a difference says so in its row. */
export function forestPlot(metric: MetricResult, baseline: string): Markup {
  const { comparisons, unit } = metric;
  const title = `${metric.about}: difference from ${baseline}`;
  const values = comparisons.flatMap(({ estimate, low, high }) =>
    [estimate, low, high].filter((value) => value !== null),
  );
  const reach = Math.max(1e-9, ...values.map(Math.abs));
  const min = Math.min(0, ...values) - reach * 0.06;
  const max = Math.max(0, ...values) + reach * 0.06;
  const ticks = numberTicks(min, max, 6);
  const height = TOP + comparisons.length * ROW + BOTTOM;
  const bottom = height - BOTTOM;
  const x = (value: number): number => round(LEFT + ((value - min) / (max - min)) * (WIDTH - LEFT - RIGHT));
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" class="plot" role="img" aria-label="${title}">
<g class="grid">${ticks.map(
    ({ value, label }) =>
      html`<line x1="${x(value)}" x2="${x(value)}" y1="${TOP}" y2="${bottom + 4}"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
  )}</g>
<line class="zero" x1="${x(0)}" x2="${x(0)}" y1="${TOP - 4}" y2="${bottom + 4}"/>
<text class="axis" x="${MIDDLE}" y="${height - 8}" text-anchor="middle">${directionText(metric)}${unitText(unit)}</text>
${comparisons.map((row, index) => rowMarkup(row, metric, TOP + index * ROW + ROW / 2, x))}</svg>`;
}

function rowMarkup(row: MetricComparison, metric: MetricResult, y: number, x: (value: number) => number): Markup {
  const { policy, estimate, low, high, verdict } = row;
  const kind = verdict === 'better' || verdict === 'worse' ? 'clear' : 'open';
  const text = estimate === null ? 'no pairs' : `${differenceText(row, metric.unit)} ${verdict}`;
  return html`<text class="row" x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${policy.length > 25 ? `${policy.slice(0, 24)}…` : policy}</text>
${low !== null && high !== null && html`<path class="range ${kind}" d="M${x(low)} ${y}H${x(high)}M${x(low)} ${y - 4}v8M${x(high)} ${y - 4}v8"/>`}${
  estimate !== null && html`<circle class="dot ${kind}" cx="${x(estimate)}" cy="${y}" r="4.5"/>`
}
<text class="label" x="${WIDTH - RIGHT + 14}" y="${y + 4}">${text}</text>
`;
}

/** `+1.2 %`, with the digits that its interval allows. */
export function differenceText({ estimate }: Pick<MetricComparison, 'estimate'>, unit: MetricResult['unit']): string {
  if (estimate === null) return '–';
  return `${estimate > 0 ? '+' : ''}${valueText(estimate, differenceUnit(unit))}`;
}

/** A difference of percentages is in percentage points. */
export function differenceUnit(unit: MetricResult['unit']): MetricResult['unit'] {
  return unit === '%' ? 'points' : unit;
}

/** A value with its unit. */
export function valueText(value: number | null, unit: MetricResult['unit']): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (unit === 's' && size > 0 && size < 1) return `${numberLabel(value * 1000, size < 0.01 ? 2 : 0)} ms`;
  const digits = Number.isInteger(value) && unit === 'count' ? 0 : size >= 100 ? 1 : size >= 1 || size === 0 ? 2 : 3;
  return `${numberLabel(value, digits)}${unit === 'count' ? '' : unit === 'points' ? ' pp' : ` ${unit}`}`;
}

function directionText({ better }: MetricResult): string {
  return better === 'higher' ? 'right of the line is better' : 'left of the line is better';
}

function unitText(unit: MetricResult['unit']): string {
  if (unit === 'count') return '';
  return unit === 's' ? ', seconds of virtual time' : ', percentage points';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
