/**
 * The work of `seatrial explain`: reads the run or the objects, asks the scheduler's framework, and shows the answer.
 */
import { explainInRun, type RunExplanation, type When } from '../../core/chaos/explain/pod-decisions.ts';
import { PodLives } from '../../core/chaos/explain/pod-lives.ts';
import { explainPod } from '../../core/cluster/explain.ts';
import type { Explanation, ProfileChange } from '../../core/cluster/explanation.ts';
import { readManifestTexts } from '../../scenarios/files.ts';
import { type ManifestText, readManifests, reportDoubles } from '../../scenarios/manifests.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { readSchedulerConfiguration, standardConfiguration } from '../../scenarios/scheduler-configuration-file.ts';
import { nearestName } from '../../scenarios/suggest.ts';
import { readCase } from '../cli/case-input.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import type { ExplainArgs } from '../cli/explain.ts';
import { isScenarioInput, readStandardInput, STDIN_NAME } from '../cli/standard-input.ts';
import { statPath } from '../cli/stat-path.ts';
import { typedFlags } from '../cli/typed-flags.ts';
import { CLI_CODES, userError } from '../cli/user-error.ts';
import { countOf } from '../report/counted.ts';
import { stableJson } from '../report/stable-json.ts';
import { DUMP_BYTES_MAX } from '../trial/cluster-dump.ts';
import { guardedRun } from '../user-modules/guarded-run.ts';
import { explanationText } from './explain-text.ts';
import { readChange } from './profile-change.ts';
import { runText } from './run-text.ts';

const OF_RUNS = ['seed', 'twin', 'interleaving', 'build', 'inputs', 'timeout', 'at', 'attempt'] as const;
const OF_DUMPS = ['scheduler-config', 'kubernetes-version', 'device-gates'] as const;
/** Pods named when the one that was asked for is not there. */
const PODS_NAMED = 12;

type Args = ExplainArgs & GlobalArgs;

/** Explains the pod; exit 0 when a node fits, 1 when none does, 4 when the pod is not there at the moment. @throws UserError for what cannot be read or found. */
export async function explainJob(args: Args, run: CommandRun): Promise<ExitCode> {
  const problems = new ProblemList();
  const paths = args.paths ?? [];
  const pod = args.pod ?? '';
  if (!/^([^/]+\/){0,2}[^/]+$/.test(pod)) {
    problems.error({}, CLI_CODES.badValue, `"${pod}" is no namespace/name`, {
      hint: 'demo/web-0, or a workload: Deployment/demo/web',
    });
  }
  if (paths.length === 0) {
    problems.error({}, CLI_CODES.noInput, 'no dump and no scenario is named', {
      hint: 'kubectl get nodes,pods,svc,rs,pdb,ns -A -o json > dump.json',
    });
  }
  if (args.all && args.node !== undefined)
    problems.error({}, CLI_CODES.conflict, '--all and --node exclude each other');
  const change = readChange(args, problems);
  const scenarios = paths.filter((each) => isScenarioInput(each, DUMP_BYTES_MAX));
  const isUnknown = scenarios.length === 0 && paths.some((each) => each !== '-' && statPath(each) === undefined);
  const idle = typedFlags(run.argv, scenarios.length > 0 ? OF_DUMPS : OF_RUNS, { seed: 's' });
  // Which flags a file has no use for is not known of one that is not there; that is told when it is read.
  for (const flag of isUnknown ? [] : idle) {
    const reason =
      scenarios.length > 0
        ? 'does nothing for a run, which has its own'
        : 'does nothing for a dump: it belongs to a run';
    problems.error({}, CLI_CODES.conflict, `--${flag} ${reason}`);
  }
  if (scenarios.length > 0 && paths.length > 1) {
    problems.error({}, CLI_CODES.conflict, `${scenarios[0]} is a scenario: a run is named alone, without other paths`);
  }
  return scenarios.length > 0
    ? explainRun(args, pod, change, run, problems)
    : explainDump(args, pod, change, run, problems);
}

async function explainRun(
  args: Args,
  asked: string,
  change: ProfileChange | null,
  run: CommandRun,
  problems: ProblemList,
): Promise<ExitCode> {
  const when = readWhen(args, problems);
  const { scenario, seed } = await readCase('explain', args.paths?.[0] ?? '', args, run, problems);
  const found = guardedRun(scenario, args.timeout / 1000, () => explainInRun(scenario.plan, seed, asked, when, change));
  const { pod, decisions, explanation, reached, pods } = found;
  if (!pods.includes(pod)) throw noSuchPod(`seed ${seed} has no pod ${pod}`, pod, pods);
  if (when.kind === 'attempt' && found.decision < 0) {
    throw userError({
      code: CLI_CODES.badValue,
      message: `--attempt ${when.attempt}: ${countOf(decisions.length, 'decision')} on ${pod}`,
    });
  }
  if (!reached) run.io.err('warning: the run ended before; this is its end\n');
  if (explanation !== null) checkNode(args.node, explanation);
  if (args.output === 'json') run.io.out(`${stableJson({ seed, ...found, pods: undefined })}\n`);
  else run.io.out(`${runText(found)}${explanation === null ? '' : explanationText(explanation, args, run.colours)}`);
  if (found.decision < 0 && explanation === null) return EXIT.noAnswer;
  return foundNode(found) ? EXIT.yes : EXIT.finding;
}

