/**
 * Runs a comparison on worker threads and sums it up: what `seatrial compare` and the main job call.
 *
 * Always: the result does not depend on the number of workers.
 */
import path from 'node:path';
import { runCasePool } from '../campaign/case-pool.ts';
import { packageRoot } from '../cli/package-info.ts';
import { userError } from '../cli/user-error.ts';
import { type CompareCase, casesOf, otherRules, sensitiveExperiment } from './cases.ts';
import type { CompareResult, ExperimentName, SelectionRules } from './compare-result.ts';
import { loadPolicy, type PolicySpec } from './policy-spec.ts';
import type { NodeOffer } from './price-list.ts';
import { summarize } from './summarize.ts';
import type { CaseAnswer, CompareWorkerData } from './worker.ts';
import type { CompareWorkload } from './workload.ts';

/** Tasks a worker should get at least, so that all end at about the same time. */
const TASKS_A_WORKER_MIN = 6;
const CASES_A_TASK_MAX = 8;

export const DEFAULT_FILL_PERCENT = 130;
export const DEFAULT_LOAD = 0.9;
export const DEFAULT_HORIZON_S = 6 * 3600;
/** Rules of the published tables: the first of a drawn order of the nodes wins a tie, every node is looked at. */
export const DEFAULT_RULES: SelectionRules = { tieRule: 'first', nodeOrder: 'drawn', sample: 'all' };
export const DEFAULT_SENSITIVITY_SEEDS = 5;

export interface CompareOptions {
  readonly workload: CompareWorkload;
  readonly policies: readonly PolicySpec[];
  readonly seeds: readonly number[];
  readonly experiments: readonly ExperimentName[];
  readonly rules: SelectionRules;
  /** Seeds under other rules; 0 = no sensitivity. */
  readonly sensitivitySeeds: number;
  readonly fillPercent: number;
  readonly load: number;
  readonly compression: number | null;
  readonly horizonS: number;
  /** Share of the nodes lost per hour of the steady state, 0 … 1. */
  readonly disturb: number;
  /** When the experiment `fork` hands over to the other policy, s of virtual time. */
  readonly forkAtS: number;
  /** What the experiment `add-nodes` may buy. */
  readonly offers: readonly NodeOffer[];
  readonly assumptions: readonly string[];
  readonly workers: number;
  /** Most host time of one case, ms; 0 = no limit. */
  readonly caseTimeoutMs: number;
  /** Most host time of one decision of a user's module, ms; 0 = no limit. */
  readonly decisionTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, count: number) => void) | undefined;
  readonly workerFile?: string | undefined;
}

/** A comparison and the host time of its cases, ms by case number (NaN: not run). */
export interface ComparedPolicies {
  readonly result: CompareResult;
  readonly cases: readonly CompareCase[];
  readonly answers: readonly (CaseAnswer | null)[];
}

/** Compares. @throws UserError for a policy module that does something wrong. */
export async function runCompare(options: CompareOptions): Promise<ComparedPolicies> {
  // A module that cannot be loaded is better known before the threads start.
  for (const spec of options.policies) await loadPolicy(spec);
  const sensitive = options.sensitivitySeeds > 0 && sensitiveExperiment(options.experiments) !== null;
  const variants = sensitive ? otherRules(options.rules) : [];
  const cases = casesOf({
    ...options,
    policyCount: options.policies.length,
    variants,
    variantSeeds: options.sensitivitySeeds,
  });
  const answers: (CaseAnswer | null)[] = cases.map(() => null);
  const broken = new Map<number, string>();
  const endless = new Map<number, string>();
  const { workload, policies, fillPercent, load, compression, horizonS, disturb, forkAtS, offers } = options;
  const steady = { load, compression, horizonS, disturb };
  const workerData: CompareWorkerData = { workload, policies, cases, fillPercent, steady, forkAtS, offers };
  const complete = await runCasePool<CaseAnswer[]>({
    workerFile: options.workerFile ?? path.join(packageRoot(), 'dist', 'bench', 'compare', 'worker.js'),
    workerData,
    workers: Math.min(options.workers, cases.length),
    tasks: tasksOf(cases.length, options.workers),
    caseTimeoutMs: options.caseTimeoutMs,
    callTimeoutMs: options.decisionTimeoutMs,
    signal: options.signal,
    onResult: (numbers, found) => {
      numbers.forEach((caseNumber, index) => {
        answers[caseNumber] = found[index] ?? null;
      });
    },
    onBroken: (caseNumber, cause, inUserCall) => (inUserCall ? endless : broken).set(caseNumber, cause),
    onProgress: (count) => options.onProgress?.(count, cases.length),
  });
  throwFault(answers);
  throwEndless(options, cases, broken, endless);
  const outcomes = answers.map((answer) => answer?.outcome ?? null);
  const result = summarize({ ...options, variants, cases, outcomes, broken, complete });
  return { result, cases, answers };
}

/** The first fault by case number, so that it is the same on every run. */
function throwFault(answers: readonly (CaseAnswer | null)[]): void {
  const fault = answers.find((answer) => answer !== null && answer.fault !== '')?.fault;
  if (fault !== undefined) throw userError({ code: 'POL-002', message: fault });
}

/** A run that a user's module never gave back is the module's fault, as a built-in policy's is the tool's. */
function throwEndless(
  { policies }: CompareOptions,
  cases: readonly CompareCase[],
  broken: ReadonlyMap<number, string>,
  endless: ReadonlyMap<number, string>,
): void {
  const [first] = [...endless].sort(([a], [b]) => a - b);
  if (first !== undefined) throw userError({ code: 'POL-003', message: first[1], hint: 'see --decision-timeout' });
  for (const [number, cause] of [...broken].sort(([a], [b]) => a - b)) {
    const policy = policies[(cases[number] as CompareCase).policy];
    if (policy?.kind !== 'module') continue;
    const hint = cause.startsWith('worker exited') ? 'a policy may not end its process' : 'see --timeout';
    throw userError({ code: 'POL-003', message: `policy ${policy.name}: ${cause}`, hint });
  }
}

function* tasksOf(caseCount: number, workers: number): Generator<number[]> {
  const even = Math.ceil(caseCount / (workers * TASKS_A_WORKER_MIN));
  const size = Math.max(1, Math.min(CASES_A_TASK_MAX, even));
  for (let first = 0; first < caseCount; first += size) {
    yield Array.from({ length: Math.min(size, caseCount - first) }, (_, index) => first + index);
  }
}
