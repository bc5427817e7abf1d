/**
 * What a card says once about a workload instead of in each of its rows.
 *
 * Always: the rows as data stay whole; only what people read is gathered here.
 */
import { andText, countOf } from '../report/counted.ts';
import { changesWorkload, TRIALS } from './battery.ts';
import { type CardRow, type CardWorkload, isJob } from './card.ts';
import { type Mark, NEVER_READY, NOT_CONVERGED, NOT_READY_BEFORE, NOT_SIMULATED } from './mark.ts';

/** As many trials are named one by one; more that are all there are counted. */
const NAMED_MAX = 3;
/** So many rows that say the same are said in one line. */
const QUIET_MIN = 3;
/** Trials that take nothing away but a part of the control plane. */
const OF_CONTROL_PLANE: readonly string[] = TRIALS.filter(({ moves }) => !moves).map(({ name }) => name);
/** What a row says of a workload that is short of pods anyway. */
const AS_WITHOUT = 'as without a fault';

/** A kind that is not simulated: every row would say the same. */
export function neverRan({ rows }: CardWorkload): boolean {
  return rows.length > 0 && rows.every(({ cases, mark }) => cases === 0 && mark === 'unknown');
}

/** Ready neither before nor after any fault: what the rows measure is nothing. */
export function neverReady({ rows }: CardWorkload): boolean {
  return rows.length > 1 && rows.every((row) => row.neverReady && row.neverWhole);
}

/** Short of Ready pods before every fault and at the end: what the rows say is no work of the faults. */
function neverWhole({ rows }: CardWorkload): boolean {
  return rows.length > 1 && rows.every((row) => row.neverWhole);
}

/** The head's line about such workloads, if there are any. */
export function neverWholeWorkloads(workloads: readonly CardWorkload[]): string[] {
  const named = workloads.filter(neverWhole).map((workload) => `${workload.id} (${readyBefore(workload)})`);
  return named.length === 0 ? [] : [`not ready even without a fault, to be mended first: ${named.join(', ')}`];
}

function readyBefore(workload: CardWorkload): string {
  const row = plainestRow(workload);
  return row === undefined ? '' : `${row.readyBefore} of ${row.replicas}`;
}

/** The row of fewest and shortest cases, so of the simplest fault; of one that changes the workload itself only if there is no other. */
function plainestRow({ rows }: CardWorkload): CardRow | undefined {
  return [...rows].sort(
    (left, right) =>
      Number(changesWorkload(left.trial)) - Number(changesWorkload(right.trial)) ||
      left.cases - right.cases ||
      left.boundUs - right.boundUs,
  )[0];
}

/** What a workload lacks that lacks it without any fault; '' for one that does not. */
function lackOf(workload: CardWorkload): string {
  if (!neverWhole(workload)) return '';
  const reasons = plainestRow(workload)?.reasons ?? [];
  const lacks = [NEVER_READY, NOT_CONVERGED].flatMap((prefix) =>
    reasons.filter((reason) => reason.startsWith(prefix)).map((reason) => reason.slice(prefix.length)),
  );
  return lacks[0] ?? '';
}

function neverWholeLine(workload: CardWorkload): string {
  if (!neverWhole(workload)) return '';
  const look = workload.rows.some(({ blockers }) => blockers.length > 0) ? '; why: what blocked, below' : '';
  return `not ready even without a fault (${readyBefore(workload)}): ${lackOf(workload)}${look}`;
}

/** Lines between a workload's title and its rows. */
export function linesAbove(workload: CardWorkload): string[] {
  return [neverWholeLine(workload), uncertaintyLine(workload), assumedLine(workload)].filter((line) => line !== '');
}

/** The reasons of a row that no line above the rows tells. */
export function reasonsLeft(workload: CardWorkload, { reasons }: CardRow): string[] {
  const shared = sharedUncertainty(workload);
  const left = reasons.filter((reason) => reason !== shared);
  if (!neverWhole(workload)) return left;
  const own = addedReasons(workload, left);
  return own.length === 0 ? [AS_WITHOUT] : own;
}

/** Whether a reason is about what ran. */
function isSimulated(reason: string): boolean {
  return !reason.startsWith(NOT_SIMULATED);
}

/** Whether a row says more than what stands above the rows: that a fault did something to the workload. */
export function isTelling(workload: CardWorkload, row: CardRow): boolean {
  return (
    row.mark !== 'survived' && reasonsLeft(workload, row).some((reason) => reason !== AS_WITHOUT && isSimulated(reason))
  );
}

/** Rows of a workload that was never short in them, and whose mark is all that they say: by mark, if they are a few. */
function quietRows(workload: CardWorkload, mark: Mark): readonly CardRow[] {
  const rows = workload.rows.filter(
    (row) =>
      row.mark === mark &&
      row.cases > 0 &&
      reasonsLeft(workload, row).length === 0 &&
      (isJob(workload.id) || (row.recoveryUs === 0 && row.longestNoneUs === 0 && row.lowest >= row.replicas)),
  );
  return rows.length < QUIET_MIN ? [] : rows;
}

/** The rows that are shown one by one, and a line for those that are not. */
export function rowsInShort(workload: CardWorkload): { readonly rows: readonly CardRow[]; readonly lines: string[] } {
  const unknown = quietRows(workload, 'unknown');
  const survived = quietRows(workload, 'survived');
  const ready = isJob(workload.id) ? '' : ', never short of a ready pod';
  const line = (words: string, rows: readonly CardRow[]): string[] =>
    rows.length === 0 ? [] : [`${words}${ready}: ${trialsText(rows, workload)}`];
  return {
    rows: workload.rows.filter((row) => !unknown.includes(row) && !survived.includes(row)),
    lines: [...line('unknown, otherwise survived', unknown), ...line('survived', survived)],
  };
}

