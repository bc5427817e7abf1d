/**
 * Percentile plot: for each series, the time that so many percent stay within. The axis stretches the tail: 90 %, 99 %,
 * 99.9 % are equally far apart.
 */
import { Table } from '../table.ts';
import { showVirtual } from '../virtual-time.ts';
import { logTimeTicks, type Tick, timeTicks } from './axis.ts';
import { type LatencyCurve, percentPosition } from './curve.ts';
import { html, type Markup } from './markup.ts';
import { spreadLabels } from './spread-labels.ts';
import { foldedTable } from './table-markup.ts';

const WIDTH = 760;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 190;
const TOP = 12;
const BOTTOM = 46;
const LABEL_LINE = 15;
/** Curves drawn; the table has them all. */
export const CURVES_MAX = 8;
/** Largest value to smallest median from which a linear axis would hide the small ones. */
const LOG_FROM_RATIO = 30;
const PERCENTS: readonly number[] = [0, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999];
const QUANTILES: readonly number[] = [50, 90, 99, 99.9];

/** The plot with its table. `what` heads the vertical axis. At least one curve. */
export function percentilePlot(title: string, what: string, curves: readonly LatencyCurve[]): Markup {
  const shown = [...curves].sort((left, right) => maxOf(right) - maxOf(left)).slice(0, CURVES_MAX);
  const note =
    curves.length > shown.length
      ? html` <span class="note">the ${shown.length} slowest of ${curves.length}</span>`
      : '';
  return html`<figure class="chart"><figcaption>${title}${note}</figcaption>
<div class="scroll" role="region" aria-label="${title}" tabindex="0">${plot(title, what, shown)}</div>
${foldedTable(quantileTable(curves), title)}</figure>`;
}

function plot(title: string, what: string, curves: readonly LatencyCurve[]): Markup {
  const maxUs = Math.max(1, ...curves.map(maxOf));
  const medianUs = Math.max(1, Math.min(...curves.map((curve) => valueAt(curve, 50))));
  const isLog = maxUs / medianUs > LOG_FROM_RATIO;
  const minUs = isLog ? Math.max(1, Math.min(...curves.map((curve) => Math.max(1, valueAt(curve, 0))))) : 0;
  const ticks = isLog ? logTimeTicks(minUs, maxUs) : timeTicks(maxUs, 5);
  const top = Math.max(maxUs, ticks.at(-1)?.value ?? 0);
  const last = Math.max(1, ...curves.map(lastPosition));
  const x = (percent: number): number =>
    LEFT + (Math.min(percentPosition(percent), last) / last) * (WIDTH - LEFT - RIGHT);
  const share = (us: number): number =>
    isLog ? Math.log(Math.max(us, minUs) / minUs) / Math.log(top / minUs || 2) : us / top;
  const y = (us: number): number => HEIGHT - BOTTOM - share(us) * (HEIGHT - TOP - BOTTOM);
  const labels = spreadLabels(
    curves.map((curve) => y(maxOf(curve))),
    LABEL_LINE,
    TOP + 6,
    HEIGHT - BOTTOM,
  );
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" class="plot" role="img" aria-label="${title}">
<g class="grid">${ticks.map((tick) => horizontal(tick, y(tick.value)))}${percentTicks(last, x)}</g>
<text class="axis" x="${LEFT}" y="${HEIGHT - 6}">percent of all that stay within</text>
<text class="axis" transform="translate(13 ${(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">${what}${isLog ? ', log scale' : ''}</text>
${curves.map(
  (curve, index) => html`<path class="line s${index % 8}" d="${pathOf(curve, last, x, y)}"/>
<circle class="dot s${index % 8}" cx="${WIDTH - RIGHT}" cy="${fixed(y(maxOf(curve)))}" r="3"/>
<path class="lead" d="M${WIDTH - RIGHT + 5} ${fixed(y(maxOf(curve)))}L${WIDTH - RIGHT + 13} ${fixed((labels[index] ?? 0) - 4)}"/>
<text class="label s${index % 8}" x="${WIDTH - RIGHT + 16}" y="${fixed(labels[index] ?? 0)}">${shortened(curve.name)}</text>
`,
)}</svg>`;
}

function horizontal({ label }: Tick, y: number): Markup {
  return html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y)}" y2="${fixed(y)}"/><text x="${LEFT - 8}" y="${fixed(y + 4)}" text-anchor="end">${label}</text>`;
}

function percentTicks(last: number, x: (percent: number) => number): Markup[] {
  const bottom = HEIGHT - BOTTOM;
  let freeFrom = 0;
  return PERCENTS.filter((percent) => percentPosition(percent) <= last + 1e-9).map((percent) => {
    const at = x(percent);
    const hasRoom = at >= freeFrom;
    if (hasRoom) freeFrom = at + 38;
    return html`<line x1="${fixed(at)}" x2="${fixed(at)}" y1="${TOP}" y2="${bottom + 4}"/>${hasRoom && html`<text x="${fixed(at)}" y="${bottom + 18}" text-anchor="middle">${percent} %</text>`}`;
  });
}

/** A staircase would be exact and unreadable; the points are dense enough for straight lines. */
function pathOf(curve: LatencyCurve, last: number, x: (percent: number) => number, y: (us: number) => number): string {
  const points = curve.points
    .filter(([percent]) => percent === 100 || percentPosition(percent) <= last)
    .map(([percent, us]) => `${fixed(percent === 100 ? WIDTH - RIGHT : x(percent))} ${fixed(y(us))}`);
  return `M${points.join('L')}`;
}

function lastPosition({ points }: LatencyCurve): number {
  return percentPosition(points.at(-2)?.[0] ?? 0);
}

function quantileTable(curves: readonly LatencyCurve[]): Table {
  const table = new Table([
    { title: 'series' },
    { title: 'count', align: 'right' },
    ...QUANTILES.map((percent) => ({ title: `p${percent}`, align: 'right' as const })),
    { title: 'max', align: 'right' },
  ]);
  for (const curve of curves) {
    const quantiles = QUANTILES.map((percent) => {
      const known = percentPosition(percent) <= lastPosition(curve) + 0.05;
      return known ? showVirtual(valueAt(curve, percent)) : '';
    });
    table.add([curve.name, `${curve.count}`, ...quantiles, showVirtual(maxOf(curve))]);
  }
  return table;
}

/** Value of the first point at or above `percent`. */
function valueAt({ points }: LatencyCurve, percent: number): number {
  return points.find(([each]) => each >= percent - 1e-9)?.[1] ?? 0;
}

function maxOf({ points }: LatencyCurve): number {
  return points.at(-1)?.[1] ?? 0;
}

function shortened(name: string): string {
  return name.length > 26 ? `${name.slice(0, 25)}…` : name;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
