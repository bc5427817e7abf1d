/**
 * The whole page: one file that needs nothing else, works from a folder, and may be mailed.
 *
 * Always: the content security policy allows the page's own scripts and styles by their hashes and nothing more, so whatever
 * a manifest or a name holds, nothing runs and nothing is loaded; data stands in a script of type application/json.
 */
import { createHash } from 'node:crypto';
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import { campaignSection } from './campaign-section.ts';
import { cardSection } from './card-section.ts';
import { comparisonSection } from './comparison-section.ts';
import { documentSection } from './document-section.ts';
import { html, jsonForScript, Markup } from './markup.ts';
import { noReturnSection } from './no-return-section.ts';
import { pageScript, plotLibrary } from './page-scripts.ts';
import { replaySection } from './replay-section.ts';
import { REPLAY_STYLE } from './replay-style.ts';
import type { ReportInput, ReportPart } from './report-input.ts';
import type { RunData } from './result-shapes.ts';
import { PAGE_STYLE } from './style.ts';

/** Data of replays in one page, at most, characters; those that come later are left out and named. */
const REPLAY_CHARACTERS_MAX = 1_500_000;

/** The page's text. @throws ToolFailure when the installation is damaged. */
export function reportPage(input: ReportInput): string {
  const { shown, leftOut } = fitting(input.replays);
  const library = shown.length > 0 ? plotLibrary() : null;
  const style = `${PAGE_STYLE}${library === null ? '' : REPLAY_STYLE + library.style}`;
  const script = pageScript(shown.length > 0);
  const scripts = [...(library === null ? [] : [library.script]), script];
  const policy = `default-src 'none'; script-src ${scripts.map(hashOf).join(' ')}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  const sections = [
    ...input.parts.map((part, index) => ({
      id: `part${index}`,
      name: SECTION_NAMES[part.kind],
      content: contentOf(part, index),
    })),
    ...(shown.length > 0 ? [{ id: 'cluster-replay', name: 'Cluster replay', content: replaySection(shown) }] : []),
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="seatrial">
<title>${input.title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><span class="name">seatrial</span><nav aria-label="Sections">${
    sections.length > 1 && sections.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)
  }</nav><button type="button" id="theme">Theme: automatic</button></header>
<main>
<h1>${input.title}</h1>
${sections.map(({ id, content }) => html`<section id="${id}">${content}</section>\n`)}
${leftOut.length > 0 && html`<p class="note">Replays left out to keep the file small: ${leftOut.join(', ')}.</p>`}
</main>
<footer>${footer(input.run)}</footer>
${shown.length > 0 && html`<script type="application/json" id="replays">${new Markup(jsonForScript(shown))}</script>\n`}${scripts.map(
  (text, index) =>
    index === scripts.length - 1
      ? html`<script type="module">${new Markup(text)}</script>\n`
      : html`<script>${new Markup(text)}</script>\n`,
)}</body>
</html>
`;
  return page.text;
}

function contentOf(part: ReportPart, index: number): Markup {
  switch (part.kind) {
    case 'trial':
      return cardSection(part.card, `w${index}-`);
    case 'campaign':
      return campaignSection(part.campaign, part.curves);
    case 'comparison':
      return comparisonSection(part.comparison, part.summary);
    case 'no-return':
      return noReturnSection(part.data);
    case 'document':
      return documentSection(part.document);
  }
}

const SECTION_NAMES: Readonly<Record<ReportPart['kind'], string>> = {
  trial: 'Report card',
  campaign: 'Scenarios',
  comparison: 'Policy comparison',
  'no-return': 'Point of no return',
  document: 'Cases',
};

function fitting(replays: readonly ClusterReplay[]): { shown: ClusterReplay[]; leftOut: string[] } {
  const shown: ClusterReplay[] = [];
  const leftOut: string[] = [];
  let characters = 0;
  for (const replay of replays) {
    const size = JSON.stringify(replay).length;
    if (characters + size > REPLAY_CHARACTERS_MAX) leftOut.push(`${replay.title} seed ${replay.seed}`);
    else {
      characters += size;
      shown.push(replay);
    }
  }
  return { shown, leftOut };
}

function footer(run: RunData | null): Markup {
  const explained = 'Times are virtual: simulated, exact for a seed, the same on every machine.';
  if (run === null) return html`<p>${explained}</p>`;
  const { host, startedAt, durationMs, workers } = run;
  return html`<p>${explained}</p><p>Made with seatrial ${host.seatrial} on Node ${host.node}, ${host.platform}, ${host.cpuModel}, ${host.cores} cores, ${workers} ${workers === 1 ? 'worker' : 'workers'}; begun ${startedAt}, ${(durationMs / 1000).toFixed(1)} s of host time.</p>`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
