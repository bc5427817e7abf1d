/**
 * GitHub Actions: annotations at the lines of scenario files, and the summary of the step.
 *
 * Only about ten errors and ten warnings of a step are shown, so there is one annotation a finding, worst first, and one
 * line for the rest. Texts of users are escaped: none can start a command of its own.
 */
import { appendFileSync } from 'node:fs';
import { fileFailure } from '../cli/tool-failure.ts';
import type { Diagnostic, ResultCase, ResultDocument } from './result.ts';
import { resultMarkdown } from './result-markdown.ts';
import { casesWorstFirst, comparisonsWorstFirst, isClosed } from './worst-first.ts';

const ANNOTATIONS_MAX = 10;
/** A step's summary is cut at about a megabyte; this stays well below. */
const SUMMARY_BYTES_MAX = 900_000;

const LEVELS = ['error', 'warning', 'notice'] as const;
type Level = (typeof LEVELS)[number];

interface Annotation {
  readonly level: Level;
  readonly place: Pick<Diagnostic, 'file' | 'line' | 'column'>;
  readonly title: string;
  readonly message: string;
}

const NOWHERE = { file: null, line: null, column: null };

/** One workflow command a line; empty when there is nothing to say. */
export function githubAnnotations(result: ResultDocument): string {
  const all = annotationsOf(result);
  const lines: string[] = [];
  for (const level of LEVELS) {
    const found = all.filter((each) => each.level === level);
    lines.push(...found.slice(0, ANNOTATIONS_MAX).map(commandOf));
    const hidden = found.length - ANNOTATIONS_MAX;
    if (hidden > 0) lines.push(`::notice title=seatrial::${hidden} more ${level}s; the step's summary lists them`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Appends the Markdown of the result to the file that GITHUB_STEP_SUMMARY names. @throws ToolFailure naming the path. */
export function appendStepSummary(file: string, result: ResultDocument): void {
  let text = `${resultMarkdown(result)}\n`;
  if (Buffer.byteLength(text) > SUMMARY_BYTES_MAX)
    text = `**${result.summary.verdict}**\n\n(too long to be shown here)\n`;
  try {
    appendFileSync(file, text);
  } catch (error) {
    throw fileFailure('write', file, error);
  }
}

function annotationsOf(result: ResultDocument): Annotation[] {
  const sources = new Map(result.cases.map((each) => [each.id, each.source ?? NOWHERE]));
  const found: Annotation[] = [];
  for (const each of casesWorstFirst(result.cases)) {
    const level = levelOf(each);
    if (level === null) continue;
    const message = [each.message || each.outcome, each.reproduce].filter((text) => text !== '').join('\n');
    found.push({ level, place: each.source ?? NOWHERE, title: `${each.id}: ${each.outcome}`, message });
  }
  for (const each of comparisonsWorstFirst(result.comparisons)) {
    if (each.verdict === 'pass' || each.verdict === 'improved' || each.verdict === 'new') continue;
    const level = isClosed(each) ? 'error' : 'warning';
    const title = `${each.caseId} ${each.metric}: ${each.verdict}`;
    found.push({ level, place: sources.get(each.caseId) ?? NOWHERE, title, message: each.reason });
  }
  for (const { severity, code, message, ...place } of result.diagnostics) {
    if (severity !== 'note') found.push({ level: severity, place, title: code || 'seatrial', message });
  }
  return found;
}

/**
 * null = nothing to say. A row of a report card that is degraded is told also where it closes nothing; one that is unknown is no more than a remark, since
 * nobody has to mend what is not simulated.
 */
function levelOf({ status, outcome }: ResultCase): Level | null {
  if (status === 'pass') return outcome === 'degraded' ? 'warning' : null;
  if (status === 'inconclusive') return outcome === 'unknown' ? 'notice' : 'warning';
  return status === 'missing' ? null : 'error';
}

function commandOf({ level, place, title, message }: Annotation): string {
  const properties = [
    ...(place.file === null ? [] : [`file=${escapeProperty(place.file)}`]),
    ...(place.line === null ? [] : [`line=${place.line}`]),
    ...(place.column === null ? [] : [`col=${place.column}`]),
    `title=${escapeProperty(title)}`,
  ];
  return `::${level} ${properties.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text
    .replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f]/g, ' ')
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
