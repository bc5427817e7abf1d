/**
 * The work of `seatrial compare`: read, run, show, keep.
 */

import { formatDuration } from '../../scenarios/duration.ts';
import { changedSince, replayMarks } from '../campaign/replay-marks.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import type { CompareArgs } from '../cli/compare.ts';
import { EXIT, type ExitCode, winningExit } from '../cli/exit.ts';
import { checkFolderFlag, checkWritable } from '../cli/folder-flag.ts';
import { reportFiles, showReport } from '../cli/report-output.ts';
import { formatSeeds } from '../cli/seeds.ts';
import { shellLine } from '../cli/shell-line.ts';
import { readStandardInput } from '../cli/standard-input.ts';
import { typedFlags } from '../cli/typed-flags.ts';
import { CLI_CODES, ProblemList } from '../cli/user-error.ts';
import { countOf } from '../report/counted.ts';
import type { Report } from '../report/formats.ts';
import type { Metric } from '../report/metrics-csv.ts';
import { RunFolder } from '../report/run-folder.ts';
import { DUMP_BYTES_MAX } from '../trial/cluster-dump.ts';
import type { CompareCase } from './cases.ts';
import { compareDocument, exitOfCompare } from './compare-document.ts';
import { type CompareInput, readCompareInput } from './compare-input.ts';
import { compareInputs } from './compare-inputs.ts';
import type { ExperimentName, SelectionRules } from './compare-result.ts';
import { compareMarkdown, compareText } from './compare-text.ts';
import { type PolicySpec, readPolicies } from './policy-spec.ts';
import { readPriceList } from './price-list.ts';
import { type ComparedPolicies, type CompareOptions, DEFAULT_HORIZON_S, runCompare } from './run-compare.ts';
import { caseName } from './summarize.ts';
import type { CompareWorkload } from './workload.ts';

const DEFAULT_SEED_COUNT = 30;
const HORIZON_US = DEFAULT_HORIZON_S * 1_000_000;
/** Flags that say something of the steady state only. */
const OF_STEADY_STATE = ['load', 'compress', 'horizon'] as const;

type Args = CompareArgs & GlobalArgs;
type ReplayedArgs = Args & { readonly inputs: string };

/** Runs the command. @throws UserError, ToolFailure. */
export async function compareJob(args: Args, run: CommandRun): Promise<ExitCode> {
  const startedAt = new Date();
  const problems = new ProblemList();
  const reports = reportFiles(args, run, problems);
  const request = readRequest(args, run, problems);
  problems.throwIfErrors();
  if (request === null) throw new Error('a request without problems is complete');
  checkWritable(args.results);
  const inputs = compareInputs(request, run.io.cwd);
  run.io.err(changedSince(args, inputs));
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  let compared: ComparedPolicies;
  try {
    compared = await runCompare({
      ...request,
      signal: interrupt.signal,
      onProgress: (done, count) => progress.update(() => `${done} of ${count} runs`),
    });
  } finally {
    interrupt.release();
    progress.finish();
  }
  const exitCode = winningExit([exitOfCompare(compared), interrupt.exitCode ?? EXIT.yes]);
  const subject = request.workload.name;
  const folder =
    args.results === null
      ? null
      : RunFolder.create(args.results, { command: 'compare', subject, seeds: request.seeds });
  const report = reportOf({ ...withKeptInput(args, folder), inputs }, request, compared, exitCode);
  showReport(args.output, reports, report, run);
  if (folder === null) return exitCode;
  folder.writeResult(report.result);
  folder.writeMetrics(hostMetrics(request, compared));
  const { complete } = compared.result;
  folder.writeRun({ argv: run.argv, startedAt, finishedAt: new Date(), workers: args.workers, exitCode, complete });
  if (!args.quiet) run.io.err(`results: ${folder.path}\n`);
  return exitCode;
}

/** The arguments with standard input, where it was read, as a file of the run's folder, for lines to name. */
function withKeptInput(args: Args, folder: RunFolder | null): Args {
  const { paths = [], cluster } = args;
  if (folder === null || (cluster !== '-' && !paths.includes('-'))) return args;
  const kept = folder.write('input.yaml', readStandardInput(DUMP_BYTES_MAX));
  const named = paths.map((each) => (each === '-' ? kept : each));
  return { ...args, paths: named, cluster: cluster === '-' ? kept : cluster };
}

