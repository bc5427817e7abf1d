/**
 * The report card of a trial on the page: which workload survives what at a glance, then each workload with its findings.
 */
import type { CardRow, CardWorkload } from '../../trial/card.ts';
import { headLines, workloadTable, workloadTitle } from '../../trial/card-report.ts';
import { MARKS, type Mark, seconds } from '../../trial/mark.ts';
import type { ReportCard } from '../../trial/run-trial.ts';
import { blockerLines, insteadOfRows, linesAbove, rowsWorthReplay } from '../../trial/said-once.ts';
import { availabilityPlot } from './availability-plot.ts';
import { html, type Markup } from './markup.ts';
import { commandMarkup } from './replay-line-markup.ts';
import { tableMarkup } from './table-markup.ts';

/** A sign beside each colour, for those who do not see it and for print. */
const SIGNS: Readonly<Record<Mark, string>> = { failed: '✕', degraded: '▲', unknown: '?', survived: '✓' };

const MARK_COLUMN = 0;

/** The section's content. `prefix` keeps anchors of several cards on one page apart. */
export function cardSection(card: ReportCard, prefix: string): Markup {
  return html`<h2>Report card</h2>
${verdictMarkup(card)}
${card.broken.map(
  ({ trial, subject, seed, cause, replay }) =>
    html`<div class="finding"><p>${markBadge('failed', 'broken')} ${trial} ${subject} seed ${seed}: ${cause.split('\n')[0] ?? ''}</p>${commandMarkup(replay)}</div>`,
)}
${matrix(card, prefix)}
<details class="data"><summary>Cluster and assumptions</summary><ul>${headLines(card).map((line) => html`<li>${line}</li>`)}</ul></details>
${card.workloads.map((workload, index) => workloadMarkup(workload, `${prefix}${index}`))}`;
}

/** A mark as word, sign and colour. */
export function markBadge(mark: Mark, word: string = mark): Markup {
  return html`<span class="mark ${mark}"><span class="sign" aria-hidden="true">${SIGNS[mark]}</span> ${word}</span>`;
}

function verdictMarkup(card: ReportCard): Markup {
  const word = MARKS.find((mark) => mark === card.verdict);
  const count = (mark: Mark): number => card.workloads.filter((workload) => workload.mark === mark).length;
  const parts = MARKS.filter((mark) => count(mark) > 0).map((mark) => `${count(mark)} ${mark}`);
  const runs = `${card.runs} runs, ${card.seeds.length === 1 ? `seed ${card.seeds[0] ?? ''}` : `${card.seeds.length} seeds`}`;
  const badge = word === undefined ? markBadge('unknown', card.verdict) : markBadge(word);
  return html`<p class="verdict">${badge} <span class="facts">workloads: ${parts.join(', ') || 'none'} · ${runs}${card.complete ? '' : ' · incomplete'}</span></p>`;
}

/** Workloads by trials: one sign a cell, linked to its row. */
function matrix(card: ReportCard, prefix: string): Markup {
  const cellOf = (workload: CardWorkload, index: number, trial: string): Markup => {
    const row = workload.rows.find((each) => each.trial === trial);
    if (row === undefined) return html`<td class="cell none" title="does not apply"></td>`;
    const anchor = insteadOfRows(workload) === '' ? `${prefix}${index}-${trial}` : `${prefix}${index}`;
    return html`<td class="cell"><a class="mark ${row.mark}" href="#${anchor}" title="${trial}: ${row.mark}"><span class="sign" aria-hidden="true">${SIGNS[row.mark]}</span><span class="hidden">${row.mark}</span></a></td>`;
  };
  return html`<div class="scroll" role="region" aria-label="Workloads by trials" tabindex="0"><table class="matrix">
<caption class="hidden">Workloads by trials</caption>
<thead><tr><th scope="col">workload</th>${card.trials.map((trial) => html`<th scope="col"><span>${trial}</span></th>`)}</tr></thead>
<tbody>${card.workloads.map(
    (workload, index) =>
      html`<tr><th scope="row"><a href="#${prefix}${index}">${workload.id}</a></th>${card.trials.map((trial) => cellOf(workload, index, trial))}</tr>\n`,
  )}</tbody></table></div>
<p class="key">${MARKS.map((mark) => html`${markBadge(mark)} `)}</p>`;
}

function workloadMarkup(workload: CardWorkload, id: string): Markup {
  const { mark } = workload;
  const head = html`<h3 id="${id}">${markBadge(mark)} ${workload.id} <span class="facts">${factsOf(workload)}</span></h3>`;
  const rows = workload.rows;
  const instead = insteadOfRows(workload);
  const table = tableMarkup(workloadTable(workload, {}), {
    caption: `Trials of ${workload.id}, worst first; times are virtual`,
    rowId: (row) => `${id}-${rows[row]?.trial ?? row}`,
    cell: (row, column) => (column === MARK_COLUMN ? markBadge((rows[row] as CardRow).mark) : undefined),
  });
  const blockers = blockerLines(rows);
  const findings = rowsWorthReplay(workload);
  return html`<section class="workload">${head}
${linesAbove(workload).map((line) => html`<p>${line}</p>`)}
${instead === '' ? table : html`<p>${instead}</p>`}
${blockers.length > 0 && html`<h4>What blocked</h4><ul>${blockers.map((line) => html`<li>${line}</li>`)}</ul>`}
${findings.length > 0 && html`<h4>Findings</h4>${findings.map(findingMarkup)}`}
</section>`;
}

/** The words in brackets after a workload's name. */
function factsOf(workload: CardWorkload): string {
  return /\((.*)\): \w+$/.exec(workloadTitle(workload))?.[1] ?? '';
}

function findingMarkup(row: CardRow): Markup {
  const subject = row.subject.includes('/') || row.subject === '' ? '' : ` of ${row.subject}`;
  return html`<div class="finding"><p>${markBadge(row.mark)} <strong>${row.trial}</strong>${subject}, seed ${row.seed}: ${row.reasons.join('; ')}</p>
<p class="facts">${measuredText(row)}</p>
${availabilityPlot(row)}
${commandMarkup(row.replay)}</div>`;
}

/** Floor, bound and what was measured, in one sentence. */
function measuredText({ lowest, floor, replicas, counted, recoveryUs, boundUs }: CardRow): string {
  const back =
    recoveryUs < 0 ? 'not back by the end' : recoveryUs === 0 ? 'never fewer' : `back after ${seconds(recoveryUs)}`;
  return `At worst ${lowest} ready ${counted} of ${replicas}, floor ${floor}; ${back}, bound ${seconds(boundUs)}.`;
}
