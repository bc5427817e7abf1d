/**
 * `seatrial list`: the scenarios of folders (those that come with seatrial by default), or names that scenario files may use.
 */
import { defineCommand } from './command.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

/** Arguments of `list`. */
export interface ListArgs {
  paths: string[] | undefined;
  output: (typeof OUTPUTS)[number];
}

export const listCommand = defineCommand<ListArgs>({
  name: 'list [paths..]',
  describe: 'List scenarios, or the names that scenario files may use',
  examples: [
    ['seatrial list', 'scenarios that come with seatrial'],
    ['seatrial list my-scenarios', 'those of a folder'],
    ['seatrial list faults', 'also: operations, predicates, excuses, bugs, marks, costs, policies'],
    ['seatrial list predicates A9', 'of a list what you name'],
  ],
  complete: async () => (await import('./catalogues.ts')).CATALOGUES,
  builder: (parser, flags) =>
    parser
      .positional(
        'paths',
        flags.paths(
          'Files and folders, or faults | operations | predicates | excuses | bugs | marks | costs | policies',
        ),
      )
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS })),
  handler: async (args, run) => {
    const { listNames } = await import('./list-names.ts');
    return await listNames(args, run);
  },
});