/** What is to be compared; null with problems. */
function readRequest(args: Args, run: CommandRun, problems: ProblemList): CompareOptions | null {
  const policies = readPolicies(args.policy, args.queue, run.io.cwd, problems);
  const sample = readSample(args.sample, problems);
  if (args.seed !== undefined && args.seeds !== undefined) {
    problems.error({}, CLI_CODES.conflict, '--seed and --seeds exclude each other');
  }
  if (args.load !== 90 && args.compress !== undefined) {
    problems.error({}, CLI_CODES.conflict, '--load and --compress exclude each other: both say how dense arrivals are');
  }
  checkFolderFlag('results', args.results, problems);
  const disturb = readShare('disturb', args.disturb, problems);
  const isSteady = experimentsOf(args).some(comesAndGoes);
  for (const flag of isSteady ? [] : typedFlags(run.argv, OF_STEADY_STATE)) {
    const message = `--${flag} says how the steady state runs, which is not among the experiments`;
    problems.error({}, CLI_CODES.conflict, message);
  }
  if (disturb > 0 && !isSteady) {
    problems.error(
      {},
      CLI_CODES.conflict,
      '--disturb takes nodes from the steady state, which is not among the experiments',
    );
  }
  const offers = args['add-nodes'] === undefined ? [] : readPriceList(args['add-nodes'], problems);
  checkFork(args, policies, problems);
  const input = readCompareInput(args, problems);
  if (input === null) return null;
  const { workload } = input;
  const seeds = args.seed ?? defaultSeeds(workload, args.seeds ?? (args['fork-at'] === undefined ? undefined : 1));
  checkSeeds(workload, seeds, problems);
  const nodeOrder = workload.nodeOrders === null ? args['node-order'] : 'given';
  return {
    workload,
    policies,
    seeds,
    experiments: experimentsOf(args),
    rules: { tieRule: args['tie-rule'], nodeOrder, sample },
    sensitivitySeeds: Math.min(args.sensitivity, seeds.length),
    fillPercent: args.fill,
    load: args.load / 100,
    compression: args.compress ?? null,
    horizonS: args.horizon / 1_000_000,
    disturb,
    forkAtS: (args['fork-at'] ?? 0) / 1_000_000,
    offers,
    assumptions: [
      ...lifetimeNotes(input, experimentsOf(args)),
      ...input.assumptions,
      ...waitingNotes(workload, experimentsOf(args)),
      ...policyNotes(policies),
    ],
    workers: args.workers,
    caseTimeoutMs: Math.ceil(args.timeout / 1000),
    decisionTimeoutMs: Math.ceil(args['decision-timeout'] / 1000),
  };
}

/** What the flags ask for: questions of their own (`--fork-at`, `--how-many`, `--add-nodes`), or experiments. */
function experimentsOf(args: Args): ExperimentName[] {
  const asked: ExperimentName[] = [...(args.experiment ?? [])];
  if (args['how-many'] && !asked.includes('inflation')) asked.push('inflation');
  if (args['add-nodes'] !== undefined) asked.push('add-nodes');
  if (args['fork-at'] !== undefined) asked.push('fork');
  return asked.length === 0 ? ['fill-up', 'steady-state'] : asked;
}

/** Whether pods come and go over time in an experiment. */
function comesAndGoes(experiment: ExperimentName): boolean {
  return experiment === 'steady-state' || experiment === 'fork';
}

/** A fork hands over to a second policy while the run lasts. */
function checkFork(args: Args, policies: readonly PolicySpec[], problems: ProblemList): void {
  const at = args['fork-at'];
  if (at === undefined) return;
  if (policies.length === 1) problems.error({}, CLI_CODES.conflict, '--fork-at needs a second policy to hand over to');
  if (at >= args.horizon) {
    problems.error({}, CLI_CODES.badValue, `--fork-at ${formatDuration(at)} lies beyond --horizon`);
  }
}

/** That a copy is of the manifests alone. */
function waitingNotes({ waiting }: CompareWorkload, experiments: readonly ExperimentName[]): string[] {
  if (waiting === 0 || !experiments.includes('inflation')) return [];
  return [
    `copies are of the manifests: ${countOf(waiting, 'pod')} of the dump without a node ${waiting === 1 ? 'is' : 'are'} left out of them`,
  ];
}

/** Where pods end by themselves: how long they live. */
function lifetimeNotes({ lifetimes }: CompareInput, experiments: readonly ExperimentName[]): string[] {
  const end = experiments.some((name) => name === 'steady-state' || name === 'fork');
  return lifetimes === '' || !end ? [] : [lifetimes];
}

/** What a reader must know of some policies. */
function policyNotes(policies: readonly PolicySpec[]): string[] {
  const random = policies.filter(({ base }) => base === 'random').map(({ name }) => name);
  return random.length === 0
    ? []
    : [
        `${random.join(', ')} draws its nodes anew on every seed: its spread between seeds is also that of its own draws`,
      ];
}

/** `2%` as 0.02. */
function readShare(flag: string, text: string, problems: ProblemList): number {
  const percent = Number(/^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1] ?? Number.NaN);
  if (percent >= 0 && percent <= 100) return percent / 100;
  problems.error({}, CLI_CODES.badValue, `--${flag} "${text}": expected a percentage from 0% to 100%`);
  return 0;
}

/** The seeds of the order file where there is one. */
function defaultSeeds({ orders, nodeOrders }: CompareWorkload, count: number | undefined): readonly number[] {
  const given = [...(orders ?? nodeOrders ?? new Map<number, Int32Array>()).keys()];
  if (given.length > 0) return given.slice(0, count ?? given.length);
  return Array.from({ length: count ?? DEFAULT_SEED_COUNT }, (_, index) => index + 1);
}

