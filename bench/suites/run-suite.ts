/**
 * Runs a suite as one campaign and turns it into result cases and judged objectives.
 *
 * Always: everything but host times depends on suite, seeds and build only, not on workers or the order of cases.
 */
import { type CampaignResult, type CampaignScenario, destroyCampaign, runCampaign } from '../campaign/campaign.ts';
import { replayMarks } from '../campaign/replay-marks.ts';
import { shellLine } from '../cli/shell-line.ts';
import { planDigest, resultCase, workDigest } from '../report/campaign-result.ts';
import type { Histogram } from '../report/histogram.ts';
import type { Comparison, ResultCase } from '../report/result.ts';
import type { Suite, SuiteBenchmark } from './load-suite.ts';
import { judgeObjective } from './objective.ts';

const QUANTILES = [50, 90, 99, 100] as const;

export interface SuiteOptions {
  readonly suite: Suite;
  readonly seeds: readonly number[];
  readonly workers: number;
  /** Most host time of one case, ms; 0 = no limit. */
  readonly caseTimeoutMs: number;
  /** Bug switches that are on in every case. */
  readonly bugs?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((begun: number, count: number) => void) | undefined;
}

/** Quantiles over all seeds, µs virtual; null when there was nothing. */
export type Quantiles = Readonly<Record<string, number | null>>;

/** One benchmark over its seeds. */
export interface BenchmarkFigures {
  readonly benchmark: SuiteBenchmark;
  readonly cases: readonly ResultCase[];
  readonly podStartupUs: Quantiles;
  readonly recoveryUs: Quantiles;
}

export interface SuiteRun {
  readonly suite: Suite;
  readonly seeds: readonly number[];
  readonly digest: string;
  readonly benchmarks: readonly BenchmarkFigures[];
  /** All cases, in the order of the suite. */
  readonly cases: readonly ResultCase[];
  /** A comparison an objective and case that was run. */
  readonly objectives: readonly Comparison[];
  readonly complete: boolean;
  /** Host time of each case by id, ms. */
  readonly hostMs: ReadonlyMap<string, number>;
  /** Host time of all, ms. */
  readonly elapsedMs: number;
}

/** Runs every benchmark with every seed. */
export async function runSuite(options: SuiteOptions): Promise<SuiteRun> {
  const { suite, seeds } = options;
  const scenarios = suite.benchmarks.map((benchmark) => campaignScenario(benchmark, options.bugs ?? []));
  const result = await runCampaign({
    scenarios,
    seeds,
    workers: options.workers,
    caseTimeoutMs: options.caseTimeoutMs,
    signal: options.signal,
    onProgress: ({ begunCount, caseCount }) => options.onProgress?.(begunCount, caseCount),
  });
  try {
    return suiteRun(options, result);
  } finally {
    destroyCampaign(result);
  }
}

/** SHA-256 over plans and seeds: equal for equal work, whatever the file's name. */
export function suiteDigest(suite: Suite, seeds: readonly number[]): string {
  return workDigest(
    suite.benchmarks.map((benchmark) => campaignScenario(benchmark, [])),
    seeds,
  );
}

/** Id of a case: `tolerable/n9/seed-1`. */
export function suiteCaseId(benchmark: SuiteBenchmark, seed: number): string {
  return `${benchmark.id}/seed-${seed}`;
}

function campaignScenario(benchmark: SuiteBenchmark, bugs: readonly string[]): CampaignScenario {
  const { plan } = benchmark;
  return {
    file: benchmark.scenarioFile,
    twin: false,
    plan: bugs.length === 0 ? plan : { ...plan, bugs: [...plan.bugs, ...bugs] },
    warnings: [],
  };
}

function suiteRun({ suite, seeds }: SuiteOptions, result: CampaignResult): SuiteRun {
  const hostMs = new Map<string, number>();
  const benchmarks = result.scenarios.map(({ scenario, cases, podStartup, recovery }, index) => {
    const benchmark = suite.benchmarks[index] as SuiteBenchmark;
    const found = cases.map((each) => {
      const id = suiteCaseId(benchmark, each.seed);
      hostMs.set(id, each.hostMs);
      // Of the suite's own plan: what a test plants is no other question.
      const inputDigest = planDigest(benchmark.plan);
      const shown = resultCase(scenario, each, aboutCase(benchmark, id));
      return { ...shown, inputDigest, ...pointers(suite, benchmark, each.seed) };
    });
    return { benchmark, cases: found, podStartupUs: quantilesOf(podStartup), recoveryUs: quantilesOf(recovery) };
  });
  const cases = benchmarks.flatMap((each) => each.cases);
  const objectives = benchmarks.flatMap(({ benchmark, cases: own }) =>
    own
      .filter(({ traceDigest }) => traceDigest !== '')
      .flatMap((each) => benchmark.objectives.map((o) => judgeObjective(o, each))),
  );
  const { complete, elapsedMs } = result;
  return {
    suite,
    seeds,
    digest: suiteDigest(suite, seeds),
    benchmarks,
    cases,
    objectives,
    complete,
    hostMs,
    elapsedMs,
  };
}

function aboutCase(benchmark: SuiteBenchmark, id: string): Pick<ResultCase, 'id' | 'params' | 'tags'> {
  const { plan, policy, size, tags } = benchmark;
  return { id, params: { scenario: plan.name, policy, size }, tags: [...tags] };
}

/** A size or policy is the suite's, so the suite shows the case again. */
function pointers(suite: Suite, { id, place }: SuiteBenchmark, seed: number): Pick<ResultCase, 'reproduce' | 'source'> {
  return {
    reproduce: shellLine([
      ...['seatrial', 'bench', 'run', suite.file, '--grep', id, '--seed', `${seed}`],
      ...replayMarks(suite.inputs),
    ]),
    source: { file: place.file ?? '', line: place.line ?? 1, column: place.column ?? 1 },
  };
}

function quantilesOf(histogram: Histogram): Quantiles {
  const quantiles: Record<string, number | null> = { count: histogram.count };
  for (const percent of QUANTILES) quantiles[`p${percent}`] = histogram.quantile(percent);
  return quantiles;
}
