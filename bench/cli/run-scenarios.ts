/**
 * The work of `seatrial run`: load all, run the campaign, show it, keep it.
 */
import { type CampaignResult, destroyCampaign, runCampaign } from '../campaign/campaign.ts';
import { type CampaignVerdict, exitOf, verdictOf } from '../campaign/campaign-verdict.ts';
import { keepStandardInput, loadScenarios } from '../campaign/load-scenarios.ts';
import { campaignReplays } from '../replay/replays-file.ts';
import { campaignJson, campaignMetrics, campaignNdjson } from '../report/campaign-json.ts';
import { campaignCases, campaignDiagnostics, workDigest } from '../report/campaign-result.ts';
import { campaignMarkdown, campaignText, plainVerdict } from '../report/campaign-text.ts';
import type { Report } from '../report/formats.ts';
import { curveOf, type LatencyCurve } from '../report/page/curve.ts';
import type { ResultDocument } from '../report/result.ts';
import { resultDocument } from '../report/result-parts.ts';
import { RunFolder } from '../report/run-folder.ts';
import { checkDeterminism } from '../user-modules/check-determinism.ts';
import { loadOperators } from '../user-modules/operators.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import type { ExitCode } from './exit.ts';
import { checkFolderFlag } from './folder-flag.ts';
import { reportFiles, showReport } from './report-output.ts';
import type { RunArgs } from './run.ts';
import { formatSeeds } from './seeds.ts';
import { shellLine } from './shell-line.ts';
import { ProblemList } from './user-error.ts';

/** Runs scenario files over seeds and returns the exit code. @throws UserError with all problems of all files. */
export async function runScenarios(args: RunArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const problems = new ProblemList();
  const reports = reportFiles(args, run, problems);
  checkFolderFlag('results', args.results, problems);
  const paths = args.paths ?? [];
  const given = loadScenarios(paths, problems);
  problems.throwIfErrors();
  await loadOperators(given.map(({ plan }) => plan));
  for (const { plan } of given) checkDeterminism(plan, args.seed[0] ?? 1, args.timeout);
  const startedAt = new Date();
  const [only = ''] = paths.length === 1 ? paths : [];
  const subject = only === '-' ? 'stdin' : only;
  const folder =
    args.results === null ? null : RunFolder.create(args.results, { command: 'run', subject, seeds: args.seed });
  const scenarios = folder === null ? given : keepStandardInput(given, folder);
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
      replays: folder !== null || args.output === 'html' || reports.some(({ format }) => format === 'html'),
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
    const report = reportOf(args, result, verdict, exitCode);
    showReport(args.output, reports, report, run);
    if (folder !== null) {
      keep(folder, result, report.result, { argv: run.argv, startedAt, workers: args.workers, exitCode });
      if (!args.quiet) run.io.err(`results: ${folder.path}\n`);
    }
    return exitCode;
  } finally {
    destroyCampaign(result);
  }
}

function reportOf(args: RunArgs, result: CampaignResult, verdict: CampaignVerdict, exitCode: ExitCode): Report {
  const document = resultDocument({
    command: 'run',
    suite: {
      id: '',
      digest: workDigest(
        result.scenarios.map(({ scenario }) => scenario),
        result.seeds,
      ),
    },
    cases: campaignCases(result),
    diagnostics: campaignDiagnostics(result),
    verdict: plainVerdict(result, verdict),
    exitCode,
    complete: result.complete,
    reproduce: shellLine([
      ...[
        'seatrial',
        'run',
        ...(args.paths ?? []).map((each) => (each === '-' ? keptAs(result) : each)),
        '--seed',
        formatSeeds(result.seeds),
      ],
      ...(args.strict ? ['--strict'] : []),
    ]),
    own: campaignJson(result, verdict),
  });
  const hostMs = new Map(
    result.scenarios
      .flatMap(({ cases }) => cases)
      .map((each, index) => [document.cases[index]?.id ?? '', each.hostMs] as const),
  );
  return {
    result: document,
    text: (colours) => campaignText(result, verdict, colours),
    markdown: () => campaignMarkdown(result, verdict),
    ndjson: () => campaignNdjson(result, verdict),
    page: () => ({ curves: campaignCurves(result), replays: campaignReplays(result) }),
    hostMs: (id) => hostMs.get(id),
  };
}

/** The file that standard input was kept as, `-` where it was not. */
function keptAs({ scenarios }: CampaignResult): string {
  return scenarios.find(({ scenario }) => scenario.text !== undefined)?.scenario.file ?? '-';
}

function campaignCurves(result: CampaignResult): LatencyCurve[] {
  return result.scenarios
    .flatMap(({ podStartup, recovery }) => [curveOf(podStartup), curveOf(recovery)])
    .filter((curve) => curve !== null);
}

/** Facts of this execution that go to run.json. */
interface Execution {
  readonly argv: readonly string[];
  readonly startedAt: Date;
  readonly workers: number;
  readonly exitCode: ExitCode;
}

function keep(folder: RunFolder, result: CampaignResult, document: ResultDocument, execution: Execution): void {
  folder.writeResult(document);
  folder.writeReplays(campaignReplays(result));
  folder.writeMetrics(campaignMetrics(result));
  const ends = result.scenarios.flatMap(({ cases }) => cases.map(({ endUs }) => endUs));
  const durationSeconds = ends.reduce((longest, endUs) => Math.max(longest, endUs), 0) / 1_000_000;
  folder.writeHistograms(
    result.scenarios.flatMap(({ podStartup, recovery }) => [podStartup, recovery]),
    durationSeconds,
  );
  folder.writeRun({
    ...execution,
    finishedAt: new Date(),
    complete: result.complete && document.summary.cases.broken === 0,
  });
}
