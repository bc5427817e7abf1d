/**
 * `seatrial bench core`: speed of the simulation's kernels on this machine, against their targets.
 */
import { defineCommand } from './command.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

/** Arguments of `bench`. */
export interface BenchArgs {
  suite: string | undefined;
  grep: string | undefined;
  output: (typeof OUTPUTS)[number];
  strict: boolean;
}

export const benchCommand = defineCommand<BenchArgs>({
  name: 'bench <suite>',
  describe: 'Measure on this machine: core = host-time kernels against their targets',
  examples: [
    ['seatrial bench core', 'all kernels, a minute or two'],
    ['seatrial bench core --grep queue', 'kernels whose name holds a word'],
    ['seatrial bench core -o json --strict', 'exit 1 when a target is missed'],
  ],
  builder: (parser, flags) =>
    parser
      .positional('suite', { type: 'string', describe: 'core, the only one' })
      .option('grep', flags.optionalText('grep', { alias: 'g', describe: 'Only kernels whose name holds this text' }))
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS }))
      .option('strict', flags.switch({ describe: 'A missed target is a finding: exit 1' })),
  handler: async (args, run) => {
    const { benchKernels } = await import('./bench-kernels.ts');
    return benchKernels(args, run);
  },
});
