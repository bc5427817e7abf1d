/**
 * `seatrial config`: which value each flag would have, and who says so.
 */
import { commandWord, defineCommand } from './command.ts';
import { EXIT } from './exit.ts';
import { LIST_OUTPUTS, type ListOutput } from './output-args.ts';

export const configCommand = defineCommand<{ command: string | undefined; output: ListOutput }>({
  name: 'config [command]',
  describe: 'Show where each setting comes from: environment, config file or default',
  examples: [
    ['seatrial config', 'what the config file and the environment set, for all commands'],
    ['seatrial config trial', 'every flag of one command with its value and origin'],
  ],
  ownSettings: false,
  complete: (_before, { commands }) => commands.filter(({ describe }) => describe !== false).map(commandWord),
  builder: (parser, flags) =>
    parser
      .positional('command', { type: 'string', describe: 'A command' })
      .option(
        'output',
        flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: LIST_OUTPUTS }),
      ),
  handler: async (args, run) => {
    const { showSettings } = await import('./show-settings.ts');
    run.io.out(await showSettings(args.command, args.output, run));
    return EXIT.yes;
  },
});
