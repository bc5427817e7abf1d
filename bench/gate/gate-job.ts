/**
 * The work of `seatrial gate`: run or read a result, compare it with its baseline, measure host time when asked.
 *
 * Always: nothing is written to a baseline unless it was asked for, every case passed, and nobody's CI runs this. The
 * verdict is a function of the comparisons alone.
 */
import path from 'node:path';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { checkFolderFlag, checkWritable } from '../cli/folder-flag.ts';
import type { GateArgs } from '../cli/gate.ts';
import { isCi } from '../cli/io.ts';
import { packageRoot } from '../cli/package-info.ts';
import type { ReportFile } from '../cli/report-files.ts';
import { reportFiles, showReport } from '../cli/report-output.ts';
import { shellLine } from '../cli/shell-line.ts';
import { CLI_CODES, ProblemList } from '../cli/user-error.ts';
import { createFolder, writeFileAtomic } from '../report/atomic-file.ts';
import type { FormatName } from '../report/formats.ts';
import type { Comparison, Diagnostic, ResultDocument } from '../report/result.ts';
import { resultDocument } from '../report/result-parts.ts';
import { RunFolder } from '../report/run-folder.ts';
import { type Baseline, baselineOf, baselineText, readBaseline } from './baseline.ts';
import { compareToBaseline } from './compare-baseline.ts';
import { type GateInput, gateInput } from './gate-input.ts';
import { gateVerdict } from './gate-verdict.ts';
import { checkRef } from './other-build.ts';

const BASELINES = path.join('results', 'baselines');
/** The first word that stands for host-time kernels alone. */
const KERNELS = 'kernels';

type Args = GateArgs & GlobalArgs;

/** Everything that was read and checked before anything runs. */
interface Plan {
  readonly args: Args;
  readonly files: readonly ReportFile<FormatName>[];
  readonly tolerance: number;
  /** null: no case is run or read, kernels only. */
  readonly input: GateInput | null;
  readonly baselineFile: string;
  readonly baseline: Baseline | null;
}

/** Runs the gate. @throws UserError for a bad command line, suite, result or baseline. */
export async function gateJob(args: Args, run: CommandRun): Promise<ExitCode> {
  if (args['self-test']) {
    const { selfTest } = await import('./self-test.ts');
    return selfTest(args, run);
  }
  const plan = readPlan(args, run);
  checkWritable(args.results);
  const startedAt = new Date();
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  try {
    const found = plan.input === null ? null : await plan.input.result(interrupt.signal, progress);
    if (found !== null && args['update-baseline']) return updateBaseline(plan, found, run);
    const comparisons = found === null ? [] : [...found.comparisons, ...compared(plan, found)];
    const diagnostics: Diagnostic[] = [];
    if (args.against !== undefined && !interrupt.signal.aborted) {
      const { hostTimeGate } = await import('./host-time.ts');
      const host = await hostTimeGate({
        ...args,
        ref: args.against,
        signal: interrupt.signal,
        progress,
      });
      comparisons.push(...host.comparisons);
      diagnostics.push(...host.diagnostics);
    }
    progress.finish();
    const result = gateResult(plan, found, comparisons, diagnostics, interrupt.exitCode);
    showReport(args.output, plan.files, { result }, run);
    keep(plan, result, startedAt, run);
    return result.summary.exitCode as ExitCode;
  } finally {
    progress.finish();
    interrupt.release();
  }
}

function readPlan(args: Args, run: CommandRun): Plan {
  const problems = new ProblemList();
  const files = reportFiles(args, run, problems);
  checkFolderFlag('results', args.results, problems);
  const tolerance = readTolerance(args.tolerance, problems);
  const input = args.what === KERNELS ? null : gateInput(args, run, problems);
  if (input === null && args.what === KERNELS && args.against === undefined) {
    problems.error(
      {},
      CLI_CODES.missingArgument,
      'gate kernels needs --against REF: times are compared with another build only',
    );
  }
  if (args.against !== undefined) checkRef(packageRoot(), args.against, problems);
  if (args['update-baseline']) checkUpdate(args, run, problems);
  if (args.baseline === '-') {
    problems.error({}, CLI_CODES.badValue, '--baseline names a file; standard input may hold the result: gate -');
    problems.throwIfErrors();
  }
  const baselineFile = args.baseline ?? path.join(BASELINES, `${input?.suite ?? ''}.json`);
  if (input !== null && input.suite === '' && args.baseline === undefined) {
    problems.error({}, CLI_CODES.missingArgument, 'this result names no suite: say which --baseline FILE');
  }
  const isRead = input !== null && !args['update-baseline'];
  const baseline = isRead ? readBaseline(baselineFile, updateLine(args), problems) : null;
  problems.throwIfErrors();
  return { args, files, tolerance, input, baselineFile, baseline };
}

function checkUpdate(args: Args, run: CommandRun, problems: ProblemList): void {
  const refuse = (message: string, hint?: string): void => problems.error({}, CLI_CODES.conflict, message, { hint });
  if (isCi(run.io.env))
    refuse('--update-baseline is refused in CI', `run it on a machine of yours: ${updateLine(args)}`);
  if (args.grep !== undefined || args.tag !== undefined)
    refuse('--update-baseline takes the whole suite, without --grep or --tag');
  if (args.plant !== undefined) refuse('--update-baseline would record the planted fault');
  if (args.against !== undefined)
    refuse('--update-baseline and --against exclude each other: host times are never kept');
  if (args.what === KERNELS) refuse('kernels have no baseline: host times are never kept');
}