/** Trials by name, those of the control plane in one word where it is all of them. */
function trialsText(rows: readonly CardRow[], workload: CardWorkload): string {
  const names = rows.map(({ trial }) => trial as string);
  if (names.length === workload.rows.length) return `all ${names.length} trials`;
  if (!OF_CONTROL_PLANE.every((name) => names.includes(name))) return andText(names);
  const own = names.filter((name) => !OF_CONTROL_PLANE.includes(name));
  return andText([...own, `the ${countOf(OF_CONTROL_PLANE.length, 'trial')} of the control plane`]);
}

/** Of the reasons of a workload that is never whole those that a fault added. */
function addedReasons(workload: CardWorkload, reasons: readonly string[]): string[] {
  const lack = `${NOT_CONVERGED}${lackOf(workload)}`;
  return reasons.filter(
    (reason) => reason !== lack && !reason.startsWith(NOT_READY_BEFORE) && !reason.startsWith(NEVER_READY),
  );
}

/** What stands for a table of rows that tell nothing; '' for a workload whose rows do. */
export function insteadOfRows(workload: CardWorkload): string {
  const { rows } = workload;
  if (rows.length === 0) return 'no trial of it was finished';
  if (neverRan(workload)) return `in no trial: ${rows[0]?.reasons.join('; ')}${harmlessHint(workload)}`;
  if (!neverReady(workload)) return '';
  const unknown = rows.some(({ mark }) => mark === 'unknown');
  return `its ${rows.length} rows ${unknown ? 'are unknown, otherwise failed' : 'are failed'} for that alone`;
}

/** What more than one row hangs on, and all that hang on something; '' = each row says its own. */
function sharedUncertainty({ rows }: CardWorkload): string {
  const said = rows.flatMap(({ reasons }) => reasons.filter((reason) => !isSimulated(reason)));
  return said.length > 1 && new Set(said).size === 1 ? (said[0] ?? '') : '';
}

/** The line above the rows for it: about the unknown ones alone. */
function uncertaintyLine(workload: CardWorkload): string {
  const hanging = workload.rows.some(({ reasons }) => !reasons.every(isSimulated));
  if (!hanging || neverRan(workload)) return '';
  const shared = sharedUncertainty(workload).slice(NOT_SIMULATED.length);
  if (shared === '') return `unknown rows name what they hang on${harmlessHint(workload)}`;
  const mayLive = workload.rows.some(({ reasons }) => !reasons.some(isSimulated));
  const otherwise = mayLive ? '; those that name nothing else would have survived' : '';
  return `unknown rows hang on what is not simulated: ${shared}${otherwise}${harmlessHint(workload)}`;
}

/** How to have the marks without what is not simulated. */
function harmlessHint({ assumable }: CardWorkload): string {
  return assumable.length === 0 ? '' : ` (if it does no harm: --assume ${assumable.join(',')})`;
}

/** What was declared harmless, a line above the rows; '' = nothing. */
function assumedLine({ assumed }: CardWorkload): string {
  return assumed.length === 0 ? '' : `assumed harmless: ${assumed.join(', ')}`;
}

/** Each explanation once, with the trials it explains. */
export function blockerLines(rows: readonly CardRow[]): string[] {
  return withTrials(rows, ({ blockers }) => blockers);
}

function withTrials(rows: readonly CardRow[], textsOf: (row: CardRow) => readonly string[]): string[] {
  const trials = new Map<string, string[]>();
  for (const row of rows) {
    for (const text of textsOf(row)) trials.set(text, [...(trials.get(text) ?? []), row.trial]);
  }
  return [...trials].map(([text, names]) => {
    const all = names.length === rows.length && names.length > NAMED_MAX;
    return `${text} (${all ? `all ${names.length} trials` : names.join(', ')})`;
  });
}

/**
 * The lines that show it again. A trial is run over all workloads, so that what shows one of them often shows another: `shown` holds whose line stands
 * already, by line, and a row with such a line refers to it.
 */
export function replayLines(workload: CardWorkload, shown: Map<string, string>): { lines: string[]; others: string[] } {
  const lines: string[] = [];
  const others: string[] = [];
  for (const { replay, trial } of rowsWorthReplay(workload)) {
    const owner = shown.get(replay);
    if (owner === undefined) {
      shown.set(replay, workload.id);
      lines.push(replay);
    } else if (owner !== workload.id) others.push(`${trial}: as for ${owner}`);
  }
  return { lines, others };
}

/**
 * The rows whose replay lines are shown. A row that is unknown only for what is not simulated has nothing to look at; of a workload that lacks pods without
 * any fault one row shows it, the plainest, beside those to which a fault added something.
 */
export function rowsWorthReplay(workload: CardWorkload): CardRow[] {
  const worthIt = workload.rows.filter(
    ({ replay, mark, reasons }) => replay !== '' && mark !== 'survived' && reasons.some(isSimulated),
  );
  if (!neverWhole(workload)) return worthIt;
  const plainest = plainestRow(workload);
  const isHit = ({ reasons }: CardRow) => addedReasons(workload, reasons).some(isSimulated);
  return worthIt.filter((row) => row === plainest || isHit(row));
}
