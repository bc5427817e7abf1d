/**
 * The report card for people: text for a terminal, and the same as Markdown.
 *
 * One block a workload, worst first; in it a row a trial, worst first; under the rows their replay lines. The last line is the verdict.
 */
import { type Colours, makeColours } from '../report/colour.ts';
import { countOf } from '../report/counted.ts';
import { type CellStyle, Table } from '../report/table.ts';
import type { CardRow, CardWorkload } from './card.ts';
import { type Mark, seconds } from './mark.ts';
import type { ReportCard } from './run-trial.ts';
import {
  blockerLines,
  insteadOfRows,
  linesAbove,
  neverRan,
  neverWholeWorkloads,
  reasonsLeft,
  replayLines,
} from './said-once.ts';

/** Columns of a workload's table; `help card` explains each. */
export const COLUMNS = [
  { title: 'mark' },
  { title: 'trial' },
  { title: 'worst' },
  { title: 'ready', align: 'right' },
  { title: 'floor', align: 'right' },
  { title: 'of', align: 'right' },
  { title: 'none for', align: 'right' },
  { title: 'back after', align: 'right' },
  { title: 'bound', align: 'right' },
  { title: 'why' },
] as const;

/** What is shown with a card, or not. */
export interface CardView {
  readonly showDigest: boolean;
  /** All that is assumed, a line each, instead of a summary. */
  readonly verbose: boolean;
  /** By workload: pods that had no node, one a cause, and the lines that explain it. */
  readonly pending: ReadonlyMap<string, readonly string[]>;
}

/** The whole card as text, with a line feed at the end. */
export function cardText(card: ReportCard, colours: Colours, { showDigest, verbose, pending }: CardView): string {
  const shown = new Map<string, string>();
  const workloads = card.workloads.map((workload) => workloadText(workload, pending.get(workload.id), shown, colours));
  const blocks = [headText(card, verbose, colours), ...workloads];
  if (card.broken.length > 0) blocks.push(brokenLines(card).join('\n'));
  blocks.push([...(showDigest ? [`digest: ${card.digest}`] : []), verdictLine(card, colours)].join('\n'));
  return `${blocks.join('\n\n')}\n`;
}

/** The whole card as Markdown. */
export function cardMarkdown(card: ReportCard, { showDigest, verbose, pending }: CardView): string {
  const parts = [
    `# Sea trial of ${card.paths.join(', ')}`,
    [...headLines(shownOf(card, verbose)), ...neverWholeWorkloads(card.workloads)]
      .map((line) => `- ${line}`)
      .join('\n'),
  ];
  const shown = new Map<string, string>();
  for (const workload of card.workloads) {
    parts.push(`## ${workloadTitle(workload)}`);
    const instead = insteadOfRows(workload);
    parts.push(...linesAbove(workload));
    parts.push(instead === '' ? workloadTable(workload, {}).markdown().trimEnd() : instead);
    const blockers = blockerLines(workload.rows);
    if (blockers.length > 0) parts.push(['What blocked:', '', ...blockers.map((line) => `- ${line}`)].join('\n'));
    const waits = pending.get(workload.id);
    if (waits !== undefined) parts.push(['Pending:', '', ...waits.map((line) => `- \`${line}\``)].join('\n'));
    const replays = replayLines(workload, shown);
    if (replays.lines.length > 0) parts.push(['```sh', ...replays.lines, '```'].join('\n'));
    if (replays.others.length > 0) parts.push(`Again: ${replays.others.join('; ')}`);
  }
  if (card.broken.length > 0) parts.push(brokenLines(card).join('\n'));
  if (showDigest) parts.push(`digest: \`${card.digest}\``);
  parts.push(`**${plainVerdict(card)}**`);
  return `${parts.join('\n\n')}\n`;
}

/** The head's parts, with the assumptions that are shown. */
function shownOf(card: ReportCard, verbose: boolean): Parameters<typeof headLines>[0] {
  return verbose ? card : { ...card, assumptions: card.assumptionsInShort };
}

/** What was chosen and what is assumed, one line each; also shown by --dry-run. */
export function headLines(card: Pick<ReportCard, 'cluster' | 'notSimulated' | 'assumptions'>): string[] {
  const lines = [`cluster: ${card.cluster.text}`, ...card.cluster.reasons.map((reason) => `why: ${reason}`)];
  if (card.notSimulated.length > 0) {
    lines.push(
      `not simulated, only stored: ${card.notSimulated.map(({ kind, count }) => (count === 1 ? kind : `${count} ${kind}`)).join(', ')}`,
    );
  }
  return [...lines, ...card.assumptions.map((text) => `assumed: ${text}`)];
}