function checkSeeds({ orders, nodeOrders }: CompareWorkload, seeds: readonly number[], problems: ProblemList): void {
  for (const [flag, lists] of [
    ['--order', orders],
    ['--node-ranks', nodeOrders],
  ] as const) {
    const missing = lists === null ? [] : seeds.filter((seed) => !lists.has(seed));
    if (missing.length === 0) continue;
    problems.error({}, CLI_CODES.badValue, `the file of ${flag} has no row for seed ${formatSeeds(missing)}`);
  }
}

function readSample(text: string, problems: ProblemList): SelectionRules['sample'] {
  if (text === 'all' || text === 'adaptive') return text;
  const percent = /^(\d{1,3})%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) >= 1 && Number(percent) <= 100) return `${Number(percent)}%`;
  problems.error({}, CLI_CODES.badValue, `--sample "${text}": expected all, adaptive or a percentage such as 10%`);
  return 'all';
}

/** `args` name the inputs as they are now. */
function reportOf(args: ReplayedArgs, request: CompareOptions, compared: ComparedPolicies, exitCode: ExitCode): Report {
  const reproduce = reproduceLine(args, request);
  const view = { all: args.metrics === 'all', reproduce };
  const hostMs = new Map(
    compared.answers.map((answer, number) => [caseName({ ...request, cases: compared.cases }, number), answer?.hostMs]),
  );
  return {
    result: compareDocument(
      compared,
      { whole: reproduce, ofCase: (each, policy) => caseLine(args, each, policy) },
      exitCode,
    ),
    text: (colours) => compareText(compared.result, view, colours),
    markdown: () => compareMarkdown(compared.result, view),
    hostMs: (id) => hostMs.get(id),
  };
}

/** One run alone: its policy, seed, experiment and rules. */
function caseLine(args: ReplayedArgs, { seed, experiment, rules }: CompareCase, policy: string): string {
  const { tieRule, nodeOrder, sample } = rules;
  const order = nodeOrder === 'given' ? args['node-order'] : nodeOrder;
  const alone = { sensitivity: 0, 'tie-rule': tieRule, 'node-order': order, sample, 'how-many': false };
  return reproduceLine({ ...args, ...alone, ...questionOf(args, experiment, policy) }, { seeds: [seed] });
}

/** The flags that ask for one experiment of one policy and nothing else. */
function questionOf(args: Args, experiment: ExperimentName, policy: string): Partial<Omit<CompareArgs, 'inputs'>> {
  const steady = comesAndGoes(experiment) ? {} : { disturb: '0%', load: 90, compress: undefined, horizon: HORIZON_US };
  const nothing = { experiment: undefined, 'fork-at': undefined, 'add-nodes': undefined, ...steady };
  if (experiment === 'fork') {
    return { ...nothing, 'fork-at': args['fork-at'], policy: `${args.policy.split(',')[0]?.trim()},${policy}` };
  }
  if (experiment === 'add-nodes') return { ...nothing, 'add-nodes': args['add-nodes'], policy };
  return { ...nothing, experiment: [experiment], policy };
}

/** Every flag that differs from its default. */
function reproduceLine(args: ReplayedArgs, { seeds }: Pick<CompareOptions, 'seeds'>): string {
  const flag = (name: string, value: string | number | undefined, standard?: string | number): string[] =>
    value === undefined || value === standard ? [] : [`--${name}`, `${value}`];
  return shellLine([
    ...['seatrial', 'compare', ...(args.paths ?? []), '--policy', args.policy],
    ...flag('nodes', args.nodes),
    ...flag('pods', args.pods),
    ...flag('order', args.order),
    ...flag('node-ranks', args['node-ranks']),
    ...flag('cluster', args.cluster),
    ...flag('device-gates', args['device-gates']?.join(',')),
    ...['--seed', formatSeeds(seeds)],
    ...flag('experiment', args.experiment?.join(',')),
    ...flag('queue', args.queue, 'fifo'),
    ...flag('disturb', args.disturb, '0%'),
    ...flag('fork-at', args['fork-at'] === undefined ? undefined : formatDuration(args['fork-at'])),
    ...(args['how-many'] ? ['--how-many'] : []),
    ...flag('add-nodes', args['add-nodes']),
    ...flag('tie-rule', args['tie-rule'], 'first'),
    ...flag('node-order', args['node-order'], 'drawn'),
    ...flag('sample', args.sample, 'all'),
    ...flag('sensitivity', args.sensitivity, 5),
    ...flag('fill', args.fill, 130),
    ...flag('load', args.load, 90),
    ...flag('compress', args.compress),
    ...flag('horizon', formatDuration(args.horizon), formatDuration(HORIZON_US)),
    ...replayMarks(args.inputs),
  ]);
}

/** Host time of each run: what `run.json` and `metrics.csv` may hold, and the result not. */
function hostMetrics(request: CompareOptions, { answers, cases }: ComparedPolicies): Metric[] {
  return answers.flatMap<Metric>((answer, number) => {
    if (answer === null) return [];
    const subject = caseName({ ...request, cases }, number);
    const seed = cases[number]?.seed ?? 0;
    return [{ subject, seed, name: 'run', kind: 'host', unit: 'ms', value: answer.hostMs }];
  });
}
