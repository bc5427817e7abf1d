/**
 * The work of `npm start`: the battery on the example application, then the scenario of a thousand nodes.
 *
 * Always: result.json of two runs of one build is the same; host times are in run.json and metrics.csv only.
 */
import path from 'node:path';
import { type CampaignResult, destroyCampaign, runCampaign } from '../campaign/campaign.ts';
import { exitOf, verdictOf } from '../campaign/campaign-verdict.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { campaignJson, campaignMetrics } from '../report/campaign-json.ts';
import { campaignText } from '../report/campaign-text.ts';
import type { Histogram } from '../report/histogram.ts';
import type { Metric } from '../report/metrics-csv.ts';
import { RunFolder } from '../report/run-folder.ts';
import { showVirtual } from '../report/virtual-time.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import { EXIT, type ExitCode, winningExit } from './exit.ts';
import type { Interrupt } from './interrupt.ts';
import type { MainJobArgs } from './main-job.ts';
import { packageRoot } from './package-info.ts';
import { ProblemList } from './user-error.ts';

const SCENARIO = 'thousand-nodes.yaml';
const SEEDS: readonly number[] = [1];

/** What one part leaves for the results folder. */
interface Part {
  /** The deterministic part. */
  readonly json: unknown;
  readonly metrics: readonly Metric[];
  readonly exitCode: ExitCode;
}

/** Runs the parts one after the other and returns the exit code that wins. */
export async function runMainJob(args: MainJobArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const startedAt = new Date();
  const folder = RunFolder.create(args.results, { command: 'main-job', subject: '', seeds: [] });
  const interrupt = run.watchInterrupts();
  try {
    const campaign = await runThousandNodes(args, run, interrupt);
    try {
      const parts = [scenarioPart(campaign, interrupt)];
      run.io.out(scenarioText(campaign, run));
      const exitCode = winningExit([...parts.map((part) => part.exitCode), interrupt.exitCode ?? EXIT.yes]);
      folder.writeResult({ schema: 'seatrial/main-job/v1', scenario: parts[0]?.json });
      folder.writeMetrics(parts.flatMap((part) => part.metrics));
      writeHistograms(folder, campaign);
      const complete = interrupt.exitCode === undefined && exitCode !== EXIT.broken;
      folder.writeRun({ argv: run.argv, startedAt, finishedAt: new Date(), workers: args.workers, exitCode, complete });
      run.io.out(`\nresults: ${folder.path}\n`);
      return exitCode;
    } finally {
      destroyCampaign(campaign);
    }
  } finally {
    interrupt.release();
  }
}

async function runThousandNodes(args: MainJobArgs, run: CommandRun, interrupt: Interrupt): Promise<CampaignResult> {
  const problems = new ProblemList();
  const scenarios = loadScenarios([shippedPath(SCENARIO, run.io.cwd)], problems);
  problems.throwIfErrors();
  const progress = run.startProgress();
  try {
    return await runCampaign({
      scenarios,
      seeds: SEEDS,
      workers: args.workers,
      caseTimeoutMs: 0,
      signal: interrupt.signal,
      onProgress: ({ caseCount, begunCount }) =>
        progress.update(() => `a thousand nodes: ${begunCount} of ${caseCount} cases`),
    });
  } finally {
    progress.finish();
  }
}

function scenarioPart(campaign: CampaignResult, interrupt: Interrupt): Part {
  const verdict = verdictOf(campaign, false);
  return {
    json: campaignJson(campaign, verdict),
    metrics: campaignMetrics(campaign),
    exitCode: exitOf(verdict, interrupt.exitCode),
  };
}

function scenarioText(campaign: CampaignResult, run: CommandRun): string {
  const lines = [`\n${campaign.scenarios[0]?.scenario.plan.about ?? ''}\n\n`];
  lines.push(campaignText(campaign, verdictOf(campaign, false), run.colours), '\n');
  for (const { scenario, podStartup, recovery } of campaign.scenarios) {
    lines.push(
      `${scenario.plan.name}: pod start-up, creation to Ready (virtual): ${quantiles(podStartup)}\n`,
      `${scenario.plan.name}: recovery, workloads short of Ready pods (virtual): ${quantiles(recovery)}\n`,
    );
  }
  return lines.join('');
}

/** `p50 2.6 s, p90 3.0 s, p99 3.2 s, max 3.3 s over 120`. */
function quantiles(histogram: Histogram): string {
  if (histogram.count === 0) return 'never';
  const shown = [50, 90, 99].map((percent) => `p${percent} ${showVirtual(histogram.quantile(percent))}`);
  return `${shown.join(', ')}, max ${showVirtual(histogram.quantile(100))} over ${histogram.count}`;
}

function writeHistograms(folder: RunFolder, campaign: CampaignResult): void {
  const ends = campaign.scenarios.flatMap(({ cases }) => cases.map(({ endUs }) => endUs));
  folder.writeHistograms(
    campaign.scenarios.flatMap(({ podStartup, recovery }) => [podStartup, recovery]),
    Math.max(0, ...ends) / 1_000_000,
  );
}

/** A scenario that comes with seatrial, as a path to show: relative where that is shorter. */
function shippedPath(name: string, cwd: string): string {
  const file = path.join(packageRoot(), 'scenarios', name);
  const relative = path.relative(cwd, file);
  return relative.startsWith('..') ? file : relative;
}
