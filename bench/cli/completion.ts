/**
 * `seatrial completion`: prints a completion script for bash or zsh.
 */
import path from 'node:path';
import { defineCommand } from './command.ts';
import { EXIT } from './exit.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';

const SHELLS = ['bash', 'zsh'] as const;

export const completionCommand = defineCommand<{ shell: string | undefined }>({
  name: 'completion [shell]',
  describe: 'Print a completion script for bash or zsh',
  examples: [
    ['seatrial completion bash >> ~/.bashrc', 'complete commands and flags in bash'],
    ['seatrial completion zsh > ~/.zfunc/_seatrial', 'the same in zsh'],
  ],
  ownSettings: false,
  complete: () => SHELLS,
  builder: (parser) => parser.positional('shell', { type: 'string', describe: 'bash or zsh (default: from $SHELL)' }),
  handler: async (args, run) => {
    // Without a SHELL, as in containers, bash; a shell that has no script is not given one that it cannot read.
    const shell = args.shell ?? path.posix.basename(run.io.env['SHELL'] || 'bash').replace(/^(ba|da)?sh$/, 'bash');
    if (!SHELLS.some((known) => known === shell)) {
      const problems = new ProblemList();
      problems.unknownName({}, CLI_CODES.badValue, 'shell', shell, SHELLS);
      problems.throwIfErrors();
    }
    const { completionScript } = await import('./completion-script.ts');
    run.io.out(completionScript(shell === 'zsh' ? 'zsh' : 'bash'));
    return EXIT.yes;
  },
});
