/**
 * The point of no return of a case on the page: which share of other futures fails, over the instant from which they were drawn.
 */
import { Table } from '../table.ts';
import { showInstant } from '../virtual-time.ts';
import { linePlot } from './line-plot.ts';
import { html, type Markup } from './markup.ts';
import type { NoReturnData } from './result-shapes.ts';
import { tableMarkup } from './table-markup.ts';

/** The section's content. */
export function noReturnSection({ scenario, seed, noReturn }: NoReturnData): Markup {
  const { signature, points, openUs, noReturnUs, violationUs } = noReturn;
  const table = new Table([
    { title: 'drawn anew from' },
    { title: 'continuations', align: 'right' },
    { title: 'fail so', align: 'right' },
  ]);
  for (const { timeUs, runs, failures } of points) table.add([showInstant(timeUs), `${runs}`, `${failures}`]);
  const decided =
    openUs < 0
      ? 'It was decided from the beginning: it fails with any draws.'
      : `It was decided between ${showInstant(openUs)} and ${showInstant(noReturnUs)}.`;
  return html`<h2>Point of no return</h2>
<p class="verdict">${signature} in ${scenario}, seed ${seed} <span class="facts">broken at ${showInstant(violationUs)}</span></p>
<p>${decided} The beginning of the run is replayed, what follows is drawn anew several times; the line is the share that fails in the same way.</p>
${linePlot({
  title: `Share of continuations that fail with ${signature}`,
  xTitle: 'virtual time from which everything is drawn anew, s',
  yTitle: '% that fail',
  x: points.map(({ timeUs }) => timeUs / 1_000_000),
  lines: [{ name: signature, values: points.map(({ runs, failures }) => (100 * failures) / runs) }],
})}
${tableMarkup(table, { caption: 'Continuations' })}`;
}
