/**
 * `seatrial bench`: suites of cases with exact counters and virtual times, and host-time kernels.
 */
import { defineCommand } from './command.ts';
import { OUTPUT_FLAG, type OutputArgs, REPORT_FLAG } from './output-args.ts';
import { replayFlags } from './replay-flags.ts';

const ACTIONS = ['list', 'run', 'core', 'scheduler', 'store', 'chaos', 'campaign', 'scheduler-perf'] as const;

const ACTIONS_ABOUT =
  'list (suites), run (one), core (kernels), scheduler (fast path beside the plain one), store (beside a real etcd), ' +
  'chaos (small runs, shrinking, a pattern campaign), campaign (cost of the harness itself) or scheduler-perf ' +
  "(files of Kubernetes' scheduler benchmark)";

/** Arguments of `bench`. */
export interface BenchArgs extends OutputArgs {
  action: string | undefined;
  paths: string[] | undefined;
  grep: string | undefined;
  tag: string | undefined;
  label: string | undefined;
  seed: readonly number[] | undefined;
  'dry-run': boolean;
  strict: boolean;
  workers: number;
  timeout: number;
  results: string | null;
  build: string | undefined;
  inputs: string | undefined;
}

export const benchCommand = defineCommand<BenchArgs>({
  name: 'bench <action> [paths..]',
  describe: 'Benchmark suites: exact counters and virtual times of cases; host time of kernels',
  examples: [
    ['seatrial bench list', 'suites that come with seatrial'],
    ['seatrial bench run smoke', 'one of them: counters and virtual times, exact for a seed'],
    ['seatrial bench run my-suite.yaml --tag api,-slow --dry-run', 'which cases would run'],
    ['seatrial bench run smoke --report junit=out.xml', 'a file for CI beside the table'],
    ['seatrial bench scheduler --grep spread', 'decisions a second of the fast path beside the plain one'],
    [
      'seatrial bench scheduler-perf --label integration-test',
      "the small workloads of Kubernetes' scheduler benchmark; FILE or FOLDER for others",
    ],
    ['seatrial bench core --grep queue', 'host time of kernels whose name holds a word, against their targets'],
  ],
  complete: async (before, { io }) => {
    if (before.length === 0) return ACTIONS;
    if (before[0] !== 'run' && before[0] !== 'list') return [];
    const { shippedSuites } = await import('../suites/find-suites.ts');
    const { ownFiles } = await import('./complete-own-files.ts');
    return [...shippedSuites(io.cwd).keys(), ...ownFiles(io.cwd, ['Suite'])];
  },
  builder: (parser, flags) =>
    parser
      .positional('action', { type: 'string', describe: ACTIONS_ABOUT })
      .positional('paths', flags.paths('Suite files, folders that hold some, or names of shipped suites'))
      .option('grep', flags.optionalText('grep', { alias: 'g', describe: 'Only those whose name holds this text' }))
      .option(
        'tag',
        flags.optionalText('tag', { describe: 'Only benchmarks with one of these tags; -tag leaves out: a,-b' }),
      )
      .option(
        'label',
        flags.optionalText('label', {
          describe: 'scheduler-perf: only workloads with these labels; -label leaves out',
        }),
      )
      .option('seed', flags.optionalSeeds('seed', { alias: 's', describe: "Seeds instead of the suite's: 7, 1..20" }))
      .option('dry-run', flags.switch({ describe: 'Show the cases, run nothing' }))
      .option(
        'strict',
        flags.switch({
          describe: 'core, scheduler, scheduler-perf: a missed target is a finding; run: an excused case is no answer',
        }),
      )
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option(
        'timeout',
        flags.duration('timeout', { describe: 'Most host time of one case; 0 = no limit', default: '10m' }),
      )
      .option(
        'output',
        flags.choice('output', { ...OUTPUT_FLAG, describe: 'Format; all but run give text, json or markdown' }),
      )
      .option('report', flags.reports(REPORT_FLAG))
      .option(
        'results',
        flags.folder('results', { describe: 'Folder for results; none with --no-results', default: 'results' }),
      )
      .options(replayFlags(flags)),
  handler: async (args, run) => {
    const { benchAction } = await import('./bench-actions.ts');
    return benchAction(args, run);
  },
});
