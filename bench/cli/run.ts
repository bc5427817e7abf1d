/**
 * `seatrial run`: runs scenario files and their twins over seeds, and says whether each came out as expected.
 */
import { defineCommand } from './command.ts';
import { OUTPUT_FLAG, type OutputArgs, REPORT_FLAG } from './output-args.ts';

/** Arguments of `run`. */
export interface RunArgs extends OutputArgs {
  paths: string[] | undefined;
  seed: readonly number[];
  workers: number;
  results: string | null;
  strict: boolean;
  timeout: number;
}

export const runCommand = defineCommand<RunArgs>({
  name: 'run <paths..>',
  describe: 'Run scenario files and their twins over seeds; exit 0 when every verdict is as expected',
  examples: [
    ['seatrial run scenarios --seed 1..5', 'every scenario of a folder, five seeds each'],
    ['seatrial run my.yaml --seed 7 -o json', 'one case, as data'],
    ['seatrial run my.yaml --report json=out.json --report junit=out.xml', 'files beside the table'],
  ],
  complete: async (_before, { io }) => (await import('./complete-own-files.ts')).ownFiles(io.cwd, ['Scenario']),
  builder: (parser, flags) =>
    parser
      .positional('paths', flags.paths('Scenario files, or folders that hold some'))
      .option('seed', flags.seeds('seed', { alias: 's', describe: 'Seeds: 7, 1..20 or 3,5,9', default: '1' }))
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option('output', flags.choice('output', OUTPUT_FLAG))
      .option('report', flags.reports(REPORT_FLAG))
      .option(
        'results',
        flags.folder('results', { describe: 'Folder for results; none with --no-results', default: 'results' }),
      )
      .option('strict', flags.switch({ describe: 'An excused case is no answer: exit 4' }))
      .option(
        'timeout',
        flags.duration('timeout', { describe: 'Most host time of one case; 0 = no limit', default: '10m' }),
      ),
  handler: async (args, run) => {
    const { runScenarios } = await import('./run-scenarios.ts');
    return await runScenarios(args, run);
  },
});
