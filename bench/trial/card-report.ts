/**
 * The report card for people: text for a terminal, and the same as Markdown.
 *
 * One block a workload, worst first; in it a row a trial, worst first; under the rows their replay lines. The last line is the verdict.
 */
import { type Colours, makeColours } from '../report/colour.ts';
import { countOf } from '../report/counted.ts';
import { type CellStyle, Table } from '../report/table.ts';
import { type CardRow, type CardWorkload, isJob } from './card.ts';
import { OVERVIEW_FROM, overviewMarkdown, overviewText } from './card-overview.ts';
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
  rowsInShort,
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
  /** All that is assumed, a line each, and every row, instead of summaries. */
  readonly verbose: boolean;
  /** By workload: pods that had no node, one a cause, and the lines that explain it. */
  readonly pending: ReadonlyMap<string, readonly string[]>;
}

/** The whole card as text, with a line feed at the end. */
export function cardText(card: ReportCard, colours: Colours, { showDigest, verbose, pending }: CardView): string {
  const shown = new Map<string, string>();
  const workloads = inShort(card, verbose)
    ? [overviewText(card.workloads, pending, styles(), colours)]
    : card.workloads.map((each) => workloadText(each, { waits: pending.get(each.id), verbose, shown }, colours));
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
  if (inShort(card, verbose)) parts.push(...overviewMarkdown(card.workloads, pending));
  else
    for (const workload of card.workloads)
      parts.push(...workloadMarkdown(workload, { waits: pending.get(workload.id), verbose, shown }));
  if (card.broken.length > 0) parts.push(brokenLines(card).join('\n'));
  if (showDigest) parts.push(`digest: \`${card.digest}\``);
  parts.push(`**${plainVerdict(card)}**`);
  return `${parts.join('\n\n')}\n`;
}

/** What is shown of one workload, and what was shown before it. */
interface WorkloadView {
  /** Lines that explain its waiting pods. */
  readonly waits: readonly string[] | undefined;
  readonly verbose: boolean;
  /** Whose replay line stands already, by line. */
  readonly shown: Map<string, string>;
}

/** Whether the card has so many workloads that their rows are not shown one by one. */
function inShort({ workloads }: ReportCard, verbose: boolean): boolean {
  return !verbose && workloads.length >= OVERVIEW_FROM;
}

/** The table of a workload's rows, as `show` gives it, and a line for rows that say the same. */
function rowsText(workload: CardWorkload, verbose: boolean, style: Styles, show: (table: Table) => string): string[] {
  const instead = insteadOfRows(workload);
  if (instead !== '') return [instead];
  const { rows, lines } = verbose ? { rows: workload.rows, lines: [] } : rowsInShort(workload);
  return [...(rows.length === 0 ? [] : [show(workloadTable(workload, style, rows)).trimEnd()]), ...lines];
}

function workloadMarkdown(workload: CardWorkload, { waits, verbose, shown }: WorkloadView): string[] {
  const parts = [`## ${workloadTitle(workload)}`, ...linesAbove(workload)];
  parts.push(...rowsText(workload, verbose, {}, (table) => table.markdown()));
  const blockers = blockerLines(workload.rows);
  if (blockers.length > 0) parts.push(['What blocked:', '', ...blockers.map((line) => `- ${line}`)].join('\n'));
  if (waits !== undefined) parts.push(['Pending:', '', ...waits.map((line) => `- \`${line}\``)].join('\n'));
  const replays = replayLines(workload, shown);
  if (replays.lines.length > 0) parts.push(['```sh', ...replays.lines, '```'].join('\n'));
  if (replays.others.length > 0) parts.push(`Again: ${replays.others.join('; ')}`);
  return parts;
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

function workloadText(workload: CardWorkload, { waits, verbose, shown }: WorkloadView, colours: Colours): string {
  const rows = rowsText(workload, verbose, styles(), (table) => table.text(colours));
  const about = [...linesAbove(workload), ...rows.flatMap((text) => text.split('\n'))];
  const lines = [colours.bold(workloadTitle(workload)), ...about.map((line) => `  ${line}`)];
  const blockers = blockerLines(workload.rows);
  if (blockers.length > 0) lines.push('  what blocked:', ...blockers.map((line) => `    ${line}`));
  if (waits !== undefined) lines.push('  pending:', ...waits.map((line) => `    ${line}`));
  const replays = replayLines(workload, shown);
  const again = [...replays.lines, ...replays.others];
  if (again.length > 0) lines.push('  again:', ...again.map((line) => `    ${line}`));
  return lines.join('\n');
}

export function workloadTitle(workload: CardWorkload): string {
  const { id, mark, services, budgets } = workload;
  if (neverRan(workload)) return `${id}: ${mark}`;
  const facts = [sizeText(workload)];
  if (services.length > 0) facts.push(`Service ${services.join(', ')}`);
  if (budgets.length > 0) facts.push(`budget ${budgets.map((name) => name.slice(name.indexOf('/') + 1)).join(', ')}`);
  return `${id} (${facts.join(', ')}): ${mark}`;
}

/** How many pods it wants, in the words of its kind. */
function sizeText(workload: CardWorkload): string {
  const { id, replicas } = workload;
  if (replicas < 0) return 'a pod on every node';
  if (id.startsWith('Pod/')) return 'nobody replaces it';
  return isJob(workload.id) ? `${countOf(replicas, 'pod')} at a time` : countOf(replicas, 'replica');
}

/** The table of a workload's rows, or of some of them. */
export function workloadTable(workload: CardWorkload, style: Styles, rows: readonly CardRow[] = workload.rows): Table {
  const table = new Table(COLUMNS);
  for (const row of rows) {
    const paint = style[row.mark];
    const mark = paint === undefined ? row.mark : { text: row.mark, style: paint };
    const none = row.cases === 0 || isJob(workload.id);
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

type Styles = Partial<Record<Mark, CellStyle>>;

function styles(): Styles {
  return {
    failed: (text, colours) => colours.red(text),
    degraded: (text, colours) => colours.yellow(text),
    unknown: (text, colours) => colours.yellow(text),
    survived: (text, colours) => colours.green(text),
  };
}
