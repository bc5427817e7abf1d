/**
 * The result document as lines of JSON: one a case, one a comparison, the summary last. For streams and for history files,
 * to which such lines are appended.
 */
import type { ResultDocument } from './result.ts';

/** The lines, each with its `type`; every line names suite and build, so that lines of many runs can lie in one file. */
export function resultNdjson(result: ResultDocument): string {
  const origin = { suite: result.suite.id, build: result.tool.build };
  const lines: object[] = [
    ...result.cases.map((each) => ({ type: 'case', ...origin, ...each })),
    ...result.comparisons.map((each) => ({ type: 'comparison', ...origin, ...each })),
    ...result.diagnostics.map((each) => ({ type: 'diagnostic', ...origin, ...each })),
    { type: 'summary', ...origin, ...result.summary },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
