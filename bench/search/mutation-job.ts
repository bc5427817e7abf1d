/**
 * A mutation campaign: every bug switch that components declare is planted, and must be found; plans without any must pass. The test of the tests.
 */
import path from 'node:path';
import { SOUND_PLANS } from '../../core/chaos/mutation/sound-plans.ts';
import { behaviouralBugs } from '../../core/cluster/declared.ts';
import { runCasePool } from '../campaign/case-pool.ts';
import { packageRoot } from '../cli/package-info.ts';
import type { MutantResult, MutationWorkerData, SoundResult } from './mutation-worker.ts';

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
  /** Plans without any bug, in their order. */
  readonly sound: readonly SoundResult[];
  readonly broken: readonly { readonly bug: string; readonly cause: string }[];
  readonly complete: boolean;
  /** Host time, ms. */
  readonly elapsedMs: number;
}

/** Runs the campaign over all declared switches. */
export async function runMutation(options: MutationOptions): Promise<MutationResult> {
  const startedMs = performance.now();
  const bugs = behaviouralBugs();
  const names = [...bugs, ...SOUND_PLANS.map(({ name }) => name)];
  const results = new Map<number, MutantResult | SoundResult>();
  const broken: { bug: string; cause: string }[] = [];
  const workerData: MutationWorkerData = { bugs, swarmRunsMax: options.swarmRunsMax, seed: options.seed };
  const complete = await runCasePool<readonly (MutantResult | SoundResult)[]>({
    workerFile: path.join(packageRoot(), 'dist', 'bench', 'search', 'mutation-worker.js'),
    workerData,
    workers: Math.min(options.workers, names.length),
    tasks: names.map((_, index) => [index]),
    caseTimeoutMs: options.caseTimeoutMs,
    signal: options.signal,
    onResult: (cases, answers) => {
      cases.forEach((caseNumber, index) => results.set(caseNumber, answers[index] as MutantResult | SoundResult));
    },
    onBroken: (caseNumber, cause) => broken.push({ bug: names[caseNumber] as string, cause }),
    onProgress: (begun) => options.onProgress?.(`${begun} of ${names.length} planted bugs and sound plans`),
  });
  const inOrder = [...results].sort(([left], [right]) => left - right).map(([, result]) => result);
  return {
    mutants: inOrder.filter((result) => 'bug' in result),
    sound: inOrder.filter((result) => 'plan' in result),
    broken,
    complete,
    elapsedMs: performance.now() - startedMs,
  };
}