function headText(card: ReportCard, verbose: boolean, colours: Colours): string {
  const seeds = card.seeds.length === 1 ? `seed ${card.seeds[0]}` : `${card.seeds.length} seeds`;
  const runs = `${countOf(card.trials.length, 'trial')}, ${seeds}, ${countOf(card.runs, 'run')}`;
  return [
    colours.bold(`sea trial of ${card.paths.join(', ')}: ${runs}`),
    ...[...headLines(shownOf(card, verbose)), ...neverWholeWorkloads(card.workloads)].map((line) => `  ${line}`),
  ].join('\n');
}

function workloadText(
  workload: CardWorkload,
  pending: readonly string[] | undefined,
  shown: Map<string, string>,
  colours: Colours,
): string {
  const instead = insteadOfRows(workload);
  const rows = instead === '' ? workloadTable(workload, styles()).text(colours).trimEnd().split('\n') : [instead];
  const about = [...linesAbove(workload), ...rows];
  const lines = [colours.bold(workloadTitle(workload)), ...about.map((line) => `  ${line}`)];
  const blockers = blockerLines(workload.rows);
  if (blockers.length > 0) lines.push('  what blocked:', ...blockers.map((line) => `    ${line}`));
  if (pending !== undefined) lines.push('  pending:', ...pending.map((line) => `    ${line}`));
  const replays = replayLines(workload, shown);
  const again = [...replays.lines, ...replays.others];
  if (again.length > 0) lines.push('  again:', ...again.map((line) => `    ${line}`));
  return lines.join('\n');
}

export function workloadTitle(workload: CardWorkload): string {
  const { id, mark, replicas, services, budgets } = workload;
  if (neverRan(workload)) return `${id}: ${mark}`;
  const facts = [replicas < 0 ? 'a pod on every node' : `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`];
  if (services.length > 0) facts.push(`Service ${services.join(', ')}`);
  if (budgets.length > 0) facts.push(`budget ${budgets.map((name) => name.slice(name.indexOf('/') + 1)).join(', ')}`);
  return `${id} (${facts.join(', ')}): ${mark}`;
}

export function workloadTable(workload: CardWorkload, style: Partial<Record<Mark, CellStyle>>): Table {
  const table = new Table(COLUMNS);
  const isJob = workload.id.startsWith('Job/');
  for (const row of workload.rows) {
    const paint = style[row.mark];
    const mark = paint === undefined ? row.mark : { text: row.mark, style: paint };
    const none = row.cases === 0 || isJob;
    table.add([
      mark,
      row.trial,
      where(row),
      none ? '' : `${row.lowest}`,
      none ? '' : `${row.floor}`,
      none ? '' : `${row.replicas}`,
      none || row.longestNoneUs === 0 ? '' : seconds(row.longestNoneUs),
      none ? '' : backAfter(row),
      none ? '' : seconds(row.boundUs),
      reasonsLeft(workload, row).join('; '),
    ]);
  }
  return table;
}

function where({ cases, subject, seed, mark }: CardRow): string {
  if (cases === 0 || mark === 'survived') return '';
  const short = subject.includes('/') || subject === '' ? '' : `${subject}, `;
  return `${short}seed ${seed}`;
}

/** In a drain pods come and go until the last node: the time says nothing about one of them. */
function backAfter({ recoveryUs, trial }: CardRow): string {
  if (trial === 'drain' && recoveryUs >= 0) return '';
  if (recoveryUs < 0) return 'never';
  return recoveryUs === 0 ? '' : seconds(recoveryUs);
}

function brokenLines(card: ReportCard): string[] {
  return card.broken.map(
    ({ trial, subject, seed, cause, replay }) =>
      `broken: ${trial} ${subject} seed ${seed}: ${cause.split('\n')[0]}\n  ${replay}`,
  );
}

/** The verdict's line without colour. */
export function plainVerdict(card: ReportCard): string {
  return verdictLine(card, makeColours(false));
}

/** One line: the worst mark and how many workloads have which. */
export function verdictLine(card: ReportCard, colours: Colours): string {
  const paint =
    card.verdict === 'survived'
      ? colours.green
      : card.verdict === 'unknown' || card.verdict === 'degraded'
        ? colours.yellow
        : colours.red;
  const counts = (['failed', 'degraded', 'unknown', 'survived'] as const)
    .map((mark) => [mark, card.workloads.filter((workload) => workload.mark === mark).length] as const)
    .filter(([, count]) => count > 0)
    .map(([mark, count]) => `${count} ${mark}`);
  return `verdict: ${paint(card.verdict)} (workloads: ${counts.join(', ')}; rows: ${rowCounts(card)})`;
}

function rowCounts({ rows }: ReportCard): string {
  return `${rows.failed} failed, ${rows.degraded} degraded, ${rows.unknown} unknown, ${rows.survived} survived`;
}

function styles(): Partial<Record<Mark, CellStyle>> {
  return {
    failed: (text, colours) => colours.red(text),
    degraded: (text, colours) => colours.yellow(text),
    unknown: (text, colours) => colours.yellow(text),
    survived: (text, colours) => colours.green(text),
  };
}
