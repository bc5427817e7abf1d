/**
 * The work of `seatrial run`: load all, run the campaign, show it, keep it.
 */
import { type CampaignResult, destroyCampaign, runCampaign } from '../campaign/campaign.ts';
import { type CampaignVerdict, exitOf, verdictOf } from '../campaign/campaign-verdict.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { campaignJson, campaignMetrics, campaignNdjson } from '../report/campaign-json.ts';
import { campaignMarkdown, campaignText } from '../report/campaign-text.ts';
import { type Colours, makeColours } from '../report/colour.ts';
import { RunFolder } from '../report/run-folder.ts';
import { stableJson } from '../report/stable-json.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import type { ExitCode } from './exit.ts';
import { readReportFiles, writeReportFiles } from './report-files.ts';
import type { RunArgs } from './run.ts';
import { ProblemList } from './user-error.ts';

const FORMATS = ['text', 'json', 'ndjson', 'markdown'] as const;
type Format = (typeof FORMATS)[number];

/** Runs scenario files over seeds and returns the exit code. @throws UserError with all problems of all files. */
export async function runScenarios(args: RunArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const problems = new ProblemList();
  const reports = readReportFiles(args.report, FORMATS, run.io.cwd, problems);
  const paths = args.paths ?? [];
  const scenarios = loadScenarios(paths, problems);
  problems.throwIfErrors();
  const startedAt = new Date();
  const subject = paths.length === 1 ? (paths[0] ?? '') : '';
  const folder =
    args.results === null ? null : RunFolder.create(args.results, { command: 'run', subject, seeds: args.seed });
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  let result: CampaignResult;
  try {
    result = await runCampaign({
      scenarios,
      seeds: args.seed,
      workers: args.workers,
      caseTimeoutMs: Math.ceil(args.timeout / 1000),
      signal: interrupt.signal,
      onProgress: ({ caseCount, begunCount, unexpectedCount }) =>
        progress.update(() => `${begunCount} of ${caseCount} cases, ${unexpectedCount} not as expected`),
    });
  } finally {
    interrupt.release();
    progress.finish();
  }
  try {
    const verdict = verdictOf(result, args.strict);
    const exitCode = exitOf(verdict, interrupt.exitCode);
    run.io.out(show(args.output, result, verdict, run.colours));
    writeReportFiles(reports, (format) => show(format, result, verdict, makeColours(false)));
    if (folder !== null) {
      keep(folder, result, verdict, { argv: run.argv, startedAt, workers: args.workers, exitCode });
      if (!args.quiet) run.io.err(`results: ${folder.path}\n`);
    }
    return exitCode;
  } finally {
    destroyCampaign(result);
  }
}

function show(format: Format, result: CampaignResult, verdict: CampaignVerdict, colours: Colours): string {
  if (format === 'json') return stableJson(campaignJson(result, verdict));
  if (format === 'ndjson') return campaignNdjson(result, verdict);
  return format === 'markdown' ? campaignMarkdown(result, verdict) : campaignText(result, verdict, colours);
}

/** Facts of this execution that go to run.json. */
interface Execution {
  readonly argv: readonly string[];
  readonly startedAt: Date;
  readonly workers: number;
  readonly exitCode: ExitCode;
}

function keep(folder: RunFolder, result: CampaignResult, verdict: CampaignVerdict, execution: Execution): void {
  folder.writeResult(campaignJson(result, verdict));
  folder.writeMetrics(campaignMetrics(result));
  const ends = result.scenarios.flatMap(({ cases }) => cases.map(({ endUs }) => endUs));
  const durationSeconds = ends.reduce((longest, endUs) => Math.max(longest, endUs), 0) / 1_000_000;
  folder.writeHistograms(
    result.scenarios.flatMap(({ podStartup, recovery }) => [podStartup, recovery]),
    durationSeconds,
  );
  folder.writeRun({ ...execution, finishedAt: new Date(), complete: result.complete && verdict !== 'broken' });
}
