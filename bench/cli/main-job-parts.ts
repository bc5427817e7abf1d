/**
 * The work of `npm start`: the battery on the example application, scheduling policies on a real trace, then the scenario of
 * a thousand nodes.
 *
 * Always: result.json of two runs of one build is the same; host times are in run.json and metrics.csv only. Each failure
 * ends with the line that shows it again.
 */
import path from 'node:path';
import { type CampaignResult, destroyCampaign, runCampaign } from '../campaign/campaign.ts';
import { exitOf, verdictOf } from '../campaign/campaign-verdict.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { campaignReplays } from '../replay/replays-file.ts';
import { campaignJson, campaignMetrics } from '../report/campaign-json.ts';
import { campaignText } from '../report/campaign-text.ts';
import type { Histogram } from '../report/histogram.ts';
import { longestUs } from '../report/longest.ts';
import { reportPage } from '../report/page/page.ts';
import { readReport } from '../report/page/read-report.ts';
import { RunFolder } from '../report/run-folder.ts';
import { showVirtual } from '../report/virtual-time.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import { EXIT, type ExitCode, winningExit } from './exit.ts';
import type { Interrupt } from './interrupt.ts';
import type { MainJobArgs } from './main-job.ts';
import { compareOnTrace, type TraceComparison } from './main-job-compare.ts';
import { type ExampleTrial, trialExample } from './main-job-trial.ts';
import { packageRoot } from './package-info.ts';
import { ProblemList } from './user-error.ts';

const EXAMPLE = 'examples/shop';
const SCENARIO = 'thousand-nodes.yaml';
const SEEDS: readonly number[] = [1];

/** Runs all parts and returns the exit code that wins. */
export async function runMainJob(args: MainJobArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const startedAt = new Date();
  const problems = new ProblemList();
  const scenarios = loadScenarios([shippedPath(SCENARIO, run.io.cwd)], problems);
  problems.throwIfErrors();
  const folder = RunFolder.create(args.results, { command: 'main-job', subject: '', seeds: [] });
  const interrupt = run.watchInterrupts();
  try {
    const trial = await trialExample(shippedPath(EXAMPLE, run.io.cwd), args.workers, run, interrupt);
    const comparison = await compareOnTrace(args.workers, run, interrupt);
    const campaign = await runScenario(scenarios, args, run, interrupt);
    try {
      const verdict = verdictOf(campaign, false);
      run.io.out(scenarioText(campaign, run));
      const exits = [trial.exit, comparison.exit, exitOf(verdict, interrupt.exitCode)];
      const exitCode = winningExit([...exits, interrupt.exitCode ?? EXIT.yes]);
      keep(folder, trial, comparison, campaign);
      const complete = interrupt.exitCode === undefined && exitCode !== EXIT.broken;
      folder.writeRun({ argv: run.argv, startedAt, finishedAt: new Date(), workers: args.workers, exitCode, complete });
      run.io.out(`\nresults: ${folder.path}\nreport: ${writeReport(folder)}\n`);
      return exitCode;
    } finally {
      destroyCampaign(campaign);
    }
  } finally {
    interrupt.release();
  }
}

/** The page of everything that the folder holds; returns its path. */
function writeReport(folder: RunFolder): string {
  const problems = new ProblemList();
  const input = readReport([folder.path], problems);
  problems.throwIfErrors();
  return folder.write('report.html', reportPage(input));
}

async function runScenario(
  scenarios: ReturnType<typeof loadScenarios>,
  args: MainJobArgs,
  run: CommandRun,
  interrupt: Interrupt,
): Promise<CampaignResult> {
  const progress = run.startProgress();
  try {
    return await runCampaign({
      scenarios,
      seeds: SEEDS,
      workers: args.workers,
      caseTimeoutMs: 0,
      signal: interrupt.signal,
      replays: true,
      onProgress: ({ caseCount, begunCount }) =>
        progress.update(() => `a thousand nodes: ${begunCount} of ${caseCount} cases`),
    });
  } finally {
    progress.finish();
  }
}

function keep(folder: RunFolder, trial: ExampleTrial, comparison: TraceComparison, campaign: CampaignResult): void {
  folder.writeResult({
    schema: 'seatrial/main-job/v1',
    trial: { ...trial.card, differences: trial.differences },
    comparison: comparison.result,
    scenario: campaignJson(campaign, verdictOf(campaign, false)),
  });
  folder.writeReplays([...campaignReplays(campaign), ...trial.replays]);
  folder.writeMetrics([...trial.metrics, ...comparison.metrics, ...campaignMetrics(campaign)]);
  const ends = campaign.scenarios.flatMap(({ cases }) => cases.map(({ endUs }) => endUs));
  folder.writeHistograms(
    campaign.scenarios.flatMap(({ podStartup, recovery }) => [podStartup, recovery]),
    Math.max(0, ...ends) / 1_000_000,
  );
}

function scenarioText(campaign: CampaignResult, run: CommandRun): string {
  const lines = [`\n${campaign.scenarios[0]?.scenario.plan.about ?? ''}\n\n`];
  lines.push(campaignText(campaign, verdictOf(campaign, false), run.colours), '\n');
  for (const { scenario, cases, podStartup, recovery } of campaign.scenarios) {
    lines.push(
      `${scenario.plan.name}: pod start-up, creation to Ready (virtual): ${quantiles(podStartup, longestUs(cases, 'startupMaxUs'))}\n`,
      `${scenario.plan.name}: recovery, workloads short of Ready pods (virtual): ${quantiles(recovery, longestUs(cases, 'recoveryMaxUs'))}\n`,
    );
  }
  return lines.join('');
}

/** `p50 2.60 s, p90 3.00 s, p99 3.20 s, max 3.30 s over 120`. */
function quantiles(histogram: Histogram, longest: number | null): string {
  if (histogram.count === 0) return 'never';
  const shown = [50, 90, 99].map((percent) => `p${percent} ${showVirtual(histogram.quantile(percent))}`);
  return `${shown.join(', ')}, max ${showVirtual(longest)} over ${histogram.count}`;
}

/** A file that comes with seatrial, as a path to show: relative where that is shorter. */
function shippedPath(name: string, cwd: string): string {
  const file = path.join(packageRoot(), 'scenarios', name);
  const relative = path.relative(cwd, file);
  return relative.startsWith('..') ? file : relative;
}
