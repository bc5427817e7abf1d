/**
 * The worker thread of a search: runs numbered cases and returns what failed and what was reached.
 */
import { workerData } from 'node:worker_threads';
import { signatureOf } from '../../core/chaos/minimise/signature.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { CasePlans, type SearchSpec } from '../../core/chaos/search/case-plan.ts';
import { Coverage } from '../../core/chaos/search/coverage.ts';
import { answerTask, type PoolAnswer, type PoolTask } from '../campaign/pool-task.ts';
import { loadOperators } from '../user-modules/operators.ts';
import { CANARY_CASE, canaryPlan, type SearchFinding, type SearchTaskResult } from './search-task.ts';

await loadOperators([(workerData as SearchSpec).base]);

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
        const result = runPlan(
          known.plan(caseNumber, task.shared as readonly number[] | undefined),
          spec.seed,
          coverage,
        );
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
