/**
 * A story as a sequence diagram in SVG: a lane a process, an arrow a message of the causal chain, a band for what concerns everybody.
 *
 * Always: one file without script, font or network; light and dark by the reader's own setting; a text that is cut has its whole in a
 * tooltip.
 */
import { html, type Markup } from '../report/page/markup.ts';
import { showInstant } from '../report/virtual-time.ts';
import type { Scene, Story } from './story.ts';

const TIME_WIDTH = 92;
const LANE_WIDTH = 190;
const ROW = 30;
const HEAD = 46;
const MARGIN = 12;
/** Widest text of a font of 11 px, px a character, on the safe side. */
const CHARACTER = 6.1;

const STYLE = `text{font:11px ui-sans-serif,system-ui,sans-serif;fill:#1f2937}
.time{fill:#6b7280;text-anchor:end}.lane{stroke:#cbd5e1}.head rect{fill:#f1f5f9;stroke:#94a3b8}.head text{font-weight:600;text-anchor:middle}
.arrow{stroke:#334155;stroke-width:1.3;marker-end:url(#tip)}#tip path{fill:#334155}.label{text-anchor:middle}
.fault rect{fill:#fee2e2;stroke:#ef4444}.operation rect{fill:#dbeafe;stroke:#3b82f6}.heal rect{fill:#dcfce7;stroke:#22c55e}.repeat rect{fill:none;stroke:#94a3b8;stroke-dasharray:4}.violation rect{fill:#ef4444;stroke:#b91c1c}
.violation text{fill:#fff;font-weight:600}.paper{fill:#fff}
@media(prefers-color-scheme:dark){.paper{fill:#0f172a}text{fill:#e2e8f0}.time{fill:#94a3b8}.lane{stroke:#334155}.head rect{fill:#1e293b;stroke:#475569}
.arrow{stroke:#cbd5e1}#tip path{fill:#cbd5e1}.fault rect{fill:#450a0a}.operation rect{fill:#172554}.heal rect{fill:#052e16}}`;

/** The picture as the text of an SVG file. */
export function sequencePicture(story: Story): string {
  const { lanes, scenes, plan, seed } = story;
  const laneCount = Math.max(2, lanes.length);
  const width = TIME_WIDTH + laneCount * LANE_WIDTH + MARGIN;
  const height = HEAD + (scenes.length + 1) * ROW + MARGIN;
  const title = `${plan.name}, seed ${seed}`;
  const rows = scenes.map((scene, index) => {
    const y = HEAD + (index + 1) * ROW;
    const time = html`<text class="time" x="${TIME_WIDTH - 12}" y="${y + 4}">${showInstant(scene.timeUs)}</text>`;
    return html`${time}${scene.kind === 'message' ? arrow(scene, lanes, y) : band(scene, y, laneCount * LANE_WIDTH)}
`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
<rect class="paper" width="${width}" height="${height}"/>
${lanes.map((lane, index) => head(lane, xOf(index), height))}
${rows}</svg>
`.text;
}

function xOf(lane: number): number {
  return TIME_WIDTH + (lane + 0.5) * LANE_WIDTH;
}

function head(lane: string, x: number, height: number): Markup {
  const half = LANE_WIDTH / 2 - 10;
  return html`<line class="lane" x1="${x}" x2="${x}" y1="${HEAD}" y2="${height - MARGIN}"/><g class="head"><rect x="${x - half}" y="10" width="${2 * half}" height="28" rx="4"/><text x="${x}" y="28">${cut(lane, 2 * half)}</text></g>
`;
}

function arrow(scene: Extract<Scene, { kind: 'message' }>, lanes: readonly string[], y: number): Markup {
  const from = xOf(lanes.indexOf(scene.from));
  const to = xOf(lanes.indexOf(scene.to));
  const side = to > from ? -1 : 1;
  const text = cut(scene.what, Math.max(LANE_WIDTH, Math.abs(to - from)) - 8);
  const label = html`<text class="label" x="${(from + to) / 2}" y="${y - 4}"><title>${scene.what}</title>${text}</text>`;
  return html`<line class="arrow" x1="${from}" x2="${to + 2 * side}" y1="${y}" y2="${y}"/>${label}`;
}

function band(scene: Scene, y: number, width: number): Markup {
  const text = cut(scene.what, width - 20);
  return html`<g class="${scene.kind}"><rect x="${TIME_WIDTH}" y="${y - 11}" width="${width}" height="22" rx="4"/><text x="${TIME_WIDTH + 8}" y="${y + 4}"><title>${scene.what}</title>${text}</text></g>`;
}

function cut(text: string, width: number): string {
  const characters = Math.floor(width / CHARACTER);
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}
