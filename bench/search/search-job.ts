/**
 * A search over one target: batches of cases on worker threads, findings by signature, each shrunk to a scenario.
 *
 * Always: what is found does not depend on the number of workers. Batches have a fixed size, and what the coverage of a batch says about the
 * next one is computed from the whole batch. Only a budget of host time makes the number of cases depend on the machine.
 */
import path from 'node:path';
import { isMinimised, minimise } from '../../core/chaos/minimise/minimise.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { CasePlans, type SearchSpec } from '../../core/chaos/search/case-plan.ts';
import { Coverage } from '../../core/chaos/search/coverage.ts';
import { CasePool } from '../campaign/case-pool.ts';
import { packageRoot } from '../cli/package-info.ts';
import { endlessCall } from '../user-modules/guarded-run.ts';
import { CANARY_CASE, type SearchFinding, type SearchTaskResult } from './search-task.ts';

/** Cases after which the coverage decides what is drawn next. */
const BATCH = 512;
const CASES_A_TASK = 8;
/** Cases after which a budget of host time is looked at; a part of a batch, whose weights it leaves alone. */
const BUDGET_STEP = 64;

export interface SearchOptions {
  readonly spec: SearchSpec;
  /** Most cases. */
  readonly runsMax: number;
  /** Most host time, ms; 0 = no limit. */
  readonly budgetMs: number;
  readonly workers: number;
  readonly caseTimeoutMs: number;
  /** Most simulations to shrink one finding; 0 = not shrunk. */
  readonly shrinkRunsMax: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** All cases that failed in the same way, and the smallest plan that does. */
export interface Finding {
  readonly signature: string;
  /** The lowest number. */
  readonly caseNumber: number;
  readonly cases: number;
  readonly message: string;
  /** What fails: shrunk, or as it was drawn. */
  readonly plan: ScenarioPlan;
  readonly digest: string;
  /** Simulations that shrinking took; 0 = it was not shrunk. */
  readonly shrinkRuns: number;
  /** Items of the plan that are not needed although shrinking ended; empty as a rule. */
  readonly unneeded: readonly string[];
}

export interface SearchResult {
  readonly findings: readonly Finding[];
  readonly runs: number;
  /** Cases that there are; Infinity where they are drawn. */
  readonly possible: number;
  readonly excused: number;
  readonly events: number;
  readonly coverage: Coverage;
  /** Cases that killed their thread or ran out of time, with why. */
  readonly broken: readonly { readonly caseNumber: number; readonly cause: string }[];
  readonly canaryFound: boolean;
  readonly complete: boolean;
  /** Host time, ms. */
  readonly elapsedMs: number;
}

/** What is gathered over all batches. */
class Tally {
  readonly coverage = new Coverage();
  readonly found: SearchFinding[] = [];
  readonly broken: { caseNumber: number; cause: string }[] = [];
  /** A call of a user's code that did not end; '' = none. */
  endless = '';
  runs = 0;
  excused = 0;
  events = 0;
  canaryFound = false;

