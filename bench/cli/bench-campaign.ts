/**
 * The work of `seatrial bench campaign`: what the harness itself costs, and what a second worker gains.
 *
 * The same cases run with one worker and with all. Shown: the share of host time that is not a case, the gain in wall time,
 * and the CPU time a case. Host time of this machine: measure it where nothing else runs.
 */
import os from 'node:os';
import path from 'node:path';
import { type CampaignResult, destroyCampaign, runCampaign } from '../campaign/campaign.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { hostFacts } from '../report/host-facts.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';
import type { BenchArgs } from './bench.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { listOutput } from './output-args.ts';
import { packageRoot } from './package-info.ts';
import { ProblemList } from './user-error.ts';

const SCENARIO = 'rolling-update-node-loss.yaml';
/** So many that the compilation of each thread, some seconds, does not decide. */
const SEEDS = Array.from({ length: 800 }, (_, index) => index + 1);
const OVERHEAD_MAX = 0.03;
const SPEED_UP_MIN = 1.3;
const CPU_GROWTH_MAX = 1.25;

interface Measured {
  readonly workers: number;
  /** Wall time of the campaign, ms. */
  readonly elapsedMs: number;
  /** CPU time of the process, ms. */
  readonly cpuMs: number;
  /** Sum of the cases' own wall times, ms. */
  readonly casesMs: number;
}

/** Measures and prints. With --strict a missed target is a finding. */
export async function benchCampaign(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench campaign');
  const seeds = args.seed ?? SEEDS;
  const cores = Math.max(2, Math.min(args.workers, os.availableParallelism()));
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const measured: Measured[] = [];
  try {
    for (const workers of [1, cores]) {
      progress.update(() => `${seeds.length} cases with ${workers} workers`);
      measured.push(await measure(seeds, workers, interrupt.signal));
      if (interrupt.exitCode !== undefined) return interrupt.exitCode;
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  const [one, many] = measured as [Measured, Measured];
  const rows = [
    {
      name: 'overhead, share of host time, 1 worker',
      value: 1 - one.casesMs / one.elapsedMs,
      target: OVERHEAD_MAX,
      more: false,
    },
    { name: `speed-up, ${cores} workers`, value: one.elapsedMs / many.elapsedMs, target: SPEED_UP_MIN, more: true },
    { name: `CPU a case, ${cores} workers to 1`, value: many.cpuMs / one.cpuMs, target: CPU_GROWTH_MAX, more: false },
  ].map((row) => ({ ...row, meets: row.more ? row.value >= row.target : row.value <= row.target }));
  if (output === 'json')
    run.io.out(
      stableJson({ schema: 'seatrial/bench-campaign/v1', host: hostFacts(), seeds: seeds.length, measured, rows }),
    );
  else {
    const table = new Table([
      { title: 'campaign' },
      { title: 'measured', align: 'right' },
      { title: 'target', align: 'right' },
      { title: 'meets' },
    ]);
    for (const { name, value, target, more, meets } of rows) {
      table.add([name, value.toFixed(3), `${more ? '≥' : '≤'} ${target}`, meets ? 'yes' : 'no']);
    }
    const times = measured.map(
      (each) =>
        `${each.workers} workers ${(each.elapsedMs / 1000).toFixed(2)} s, CPU ${(each.cpuMs / 1000).toFixed(2)} s`,
    );
    run.io.out(
      `${output === 'markdown' ? table.markdown() : table.text(run.colours)}\n${seeds.length} cases of ${SCENARIO}: ${times.join('; ')}\n`,
    );
  }
  return args.strict && rows.some(({ meets }) => !meets) ? EXIT.finding : EXIT.yes;
}

async function measure(seeds: readonly number[], workers: number, signal: AbortSignal): Promise<Measured> {
  const problems = new ProblemList();
  const scenarios = loadScenarios([path.join(packageRoot(), 'scenarios', SCENARIO)], problems).filter(
    ({ twin }) => !twin,
  );
  problems.throwIfErrors();
  const before = process.cpuUsage();
  const result: CampaignResult = await runCampaign({ scenarios, seeds, workers, caseTimeoutMs: 0, signal });
  const { user, system } = process.cpuUsage(before);
  const casesMs = result.scenarios.flatMap(({ cases }) => cases).reduce((sum, { hostMs }) => sum + hostMs, 0);
  destroyCampaign(result);
  return { workers, elapsedMs: result.elapsedMs, cpuMs: (user + system) / 1000, casesMs };
}
