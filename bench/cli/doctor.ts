/**
 * `seatrial doctor`: is this machine fit to run a sea trial, and which optional programs are there?
 */
import { defineCommand } from './command.ts';
import { EXIT } from './exit.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

export const doctorCommand = defineCommand<{ output: (typeof OUTPUTS)[number]; results: string }>({
  name: 'doctor',
  describe: 'Check this machine: Node, cores, memory, results folder, worker threads, optional programs',
  examples: [
    ['seatrial doctor', 'a line a check; exit 1 when a required one fails'],
    ['seatrial doctor -o json', 'the same for programs'],
  ],
  builder: (parser, flags) =>
    parser
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS }))
      .option('results', flags.text('results', { describe: 'Folder that runs write to', default: 'results' })),
  handler: async (args, run) => {
    const { examineMachine } = await import('./machine-checks.ts');
    const checks = await examineMachine(args.results, run.io.cwd);
    const fit = checks.every((check) => check.state !== 'failed');
    if (args.output === 'json') {
      run.io.out(`${JSON.stringify({ fit, checks }, null, 2)}\n`);
    } else {
      const { Table } = await import('../report/table.ts');
      const table = new Table([{ title: 'check' }, { title: 'state' }, { title: 'found' }]);
      for (const { name, state, found } of checks) {
        const paint = state === 'failed' ? run.colours.red : state === 'ok' ? run.colours.green : run.colours.dim;
        table.add([name, { text: state, style: (text) => paint(text) }, found]);
      }
      run.io.out(args.output === 'markdown' ? table.markdown() : table.text(run.colours));
      run.io.out(fit ? '\nfit: yes\n' : '\nfit: no\n');
    }
    return fit ? EXIT.yes : EXIT.finding;
  },
});
