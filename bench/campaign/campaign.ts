/**
 * A campaign: scenarios × seeds on worker threads, merged into one result.
 *
 * Always: the result does not depend on the number of workers, on which thread ran a case, or on how cases were cut into
 * tasks: rows have their place by case number, histograms are added.
 */
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { packageRoot } from '../cli/package-info.ts';
import type { ClusterReplay } from '../replay/cluster-replay.ts';
import { Histogram } from '../report/histogram.ts';
import { endlessCall } from '../user-modules/guarded-run.ts';
import { CaseColumns } from './case-columns.ts';
import { runCasePool } from './case-pool.ts';
import { type CaseResult, emptyCase } from './case-result.ts';
import type { CampaignTaskResult, CampaignWorkerData, CaseReplay } from './worker.ts';

/** Most cases of a task: few enough that an interruption loses little, many enough that a task's cost vanishes. */
const CASES_A_TASK_MAX = 16;
/** Tasks a worker should get at least, so that all end at about the same time. */
const TASKS_A_WORKER_MIN = 4;

/** One scenario, or its twin, as the campaign runs it. */
export interface CampaignScenario {
  /** The file as the user named it, for replay lines. */
  readonly file: string;
  readonly twin: boolean;
  readonly plan: ScenarioPlan;
  /** Warnings of the loader about this file. */
  readonly warnings: readonly string[];
  /** What was read, where that was standard input. */
  readonly text?: string | undefined;
  /** Digest of everything that was read for it, see inputs-digest.ts; absent where nobody replays it. */
  readonly inputs?: string | undefined;
}

export interface CampaignOptions {
  readonly scenarios: readonly CampaignScenario[];
  readonly seeds: readonly number[];
  readonly workers: number;
  /** Most host time of one case, ms; 0 = no limit. */
  readonly caseTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CampaignProgress) => void) | undefined;
  /** Keep the replay of one case a scenario: the first that was not as expected, else the first. */
  readonly replays?: boolean | undefined;
  /** Another worker module, for tests of dying workers. */
  readonly workerFile?: string | undefined;
}

export interface CampaignProgress {
  readonly caseCount: number;
  readonly begunCount: number;
  /** Finished cases whose outcome was not expected, broken ones included. */
  readonly unexpectedCount: number;
}

/** All cases of one scenario, in the order of the seeds. */
export interface ScenarioResult {
  readonly scenario: CampaignScenario;
  readonly cases: readonly CaseResult[];
  /** Pod creation to Ready, µs virtual, over all cases. */
  readonly podStartup: Histogram;
  /** How long workloads were short of Ready pods, µs virtual, over all cases. */
  readonly recovery: Histogram;
  /** What one case looked like; null where none was kept. */
  readonly replay: ClusterReplay | null;
}

export interface CampaignResult {
  readonly seeds: readonly number[];
  readonly scenarios: readonly ScenarioResult[];
  /** false if it was interrupted: some cases are missing. */
  readonly complete: boolean;
  /** Host time, ms. */
  readonly elapsedMs: number;
}

/** Runs a campaign. The histograms of the result belong to the caller; see {@link destroyCampaign}. @throws UserError for a controller that loops. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { scenarios, seeds } = options;
  const startedMs = performance.now();
  const columns = new CaseColumns(scenarios.length * seeds.length);
  for (let i = 0; i < columns.count; i++) {
    columns.set(i, emptyCase(seeds[i % seeds.length] as number, 'missing', 'not run: interrupted'));
  }
  const histograms = scenarios.map(histogramsOf);
  const tally = { begunCount: 0, unexpectedCount: 0 };
  const replays = new Map<number, CaseReplay>();
  const endless = new Map<number, string>();
  const workerData: CampaignWorkerData = {
    plans: scenarios.map(({ plan }) => plan),
    seeds,
    replays: options.replays === true,
  };
  const complete = await runCasePool<CampaignTaskResult>({
    workerFile: options.workerFile ?? path.join(packageRoot(), 'dist', 'bench', 'campaign', 'worker.js'),
    workerData,
    workers: Math.min(options.workers, Math.max(1, columns.count)),
    tasks: tasksOf(scenarios.length, seeds.length, options.workers),
    caseTimeoutMs: options.caseTimeoutMs,
    signal: options.signal,
    onResult: (cases, result) => {
      const rows = new CaseColumns(cases.length, result.columns);
      columns.take(cases, rows);
      tally.unexpectedCount += result.columns.asExpected.reduce((sum, expected) => sum + 1 - expected, 0);
      const scenario = Math.floor((cases[0] as number) / seeds.length);
      const target = histograms[scenario];
      if (target === undefined) return;
      for (const each of result.replays) keepReplay(replays, scenario, each);
      addEncoded(target.podStartup, result.podStartup);
      addEncoded(target.recovery, result.recovery);
    },
    onBroken: (caseNumber, cause, inUserCall) => {
      tally.unexpectedCount++;
      if (inUserCall) endless.set(caseNumber, cause);
      columns.set(caseNumber, emptyCase(seeds[caseNumber % seeds.length] as number, 'broken', cause));
    },
    onProgress: (begunCount) => {
      tally.begunCount = begunCount;
      options.onProgress?.({ caseCount: columns.count, ...tally });
    },
  });
  const [looping] = [...endless].sort(([left], [right]) => left - right);
  if (looping !== undefined) throw endlessCall(looping[1]);
  return {
    seeds,
    scenarios: scenarios.map((scenario, index) => ({
      scenario,
      cases: seeds.map((_, seedIndex) => columns.get(index * seeds.length + seedIndex)),
      ...(histograms[index] as ReturnType<typeof histogramsOf>),
      replay: replays.get(index)?.replay ?? null,
    })),
    complete,
    elapsedMs: performance.now() - startedMs,
  };
}

/** Frees the histograms of a result. */
export function destroyCampaign(result: CampaignResult): void {
  for (const { podStartup, recovery } of result.scenarios) {
    podStartup.destroy();
    recovery.destroy();
  }
}

/** Case numbers cut into tasks; all cases of a task are of one scenario. */
export function* tasksOf(scenarioCount: number, seedCount: number, workers: number): Generator<number[]> {
  const even = Math.ceil((scenarioCount * seedCount) / (workers * TASKS_A_WORKER_MIN));
  const size = Math.max(1, Math.min(CASES_A_TASK_MAX, even));
  for (let scenario = 0; scenario < scenarioCount; scenario++) {
    for (let first = 0; first < seedCount; first += size) {
      const count = Math.min(size, seedCount - first);
      yield Array.from({ length: count }, (_, index) => scenario * seedCount + first + index);
    }
  }
}

/** Keeps the better one: not as expected before expected, then the lower number; so it does not matter which came first. */
function keepReplay(kept: Map<number, CaseReplay>, scenario: number, found: CaseReplay): void {
  const old = kept.get(scenario);
  const better =
    old === undefined ||
    (old.asExpected && !found.asExpected) ||
    (old.asExpected === found.asExpected && found.caseNumber < old.caseNumber);
  if (better) kept.set(scenario, found);
}

function histogramsOf(scenario: CampaignScenario): { readonly podStartup: Histogram; readonly recovery: Histogram } {
  const tag = scenario.plan.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return { podStartup: new Histogram(`${tag}.pod-startup-us`), recovery: new Histogram(`${tag}.recovery-us`) };
}

function addEncoded(target: Histogram, encoded: string): void {
  const part = new Histogram(target.name, encoded);
  try {
    target.add(part);
  } finally {
    part.destroy();
  }
}
