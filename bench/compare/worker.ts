/**
 * The worker thread of a comparison: runs cases and returns their values.
 *
 * Always: nothing is kept between cases but the input and the loaded policies, so a case gives the same bytes on any thread.
 */
import { workerData } from 'node:worker_threads';
import { PolicyFault } from '../../core/cluster/user-policy.ts';
import { answerTask, type PoolAnswer, type PoolTask } from '../campaign/pool-task.ts';
import type { CompareCase } from './cases.ts';
import { prepareRun, typicalOf } from './experiment-input.ts';
import { type RunOutcome, runFillUp } from './fill-up.ts';
import { type LoadedPolicy, loadPolicy, type PolicySpec } from './policy-spec.ts';
import { runSteadyState } from './steady-state.ts';
import type { CompareWorkload } from './workload.ts';

/** What each thread gets, once. */
export interface CompareWorkerData {
  readonly workload: CompareWorkload;
  readonly policies: readonly PolicySpec[];
  readonly cases: readonly CompareCase[];
  readonly fillPercent: number;
  readonly load: number;
  readonly compression: number | null;
  readonly horizonS: number;
}

/** Result of a case. */
export interface CaseAnswer {
  readonly outcome: RunOutcome | null;
  /** What the user's policy did wrong; '' = nothing. */
  readonly fault: string;
  /** Host time of the run, ms. */
  readonly hostMs: number;
}

const data = workerData as CompareWorkerData;
const typical = typicalOf(data.workload);
let policies: Promise<LoadedPolicy[]> | undefined;

/** Runs the cases of a task. */
export default async function runTask(task: PoolTask): Promise<PoolAnswer<CaseAnswer[]>> {
  policies ??= Promise.all(data.policies.map(loadPolicy));
  const loaded = await policies;
  const answers: CaseAnswer[] = [];
  return answerTask(
    task,
    (caseNumber) => {
      const each = data.cases[caseNumber] as CompareCase;
      answers.push(runCase(each, loaded[each.policy] as LoadedPolicy));
    },
    () => answers,
  );
}

function runCase({ experiment, rules, seed }: CompareCase, policy: LoadedPolicy): CaseAnswer {
  const startedMs = performance.now();
  try {
    const run = prepareRun(data.workload, typical, policy, rules, seed);
    const options = { compression: data.compression, load: data.load, horizonS: data.horizonS };
    const outcome =
      experiment === 'fill-up' ? runFillUp(run, data.fillPercent, seed) : runSteadyState(run, options, seed);
    return { outcome, fault: '', hostMs: performance.now() - startedMs };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { outcome: null, fault: error.message, hostMs: performance.now() - startedMs };
  }
}
