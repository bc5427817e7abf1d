/**
 * `seatrial init`: a config file, an application, a scenario about it and a CI workflow, to begin with.
 */
import { defineCommand } from './command.ts';

/** Arguments of `init`. */
export interface InitArgs {
  folder: string | undefined;
  force: boolean;
}

export const initCommand = defineCommand<InitArgs>({
  name: 'init [folder]',
  describe: 'Write a config file, a small application, a scenario about it and a CI workflow to begin with',
  examples: [
    ['seatrial init', 'into the current folder; files that are there are kept'],
    ['seatrial init my-project --force', 'replaces them'],
  ],
  ownSettings: false,
  builder: (parser, flags) =>
    parser
      .positional('folder', { type: 'string', describe: 'Folder to write to (default: the current one)' })
      .option('force', flags.switch({ describe: 'Replace files that are there' })),
  handler: async (args, run) => {
    const { writeFirstFiles } = await import('./first-files.ts');
    return writeFirstFiles(args, run);
  },
});
