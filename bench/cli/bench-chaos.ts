/**
 * The work of `seatrial bench chaos`: small runs and replay as kernels, shrinking, and a pattern campaign over every controller with one worker and with all.
 *
 * Host time of this machine; a finding of the campaign is a finding always, a missed target only with --strict.
 */
import os from 'node:os';
import { YOUNG_GENERATION_FLAG } from '../campaign/young-generation.ts';
import { CHAOS_FIGURES } from '../kernels/chaos/figures.ts';
import { everyController } from '../kernels/chaos/plans.ts';
import { SHRINKING_FIGURES, type ShrinkingFigure, type Shrunk } from '../kernels/chaos/shrinking.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { measureAll, measureKernel, outputOfFreshProcess } from '../kernels/measure.ts';
import { runSearch, type SearchResult } from '../search/search-job.ts';
import type { BenchArgs } from './bench.ts';
import { chooseKernels, type KernelRow, kernelsText } from './bench-kernels.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { listOutput } from './output-args.ts';

const PATTERN = 'pattern campaign';
const SPEED_UP = 'speed-up of the campaign';
const CPU_GROWTH = 'CPU a case of the campaign';
/** Rows that come from the campaign, in the order they are shown. */
const CAMPAIGN: readonly Omit<Kernel, 'work'>[] = [
  {
    name: PATTERN,
    about: 'all patterns at every point of every controller and the scheduler, all workers',
    unit: 's',
    better: 'lower',
    target: 120,
  },
  { name: SPEED_UP, about: 'all workers over one', unit: 'x', better: 'higher', target: 1.3 },
  { name: CPU_GROWTH, about: 'all workers over one', unit: 'x', better: 'lower', target: 1.25 },
];

interface Campaign {
  readonly result: SearchResult;
  /** CPU time of the process, ms. */
  readonly cpuMs: number;
}

/** Measures and prints. @throws UserError for a text that no name holds. */
export async function benchChaos(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench chaos');
  const names = chooseKernels<Pick<Kernel, 'name'>>(
    [...CHAOS_FIGURES, ...SHRINKING_FIGURES, ...CAMPAIGN],
    args.grep ?? '',
  );
  const figures = CHAOS_FIGURES.filter((kernel) => names.includes(kernel));
  const shrinking = SHRINKING_FIGURES.filter((row) => names.includes(row));
  const shown = CAMPAIGN.filter((row) => names.includes(row));
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const rows: KernelRow[] = [];
  let found = false;
  try {
    for await (const row of measureAll(figures, measureKernel, progress, interrupt.signal)) rows.push(row);
    if (shrinking.length > 0 && !interrupt.signal.aborted) {
      progress.update(() => 'shrinking');
      rows.push(...(await shrinkingRows(shrinking, interrupt.signal)));
    }
    if (shown.length > 0 && !interrupt.signal.aborted) {
      const campaigns: Campaign[] = [];
      for (const workers of [1, Math.max(2, Math.min(args.workers, os.availableParallelism()))]) {
        campaigns.push(await patterns(workers, interrupt.signal, (text) => progress.update(() => text)));
      }
      found = campaigns.some(({ result }) => result.findings.length > 0 || result.broken.length > 0);
      if (!interrupt.signal.aborted) rows.push(...campaignRows(shown, campaigns));
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  run.io.out(kernelsText(rows, output, run));
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  return found || (args.strict && rows.some(({ measured }) => !measured.meets)) ? EXIT.finding : EXIT.yes;
}

async function patterns(workers: number, signal: AbortSignal, onProgress: (text: string) => void): Promise<Campaign> {
  const before = process.cpuUsage();
  const result = await runSearch({
    spec: { profile: 'pattern', base: everyController(), seed: 1 },
    runsMax: Number.POSITIVE_INFINITY,
    budgetMs: 0,
    workers,
    caseTimeoutMs: 0,
    shrinkRunsMax: 0,
    signal,
    onProgress: (text) => onProgress(`${PATTERN}, ${workers} workers: ${text}`),
  });
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}

async function shrinkingRows(shown: readonly ShrinkingFigure[], signal: AbortSignal): Promise<KernelRow[]> {
  const text = await outputOfFreshProcess('chaos/process.js', 'shrinking', [YOUNG_GENERATION_FLAG], signal);
  if (text === null) return [];
  const shrunk = JSON.parse(text) as readonly Shrunk[];
  return shown.map(({ of, ...kernel }) => rowOf(kernel, of(shrunk), shrunk.length));
}

function campaignRows(shown: readonly Omit<Kernel, 'work'>[], campaigns: readonly Campaign[]): KernelRow[] {
  const [one, many] = campaigns as [Campaign, Campaign];
  const values: Readonly<Record<string, number>> = {
    [PATTERN]: many.result.elapsedMs / 1000,
    [SPEED_UP]: one.result.elapsedMs / many.result.elapsedMs,
    [CPU_GROWTH]: many.cpuMs / one.cpuMs,
  };
  return shown.map((kernel) => {
    const about = kernel.name === PATTERN ? `${many.result.runs} cases: ${kernel.about}` : kernel.about;
    return rowOf({ ...kernel, about }, values[kernel.name] as number, 1);
  });
}

function rowOf(kernel: Omit<Kernel, 'work'>, value: number, samples: number): KernelRow {
  const meets = kernel.better === 'higher' ? value >= kernel.target : value <= kernel.target;
  return { kernel, measured: { best: value, median: value, samples, meets } };
}
