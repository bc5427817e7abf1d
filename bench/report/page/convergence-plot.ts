/**
 * Convergence plot: a row a scenario, a dot a seed at the time that the system took after the faults ended, and the bound.
 */
import { Table } from '../table.ts';
import { showVirtual } from '../virtual-time.ts';
import { timeTicks } from './axis.ts';
import { html, type Markup } from './markup.ts';
import { foldedTable } from './table-markup.ts';

const WIDTH = 760;
const LEFT = 220;
const RIGHT = 24;
const TOP = 8;
const ROW = 22;
const BOTTOM = 42;
/** Rows drawn; the table has them all. */
const ROWS_MAX = 40;

/** One scenario: times after heal by seed, µs; −1 = never. */
export interface ConvergenceRow {
  readonly name: string;
  readonly boundUs: number;
  readonly times: readonly { readonly seed: number; readonly us: number }[];
}

/** The plot with its table; rows stand as given. */
export function convergencePlot(rows: readonly ConvergenceRow[]): Markup {
  const title = 'Convergence after the faults ended (virtual time)';
  const shown = rows.slice(0, ROWS_MAX);
  const note =
    rows.length > shown.length ? html` <span class="note">first ${shown.length} of ${rows.length}</span>` : '';
  return html`<figure class="chart"><figcaption>${title}${note}</figcaption>
<div class="scroll" role="region" aria-label="${title}" tabindex="0">${plot(title, shown)}</div>
<p class="key"><svg class="inline" viewBox="0 0 14 14" aria-hidden="true"><circle class="dot s0" cx="7" cy="7" r="3.5"/></svg> a seed
<svg class="inline" viewBox="0 0 14 14" aria-hidden="true"><path class="bound" d="M7 1V13"/></svg> bound, from the run's own settings
<svg class="inline" viewBox="0 0 14 14" aria-hidden="true"><path class="cross" d="M3 3L11 11M11 3L3 11"/></svg> not converged</p>
${foldedTable(tableOf(rows), 'Convergence')}</figure>`;
}

function plot(title: string, rows: readonly ConvergenceRow[]): Markup {
  const maxUs = Math.max(
    1_000_000,
    ...rows.map(({ boundUs, times }) => Math.max(boundUs, ...times.map(({ us }) => us))),
  );
  const ticks = timeTicks(maxUs, 6);
  const top = Math.max(maxUs, ticks.at(-1)?.value ?? 0);
  const height = TOP + rows.length * ROW + BOTTOM;
  const bottom = height - BOTTOM;
  const x = (us: number): number => Math.round((LEFT + (us / top) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" class="plot" role="img" aria-label="${title}">
<g class="grid">${ticks.map(
    ({ value, label }) =>
      html`<line x1="${x(value)}" x2="${x(value)}" y1="${TOP}" y2="${bottom + 4}"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
  )}</g>
<text class="axis" x="${LEFT}" y="${height - 6}">virtual time from the heal point to everything as wanted</text>
${rows.map((row, index) => rowMarkup(row, TOP + index * ROW + ROW / 2, x))}</svg>`;
}

function rowMarkup({ name, boundUs, times }: ConvergenceRow, y: number, x: (us: number) => number): Markup {
  return html`<text class="row" x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${shortened(name)}</text>
<line class="row" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>
${boundUs > 0 && html`<path class="bound" d="M${x(boundUs)} ${y - 7}V${y + 7}"/>`}${times.map(({ seed, us }) =>
  us < 0
    ? html`<path class="cross" d="M${x(boundUs) - 4} ${y - 4}l8 8m0 -8l-8 8"><title>seed ${seed}: not converged</title></path>`
    : html`<circle class="dot s0" cx="${x(us)}" cy="${y}" r="3.5"><title>seed ${seed}: ${showVirtual(us)}</title></circle>`,
)}
`;
}

function tableOf(rows: readonly ConvergenceRow[]): Table {
  const table = new Table([
    { title: 'scenario' },
    { title: 'cases', align: 'right' },
    { title: 'fastest', align: 'right' },
    { title: 'median', align: 'right' },
    { title: 'slowest', align: 'right' },
    { title: 'not converged', align: 'right' },
    { title: 'bound', align: 'right' },
  ]);
  for (const { name, boundUs, times } of rows) {
    const known = times
      .map(({ us }) => us)
      .filter((us) => us >= 0)
      .sort((left, right) => left - right);
    const at = (share: number): string => showVirtual(known[Math.max(0, Math.ceil(known.length * share) - 1)] ?? null);
    table.add([name, `${times.length}`, at(0), at(0.5), at(1), `${times.length - known.length}`, showVirtual(boundUs)]);
  }
  return table;
}

function shortened(name: string): string {
  return name.length > 30 ? `${name.slice(0, 29)}…` : name;
}
