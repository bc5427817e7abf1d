/**
 * The work of `seatrial bench scheduler-perf`: runs files of Kubernetes' scheduler_perf on the simulated control plane.
 *
 * A workload with a threshold is measured in a process of its own, after one warm-up run there; the others are run here, one after the other.
 * --timeout is for both runs together. Exit 1: a workload did not reach its end, or with --strict stayed below its threshold; 3: its time was over.
 */
import type { BenchArgs } from '../cli/bench.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode, winningExit } from '../cli/exit.ts';
import { LIST_OUTPUTS, listOutput } from '../cli/output-args.ts';
import { readReportFiles, writeReportFiles } from '../cli/report-files.ts';
import { CLI_CODES, ProblemList } from '../cli/user-error.ts';
import { passesLabels } from './config/labels.ts';
import { describeWorkload, planWorkload, type WorkloadPlan, type WorkloadPosition } from './config/plan.ts';
import { readPerfConfig } from './config/read-config.ts';
import { TemplateFiles } from './config/template-files.ts';
import { findPerfConfigs } from './find-files.ts';
import { measureInFreshProcess } from './fresh-process.ts';
import { isBelowThreshold, type Measured, perfReport, planReport } from './perf-report.ts';
import { runWorkload, type WorkloadResult } from './run/run-workload.ts';

/** A workload that is run, and where it stands. */
interface ChosenWorkload {
  readonly plan: WorkloadPlan;
  readonly position: WorkloadPosition;
}

const DEFAULT_SEED = 1;
const MS_PER_S = 1000;
const US_PER_S = 1_000_000;

/** Runs the chosen workloads. @throws UserError with all problems of all files */
export async function benchSchedulerPerf(args: BenchArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench scheduler-perf');
  const problems = new ProblemList();
  const reports = readReportFiles(args.report ?? [], LIST_OUTPUTS, run.io.cwd, problems);
  const chosen = chooseWorkloads(args, run.io.cwd, problems);
  problems.throwIfErrors();
  if (args['dry-run']) {
    const plans = chosen.map(({ plan }) => plan);
    run.io.out(planReport(plans, output, run.colours));
    return EXIT.yes;
  }
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const measured: Measured[] = [];
  try {
    for (const each of chosen) {
      const { plan } = each;
      progress.update(() => `${measured.length} of ${chosen.length}: ${plan.name}`);
      const result = await measure(each, args, interrupt.signal);
      if (result === null) break;
      measured.push({ plan, result });
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  const notRun = chosen.length - measured.length;
  run.io.out(perfReport(measured, notRun, output, run.colours));
  writeReportFiles(reports, (format) => perfReport(measured, notRun, format));
  return winningExit([interrupt.exitCode ?? EXIT.yes, verdictOf(measured, args.strict)]);
}

function chooseWorkloads(args: BenchArgs, cwd: string, problems: ProblemList): readonly ChosenWorkload[] {
  const { label = '', grep = '' } = args;
  const configs = findPerfConfigs(args.paths ?? [], cwd, problems).flatMap(
    (file) => readPerfConfig(file, problems) ?? [],
  );
  const positions = configs.flatMap((config) =>
    config.cases.flatMap(({ workloads }, caseIndex) =>
      workloads.map((_, workloadIndex): WorkloadPosition => ({ config, caseIndex, workloadIndex })),
    ),
  );
  const chosen = positions.filter((position) => {
    const { name, labels } = describeWorkload(position);
    return passesLabels(label, labels) && name.toLowerCase().includes(grep.toLowerCase());
  });
  if (chosen.length === 0 && problems.errorCount === 0) {
    const labels = [...new Set(positions.flatMap((position) => describeWorkload(position).labels))].sort();
    const hint = `labels of these files: ${labels.join(', ')}`;
    const wanted = [label === '' ? '' : `the label "${label}"`, grep === '' ? '' : `"${grep}" in its name`];
    const message = `no workload has ${wanted.filter((each) => each !== '').join(' and ')}`;
    problems.error({}, CLI_CODES.noInput, message, { hint });
  }
  const files = new TemplateFiles();
  return chosen.flatMap((position) => {
    const plan = planWorkload(position, files, problems);
    return plan === null ? [] : [{ plan, position }];
  });
}

/** Measures a workload that has a threshold in a fresh process; of others it is told only whether they reach their end. Null: interrupted. */
async function measure(
  { plan, position }: ChosenWorkload,
  args: BenchArgs,
  signal: AbortSignal,
): Promise<WorkloadResult | null> {
  const seed = args.seed?.[0] ?? DEFAULT_SEED;
  const timeoutS = args.timeout / US_PER_S;
  if (plan.threshold > 0) {
    const { config, caseIndex, workloadIndex } = position;
    return measureInFreshProcess(plan.name, { file: config.file, caseIndex, workloadIndex, seed, timeoutS }, signal);
  }
  const hostNow = () => performance.now() / MS_PER_S;
  const deadline = timeoutS > 0 ? { deadlineS: hostNow() + timeoutS } : {};
  const result = await runWorkload(plan, { seed, hostNow, signal, ...deadline });
  return signal.aborted ? null : result;
}

function verdictOf(measured: readonly Measured[], strict: boolean): ExitCode {
  if (measured.some(({ result }) => result.timedOut)) return EXIT.broken;
  const failed = measured.some(({ result }) => result.failure !== '');
  const below = strict && measured.some(isBelowThreshold);
  return failed || below ? EXIT.finding : EXIT.yes;
}
