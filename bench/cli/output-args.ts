/**
 * `-o` and `--report`: the same two flags for every command that gives a report.
 *
 * The names stand here a second time, beside bench/report/formats.ts, which is not loaded for `--help`; a test holds both
 * lists equal.
 */

import { CLI_CODES, userError } from './user-error.ts';

/** Names of the formats. */
export const OUTPUT_FORMATS = ['text', 'json', 'ndjson', 'csv', 'junit', 'markdown', 'html', 'github'] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What the flags give. */
export interface OutputArgs {
  output: OutputFormat;
  /** Texts FORMAT=PATH. */
  report: string[] | undefined;
}

export const OUTPUT_FLAG = { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUT_FORMATS } as const;
export const REPORT_FLAG = { describe: 'Also write a file: FORMAT=PATH; may be repeated' } as const;

/** Formats of lists and plans, which are no results. */
export const LIST_OUTPUTS = ['text', 'json', 'markdown'] as const;

export type ListOutput = (typeof LIST_OUTPUTS)[number];

/** The format of a list. @throws UserError for one that only results have; `what` names the list. */
export function listOutput(output: OutputFormat, what: string): ListOutput {
  const found = LIST_OUTPUTS.find((each) => each === output);
  if (found !== undefined) return found;
  throw userError({ code: CLI_CODES.conflict, message: `${what} gives ${LIST_OUTPUTS.join(', ')}, not ${output}` });
}
