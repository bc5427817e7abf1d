/**
 * The worker thread of a trial: runs cases of the battery and returns their measures.
 *
 * Always: nothing is kept between tasks but the baselines, which are the same on any thread; so a case gives the same bytes wherever it runs.
 */
import { workerData } from 'node:worker_threads';
import { answerTask, type PoolAnswer, type PoolTask } from '../campaign/pool-task.ts';
import type { TrialCase, TrialSetup } from './battery.ts';
import type { CaseMeasures } from './measure.ts';
import { TrialRunner } from './trial-case.ts';

/** What each thread gets, once. */
export interface TrialWorkerData {
  readonly setup: TrialSetup;
  readonly cases: readonly TrialCase[];
  /** Results bring what the cluster looked like. */
  readonly replays?: boolean | undefined;
}

let runner: TrialRunner | null = null;

/** Runs the cases of a task. */
export default function runTask(task: PoolTask): PoolAnswer<CaseMeasures[]> {
  const { setup, cases, replays = false } = workerData as TrialWorkerData;
  const cached = runner ?? new TrialRunner(setup, replays);
  runner = cached;
  const results: CaseMeasures[] = [];
  return answerTask(
    task,
    (caseNumber) => {
      results.push(cached.run(cases[caseNumber] as TrialCase));
    },
    () => results,
  );
}
