/**
 * `seatrial main-job`, what `npm start` runs: the battery on the example application, policies on a trace, a thousand nodes.
 */
import { defineCommand } from './command.ts';

/** Arguments of `main-job`. */
export interface MainJobArgs {
  workers: number;
  results: string;
}

export const mainJobCommand = defineCommand<MainJobArgs>({
  name: 'main-job',
  describe: false,
  examples: [['seatrial main-job', 'exit 0 when card and verdict are as expected']],
  builder: (parser, flags) =>
    parser
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option('results', flags.text('results', { describe: 'Folder for results', default: 'results' })),
  handler: async (args, run) => {
    const { runMainJob } = await import('./main-job-parts.ts');
    return await runMainJob(args, run);
  },
});
