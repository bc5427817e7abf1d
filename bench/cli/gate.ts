/**
 * `seatrial gate`: did this change make anything worse? One verdict, one exit code.
 */
import { defineCommand } from './command.ts';
import { OUTPUT_FLAG, type OutputArgs, REPORT_FLAG } from './output-args.ts';

/** What a hidden flag plants, so that tests see the gate close. */
const PLANTS = ['work', 'kernel'] as const;

/** Arguments of `gate`. */
export interface GateArgs extends OutputArgs {
  what: string | undefined;
  baseline: string | undefined;
  'update-baseline': boolean;
  'require-baseline': boolean;
  strict: boolean;
  tolerance: string;
  against: string | undefined;
  'self-test': boolean;
  pairs: number;
  blocks: number;
  grep: string | undefined;
  tag: string | undefined;
  plant: (typeof PLANTS)[number] | undefined;
  workers: number;
  timeout: number;
  results: string | null;
}

export const gateCommand = defineCommand<GateArgs>({
  name: 'gate [what]',
  describe: 'Did this change make anything worse? Counters and times against a baseline or another build',
  examples: [
    ['seatrial gate', 'the smoke suite against results/baselines/smoke.json'],
    ['seatrial gate --update-baseline', 'accept what is, and read the difference'],
    ['seatrial gate results/run-x/result.json --baseline mine.json', 'a result that is already there'],
    [
      'seatrial gate kernels --against main',
      'host time of the kernels: this build and that of another git ref, in pairs',
    ],
    ['seatrial gate --strict --require-baseline --report junit=gate.xml', 'for CI: no answer is not a yes'],
  ],
  complete: async (before, { io }) => {
    if (before.length > 0) return [];
    return ['kernels', ...(await import('../suites/find-suites.ts')).shippedSuites(io.cwd).keys()];
  },
  builder: (parser, flags) =>
    parser
      .positional('what', {
        type: 'string',
        describe: 'A suite (file or name), a result.json (- is standard input), or kernels; default: smoke',
      })
      .option(
        'baseline',
        flags.optionalText('baseline', {
          describe: 'Baseline file',
          defaultDescription: 'results/baselines/<suite>.json',
        }),
      )
      .option('update-baseline', flags.switch({ describe: 'Write the baseline instead of comparing; not in CI' }))
      .option('require-baseline', flags.switch({ describe: 'A missing baseline, or a new case, is no answer: exit 4' }))
      .option('strict', flags.switch({ describe: 'Inconclusive and incomparable are no answer: exit 4' }))
      .option(
        'tolerance',
        flags.text('tolerance', { describe: 'Growth of counters and virtual times let through', default: '0%' }),
      )
      .option(
        'against',
        flags.optionalText('against', { describe: 'Also compare host time with the build of this git ref' }),
      )
      .option(
        'self-test',
        flags.switch({ describe: 'Measure the host-time gate itself: equal builds, and a planted 5 %' }),
      )
      .option('pairs', flags.count('pairs', { describe: 'Pairs of processes a stage', default: 10, min: 8, max: 40 }))
      .option('blocks', flags.count('blocks', { describe: 'Blocks of the self-test', default: 30, min: 1, max: 1000 }))
      .option(
        'grep',
        flags.optionalText('grep', { alias: 'g', describe: 'Only cases or kernels whose name holds this' }),
      )
      .option('tag', flags.optionalText('tag', { describe: 'Only benchmarks with one of these tags; -tag leaves out' }))
      .option('plant', {
        ...flags.optionalText('plant', { describe: 'Plants a fault that the gate has to catch' }),
        choices: PLANTS,
        hidden: true,
      })
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option(
        'timeout',
        flags.duration('timeout', { describe: 'Most host time of one case; 0 = no limit', default: '10m' }),
      )
      .option('output', flags.choice('output', OUTPUT_FLAG))
      .option('report', flags.reports(REPORT_FLAG))
      .option(
        'results',
        flags.folder('results', { describe: 'Folder for results; none with --no-results', default: 'results' }),
      ) as never,
  handler: async (args, run) => {
    const { gateJob } = await import('../gate/gate-job.ts');
    return gateJob(args, run);
  },
});
