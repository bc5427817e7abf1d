/**
 * One simulated run from a program of one's own: a scenario in, verdict, digest, counters and timelines out.
 *
 * Always: a pure function of scenario, seed and build: no clock, no network, no thread, nothing written. The same run from the
 * command line (`seatrial replay`) has the same digest.
 */
import path from 'node:path';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { type LoadedScenario, loadScenario, loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, type Problem, ProblemList, UserError } from '../../scenarios/problem.ts';
import type { ScenarioInput } from '../../scenarios/schema.ts';
import { CaseWatch, caseOf } from '../campaign/run-case.ts';
import { ReplayRecorder } from '../replay/replay-recorder.ts';
import { checkOptions, checkWhole } from './program-options.ts';
import type { SimulationResult } from './simulation-result.ts';

/** What may be chosen beside the scenario. */
export interface SimulateOptions {
  /**
   * The seed that all randomness comes from, a whole number from 0 on.
   * @defaultValue 1
   */
  readonly seed?: number | undefined;
  /**
   * Run the scenario's twin, the variant that its file describes under `twin`.
   * @defaultValue false
   */
  readonly twin?: boolean | undefined;
  /**
   * Order events of equal time by this number: another legal run. Absent = by process.
   */
  readonly interleaving?: number | undefined;
  /**
   * Folder that `workload.manifests` of a scenario object are relative to; a file's are relative to the file.
   * @defaultValue the current folder
   */
  readonly baseFolder?: string | undefined;
}

/** The largest seed. */
export const SEED_MAX = 2 ** 48;
const OPTIONS: readonly (keyof SimulateOptions)[] = ['seed', 'twin', 'interleaving', 'baseFolder'];
/** Name of a scenario object in messages; positions count in its JSON with two spaces. */
const OBJECT_NAME = 'scenario';

/**
 * Runs a scenario and returns what came out. Synchronous: a small cluster takes tens of milliseconds, a thousand nodes seconds.
 *
 * @param scenario path of a scenario file, or its content as an object (see `seatrial validate --schema`)
 * @throws ScenarioError with every problem of the scenario; RangeError for an impossible seed; TypeError for an unknown option.
 * Any other error is a bug of seatrial.
 */
export function simulate(scenario: string | ScenarioInput, options: SimulateOptions = {}): SimulationResult {
  checkOptions('simulate', options, OPTIONS);
  const { seed = 1, twin = false, interleaving } = options;
  checkWhole('seed', seed, 0, SEED_MAX);
  const problems = new ProblemList();
  const loaded = load(scenario, options.baseFolder ?? '', problems);
  if (loaded !== null && twin && loaded.twin === null) {
    problems.error({ file: loaded.file }, 'SCN-004', 'this scenario has no twin');
  }
  if ((loaded?.plan.cluster.operators ?? []).length > 0) {
    const message = 'a scenario with operators is run by seatrial run: their modules are loaded asynchronously';
    problems.error({ file: loaded?.file }, 'SCN-004', message);
  }
  problems.throwIfErrors();
  const plan = twin ? loaded?.twin : loaded?.plan;
  if (plan === undefined || plan === null) throw new Error('a scenario was loaded without a problem and is not there');
  const watch = new CaseWatch();
  const recorder = new ReplayRecorder();
  const result = runPlan(interleaving === undefined ? plan : { ...plan, interleaving }, seed, {
    begin: (cluster, jury) => {
      watch.begin(cluster, jury);
      recorder.begin(cluster, jury);
    },
  });
  const row = caseOf(result, plan.faults, watch, 0);
  const replay = recorder.replay(result, { title: plan.name, outcome: row.outcome, again: '' });
  return {
    scenario: plan.name,
    seed,
    verdict: result.outcome.kind,
    asExpected: result.asExpected,
    predicate: row.predicate,
    message: row.message,
    digest: result.digest,
    counters: { ...result.counts, podsStarted: watch.podLatencies.length },
    times: result.times,
    podStartupUs: watch.podLatencies,
    recoveryUs: watch.recoveries,
    faults: result.faults,
    timeline: replay.timeline,
    series: {
      frameUs: replay.frameUs,
      podsPending: numbersOf(replay.pending),
      podsReady: numbersOf(replay.readyPods),
      podsNotReady: numbersOf(replay.notReadyPods),
      nodesNotReady: numbersOf(replay.notReadyNodes),
    },
    leaders: replay.leaders,
    warnings: problems.warnings.map((problem: Problem) => formatProblem(problem)),
  };
}

function load(scenario: string | ScenarioInput, baseFolder: string, problems: ProblemList): LoadedScenario | null {
  if (typeof scenario === 'string') return loadScenario(scenario, problems);
  return loadScenarioText(path.join(baseFolder, OBJECT_NAME), textOf(scenario), problems);
}

/** JSON is YAML. @throws ScenarioError when the object is not plain data. */
function textOf(scenario: ScenarioInput): string {
  try {
    return JSON.stringify(scenario, null, 2) ?? '';
  } catch (error) {
    const message = `not plain data: ${error instanceof Error ? error.message : String(error)}`;
    throw new UserError([{ severity: 'error', code: 'SCN-003', message, file: OBJECT_NAME }]);
  }
}

function numbersOf(text: string): number[] {
  return text === '' ? [] : text.split(' ').map(Number);
}
