/**
 * The actions of `seatrial bench`, each loaded when it is asked for.
 */
import type { BenchArgs } from './bench.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import type { ExitCode } from './exit.ts';
import { CLI_CODES, ProblemList, userError } from './user-error.ts';

type Action = (args: BenchArgs & GlobalArgs, run: CommandRun) => Promise<ExitCode>;

/** By name; the order is that of the help. */
const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  list: async () => (await import('../suites/list-suites.ts')).listSuites,
  run: async () => (await import('../suites/bench-run.ts')).benchRun,
  core: async () => withoutPaths((await import('./bench-kernels.ts')).benchKernels),
  scheduler: async () => withoutPaths((await import('./bench-scheduler.ts')).benchScheduler),
  store: async () => withoutPaths((await import('./bench-store.ts')).benchStore),
  'scheduler-perf': async () => (await import('../scheduler-perf/bench-scheduler-perf.ts')).benchSchedulerPerf,
  chaos: async () => withoutPaths((await import('./bench-chaos.ts')).benchChaos),
  campaign: async () => withoutPaths((await import('./bench-campaign.ts')).benchCampaign),
};

/** Does what the first word says. @throws UserError for another word. */
export async function benchAction(args: BenchArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const { action = '' } = args;
  const load = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (load === undefined) {
    const problems = new ProblemList();
    problems.unknownName({}, CLI_CODES.badValue, 'action', action, Object.keys(ACTIONS));
    problems.throwIfErrors();
  }
  checkChoice(args);
  return (await (load as () => Promise<Action>)())(args, run);
}

/** Suites have tags, workloads of scheduler-perf labels: the other's flag would choose nothing. Nor is a flag ignored that asks to run nothing. */
function checkChoice({ action, tag, label, 'dry-run': isDryRun }: BenchArgs): void {
  const problems = new ProblemList();
  if (tag !== undefined && action !== 'run' && action !== 'list') {
    const extras = action === 'scheduler-perf' ? { hint: 'its workloads have labels: --label' } : {};
    problems.error(
      {},
      CLI_CODES.conflict,
      `--tag goes with bench run and bench list, not with bench ${action}`,
      extras,
    );
  }
  if (label !== undefined && action !== 'scheduler-perf') {
    const extras = action === 'run' || action === 'list' ? { hint: 'benchmarks of suites have tags: --tag' } : {};
    problems.error({}, CLI_CODES.conflict, `--label goes with bench scheduler-perf, not with bench ${action}`, extras);
  }
  if (isDryRun && action !== 'run' && action !== 'scheduler-perf') {
    const message = `--dry-run goes with bench run and bench scheduler-perf, not with bench ${action}`;
    problems.error({}, CLI_CODES.conflict, message);
  }
  problems.throwIfErrors();
}

function withoutPaths(act: Action): Action {
  return async (args, run) => {
    const [path] = args.paths ?? [];
    if (path !== undefined) {
      throw userError({ code: CLI_CODES.conflict, message: `bench ${args.action} takes no file, found "${path}"` });
    }
    return act(args, run);
  };
}
