/**
 * The worker thread of a mutation campaign: plants one bug and looks for it, first by its situation, then by swarms that know nothing of it. Plans
 * without any bug must pass.
 */
import { workerData } from 'node:worker_threads';
import { signatureOf } from '../../core/chaos/minimise/signature.ts';
import { PLANTED_BUGS, type PlantedBug, withoutBug } from '../../core/chaos/mutation/index.ts';
import { SOUND_PLANS } from '../../core/chaos/mutation/sound-plans.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { swarmPlan } from '../../core/chaos/search/swarm-plan.ts';
import { findStoreMutant, STORE_MUTANTS } from '../../core/chaos/store-campaign/store-mutants.ts';
import { answerTask, type PoolAnswer, type PoolTask } from '../campaign/pool-task.ts';

/** Seeds with which each sound plan is run. */
const SOUND_SEEDS = 2;

/** What each thread gets: case number = place of the bug in `bugs`; those after the last bug are the sound plans. */
export interface MutationWorkerData {
  readonly bugs: readonly string[];
  /** Swarm cases that may be spent on a bug. */
  readonly swarmRunsMax: number;
  readonly seed: number;
}

/** What became of one bug. */
export interface MutantResult {
  readonly bug: string;
  /** The predicate that broke; '' = nothing did. */
  readonly foundBy: string;
  /** Runs of its situation until then. */
  readonly runs: number;
  /** true if the situation shows it without its faults, too. */
  readonly visibleWithoutFaults: boolean;
  /** Swarm case that found it; 0 = none of those that were run. */
  readonly swarmRuns: number;
  /** A situation that fails although the bug is not there: a false alarm. */
  readonly falseAlarm: string;
}

/** What became of a plan without any bug. */
export interface SoundResult {
  readonly plan: string;
  /** The predicate that broke, and how; '' = it passed. */
  readonly alarm: string;
}

/** Runs the mutants and sound plans of a task. */
export default function runTask(task: PoolTask): PoolAnswer<readonly (MutantResult | SoundResult)[]> {
  const data = workerData as MutationWorkerData;
  const results: (MutantResult | SoundResult)[] = [];
  return answerTask(
    task,
    (caseNumber) => {
      const plan = SOUND_PLANS[caseNumber - data.bugs.length];
      results.push(plan === undefined ? mutant(data.bugs[caseNumber] as string, data) : sound(plan));
    },
    () => results,
  );
}

function sound(plan: ScenarioPlan): SoundResult {
  for (let seed = 1; seed <= SOUND_SEEDS; seed++) {
    const { outcome } = runPlan(plan, seed);
    const broken = signatureOf(outcome)?.split(' ')[0] ?? '';
    if (broken === '') continue;
    const message = 'message' in outcome ? outcome.message : '';
    return { plan: plan.name, alarm: `${broken} with seed ${seed}: ${message}` };
  }
  return { plan: plan.name, alarm: '' };
}

function mutant(bug: string, { swarmRunsMax, seed }: MutationWorkerData): MutantResult {
  const situations = PLANTED_BUGS.filter((planted) => planted.bug === bug);
  const ofStore = STORE_MUTANTS.find((mutant) => mutant.bug === bug);
  if (ofStore !== undefined) {
    // A campaign over store members alone: nothing of it shows without faults, and a swarm over one member cannot see it.
    return { bug, ...findStoreMutant(ofStore), visibleWithoutFaults: false, swarmRuns: 0 };
  }
  let runs = 0;
  for (const situation of situations) {
    for (let number = 1; number <= situation.seeds; number++) {
      runs++;
      const foundBy = predicateOf(situation.plan, number);
      if (foundBy === '') continue;
      return {
        bug,
        foundBy,
        runs,
        visibleWithoutFaults: situations.some(showsWithoutFaults),
        swarmRuns: swarmRunsOf(situation, swarmRunsMax, seed),
        falseAlarm: predicateOf(withoutBug(situation.plan), number),
      };
    }
  }
  return { bug, foundBy: '', runs, visibleWithoutFaults: false, swarmRuns: 0, falseAlarm: '' };
}

/** The broken predicate, or ''. */
function predicateOf(plan: ScenarioPlan, seed: number): string {
  return signatureOf(runPlan(plan, seed).outcome)?.split(' ')[0] ?? '';
}

function showsWithoutFaults({ plan, seeds }: PlantedBug): boolean {
  for (let seed = 1; seed <= seeds; seed++) if (predicateOf({ ...plan, faults: [] }, seed) !== '') return true;
  return false;
}

/** The first swarm case over the situation's workload that breaks anything, from 1; 0 for none. */
function swarmRunsOf({ plan }: PlantedBug, max: number, seed: number): number {
  const base: ScenarioPlan = { ...plan, faults: [], expect: 'pass', excuses: ['no-feasible-node'] };
  for (let number = 1; number <= max; number++) {
    const drawn = swarmPlan(base, number, { seed, lite: false });
    if (predicateOf(drawn, seed) !== '') return number;
  }
  return 0;
}
