/**
 * Gives a report to everybody who is to see it: standard output, `--report` files, and the CI service that runs us.
 *
 * Always: files are whole or not there; what goes to standard output is the format asked for and nothing else.
 */
import { FORMAT_NAMES, type FormatName, type Report, renderReport } from '../report/formats.ts';
import { appendStepSummary, githubAnnotations } from '../report/github.ts';
import type { CommandRun } from './command.ts';
import type { OutputArgs } from './output-args.ts';
import { type ReportFile, readReportFiles, writeReportFiles } from './report-files.ts';
import type { ProblemList } from './user-error.ts';

/** Reads `--report`; call it before anything runs. */
export function reportFiles(
  args: Pick<OutputArgs, 'report'>,
  run: CommandRun,
  problems: ProblemList,
): ReportFile<FormatName>[] {
  return readReportFiles(args.report ?? [], FORMAT_NAMES, run.io.cwd, problems);
}

/** Shows a report. @throws ToolFailure when a file cannot be written; standard output has been written by then. */
export function showReport(
  output: FormatName,
  files: readonly ReportFile<FormatName>[],
  report: Report,
  run: CommandRun,
): void {
  run.io.out(renderReport(output, report, run.colours));
  writeReportFiles(files, (format) => renderReport(format, report));
  const { env } = run.io;
  if (env['GITHUB_ACTIONS'] !== 'true') return;
  if (output !== 'github') run.io.err(githubAnnotations(report.result));
  const summary = env['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary !== '') appendStepSummary(summary, report.result);
}
