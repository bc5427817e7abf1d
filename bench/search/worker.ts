/**
 * The worker thread of a search: runs numbered cases and returns what failed and what was reached.
 */
import { workerData } from 'node:worker_threads';
import { signatureOf } from '../../core/chaos/minimise/signature.ts';
import { PLANTED_BUGS, type PlantedBug } from '../../core/chaos/mutation/index.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { CasePlans, type SearchSpec } from '../../core/chaos/search/case-plan.ts';
import { Coverage } from '../../core/chaos/search/coverage.ts';
import { answerTask, type PoolAnswer, type PoolTask } from '../campaign/pool-task.ts';

/** The planted bug that every search must find, to show that it can find anything; its case has this number. */
export const CANARY_BUG = 'scheduler.ignores-assumed';
export const CANARY_CASE = 0x7fff_ffff;

/** A case that did not pass. */
export interface SearchFinding {
  readonly caseNumber: number;
  /** `RS1 ReplicaSet`; `bug` for an assertion of seatrial itself. */
  readonly signature: string;
  readonly message: string;
  readonly digest: string;
}

/** The result of a task. */
export interface SearchTaskResult {
  readonly findings: readonly SearchFinding[];
  readonly runs: number;
  readonly excused: number;
  readonly events: number;
  readonly marks: readonly number[];
  readonly met: readonly number[];
}

/** The plan of the canary. */
export function canaryPlan(): ScenarioPlan {
  return (PLANTED_BUGS.find(({ bug }) => bug === CANARY_BUG) as PlantedBug).plan;
}

let plans: CasePlans | null = null;

/** Runs the cases of a task. */
export default function runTask(task: PoolTask): PoolAnswer<SearchTaskResult> {
  const spec = workerData as SearchSpec;
  plans ??= new CasePlans(spec);
  const known = plans;
  const coverage = new Coverage();
  const findings: SearchFinding[] = [];
  let runs = 0;
  let excused = 0;
  let events = 0;
  return answerTask(
    task,
    (caseNumber) => {
      if (caseNumber === CANARY_CASE) {
        const found = outcomeOf(caseNumber, runPlan(canaryPlan(), 1));
        if (found !== null) findings.push(found);
        return;
      }
      runs++;
      try {
        const result = runPlan(known.plan(caseNumber), spec.seed, coverage);
        events += result.counts.events;
        if (result.outcome.kind === 'excused') excused++;
        const found = outcomeOf(caseNumber, result);
        if (found !== null) findings.push(found);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        findings.push({ caseNumber, signature: 'bug', message, digest: '' });
      }
    },
    () => ({ findings, runs, excused, events, marks: coverage.marks, met: coverage.met }),
  );
}

function outcomeOf(caseNumber: number, { outcome, digest }: RunResult): SearchFinding | null {
  const signature = signatureOf(outcome);
  if (signature === null) return null;
  const message = outcome.kind === 'fail' || outcome.kind === 'over-budget' ? outcome.message : '';
  return { caseNumber, signature, message, digest };
}
