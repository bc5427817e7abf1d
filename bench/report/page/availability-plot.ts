/**
 * Availability plot: ready pods or endpoints of one workload from the beginning of the fault, the floor, and the bound.
 */
import type { CardRow } from '../../trial/card.ts';
import { seconds } from '../../trial/mark.ts';
import { Table } from '../table.ts';
import { numberTicks, timeTicks } from './axis.ts';
import { html, type Markup } from './markup.ts';
import { foldedTable } from './table-markup.ts';

const WIDTH = 760;
const HEIGHT = 170;
const LEFT = 64;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 42;

/** One point of the line. */
interface Point {
  readonly timeUs: number;
  readonly ready: number;
  readonly floor: number;
}

/** The plot with its table; nothing for a row without a line. */
export function availabilityPlot(row: CardRow): Markup | false {
  const points = pointsOf(row.curve);
  if (points.length < 2) return false;
  const title = `Ready ${row.counted} of ${row.workload} in ${row.trial}`;
  return html`<figure class="chart small">
<div class="scroll" role="region" aria-label="${title}" tabindex="0">${plot(title, row, points)}</div>
${foldedTable(tableOf(points), title)}</figure>`;
}

function plot(title: string, { counted, replicas, boundUs, trial }: CardRow, points: readonly Point[]): Markup {
  const endUs = points.at(-1)?.timeUs ?? 1;
  const most = Math.max(replicas, ...points.map(({ ready, floor }) => Math.max(ready, floor)));
  const x = (us: number): number => round(LEFT + (us / endUs) * (WIDTH - LEFT - RIGHT));
  const y = (count: number): number => round(HEIGHT - BOTTOM - (count / most) * (HEIGHT - TOP - BOTTOM));
  const bottom = HEIGHT - BOTTOM;
  const line = stepsOf(points, ({ ready }) => ready, x, y);
  // In a drain the bound counts from each node's cordon, so it has no one place.
  const showsBound = trial !== 'drain' && boundUs > 0 && boundUs < endUs;
  const counts = numberTicks(0, most, Math.min(4, most)).filter(({ value }) => Number.isInteger(value));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" class="plot" role="img" aria-label="${title}">
<g class="grid">${counts.map(({ value, label }) => html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${label}</text>`)}${timeTicks(
    endUs,
    7,
  )
    .filter(({ value }) => value <= endUs)
    .map(
      ({ value, label }) =>
        html`<line x1="${x(value)}" x2="${x(value)}" y1="${bottom}" y2="${bottom + 4}"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
    )}</g>
${emptySpans(points).map(([from, to]) => html`<rect class="band" x="${x(from)}" y="${TOP}" width="${round(x(to) - x(from))}" height="${bottom - TOP}"/>`)}
<path class="area" d="${line}L${x(endUs)} ${bottom}L${x(0)} ${bottom}Z"/>
<path class="line s0" d="${line}"/>
<path class="floor" d="${stepsOf(points, ({ floor }) => floor, x, y)}"/>
${showsBound && html`<path class="bound" d="M${x(boundUs)} ${TOP}V${bottom}"/><text x="${x(boundUs) - 6}" y="${TOP + 10}" text-anchor="end">bound ${seconds(boundUs)}</text>`}
<text class="axis" x="${LEFT}" y="${HEIGHT - 6}">virtual time since the fault began; dashed: floor${emptySpans(points).length > 0 ? '; shaded: none ready' : ''}</text>
<text class="axis" transform="translate(13 ${(bottom + TOP) / 2}) rotate(-90)" text-anchor="middle">ready ${counted}</text></svg>`;
}

function pointsOf(curve: readonly number[]): Point[] {
  const points: Point[] = [];
  for (let i = 0; i + 2 < curve.length; i += 3) {
    points.push({ timeUs: curve[i] as number, ready: curve[i + 1] as number, floor: curve[i + 2] as number });
  }
  return points;
}

function stepsOf(
  points: readonly Point[],
  countOf: (point: Point) => number,
  x: (us: number) => number,
  y: (count: number) => number,
): string {
  return points
    .map((point, index) => {
      const at = `${x(point.timeUs)}`;
      const to = y(countOf(point));
      return index === 0 ? `M${at} ${to}` : `H${at}V${to}`;
    })
    .join('');
}

/** Stretches with none ready. */
function emptySpans(points: readonly Point[]): (readonly [from: number, to: number])[] {
  const spans: (readonly [number, number])[] = [];
  points.forEach(({ timeUs, ready }, index) => {
    const next = points[index + 1]?.timeUs;
    if (ready !== 0 || next === undefined || next === timeUs) return;
    const last = spans.at(-1);
    if (last !== undefined && last[1] === timeUs) spans[spans.length - 1] = [last[0], next];
    else spans.push([timeUs, next]);
  });
  return spans;
}

function tableOf(points: readonly Point[]): Table {
  const table = new Table([
    { title: 'from', align: 'right' },
    { title: 'ready', align: 'right' },
    { title: 'floor', align: 'right' },
  ]);
  for (const { timeUs, ready, floor } of points) table.add([seconds(timeUs), `${ready}`, `${floor}`]);
  return table;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
