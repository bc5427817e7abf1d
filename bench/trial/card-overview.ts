/**
 * A card of many workloads at a glance: a table of workloads by trials, and below it what they have in common, each thing once.
 *
 * Always: every row stays in the card; `--verbose`, JSON and the page show each of them.
 */
import type { Colours } from '../report/colour.ts';
import { type Cell, type CellStyle, Table } from '../report/table.ts';
import { TRIAL_NAMES, type TrialName } from './battery.ts';
import type { CardRow, CardWorkload } from './card.ts';
import { MARKS, type Mark, seconds } from './mark.ts';
import { insteadOfRows, isTelling, linesAbove, rowsWorthReplay } from './said-once.ts';

/** A card of so many workloads, or more, is shown so. */
export const OVERVIEW_FROM = 9;
/** As many workloads are named where more have a thing in common. */
const NAMED_MAX = 6;
/** What stands in a cell for a workload that survived. */
const FINE = 'ok';

type Styles = Partial<Record<Mark, CellStyle>>;
/** Lines that explain the waiting pods of a workload. */
type Pending = ReadonlyMap<string, readonly string[]>;

/** A heading and its lines. */
interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly isCommand?: boolean;
}

/** The overview for a terminal. */
export function overviewText(
  workloads: readonly CardWorkload[],
  pending: Pending,
  style: Styles,
  colours: Colours,
): string {
  const { table, others } = overviewTable(workloads, style);
  const sections = sectionsOf(workloads, pending).map(({ title, lines }) =>
    [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n'),
  );
  const tables =
    table.rowCount === 0 ? [] : [`${table.text(colours)}${others === '' ? '' : `(${others})\n`}`.trimEnd()];
  return [...tables, ...sections, HINT].join('\n\n');
}

/** The same as parts of a Markdown document. */
export function overviewMarkdown(workloads: readonly CardWorkload[], pending: Pending): string[] {
  const { table, others } = overviewTable(workloads, {});
  const sections = sectionsOf(workloads, pending).map(({ title, lines, isCommand }) => {
    const list = isCommand ? ['```sh', ...lines, '```'] : lines.map((line) => `- ${line}`);
    return [`${title[0]?.toUpperCase()}${title.slice(1)}:`, '', ...list].join('\n');
  });
  return [
    ...(table.rowCount === 0 ? [] : [table.markdown().trimEnd()]),
    ...(others === '' ? [] : [others]),
    ...sections,
    HINT,
  ];
}

const HINT =
  'ok: survived; a time: so long none was ready; low: so long fewer than the floor; late: back after so long. Each workload with all its rows: --verbose, or --report html=card.html';

function sectionsOf(workloads: readonly CardWorkload[], pending: Pending): Section[] {
  const about = (workload: CardWorkload): string[] => {
    const instead = insteadOfRows(workload);
    return [...linesAbove(workload), ...(instead === '' ? [] : [instead])];
  };
  const sections = [
    { title: 'to know', lines: saidOnce(workloads, about) },
    {
      title: 'what blocked',
      lines: saidOnce(workloads, ({ rows }) => new Set(rows.flatMap(({ blockers }) => blockers))),
    },
    { title: 'pending', lines: workloads.flatMap(({ id }) => pending.get(id) ?? []) },
    { title: 'again', lines: againLines(workloads), isCommand: true },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

/** Each text with whom it is about, in the order of the workloads. */
function saidOnce(workloads: readonly CardWorkload[], textsOf: (workload: CardWorkload) => Iterable<string>): string[] {
  const about = new Map<string, string[]>();
  for (const workload of workloads) {
    for (const text of textsOf(workload)) about.set(text, [...(about.get(text) ?? []), workload.id]);
  }
  const short = shortNames(workloads);
  return [...about].map(([text, ids]) => {
    if (ids.length === workloads.length) return `${text}: all ${ids.length} workloads`;
    const names = ids.map((id) => short.get(id) ?? id);
    const more = names.length - NAMED_MAX;
    return `${text}: ${more > 1 ? `${names.slice(0, NAMED_MAX).join(', ')} and ${more} more` : names.join(', ')}`;
  });
}

/** By id the name alone where the table has the rest and no other workload bears it. */
function shortNames(workloads: readonly CardWorkload[]): Map<string, string> {
  const names = workloads.map(({ id }) => id.slice(id.lastIndexOf('/') + 1));
  const isShared = (name: string): boolean => names.indexOf(name) !== names.lastIndexOf(name);
  return new Map(
    workloads.flatMap((workload, index): [string, string][] => {
      const name = names[index] as string;
      return insteadOfRows(workload) !== '' || isShared(name) ? [] : [[workload.id, name]];
    }),
  );
}

/** A trial is run over all workloads: a line that shows several stands once. In the order of the trials and seeds. */
function againLines(workloads: readonly CardWorkload[]): string[] {
  const rows = workloads.flatMap(rowsWorthReplay);
  rows.sort((a, b) => TRIAL_NAMES.indexOf(a.trial) - TRIAL_NAMES.indexOf(b.trial) || a.seed - b.seed);
  return [...new Set(rows.map(({ replay }) => replay))];
}

/** Workloads by those trials that any of them did not survive; the last column is the worst of all others. */
function overviewTable(workloads: readonly CardWorkload[], style: Styles): { table: Table; others: string } {
  const tried = workloads.filter((workload) => insteadOfRows(workload) === '');
  const ofTrial = (trial: TrialName): CardRow[] => tried.flatMap((workload) => rowOf(workload, trial) ?? []);
  const trials = TRIAL_NAMES.filter((trial) => ofTrial(trial).length > 0);
  const telling = trials.filter((trial) => tried.some((each) => rowOf(each, trial, isTelling) !== undefined));
  const others = trials.filter((trial) => !telling.includes(trial));
  const gathered = `${others.length} ${telling.length === 0 ? 'trials' : 'others'}`;
  const table = new Table([
    { title: 'workload' },
    { title: 'of', align: 'right' },
    ...telling.map((title) => ({ title })),
    ...(others.length === 0 ? [] : [{ title: others.length === 1 ? `${others[0]}` : gathered }]),
  ]);
  for (const workload of tried) {
    const rest = others.flatMap((trial) => rowOf(workload, trial) ?? []);
    const worst = MARKS.map((mark) => rest.find((row) => row.mark === mark)).find((row) => row !== undefined);
    table.add([
      workload.id,
      `${workload.rows[0]?.replicas ?? ''}`,
      ...telling.map((trial) => cellOf(rowOf(workload, trial), style)),
      ...(others.length === 0 ? [] : [cellOf(worst, style)]),
    ]);
  }
  return { table, others: others.length < 2 ? '' : `${gathered}: ${others.join(', ')}` };
}

function rowOf(
  workload: CardWorkload,
  trial: TrialName,
  isWanted: (workload: CardWorkload, row: CardRow) => boolean = () => true,
): CardRow | undefined {
  return workload.rows.find((row) => row.trial === trial && isWanted(workload, row));
}

/** The mark with what it says most: how long there was nothing, or too few, or that it never came back. Empty where the trial does not apply. */
function cellOf(row: CardRow | undefined, style: Styles): Cell {
  if (row === undefined) return '';
  const { mark } = row;
  const paint = style[mark] ?? ((text: string) => text);
  return { text: mark === 'survived' ? FINE : `${mark}${worstOf(row)}`, style: paint };
}

/** What a bad mark is about; an unknown one says nothing bad by itself. */
function worstOf({ mark, trial, recoveryUs, longestNoneUs, belowFloorUs, boundUs }: CardRow): string {
  if (recoveryUs < 0) return ', never back';
  if (mark === 'unknown') return '';
  if (longestNoneUs > 0) return ` ${seconds(longestNoneUs)}`;
  if (belowFloorUs > 0) return `, low ${seconds(belowFloorUs)}`;
  return trial !== 'drain' && recoveryUs > boundUs ? `, late ${seconds(recoveryUs)}` : '';
}