  take(result: SearchTaskResult): void {
    this.coverage.add(result);
    this.runs += result.runs;
    this.excused += result.excused;
    this.events += result.events;
    for (const finding of result.findings) {
      if (finding.caseNumber === CANARY_CASE) this.canaryFound = true;
      else this.found.push(finding);
    }
  }
}

/** Runs a search. @throws UserError for a controller that loops. */
export async function runSearch(options: SearchOptions): Promise<SearchResult> {
  const startedMs = performance.now();
  const { spec, budgetMs } = options;
  const tally = new Tally();
  const possible = new CasePlans(spec).count;
  const total = Math.min(options.runsMax, possible);
  const weights: (readonly number[] | undefined)[] = [];
  const pool = openPool(tally, options, total);
  let complete = true;
  try {
    const step = budgetMs > 0 ? BUDGET_STEP : BATCH;
    for (let first = 0; first < total && complete; first += step) {
      if (first > 0 && budgetMs > 0 && performance.now() - startedMs >= budgetMs) break;
      if (first % BATCH === 0) {
        weights.push(spec.profile === 'swarm' && first > 0 ? tally.coverage.weights() : undefined);
      }
      const cases = Array.from({ length: Math.min(step, total - first) }, (_, index) => first + index);
      if (first === 0) cases.push(CANARY_CASE);
      complete = await pool.run(chunks(cases), weights.at(-1));
    }
  } finally {
    await pool.close();
  }
  if (tally.endless !== '') throw endlessCall(tally.endless);
  const findings = shrinkAll(tally, weights, options);
  const { runs, excused, events, coverage, broken, canaryFound } = tally;
  return {
    findings,
    runs,
    possible,
    excused,
    events,
    coverage,
    broken,
    canaryFound,
    complete,
    elapsedMs: performance.now() - startedMs,
  };
}

/** Threads for the whole search: a new thread would compile everything again. */
function openPool(tally: Tally, options: SearchOptions, total: number): CasePool<SearchTaskResult> {
  const limit = Number.isFinite(total) ? ` of ${total}` : '';
  return new CasePool<SearchTaskResult>({
    workerFile: path.join(packageRoot(), 'dist', 'bench', 'search', 'worker.js'),
    workerData: options.spec,
    workers: Math.min(options.workers, Math.ceil((Math.min(total, BATCH) + 1) / CASES_A_TASK)),
    caseTimeoutMs: options.caseTimeoutMs,
    signal: options.signal,
    onResult: (_cases, result) => tally.take(result),
    onBroken: (caseNumber, cause, inUserCall) => {
      tally.broken.push({ caseNumber, cause });
      if (inUserCall) tally.endless = cause;
    },
    onProgress: (begun) =>
      options.onProgress?.(`${Math.min(begun, total)}${limit} cases, ${signatures(tally).length} findings`),
  });
}

function* chunks(cases: readonly number[]): Generator<number[]> {
  for (let at = 0; at < cases.length; at += CASES_A_TASK) yield cases.slice(at, at + CASES_A_TASK);
}

function signatures({ found }: Tally): string[] {
  return [...new Set(found.map(({ signature }) => signature))];
}

/** Weights of the kinds of faults, by batch. */
type Weights = readonly (readonly number[] | undefined)[];

/** One finding a signature: its first case, shrunk. Worst first is by how often it came. */
function shrinkAll(tally: Tally, weights: Weights, options: SearchOptions): Finding[] {
  return signatures(tally)
    .map((signature) => {
      const same = tally.found.filter((finding) => finding.signature === signature);
      const first = same.reduce((left, right) => (right.caseNumber < left.caseNumber ? right : left));
      return { first, count: same.length };
    })
    .sort((left, right) => right.count - left.count || left.first.caseNumber - right.first.caseNumber)
    .map(({ first, count }) => shrink(first, count, weights, options));
}

function shrink(first: SearchFinding, count: number, weights: Weights, options: SearchOptions): Finding {
  const { signature, caseNumber, message, digest } = first;
  const { spec } = options;
  const plan = new CasePlans(spec).plan(caseNumber, weights[Math.floor(caseNumber / BATCH)]);
  const asDrawn: Finding = { signature, caseNumber, cases: count, message, plan, digest, shrinkRuns: 0, unneeded: [] };
  if (signature === 'bug' || options.shrinkRunsMax === 0 || options.signal?.aborted === true) return asDrawn;
  options.onProgress?.(`shrinking ${signature}`);
  const small = minimise(plan, spec.seed, {
    runsMax: options.shrinkRunsMax,
    onStep: (step, _plan, runs) => options.onProgress?.(`shrinking ${signature}: ${step}, ${runs} runs`),
  });
  if (!isMinimised(small)) return asDrawn;
  const { outcome } = small.result;
  return {
    ...asDrawn,
    message: outcome.kind === 'fail' ? outcome.message : message,
    plan: small.plan,
    digest: small.result.digest,
    shrinkRuns: small.runs,
    unneeded: small.unneeded,
  };
}
