/**
 * A history as one HTML file without scripts or references: a row a client, a bar an operation from call to return, the shortest
 * inconsistent part marked, and below it the longest order found with the state after each step.
 *
 * Always: texts from the history are escaped; the picture holds at most {@link BARS_MAX} operations, those nearest the marked part.
 */
import { NEVER_RETURNED, type Operation, type Partition } from '../../../core/chaos/linearizability/history.ts';
import { type InconsistentPart, inconsistentPart } from '../../../core/chaos/linearizability/inconsistent-part.ts';

const BARS_MAX = 60;
const ROW_PX = 34;
const BAR_PX = 24;
const LEFT_PX = 90;
const EVENT_PX = 46;

/** The picture of an illegal partition. `title`: where the history is from. */
export function historyPicture<Input, Output>(title: string, partition: Partition<Input, Output>): string {
  const part = inconsistentPart(partition);
  const shown = nearest(partition.operations, part);
  const heading = escapeHtml(`${title}: ${partition.name} is not linearizable`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${heading}</title>
<style>
body { font: 14px system-ui, sans-serif; margin: 1.5em; color: #1b1f24; background: #fff; }
svg text { font: 11px ui-monospace, monospace; }
.scroll { overflow-x: auto; border: 1px solid #d5d9de; }
.bar { fill: #dfe5ec; stroke: #8a96a3; }
.in { fill: #ffd6d1; stroke: #c0392b; stroke-width: 1.5; }
.last { fill: #c0392b; stroke: #7d1f14; }
.last + text { fill: #fff; }
.mark { fill: #c0392b; fill-opacity: 0.07; }
li { font-family: ui-monospace, monospace; }
</style></head><body>
<h1 style="font-size:1.2em">${heading}</h1>
<p>${summary(partition, part)}</p>
<div class="scroll">${drawing(shown, part, partition)}</div>
<h2 style="font-size:1.05em">Longest order that explains a part of it</h2>
<ol start="0"><li>state ${escapeHtml(part.states[0] ?? '')}</li>
${part.order.map((operation, i) => `<li>client ${operation.client}: ${escapeHtml(partition.model.describe(operation))} → state ${escapeHtml(part.states[i + 1] ?? '')}</li>`).join('\n')}
</ol></body></html>
`;
}

/** The inconsistent part in one line of text. */
export function describePart<Input, Output>(partition: Partition<Input, Output>): string {
  const part = inconsistentPart(partition);
  const last = part.operations.find(({ returnAt }) => returnAt === part.until);
  const what = last === undefined ? '' : `: client ${last.client}'s ${partition.model.describe(last)} fits no order`;
  return `${partition.name}, ${part.operations.length} operations up to position ${part.until + 1}${what}`;
}

function summary<Input, Output>(partition: Partition<Input, Output>, part: InconsistentPart<Input, Output>): string {
  const count = part.operations.length;
  return `${partition.operations.length} operations; the shortest part that no order explains has ${count} and is marked red. The operation that makes it inconsistent is filled. Dashed ends: the outcome is unknown.`;
}

function nearest<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  part: InconsistentPart<Input, Output>,
): readonly Operation<Input, Output>[] {
  const byDistance = [...operations].sort((a, b) => Math.abs(a.callAt - part.until) - Math.abs(b.callAt - part.until));
  return byDistance.slice(0, BARS_MAX).sort((a, b) => a.callAt - b.callAt);
}

function drawing<Input, Output>(
  shown: readonly Operation<Input, Output>[],
  part: InconsistentPart<Input, Output>,
  partition: Partition<Input, Output>,
): string {
  const times = [...new Set(shown.flatMap(({ callAt, returnAt }) => [callAt, returnAt]))]
    .filter((time) => time !== NEVER_RETURNED)
    .sort((a, b) => a - b);
  const place = new Map(times.map((time, i) => [time, LEFT_PX + i * EVENT_PX]));
  const right = LEFT_PX + times.length * EVENT_PX;
  const clients = [...new Set(shown.map(({ client }) => client))].sort((a, b) => a - b);
  const inPart = new Set(part.operations.map(({ client, callAt }) => `${client}/${callAt}`));
  const height = clients.length * ROW_PX + 10;
  const from = Math.min(...part.operations.map(({ callAt }) => place.get(callAt) ?? right));
  const until = place.get(part.until) ?? right;
  const bars = shown.map((operation) => {
    const x = place.get(operation.callAt) as number;
    const known = operation.returnAt !== NEVER_RETURNED;
    const end = known ? (place.get(operation.returnAt) as number) : right;
    const y = clients.indexOf(operation.client) * ROW_PX + 8;
    const marked = inPart.has(`${operation.client}/${operation.callAt}`);
    const kind = operation.returnAt === part.until ? 'last' : marked ? 'in' : 'bar';
    const dash = known ? '' : ' stroke-dasharray="4 3"';
    const label = escapeHtml(partition.model.describe(operation));
    const width = Math.max(end - x, 6);
    return `<g><title>client ${operation.client}: ${label}</title><rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${BAR_PX}" rx="3"${dash}/><text x="${x + 4}" y="${y + 16}">${escapeHtml(shorten(partition.model.describe(operation), width))}</text></g>`;
  });
  const names = clients.map((client, row) => `<text x="6" y="${row * ROW_PX + 24}">client ${client}</text>`);
  return `<svg width="${right + 20}" height="${height}" role="img"><rect class="mark" x="${from}" y="0" width="${Math.max(until - from, 4)}" height="${height}"/>${names.join('')}${bars.join('')}</svg>`;
}

/** As much of a label as a bar has room for. */
function shorten(label: string, widthPx: number): string {
  const room = Math.floor((widthPx - 6) / 6.7);
  return label.length <= room ? label : room < 3 ? '' : `${label.slice(0, room - 1)}…`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
