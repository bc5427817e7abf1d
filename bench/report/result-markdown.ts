/**
 * The result document as Markdown: a comment on a change, and the summary of a CI step.
 *
 * Always: worst first, at most {@link ROWS_MAX} rows a table (services cut summaries at about a megabyte), the verdict, the
 * command to reproduce. The first line is a hidden marker, by which a bot finds its comment again.
 */
import type { ResultDocument } from './result.ts';
import { showChange, showFigure } from './result-values.ts';
import { Table } from './table.ts';
import { casesWorstFirst, comparisonsWorstFirst, isClosed } from './worst-first.ts';

const ROWS_MAX = 50;
const CELL_LENGTH_MAX = 300;

/** The text. */
export function resultMarkdown(result: ResultDocument): string {
  const marker = `${result.command} ${result.suite.id}`.replace(/[^\w ./-]/g, '_').replaceAll('--', '-_');
  const parts = [
    `<!-- seatrial ${marker} -->`,
    `### seatrial ${plain(result.command)}${result.suite.id === '' ? '' : `: ${plain(result.suite.id)}`}`,
    `**${plain(result.summary.verdict)}**`,
    ...comparisonTable(result),
    ...caseTable(result),
    ...result.diagnostics.map(({ severity, message }) => `- ${severity}: ${plain(message)}`),
  ];
  if (result.summary.reproduce !== '') parts.push(`\`\`\`sh\n${result.summary.reproduce}\n\`\`\``);
  return `${parts.join('\n\n')}\n`;
}

function comparisonTable({ comparisons }: ResultDocument): string[] {
  const shown = comparisonsWorstFirst(comparisons).filter((each) => each.verdict !== 'pass');
  if (shown.length === 0) return [];
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
    const mark = isClosed(each) ? '✗' : each.verdict === 'improved' ? '✓' : '~';
    table.add([
      `${mark} ${each.verdict}`,
      short(each.caseId),
      each.metric,
      showFigure(each.metric, each.baseline),
      showFigure(each.metric, each.candidate),
      showChange(each.estimate),
      short(each.reason),
    ]);
  }
  return [table.markdown().trimEnd(), ...rest(shown.length)];
}

function caseTable({ cases }: ResultDocument): string[] {
  const shown = casesWorstFirst(cases);
  if (shown.length === 0) return [];
  const table = new Table([{ title: 'case' }, { title: 'status' }, { title: 'outcome' }, { title: 'why' }]);
  for (const each of shown.slice(0, ROWS_MAX)) {
    const mark = each.status === 'pass' ? '✓' : each.status === 'inconclusive' ? '~' : '✗';
    table.add([short(each.id), `${mark} ${each.status}`, each.outcome, short(each.message)]);
  }
  return [table.markdown().trimEnd(), ...rest(shown.length)];
}

function rest(count: number): string[] {
  return count > ROWS_MAX ? [`… and ${count - ROWS_MAX} more; result.json has all`] : [];
}

function short(text: string): string {
  return text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX)}…` : text;
}

/** One line that Markdown takes as text. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_<>[\]]/g, (character) => `\\${character}`);
}