/** Whether the decision found a node; where none was made, whether one would. */
function foundNode({ decisions, decision, explanation }: RunExplanation): boolean {
  const chosen = decisions[decision];
  return chosen === undefined ? explanation !== null && couldRun(explanation) : chosen.nodeName !== '';
}

function couldRun({ best, heldBack }: Explanation): boolean {
  return best.length > 0 && heldBack === '';
}

function readWhen({ at, attempt }: Args, problems: ProblemList): When {
  if (at !== undefined && attempt !== undefined) {
    problems.error({}, CLI_CODES.conflict, '--at and --attempt exclude each other');
  }
  if (at !== undefined) return { kind: 'time', timeUs: at };
  if (attempt === undefined || attempt === 'last') return { kind: 'last' };
  if (/^[1-9]\d{0,8}$/.test(attempt)) return { kind: 'attempt', attempt: Number(attempt) };
  problems.error({}, CLI_CODES.badValue, `--attempt "${attempt}": expected last or a whole number from 1 on`);
  return { kind: 'last' };
}

function explainDump(
  args: Args,
  asked: string,
  change: ProfileChange | null,
  run: CommandRun,
  problems: ProblemList,
): ExitCode {
  const objects = readManifests(textsOf(args.paths ?? [], problems), problems);
  reportDoubles(objects, problems);
  const file = args['scheduler-config'];
  const version = args['kubernetes-version'];
  const gates = args['device-gates'];
  const configuration =
    file === undefined ? standardConfiguration(version) : readSchedulerConfiguration(file, problems, version);
  problems.throwIfErrors();
  const all = objects.map(({ object }) => object);
  const lives = new PodLives();
  for (const object of all) lives.put(object, 0);
  const pod = lives.podOf(asked);
  if (pod === null && lives.names().length === 0) {
    throw userError({
      code: CLI_CODES.noInput,
      message: `there is no pod ${asked}: these objects hold no Pod`,
      hint: 'a workload has pods once a control plane has run it: name a scenario that has the manifests (workload: {manifests: […]})',
    });
  }
  if (pod === null) throw noSuchPod(`the dump has no pod ${asked}`, asked, lives.names());
  const [namespace = '', name = ''] = pod.split('/');
  const found = explain(all, namespace, name, configuration ?? standardConfiguration(version), change, gates);
  if (found === null) {
    throw userError({
      code: CLI_CODES.noInput,
      message: `${pod} belongs to a scheduler that the configuration does not name`,
    });
  }
  checkNode(args.node, found);
  const where = found.nodeName === '' ? ', pending' : `, on ${found.nodeName}`;
  run.io.out(
    args.output === 'json'
      ? `${stableJson(found)}\n`
      : `pod ${pod}${where}\n${explanationText(found, args, run.colours)}`,
  );
  return couldRun(found) ? EXIT.yes : EXIT.finding;
}

/** All texts of the paths; `-` is standard input. */
function textsOf(paths: readonly string[], problems: ProblemList): readonly ManifestText[] {
  return [...new Set(paths)].flatMap((each) =>
    each === '-'
      ? [{ file: STDIN_NAME, text: readStandardInput(DUMP_BYTES_MAX) }]
      : readManifestTexts([each], problems, DUMP_BYTES_MAX),
  );
}

/** A quantity or selector that the API server would have refused is the file's fault. */
function explain(...args: Parameters<typeof explainPod>): Explanation | null {
  try {
    return explainPod(...args);
  } catch (error) {
    const refused = !(error instanceof Error) || error.name === 'StatusError';
    if (!refused) throw error;
    const { message } = error as { readonly message: string };
    throw userError({ code: CLI_CODES.noInput, message: `the objects cannot be used: ${message}` });
  }
}

function noSuchPod(message: string, pod: string, pods: readonly string[]): Error {
  const beginning = pods.filter((each) => each.startsWith(pod));
  const named = (beginning.length > 0 ? beginning : pods).slice(0, PODS_NAMED);
  const more = pods.length > named.length ? ` … (${pods.length} pods)` : '';
  const hint = pods.length === 0 ? 'it has no pods' : `its pods: ${named.join(', ')}${more}`;
  return userError({ code: CLI_CODES.noInput, message, nearest: nearestName(pod, pods), hint });
}

function checkNode(node: string | undefined, { nodes }: Explanation): void {
  if (node === undefined || nodes.some(({ name }) => name === node)) return;
  const problems = new ProblemList();
  problems.unknownName(
    {},
    CLI_CODES.badValue,
    'node',
    node,
    nodes.map(({ name }) => name),
  );
  problems.throwIfErrors();
}
