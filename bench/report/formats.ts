/**
 * The output formats: one list, used by `-o` and `--report` of every command that gives a result.
 *
 * A format is made from the result document alone, so it works for each command; where a command has a better text of its
 * own, its Report brings it. A new format is one row here.
 */
import { type Colours, makeColours } from './colour.ts';
import { githubAnnotations } from './github.ts';
import { junitXml } from './junit.ts';
import { documentPage, type PageCompanions } from './page/document-page.ts';
import type { ResultDocument } from './result.ts';
import { resultCsv } from './result-csv.ts';
import { resultMarkdown } from './result-markdown.ts';
import { resultNdjson } from './result-ndjson.ts';
import { resultText } from './result-text.ts';
import { stableJson } from './stable-json.ts';

/** What a command wants to show. */
export interface Report {
  readonly result: ResultDocument;
  /** The command's own text for a terminal. */
  readonly text?: ((colours: Colours) => string) | undefined;
  /** The command's own Markdown. */
  readonly markdown?: (() => string) | undefined;
  /** The command's own lines of JSON. */
  readonly ndjson?: (() => string) | undefined;
  /** What a page shows beside the document: curves and replays. */
  readonly page?: (() => PageCompanions) | undefined;
  /** Host time of a case, ms, where it is known. */
  readonly hostMs?: ((caseId: string) => number | undefined) | undefined;
}

interface Format {
  readonly about: string;
  readonly render: (report: Report, colours: Colours) => string;
}

/** All formats by name. */
export const FORMATS = {
  text: { about: 'for people, worst first', render: (report, colours) => textOf(report, colours) },
  json: { about: 'the result document', render: ({ result }) => stableJson(result) },
  ndjson: {
    about: 'one line of JSON a case and a comparison',
    render: (report) => report.ndjson?.() ?? resultNdjson(report.result),
  },
  csv: { about: 'one number a row', render: ({ result }) => resultCsv(result) },
  junit: { about: 'XML for test tabs', render: ({ result, hostMs }) => junitXml(result, hostMs) },
  markdown: {
    about: 'a comment on a change',
    render: (report) => report.markdown?.() ?? resultMarkdown(report.result),
  },
  html: { about: 'one offline page with charts', render: (report) => documentPage(report.result, report.page?.()) },
  github: { about: 'annotations of GitHub Actions', render: ({ result }) => githubAnnotations(result) },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

/** The report in a format; colours are for text on a terminal only. */
export function renderReport(format: FormatName, report: Report, colours: Colours = makeColours(false)): string {
  return FORMATS[format].render(report, colours);
}

function textOf(report: Report, colours: Colours): string {
  return report.text?.(colours) ?? resultText(report.result, colours);
}
