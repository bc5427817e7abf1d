/**
 * `seatrial replay`: runs one case again in this process and shows what happened, with its digest.
 */
import { type CaseArgs, caseFlags } from './case-flags.ts';
import { defineCommand } from './command.ts';

const OUTPUTS = ['text', 'json'] as const;

/** Arguments of `replay`. */
export interface ReplayArgs extends CaseArgs {
  file: string | undefined;
  explain: boolean;
  'point-of-no-return': boolean;
  continuations: number;
  until: string | undefined;
  inspect: string | undefined;
  story: string | undefined;
  minimise: string | undefined;
  verbose: boolean;
  output: (typeof OUTPUTS)[number];
}

export const replayCommand = defineCommand<ReplayArgs>({
  name: 'replay <file>',
  describe: 'Run one case again: verdict, what the faults really did, timeline, digest',
  examples: [
    ['seatrial replay scenarios/tolerable.yaml --seed 7', 'the case that `run` reported'],
    ['seatrial replay my.yaml --seed 7 --twin', "the same for the file's twin"],
    ['seatrial replay my.yaml --seed 7 --explain', 'from the violation back to its causes'],
    ['seatrial replay my.yaml --seed 7 --point-of-no-return', 'when it was decided that it fails'],
    [
      'seatrial replay my.yaml --seed 7 --until 90s --inspect scheduler-0/queue',
      'what it knew then; --inspect . lists the parts',
    ],
    [
      'seatrial replay my.yaml --seed 7 --story told',
      'its sentences, timeline and sequence diagram as told/my.md and .svg',
    ],
    [
      'seatrial replay my.yaml --seed 7 --minimise small',
      'shrunk to what the failure needs: small/my-minimal.yaml, .md, .svg',
    ],
    ['seatrial replay my.yaml --seed 7 --interleaving 3', 'another legal order of simultaneous events'],
  ],
  complete: async (_before, { io }) => (await import('./complete-own-files.ts')).ownFiles(io.cwd, ['Scenario']),
  builder: (parser, flags) =>
    parser
      .positional('file', { type: 'string', describe: 'A scenario file' })
      .options(caseFlags(flags))
      .option('explain', flags.switch({ describe: 'Also show the chain of causes that led to the violation' }))
      .option(
        'point-of-no-return',
        flags.switch({
          describe: 'Also find when the failure was decided: from which instant on every other draw fails, too',
        }),
      )
      .option(
        'continuations',
        flags.count('continuations', {
          describe: 'Other draws tried from each instant',
          default: 10,
          min: 1,
          max: 10_000,
        }),
      )
      .option(
        'until',
        flags.optionalText('until', {
          describe: 'Replay up to here only: 90s, #81234 (an event of --explain), violation, f1, f1.ends',
        }),
      )
      .option(
        'inspect',
        flags.optionalText('inspect', {
          describe: 'State to show then, such as scheduler-0/queue; . shows what there is',
        }),
      )
      .option('story', flags.optionalText('story', { describe: 'Write the story of the case into this folder' }))
      .option(
        'minimise',
        flags.optionalText('minimise', {
          describe: 'Shrink the failing case; write it with its story into this folder',
        }),
      )
      .option('verbose', flags.switch({ alias: 'v', describe: 'Also list the predicates that had no occasion' }))
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS })),
  handler: async (args, run) => {
    const { replayCase } = await import('./replay-case.ts');
    return await replayCase(args, run);
  },
});
