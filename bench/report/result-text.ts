/**
 * The result document for people: what is not as it should be, worst first, then the verdict and the command to reproduce.
 */
import type { Colours } from './colour.ts';
import type { Comparison, ResultCase, ResultDocument } from './result.ts';
import { showChange, showFigure } from './result-values.ts';
import { type Cell, oneLine, Table } from './table.ts';
import { casesWorstFirst, comparisonsWorstFirst, isClosed } from './worst-first.ts';

/** Rows shown; the others are counted. */
const ROWS_MAX = 40;
/** As many cases without a baseline have a row each. */
const NEW_MAX = 4;

/** The text, with a line feed at the end. */
export function resultText(result: ResultDocument, colours: Colours): string {
  return [
    casesText(result.cases, colours),
    comparisonsText(result.comparisons, colours),
    ...result.diagnostics.map(({ severity, message }) => `${severity}: ${oneLine(message)}\n`),
    closingText(result, colours),
  ].join('');
}

/** The last two lines: the verdict, and how to get here again. */
export function closingText({ summary }: ResultDocument, colours: Colours): string {
  const paint = summary.exitCode === 0 ? colours.green : summary.exitCode === 4 ? colours.yellow : colours.red;
  const again = summary.reproduce === '' ? '' : `again: ${summary.reproduce}\n`;
  return `${paint(summary.verdict)}\n${again}`;
}

/** Cases that did not pass, with why and their replay lines; empty when all did. */
export function casesText(cases: readonly ResultCase[], colours: Colours): string {
  const bad = casesWorstFirst(cases).filter(({ status }) => status !== 'pass' && status !== 'missing');
  const lines = bad.slice(0, ROWS_MAX).map((each) => {
    const { id, outcome, message, reproduce } = each;
    const paint = each.status === 'inconclusive' ? colours.yellow : colours.red;
    const replay = reproduce === '' ? '' : `\n  replay: ${oneLine(reproduce)}`;
    return `${paint(each.status)} ${oneLine(id)}: ${oneLine(message === '' ? outcome : `${outcome}: ${message}`)}${replay}\n`;
  });
  if (bad.length > ROWS_MAX) lines.push(`… and ${bad.length - ROWS_MAX} more cases\n`);
  return lines.length === 0 ? '' : `${lines.join('')}\n`;
}

/** Comparisons that are not plain passes as a table, cases without a baseline in a line where they are many; empty when there is none. */
export function comparisonsText(comparisons: readonly Comparison[], colours: Colours): string {
  const found = comparisonsWorstFirst(comparisons).filter(({ verdict }) => verdict !== 'pass');
  const newCases = found.filter(isNewCase);
  const shown = newCases.length > NEW_MAX ? found.filter((each) => !isNewCase(each)) : found;
  const more = shown === found ? '' : `${colours.yellow('~ new')}: ${newCases.length} cases without a baseline\n`;
  return `${comparisonTable(shown, colours)}${more}${found.length === 0 ? '' : '\n'}`;
}

function isNewCase({ verdict, metric }: Comparison): boolean {
  return verdict === 'new' && metric === 'case';
}

function comparisonTable(shown: readonly Comparison[], colours: Colours): string {
  if (shown.length === 0) return '';
  const table = new Table([
    { title: 'verdict' },
    { title: 'case' },
    { title: 'metric' },
    { title: 'baseline', align: 'right' },
    { title: 'now', align: 'right' },
    { title: 'change', align: 'right' },
    { title: 'why' },
  ]);
  for (const each of shown.slice(0, ROWS_MAX)) {
    const { caseId, metric, baseline, candidate, estimate, reason } = each;
    table.add([
      verdictCell(each),
      caseId,
      metric,
      showFigure(metric, baseline),
      showFigure(metric, candidate),
      showChange(estimate),
      reason,
    ]);
  }
  const hidden = shown.length - ROWS_MAX;
  return `${table.text(colours)}${hidden > 0 ? `… and ${hidden} more\n` : ''}`;
}

function verdictCell(each: Comparison): Cell {
  const good = each.verdict === 'improved';
  const mark = isClosed(each) ? '✗' : good ? '✓' : '~';
  return {
    text: `${mark} ${each.verdict}`,
    style: (text, colours) => (isClosed(each) ? colours.red(text) : good ? colours.green(text) : colours.yellow(text)),
  };
}
