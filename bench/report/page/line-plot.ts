/**
 * Lines over a common axis, named at their right ends.
 */
import { numberTicks, type Tick } from './axis.ts';
import { html, type Markup } from './markup.ts';
import { spreadLabels } from './spread-labels.ts';

const WIDTH = 760;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 180;
const TOP = 12;
const BOTTOM = 46;
const LABEL_LINE = 15;
/** Lines drawn; the palette has no more colours. */
const LINES_MAX = 8;

/** What is drawn. */
export interface LinePlot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly x: readonly number[];
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** The plot; a null is a gap. */
export function linePlot({ title, xTitle, yTitle, x, lines }: LinePlot): Markup {
  const shown = lines.slice(0, LINES_MAX);
  const known = shown.flatMap(({ values }) => values).filter((value) => value !== null);
  const [minX, maxX] = [Math.min(...x), Math.max(...x)];
  const yTicks = numberTicks(Math.min(0, ...known), Math.max(1e-9, ...known), 5);
  const [minY, maxY] = [Math.min(0, ...known), Math.max(...known, yTicks.at(-1)?.value ?? 1)];
  const atX = (value: number): number => round(LEFT + ((value - minX) / (maxX - minX || 1)) * (WIDTH - LEFT - RIGHT));
  const atY = (value: number): number =>
    round(HEIGHT - BOTTOM - ((value - minY) / (maxY - minY || 1)) * (HEIGHT - TOP - BOTTOM));
  const ends = shown.map(({ values }) => atY(values.findLast((value) => value !== null) ?? 0));
  const labels = spreadLabels(ends, LABEL_LINE, TOP + 6, HEIGHT - BOTTOM);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" class="plot" role="img" aria-label="${title}">
<g class="grid">${yTicks.map((tick) => horizontal(tick, atY(tick.value)))}${numberTicks(minX, maxX, 6).map((tick) => vertical(tick, atX(tick.value)))}</g>
<text class="axis" x="${LEFT}" y="${HEIGHT - 6}">${xTitle}</text>
<text class="axis" transform="translate(13 ${(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">${yTitle}</text>
${shown.map(({ name, values }, index) => {
  const end = ends[index] ?? 0;
  return html`<path class="line s${index}" d="${pathOf(x, values, atX, atY)}"/>
<path class="lead" d="M${WIDTH - RIGHT + 2} ${end}L${WIDTH - RIGHT + 12} ${round((labels[index] ?? 0) - 4)}"/>
<text class="label s${index}" x="${WIDTH - RIGHT + 15}" y="${round(labels[index] ?? 0)}">${name.length > 25 ? `${name.slice(0, 24)}…` : name}</text>
`;
})}</svg>`;
}

function pathOf(
  x: readonly number[],
  values: readonly (number | null)[],
  atX: (value: number) => number,
  atY: (value: number) => number,
): string {
  let path = '';
  let isOpen = false;
  values.forEach((value, index) => {
    if (value !== null) path += `${isOpen ? 'L' : 'M'}${atX(x[index] ?? 0)} ${atY(value)}`;
    isOpen = value !== null;
  });
  return path;
}

function horizontal({ label }: Tick, y: number): Markup {
  return html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;
}

function vertical({ label }: Tick, x: number): Markup {
  return html`<line x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - BOTTOM + 4}"/><text x="${x}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
