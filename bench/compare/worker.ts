/**
 * The worker thread of a comparison: runs cases and returns their values.
 *
 * Always: nothing is kept between cases but the input and the loaded policies, so a case gives the same bytes on any thread.
 */
import { workerData } from 'node:worker_threads';
import { PolicyFault } from '../../core/cluster/user-policy.ts';
import { answerTask, type PoolAnswer, type PoolTask } from '../campaign/pool-task.ts';
import { runAddNodes } from './add-nodes.ts';
import type { SteadyOptions } from './arrivals.ts';
import type { CompareCase } from './cases.ts';
import { runCompaction } from './compaction.ts';
import { prepareRun } from './experiment-input.ts';
import { runFillUp } from './fill-up.ts';
import { runFork } from './fork.ts';
import { runInflation } from './inflation.ts';
import { kindFacts } from './kind-facts.ts';
import { type LoadedPolicy, loadPolicy, type PolicySpec } from './policy-spec.ts';
import type { NodeOffer } from './price-list.ts';
import type { RunOutcome } from './run-outcome.ts';
import { runSteadyState } from './steady-state.ts';
import { type WhyNever, whyNever } from './why-left.ts';
import type { CompareWorkload } from './workload.ts';

/** What each thread gets, once. */
export interface CompareWorkerData {
  readonly workload: CompareWorkload;
  readonly policies: readonly PolicySpec[];
  readonly cases: readonly CompareCase[];
  readonly fillPercent: number;
  readonly steady: SteadyOptions;
  readonly forkAtS: number;
  readonly offers: readonly NodeOffer[];
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
const facts = kindFacts(data.workload);
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
      answers.push(runCase(each, loaded[each.policy] as LoadedPolicy, loaded[0] as LoadedPolicy));
    },
    () => answers,
  );
}

function runCase(each: CompareCase, policy: LoadedPolicy, baseline: LoadedPolicy): CaseAnswer {
  const startedMs = performance.now();
  try {
    const outcome = outcomeOf(each, policy, baseline);
    return { outcome, fault: '', hostMs: performance.now() - startedMs };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { outcome: null, fault: error.message, hostMs: performance.now() - startedMs };
  }
}

/** The outcome with the kinds that fit nowhere as its answer. */
function withUnfit(outcome: RunOutcome, unfit: WhyNever): RunOutcome {
  const answer = unfit(outcome.unplaced ?? []);
  return answer === '' ? outcome : { ...outcome, answer };
}

function outcomeOf({ experiment, rules, seed }: CompareCase, policy: LoadedPolicy, baseline: LoadedPolicy): RunOutcome {
  const { workload, fillPercent, steady, forkAtS, offers } = data;
  const runOn = (on: CompareWorkload) => prepareRun(on, facts, policy, rules, seed);
  const unfit = whyNever(facts, () => runOn(workload));
  switch (experiment) {
    case 'fill-up':
      return withUnfit(runFillUp(runOn(workload), fillPercent, seed), unfit);
    case 'steady-state':
      return withUnfit(runSteadyState(runOn(workload), steady, seed), unfit);
    case 'compaction':
      return withUnfit(runCompaction(workload, runOn, seed), unfit);
    case 'inflation':
      return runInflation(runOn(workload), seed, unfit);
    case 'add-nodes':
      return runAddNodes(workload, runOn, offers, seed);
    case 'fork': {
      const prepare = () => prepareRun(workload, facts, baseline, rules, seed, policy);
      return runFork(prepare, steady, forkAtS * 1_000_000, seed);
    }
  }
}
