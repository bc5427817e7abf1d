/**
 * The cluster replay on the page: a frame that the page's script fills, and tables that say the same without it.
 */
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import { Table } from '../table.ts';
import { showInstant, showVirtual } from '../virtual-time.ts';
import { html, type Markup } from './markup.ts';
import { commandMarkup } from './replay-line-markup.ts';
import { tableMarkup } from './table-markup.ts';

/** Rows of the table of series: every so many frames one. */
const SERIES_ROWS_MAX = 60;

/** The section's content; the script finds its data in the page's JSON under the same order. */
export function replaySection(replays: readonly ClusterReplay[]): Markup {
  const options = replays.map(
    ({ title, seed, outcome }, index) => html`<option value="${index}">${title}, seed ${seed}: ${outcome}</option>`,
  );
  return html`<h2>Cluster replay</h2>
<p class="facts">What the API showed at each instant of one run, in virtual time. Fault bands say what really happened. Arrow keys move the slider, Page Up and Page Down by tens; in the picture of nodes they move from node to node.</p>
<p class="controls"><label>Run <select id="replay-run">${options}</select></label></p>
<div id="replay" class="replay"><noscript><p>The moving picture needs scripts; the tables below have the same facts.</p></noscript></div>
${replays.map(tablesMarkup)}`;
}

function tablesMarkup(replay: ClusterReplay, index: number): Markup {
  const { title, seed, outcome } = replay;
  return html`<div class="replay-tables" data-replay="${index}"><h3>${title}, seed ${seed}: ${outcome}</h3>
${replay.again !== '' && commandMarkup(replay.again)}
${tableMarkup(timelineTable(replay), {
  caption: 'Key instants, virtual time since the cluster was up',
  rowId: (row) => `t${index}-${row}`,
})}
${replay.faults.length > 0 && html`<details class="data"><summary>Faults as a table</summary>${tableMarkup(faultTable(replay), { caption: 'Faults' })}</details>`}
<details class="data"><summary>Leaders as a table</summary>${tableMarkup(leaderTable(replay), { caption: 'Leaders, by lease' })}</details>
<details class="data"><summary>Pods and nodes over time as a table</summary>${tableMarkup(seriesTable(replay), { caption: 'Worst value in each stretch of time' })}</details></div>`;
}

function timelineTable({ timeline }: ClusterReplay): Table {
  const table = new Table([{ title: 'when', align: 'right' }, { title: 'what' }]);
  for (const { timeUs, what } of timeline) table.add([showInstant(timeUs), what]);
  return table;
}

function faultTable({ faults }: ClusterReplay): Table {
  const table = new Table([
    { title: 'fault' },
    { title: 'kind' },
    { title: 'began', align: 'right' },
    { title: 'lasted', align: 'right' },
    { title: 'hit' },
  ]);
  for (const { id, kind, targets, targetCount, beginUs, endUs } of faults) {
    const more = targetCount > targets.length ? ` and ${targetCount - targets.length} more` : '';
    const lasted = endUs < 0 ? 'to the end' : showVirtual(endUs - beginUs);
    table.add([
      id,
      kind,
      showInstant(beginUs),
      lasted,
      targets.length === 0 ? 'nothing' : `${targets.join(', ')}${more}`,
    ]);
  }
  return table;
}

function leaderTable({ leaders }: ClusterReplay): Table {
  const table = new Table([{ title: 'lease' }, { title: 'from', align: 'right' }, { title: 'holder' }]);
  for (const [lease, changes] of Object.entries(leaders)) {
    for (const { timeUs, holder } of changes)
      table.add([lease, showInstant(timeUs), holder === '' ? 'nobody' : holder]);
  }
  return table;
}

function seriesTable(replay: ClusterReplay): Table {
  const table = new Table([
    { title: 'from', align: 'right' },
    { title: 'pods pending', align: 'right' },
    { title: 'pods Ready', align: 'right' },
    { title: 'pods not Ready', align: 'right' },
    { title: 'nodes not Ready', align: 'right' },
  ]);
  const [pending, ready, notReady, away] = [
    replay.pending,
    replay.readyPods,
    replay.notReadyPods,
    replay.notReadyNodes,
  ].map((text) => text.split(' ').map(Number)) as [number[], number[], number[], number[]];
  const step = Math.max(1, Math.ceil(replay.frameCount / SERIES_ROWS_MAX));
  for (let frame = 0; frame < replay.frameCount; frame += step) {
    const most = (values: readonly number[]): string => `${Math.max(...values.slice(frame, frame + step))}`;
    const fewest = `${Math.min(...ready.slice(frame, frame + step))}`;
    table.add([showInstant(frame * replay.frameUs), most(pending), fewest, most(notReady), most(away)]);
  }
  return table;
}
