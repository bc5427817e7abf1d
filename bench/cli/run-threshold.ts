/**
 * `seatrial search SCENARIO --threshold PATH`: the smallest value of one number of a scenario from which it no longer heals by itself.
 */
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { type Parameter, type ParameterUnit, parametersOf } from '../../core/chaos/search/parameters.ts';
import { findThreshold, type Threshold, type Trial } from '../../core/chaos/search/threshold.ts';
import { parseDuration } from '../../scenarios/duration.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { replayLine } from '../campaign/replay-line.ts';
import { RunFolder } from '../report/run-folder.ts';
import { stableJson } from '../report/stable-json.ts';
import { thresholdDocument } from '../search/search-result.ts';
import { type AnsweredThreshold, thresholdText, valueText } from '../search/threshold-text.ts';
import { checkDeterminism } from '../user-modules/check-determinism.ts';
import { guardedRun } from '../user-modules/guarded-run.ts';
import { keepModules } from '../user-modules/keep-modules.ts';
import { loadOperators } from '../user-modules/operators.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { checkFolderFlag } from './folder-flag.ts';
import type { SearchArgs } from './search.ts';
import { typedFlags } from './typed-flags.ts';
import { CLI_CODES, formatProblems, ProblemList } from './user-error.ts';

type Args = SearchArgs & GlobalArgs;

/** Flags of a search that draws plans. */
const OF_DRAWN_PLANS = ['profile', 'runs', 'bug', 'shrink'] as const;

/** Most host time of a search about which nothing is said, ms. */
const BUDGET_MS_DEFAULT = 600_000;

/** Largest count that is tried unless a flag says more. */
const COUNT_MAX = 64;

/** Everything that is asked for. */
interface Question {
  readonly file: string;
  readonly path: string;
  readonly parameter: Parameter;
  readonly from: number;
  readonly to: number;
  readonly seeds: readonly number[];
}

/** Searches and returns the exit code: a finding only when even the least value fails. @throws UserError with all problems. */
export async function searchThreshold(args: Args, path: string, run: CommandRun): Promise<ExitCode> {
  const startedAt = new Date();
  const { plan, question } = readQuestion(args, path, run);
  await loadOperators([plan]);
  checkDeterminism(plan, question.seeds[0] ?? 1, args.timeout);
  const progress = run.startProgress();
  let threshold: Threshold;
  try {
    const endsAt = startedAt.getTime() + (args.budget > 0 ? args.budget / 1000 : BUDGET_MS_DEFAULT);
    const subject = { file: question.file, plan };
    threshold = findThreshold(question.parameter, {
      ...question,
      onTrial: (value, tried) =>
        progress.update(() => `${path} = ${valueText(value, question.parameter.unit)}, ${tried} tried`),
      isOver: () => Date.now() >= endsAt,
      runCase: (each, seed) => guardedRun(subject, args.timeout / 1000, () => runPlan(each, seed)),
    });
  } finally {
    progress.finish();
  }
  const isOpen = !threshold.complete && threshold.fails === null;
  const exitCode = threshold.heals === null ? EXIT.finding : isOpen ? EXIT.noAnswer : EXIT.yes;
  const folder =
    args.results === null
      ? null
      : RunFolder.create(args.results, { command: 'threshold', subject: question.file, seeds: question.seeds });
  const answer: AnsweredThreshold = {
    ...threshold,
    file: question.file,
    path,
    unit: question.parameter.unit,
    seeds: question.seeds,
    replays: {
      heals: keepSide('heals', threshold.heals, question, folder),
      fails: keepSide('fails', threshold.fails, question, folder),
    },
  };
  const document = thresholdDocument(answer, exitCode, { from: args.from, to: args.to });
  run.io.out(args.output === 'json' ? stableJson(document) : thresholdText(answer));
  folder?.writeResult(document);
  folder?.writeRun({
    argv: run.argv,
    startedAt,
    finishedAt: new Date(),
    workers: 1,
    exitCode,
    complete: threshold.complete,
  });
  return exitCode;
}

function readQuestion(args: Args, path: string, run: CommandRun): { plan: ScenarioPlan; question: Question } {
  const problems = new ProblemList();
  checkFolderFlag('results', args.results, problems);
  const [file = '', ...more] = args.target ?? [];
  if (file === '' || more.length > 0) problems.error({}, CLI_CODES.conflict, '--threshold takes one scenario file');
  for (const flag of typedFlags(run.argv, OF_DRAWN_PLANS, { profile: 'p' })) {
    problems.error({}, CLI_CODES.conflict, `--threshold and --${flag} exclude each other`, {
      hint: '--threshold draws no plans: it tries values of the one scenario',
    });
  }
  problems.throwIfErrors();
  const scenario = loadScenarios([file], problems).find(({ twin }) => !twin);
  problems.throwIfErrors();
  if (problems.warnings.length > 0) run.io.err(`${formatProblems(problems.warnings)}\n`);
  const plan = (scenario as NonNullable<typeof scenario>).plan;
  const parameters = parametersOf(plan);
  const parameter = parameters.get(path);
  if (parameter === undefined)
    problems.unknownName({}, CLI_CODES.badValue, 'number of the scenario', path, [...parameters.keys()]);
  problems.throwIfErrors();
  const known = parameter as Parameter;
  const from = readValue('from', args.from, known.unit, 0, problems);
  const to = readValue('to', args.to, known.unit, largestOf(known, plan), problems);
  if (from >= to) problems.error({}, CLI_CODES.badValue, '--from has to be less than --to');
  problems.throwIfErrors();
  return { plan, question: { file, path, parameter: known, from, to, seeds: args.seed } };
}

/** A duration until the heal point, all of something, or many. */
function largestOf({ unit, value }: Parameter, { phases }: ScenarioPlan): number {
  if (unit === 'percent') return 100;
  return unit === 'duration' ? Math.max(value, phases.warmUpUs + phases.safetyUs) : Math.max(value, COUNT_MAX);
}

function readValue(
  flag: string,
  text: string | undefined,
  unit: ParameterUnit,
  fallback: number,
  problems: ProblemList,
): number {
  if (text === undefined) return fallback;
  if (unit === 'duration') {
    const duration = parseDuration(text);
    if (duration.ok) return duration.us;
    problems.error({}, CLI_CODES.badValue, `--${flag} "${text}": ${duration.reason}`);
    return fallback;
  }
  if (/^\d{1,6}$/.test(text) && (unit === 'count' || Number(text) <= 100)) return Number(text);
  const wanted = unit === 'percent' ? '0 to 100' : 'a whole number';
  problems.error({}, CLI_CODES.badValue, `--${flag} "${text}": expected ${wanted}`);
  return fallback;
}

/** Writes one side of the threshold as a scenario; the line that replays it, '' where nothing is kept. */
function keepSide(
  name: 'heals' | 'fails',
  trial: Trial | null,
  { parameter, path, seeds }: Question,
  folder: RunFolder | null,
): string {
  if (trial === null || folder === null || trial.failure?.predicate === 'budget') return '';
  const plan = parameter.withValue(trial.value);
  const { failure } = trial;
  const about = `${path} = ${valueText(trial.value, parameter.unit)}: ${plan.about}`;
  const expect = failure === null ? ('pass' as const) : { fail: failure.predicate };
  const file = folder.write(
    `${name}.yaml`,
    scenarioText({ ...keepModules(plan, folder.path), name: `${plan.name}-${name}`, about, expect }, folder.path),
  );
  return replayLine({ file, twin: false, seed: failure?.seed ?? seeds[0] ?? 1 });
}
