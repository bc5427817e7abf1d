/**
 * The worker thread of a scenario campaign: runs cases and returns columns.
 *
 * Always: nothing is kept between tasks but the plans, which came once with the thread; so a case gives the same bytes on
 * any thread, alone or after others.
 */
import { workerData } from 'node:worker_threads';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { Histogram } from '../report/histogram.ts';
import { CaseColumns, type CaseColumnsData } from './case-columns.ts';
import { answerTask, type PoolAnswer, type PoolTask } from './pool-task.ts';
import { runCase } from './run-case.ts';

/** What each thread gets: case number = index of the plan × number of seeds + index of the seed. */
export interface CampaignWorkerData {
  readonly plans: readonly ScenarioPlan[];
  readonly seeds: readonly number[];
}

/** The result of a task; its cases are all of one plan. */
export interface CampaignTaskResult {
  readonly columns: CaseColumnsData;
  /** Encoded histograms, see {@link Histogram.encode}. */
  readonly podStartup: string;
  readonly recovery: string;
}

/** Runs the cases of a task. */
export default function runTask(task: PoolTask): PoolAnswer<CampaignTaskResult> {
  const { plans, seeds } = workerData as CampaignWorkerData;
  const columns = new CaseColumns(task.cases.length);
  const podStartup = new Histogram('pod-startup-us');
  const recovery = new Histogram('recovery-us');
  try {
    return answerTask(
      task,
      (caseNumber, index) => {
        const plan = plans[Math.floor(caseNumber / seeds.length)] as ScenarioPlan;
        const seed = seeds[caseNumber % seeds.length] as number;
        columns.set(
          index,
          runCase(plan, seed, { podStartup, recovery }, () => performance.now()),
        );
      },
      () => ({ columns: columns.data, podStartup: podStartup.encode(), recovery: recovery.encode() }),
    );
  } finally {
    podStartup.destroy();
    recovery.destroy();
  }
}
