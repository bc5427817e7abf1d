/**
 * Runs a comparison on worker threads and sums it up: what `seatrial compare` and the main job call.
 *
 * Always: the result does not depend on the number of workers.
 */
import path from 'node:path';
import { runCasePool } from '../campaign/case-pool.ts';
import { packageRoot } from '../cli/package-info.ts';
import { userError } from '../cli/user-error.ts';
import { stableJson } from '../report/stable-json.ts';
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
  const { policies } = options;
  // A module that cannot be loaded is better known before the threads start.
  for (const spec of policies) await loadPolicy(spec);
  const sensitive = options.sensitivitySeeds > 0 && sensitiveExperiment(options.experiments) !== null;
  const variants = sensitive ? otherRules(options.rules) : [];
  const cases = casesOf({
    ...options,
    policyCount: policies.length,
    variants,
    variantSeeds: options.sensitivitySeeds,
  });
  // The first case of each module runs twice: a module that rolls dice or looks at a clock gives something else.
  const twice = policies.flatMap(({ kind }, policy) => {
    // A fork begins with the first policy, whose number no fork bears.
    const runs = (each: CompareCase): boolean => each.policy === policy || (policy === 0 && each.experiment === 'fork');
    const first = kind === 'module' ? cases.findIndex(runs) : -1;
    return first < 0 ? [] : [{ policy, first }];
  });
  const runs = [...cases, ...twice.map(({ first }) => cases[first] as CompareCase)];
  const answers: (CaseAnswer | null)[] = runs.map(() => null);
  const broken = new Map<number, string>();
  const endless = new Map<number, string>();
  const { workload, fillPercent, load, compression, horizonS, disturb, forkAtS, offers } = options;
  const steady = { load, compression, horizonS, disturb };
  const workerData: CompareWorkerData = { workload, policies, cases: runs, fillPercent, steady, forkAtS, offers };
  // A module that does not give a run back ends the comparison: the others need not be waited for.
  const ending = new AbortController();
  const isModule = (number: number): boolean => policies[(runs[number] as CompareCase).policy]?.kind === 'module';
  const complete = await runCasePool<CaseAnswer[]>({
    workerFile: options.workerFile ?? path.join(packageRoot(), 'dist', 'bench', 'compare', 'worker.js'),
    workerData,
    workers: Math.min(options.workers, runs.length),
    tasks: tasksOf(runs.length, options.workers),
    caseTimeoutMs: options.caseTimeoutMs,
    callTimeoutMs: options.decisionTimeoutMs,
    signal: AbortSignal.any([ending.signal, ...(options.signal === undefined ? [] : [options.signal])]),
    onResult: (numbers, found) => {
      numbers.forEach((caseNumber, index) => {
        answers[caseNumber] = found[index] ?? null;
      });
    },
    onBroken: (caseNumber, cause, inUserCall) => {
      (inUserCall ? endless : broken).set(caseNumber, cause);
      if (isModule(caseNumber)) ending.abort();
    },
    onProgress: (count) => options.onProgress?.(count, runs.length),
  });
  throwFault(answers);
  throwEndless(options, runs, broken, endless);
  throwDifference(options, runs, answers, twice);
  answers.length = cases.length;
  const outcomes = answers.map((answer) => answer?.outcome ?? null);
  const result = summarize({ ...options, variants, cases, outcomes, broken, complete });
  return { result, cases, answers };
}

/** The first fault by case number, so that it is the same on every run. */
function throwFault(answers: readonly (CaseAnswer | null)[]): void {
  const fault = answers.find((answer) => answer !== null && answer.fault !== '')?.fault;
  if (fault !== undefined) throw userError({ code: 'POL-002', message: fault });
}

/** Two runs of one case that part would make every figure a matter of luck. */
function throwDifference(
  { policies }: CompareOptions,
  runs: readonly CompareCase[],
  answers: readonly (CaseAnswer | null)[],
  twice: readonly { readonly policy: number; readonly first: number }[],
): void {
  twice.forEach(({ policy, first }, index) => {
    const [one, other] = [answers[first], answers[runs.length - twice.length + index]];
    if (!one?.outcome || !other?.outcome || stableJson(one.outcome) === stableJson(other.outcome)) return;
    const { seed, experiment } = runs[first] as CompareCase;
    throw userError({
      code: 'POL-004',
      message: `policy ${policies[policy]?.name}: two runs of ${experiment} with seed ${seed} differ`,
      hint: 'a policy may use its arguments, no clock, no random numbers, no state of the module',
    });
  });
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
    throw userError({ code: 'POL-003', message: `policy ${policy.name}: ${cause}`, hint: hintFor(cause) });
  }
}

/** What may be done about the end of a worker thread in a user's module. */
function hintFor(cause: string): string {
  if (cause.startsWith('worker exited')) return 'a policy may not end its process';
  return /out of memory|memory limit/.test(cause) ? 'does it gather something with every call?' : 'see --timeout';
}

function* tasksOf(caseCount: number, workers: number): Generator<number[]> {
  const even = Math.ceil(caseCount / (workers * TASKS_A_WORKER_MIN));
  const size = Math.max(1, Math.min(CASES_A_TASK_MAX, even));
  for (let first = 0; first < caseCount; first += size) {
    yield Array.from({ length: Math.min(size, caseCount - first) }, (_, index) => first + index);
  }
}
