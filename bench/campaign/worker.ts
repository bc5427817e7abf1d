/**
 * The worker thread of a scenario campaign: runs cases and returns columns.
 *
 * Always: nothing is kept between tasks but the plans, which came once with the thread; so a case gives the same bytes on
 * any thread, alone or after others.
 */
import { workerData } from 'node:worker_threads';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import type { RunResult } from '../../core/chaos/run-plan.ts';
import type { ClusterReplay } from '../replay/cluster-replay.ts';
import { ReplayRecorder } from '../replay/replay-recorder.ts';
import { Histogram } from '../report/histogram.ts';
import { loadOperators } from '../user-modules/operators.ts';
import { CaseColumns, type CaseColumnsData } from './case-columns.ts';
import type { CaseResult } from './case-result.ts';
import { answerTask, type PoolAnswer, type PoolTask } from './pool-task.ts';
import { runCase } from './run-case.ts';

/** What each thread gets: case number = index of the plan × number of seeds + index of the seed. */
export interface CampaignWorkerData {
  readonly plans: readonly ScenarioPlan[];
  readonly seeds: readonly number[];
  /** Cases keep what a replay of them shows. */
  readonly replays: boolean;
}

/** The result of a task; its cases are all of one plan. */
export interface CampaignTaskResult {
  readonly columns: CaseColumnsData;
  /** Encoded histograms, see {@link Histogram.encode}. */
  readonly podStartup: string;
  readonly recovery: string;
  /** Replays worth keeping: of the scenario's first case, and of the task's first case that was not as expected. */
  readonly replays: readonly CaseReplay[];
}

/** The replay of one case; its `again` line is filled in by the campaign. */
export interface CaseReplay {
  readonly caseNumber: number;
  readonly asExpected: boolean;
  readonly replay: ClusterReplay;
}

await loadOperators((workerData as CampaignWorkerData | null)?.plans ?? []);

/** Runs the cases of a task. */
export default function runTask(task: PoolTask): PoolAnswer<CampaignTaskResult> {
  const { plans, seeds, replays: wanted } = workerData as CampaignWorkerData;
  const columns = new CaseColumns(task.cases.length);
  const podStartup = new Histogram('pod-startup-us');
  const recovery = new Histogram('recovery-us');
  const replays: CaseReplay[] = [];
  try {
    return answerTask(
      task,
      (caseNumber, index) => {
        const plan = plans[Math.floor(caseNumber / seeds.length)] as ScenarioPlan;
        const seed = seeds[caseNumber % seeds.length] as number;
        const recorder = wanted ? new ReplayRecorder() : null;
        const keep = (result: RunResult, row: CaseResult): void => {
          const isFirst = caseNumber % seeds.length === 0;
          if (recorder === null || !(isFirst || isFirstUnexpected(row, replays))) return;
          const title = { title: plan.name, outcome: outcomeText(row), again: '' };
          replays.push({ caseNumber, asExpected: row.asExpected, replay: recorder.replay(result, title) });
        };
        const watch = recorder === null ? undefined : { begin: recorder.begin.bind(recorder), finish: keep };
        columns.set(
          index,
          runCase(plan, seed, { podStartup, recovery }, () => performance.now(), watch),
        );
      },
      () => ({ columns: columns.data, podStartup: podStartup.encode(), recovery: recovery.encode(), replays }),
    );
  } finally {
    podStartup.destroy();
    recovery.destroy();
  }
}

function isFirstUnexpected(row: CaseResult, kept: readonly CaseReplay[]): boolean {
  return !row.asExpected && kept.every(({ asExpected }) => asExpected);
}

function outcomeText({ outcome, predicate }: CaseResult): string {
  return outcome === 'fail' || outcome === 'excused' ? `${outcome} ${predicate}` : outcome;
}
