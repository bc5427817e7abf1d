/**
 * The second part of `npm start`: four scheduling policies on the embedded GPU trace, over paired seeds.
 *
 * Judged by what has to come out whatever the machine: fragmentation gradient descent allocates more GPUs than best fit,
 * and best fit more than packing by cpu and memory, on every seed.
 */
import { replayMarks } from '../campaign/replay-marks.ts';
import { compareInputs } from '../compare/compare-inputs.ts';
import type { CompareResult } from '../compare/compare-result.ts';
import { compareText } from '../compare/compare-text.ts';
import { readPolicies } from '../compare/policy-spec.ts';
import {
  type CompareOptions,
  DEFAULT_FILL_PERCENT,
  DEFAULT_HORIZON_S,
  DEFAULT_LOAD,
  DEFAULT_RULES,
  runCompare,
} from '../compare/run-compare.ts';
import { openbWorkload } from '../compare/trace-workload.ts';
import type { Metric } from '../report/metrics-csv.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Interrupt } from './interrupt.ts';
import { formatSeeds } from './seeds.ts';
import { shellLine } from './shell-line.ts';
import { ProblemList } from './user-error.ts';

const POLICIES = 'kube-default,most-allocated,best-fit,fgd';
const SEEDS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const SENSITIVITY_SEEDS = 2;
const METRIC = 'gpu-allocation';
/** Best first, on every seed. */
const EXPECTED_ORDER: readonly string[] = ['fgd', 'best-fit', 'most-allocated'];

/** The comparison and what it means for the job. */
export interface TraceComparison {
  readonly result: CompareResult;
  /** Seeds on which the policies are not in the expected order. */
  readonly unexpected: readonly number[];
  readonly metrics: readonly Metric[];
  readonly exit: ExitCode;
}

/** Runs the comparison and prints its table. */
export async function compareOnTrace(workers: number, run: CommandRun, interrupt: Interrupt): Promise<TraceComparison> {
  const problems = new ProblemList();
  const policies = readPolicies(POLICIES, 'fifo', run.io.cwd, problems);
  problems.throwIfErrors();
  const progress = run.startProgress();
  const startedMs = performance.now();
  try {
    const request: CompareOptions = {
      workload: openbWorkload(),
      policies,
      seeds: SEEDS,
      experiments: ['fill-up'],
      rules: DEFAULT_RULES,
      sensitivitySeeds: SENSITIVITY_SEEDS,
      fillPercent: DEFAULT_FILL_PERCENT,
      load: DEFAULT_LOAD,
      compression: null,
      horizonS: DEFAULT_HORIZON_S,
      disturb: 0,
      forkAtS: 0,
      offers: [],
      assumptions: [],
      workers,
      caseTimeoutMs: 0,
      signal: interrupt.signal,
      onProgress: (done, count) => progress.update(() => `policies on the openb trace: ${done} of ${count} runs`),
    };
    const { result, answers } = await runCompare(request);
    progress.finish();
    const unexpected = result.complete ? unexpectedSeeds(result) : [];
    run.io.out(
      `\n${compareText(result, { all: false, reproduce: reproduceLine(compareInputs(request, run.io.cwd)) }, run.colours)}${verdictText(unexpected, run)}`,
    );
    const busyMs = answers.reduce((sum, answer) => sum + (answer?.hostMs ?? 0), 0);
    return {
      result,
      unexpected,
      metrics: hostMetrics(performance.now() - startedMs, busyMs, answers.length),
      exit: exitOf(result, unexpected),
    };
  } finally {
    progress.finish();
  }
}

function unexpectedSeeds(result: CompareResult): number[] {
  const metric = result.experiments[0]?.metrics.find(({ name }) => name === METRIC);
  const valuesOf = (policy: string) => metric?.byPolicy.find((each) => each.policy === policy)?.values ?? [];
  const lists = EXPECTED_ORDER.map(valuesOf);
  return result.seeds.filter((_, index) => {
    const values = lists.map((list) => list[index] ?? Number.NaN);
    return !values.every((value, place) => place === 0 || value < (values[place - 1] as number));
  });
}

function verdictText(unexpected: readonly number[], run: CommandRun): string {
  if (unexpected.length === 0) return '';
  const order = EXPECTED_ORDER.join(' > ');
  return run.colours.red(`${METRIC} is not ${order} on seed ${formatSeeds(unexpected)}\n`);
}

function exitOf(result: CompareResult, unexpected: readonly number[]): ExitCode {
  if (result.broken.length > 0) return EXIT.broken;
  return unexpected.length > 0 ? EXIT.finding : EXIT.yes;
}

function reproduceLine(inputs: string): string {
  const flags = ['--seed', formatSeeds(SEEDS), '--experiment', 'fill-up', '--sensitivity', `${SENSITIVITY_SEEDS}`];
  return shellLine(['seatrial', 'compare', '--policy', POLICIES, ...flags, ...replayMarks(inputs)]);
}

function hostMetrics(elapsedMs: number, busyMs: number, runs: number): Metric[] {
  const subject = 'compare openb';
  return [
    { subject, seed: '', name: 'elapsed', kind: 'host', unit: 'ms', value: elapsedMs },
    { subject, seed: '', name: 'run-mean', kind: 'host', unit: 'ms', value: busyMs / Math.max(1, runs) },
  ];
}