/** `1%`, `0.5%` → 0.01, 0.005. */
function readTolerance(text: string, problems: ProblemList): number {
  const parts = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text);
  if (parts === null) problems.error({}, CLI_CODES.badValue, `--tolerance "${text}": expected a percentage such as 1%`);
  return Number(parts?.[1] ?? 0) / 100;
}

function compared(plan: Plan, found: ResultDocument): Comparison[] {
  const partial = plan.args.grep !== undefined || plan.args.tag !== undefined;
  return compareToBaseline(found, plan.baseline, { tolerance: plan.tolerance, partial });
}

function updateBaseline(plan: Plan, found: ResultDocument, run: CommandRun): ExitCode {
  const bad = found.cases.filter(({ status }) => status !== 'pass' && status !== 'inconclusive');
  const missed = found.comparisons.filter(({ verdict }) => verdict === 'fail');
  if (bad.length > 0 || missed.length > 0 || !found.summary.complete) {
    const names = [
      ...bad.map(({ id, outcome }) => `${id}: ${outcome}`),
      ...missed.map(({ caseId, reason }) => `${caseId}: ${reason}`),
    ];
    run.io.err(`no baseline written: a baseline holds cases that pass\n${names.map((name) => `  ${name}\n`).join('')}`);
    return bad.some(({ status }) => status === 'broken') ? EXIT.broken : EXIT.finding;
  }
  createFolder(path.dirname(plan.baselineFile));
  writeFileAtomic(plan.baselineFile, baselineText(baselineOf(found)));
  run.io.out(`baseline written: ${plan.baselineFile} (${found.cases.length} cases)\n`);
  return EXIT.yes;
}

function gateResult(
  plan: Plan,
  found: ResultDocument | null,
  comparisons: readonly Comparison[],
  diagnostics: readonly Diagnostic[],
  interrupted: ExitCode | undefined,
): ResultDocument {
  const { args } = plan;
  const cases = found?.cases ?? [];
  const rules = { strict: args.strict, requireBaseline: args['require-baseline'] };
  const complete = interrupted === undefined && (found?.summary.complete ?? true);
  const { line, exitCode } = gateVerdict(cases, comparisons, rules, interrupted, complete);
  return resultDocument({
    command: 'gate',
    suite: found?.suite ?? { id: KERNELS, digest: '' },
    cases,
    comparisons,
    diagnostics: [...remarks(plan, comparisons), ...diagnostics],
    verdict: line,
    exitCode,
    complete,
    reproduce: gateLine(args),
  });
}

/** What to do about what is new, better or meant. */
function remarks({ args, baseline, baselineFile, input }: Plan, comparisons: readonly Comparison[]): Diagnostic[] {
  const note = (message: string): Diagnostic => {
    return { severity: 'note', code: '', message, file: null, line: null, column: null };
  };
  const has = (...verdicts: Comparison['verdict'][]): boolean =>
    comparisons.some(({ verdict, method }) => method === 'exact' && verdicts.includes(verdict));
  const found: Diagnostic[] = [];
  if (input !== null && baseline === null)
    found.push(note(`there is no baseline ${baselineFile}; ${updateLine(args)} writes one`));
  else if (has('improved', 'new') && !has('fail', 'missing')) found.push(note(`to record it: ${updateLine(args)}`));
  else if (has('fail', 'missing', 'incomparable')) found.push(note(`if this is meant: ${updateLine(args)}`));
  return found;
}

function updateLine({ what, baseline }: Args): string {
  const words = [
    'seatrial',
    'gate',
    ...(what === undefined ? [] : [what]),
    ...(baseline === undefined ? [] : ['--baseline', baseline]),
  ];
  return shellLine([...words, '--update-baseline']);
}

function gateLine(args: Args): string {
  return shellLine([
    ...['seatrial', 'gate', ...(args.what === undefined ? [] : [args.what])],
    ...(args.baseline === undefined ? [] : ['--baseline', args.baseline]),
    ...(args.tolerance === '0%' ? [] : ['--tolerance', args.tolerance]),
    ...(args.grep === undefined ? [] : ['--grep', args.grep]),
    ...(args.tag === undefined ? [] : [`--tag=${args.tag}`]),
    ...(args.against === undefined ? [] : ['--against', args.against]),
    ...(args.plant === undefined ? [] : ['--plant', args.plant]),
  ]);
}

function keep({ args, input }: Plan, result: ResultDocument, startedAt: Date, run: CommandRun): void {
  if (args.results === null) return;
  const folder = RunFolder.create(args.results, { command: 'gate', subject: input?.suite ?? KERNELS, seeds: [] });
  folder.writeResult(result);
  const { exitCode, complete } = result.summary;
  folder.writeRun({ argv: run.argv, startedAt, finishedAt: new Date(), workers: args.workers, exitCode, complete });
  if (!args.quiet) run.io.err(`results: ${folder.path}\n`);
}
