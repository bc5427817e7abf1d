/**
 * The work of `seatrial bench scheduler-perf`: runs files of Kubernetes' scheduler_perf on the simulated control plane.
 *
 * A workload with a threshold is run once before it is measured, so that compilation is not in the figure. Garbage of young objects
 * is collected between the two, and none, as in the original, as a phase begins; the first run's objects stay until the second has ended: a full
 * collection throws compiled code away, most of all code for kinds of objects that are gone, and one before both makes V8 begin one while it is
 * measured. --timeout is for both together. Exit 1: a workload did not reach its end, or with --strict stayed below its threshold; 3: its time was over.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setInterruptBudget } from '../campaign/interrupt-budget.ts';
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
import { isBelowThreshold, type Measured, perfReport, planReport } from './perf-report.ts';
import { type RunOptions, runWorkload, type WorkloadResult } from './run/run-workload.ts';

const DEFAULT_SEED = 1;
const MS_PER_S = 1000;
const US_PER_S = 1_000_000;

/** Runs the chosen workloads. @throws UserError with all problems of all files */
export async function benchSchedulerPerf(args: BenchArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench scheduler-perf');
  const problems = new ProblemList();
  const reports = readReportFiles(args.report ?? [], LIST_OUTPUTS, run.io.cwd, problems);
  const plans = choosePlans(args, run.io.cwd, problems);
  problems.throwIfErrors();
  if (args['dry-run']) {
    run.io.out(planReport(plans, output, run.colours));
    return EXIT.yes;
  }
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  const measured: Measured[] = [];
  const collect = youngCollection();
  try {
    for (const plan of plans) {
      progress.update(() => `${measured.length} of ${plans.length}: ${plan.name}`);
      const result = await measure(plan, args, interrupt.signal, collect);
      if (interrupt.signal.aborted) break;
      measured.push({ plan, result });
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
  const notRun = plans.length - measured.length;
  run.io.out(perfReport(measured, notRun, output, run.colours));
  writeReportFiles(reports, (format) => perfReport(measured, notRun, format));
  return winningExit([interrupt.exitCode ?? EXIT.yes, verdictOf(measured, args.strict)]);
}

function choosePlans(args: BenchArgs, cwd: string, problems: ProblemList): readonly WorkloadPlan[] {
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
  return chosen.flatMap((position) => planWorkload(position, files, problems) ?? []);
}

/** Bytes of bytecode: an eighth of the usual work. */
const INTERRUPT_BUDGET = 8000;

/**
 * V8's collection of young objects, which is no part of JavaScript's own interface. From then on functions are compiled after an eighth of the usual
 * work: a short workload's one warm-up run is over before most of them would be.
 */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  setInterruptBudget(INTERRUPT_BUDGET);
  const gc = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  return () => gc({ type: 'minor' });
}

async function measure(
  plan: WorkloadPlan,
  args: BenchArgs,
  signal: AbortSignal,
  collect: () => void,
): Promise<WorkloadResult> {
  const hostNow = () => performance.now() / MS_PER_S;
  const options: RunOptions = {
    seed: args.seed?.[0] ?? DEFAULT_SEED,
    hostNow,
    signal,
    ...(args.timeout === 0 ? {} : { deadlineS: hostNow() + args.timeout / US_PER_S }),
  };
  const kept: object[] = [];
  if (plan.threshold > 0) {
    const warmUp = await runWorkload(plan, { ...options, kept });
    if (warmUp.timedOut) return { ...warmUp, phases: [] };
    collect();
  }
  const result = await runWorkload(plan, options);
  kept.length = 0;
  return result;
}

function verdictOf(measured: readonly Measured[], strict: boolean): ExitCode {
  if (measured.some(({ result }) => result.timedOut)) return EXIT.broken;
  const failed = measured.some(({ result }) => result.failure !== '');
  const below = strict && measured.some(isBelowThreshold);
  return failed || below ? EXIT.finding : EXIT.yes;
}
