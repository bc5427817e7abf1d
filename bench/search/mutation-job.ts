/**
 * A mutation campaign: every bug switch that components declare is planted, and must be found. The test of the tests.
 */
import path from 'node:path';
import { behaviouralBugs } from '../../core/cluster/declared.ts';
import { runCasePool } from '../campaign/case-pool.ts';
import { packageRoot } from '../cli/package-info.ts';
import type { MutantResult, MutationWorkerData } from './mutation-worker.ts';

export interface MutationOptions {
  /** Swarm cases that may be spent on a bug. */
  readonly swarmRunsMax: number;
  readonly seed: number;
  readonly workers: number;
  readonly caseTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface MutationResult {
  /** In the order of declaration. */
  readonly mutants: readonly MutantResult[];
  readonly broken: readonly { readonly bug: string; readonly cause: string }[];
  readonly complete: boolean;
  /** Host time, ms. */
  readonly elapsedMs: number;
}

/** Runs the campaign over all declared switches. */
export async function runMutation(options: MutationOptions): Promise<MutationResult> {
  const startedMs = performance.now();
  const bugs = behaviouralBugs();
  const mutants = new Map<number, MutantResult>();
  const broken: { bug: string; cause: string }[] = [];
  const workerData: MutationWorkerData = { bugs, swarmRunsMax: options.swarmRunsMax, seed: options.seed };
  const complete = await runCasePool<readonly MutantResult[]>({
    workerFile: path.join(packageRoot(), 'dist', 'bench', 'search', 'mutation-worker.js'),
    workerData,
    workers: Math.min(options.workers, bugs.length),
    tasks: bugs.map((_, index) => [index]),
    caseTimeoutMs: options.caseTimeoutMs,
    signal: options.signal,
    onResult: (cases, results) => {
      cases.forEach((caseNumber, index) => mutants.set(caseNumber, results[index] as MutantResult));
    },
    onBroken: (caseNumber, cause) => broken.push({ bug: bugs[caseNumber] as string, cause }),
    onProgress: (begun) => options.onProgress?.(`${begun} of ${bugs.length} planted bugs`),
  });
  return {
    mutants: [...mutants].sort(([left], [right]) => left - right).map(([, mutant]) => mutant),
    broken,
    complete,
    elapsedMs: performance.now() - startedMs,
  };
}
