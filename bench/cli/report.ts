/**
 * `seatrial report`: one offline HTML file from the results of runs.
 */
import { defineCommand } from './command.ts';

/** Arguments of `report`. */
export interface ReportArgs {
  paths: string[] | undefined;
  output: string | undefined;
  force: boolean;
}

export const reportCommand = defineCommand<ReportArgs>({
  name: 'report <paths..>',
  describe: 'Make one offline HTML page of results: report card, charts, cluster replay',
  examples: [
    ['seatrial report results/trial-shop-s1..2-001', 'writes report.html into the folder of the run'],
    ['seatrial report results/a results/b/result.json -o both.html', 'several results on one page'],
    ['seatrial replay FILE -o json | seatrial report - -o case.html', 'what another command gives'],
  ],
  builder: (parser, flags) =>
    parser
      .positional('paths', flags.paths('Folders of runs, or result.json files; - is standard input'))
      .option(
        'output',
        flags.optionalText('output', {
          alias: 'o',
          describe: 'File to write; - is standard output',
          defaultDescription: 'report.html in the folder of a single run',
        }),
      )
      .option('force', flags.switch({ describe: 'Replace a file that is no report' })),
  handler: async (args, run) => {
    const { makeReport } = await import('./make-report.ts');
    return await makeReport(args, run);
  },
});
