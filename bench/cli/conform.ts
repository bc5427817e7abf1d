/**
 * `seatrial conform FORMAT PATH…`: replays recorded behaviour of the real systems and says how many cases agree.
 */
import { defineCommand } from './command.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

/** Arguments of `conform`. */
export interface ConformArgs {
  format: string | undefined;
  paths: readonly string[] | undefined;
  pictures: string | undefined;
  only: string | undefined;
  runs: number;
  seed: number;
  output: (typeof OUTPUTS)[number];
}

export const conformCommand = defineCommand<ConformArgs>({
  name: 'conform <format> [paths..]',
  describe: 'Replay recorded behaviour of the real systems: how many cases agree',
  examples: [
    ['seatrial conform openb data/openb', 'every case of a folder; exit 0 when all agree'],
    ["seatrial conform openb data/openb --only 'default/06-FGD/*/alloc'", 'cases whose name matches a glob'],
    ['seatrial conform linearizability data/porcupine --pictures out', 'histories judged, illegal ones drawn'],
    ['SEATRIAL_ETCD=./etcd seatrial conform etcd --runs 2000', 'the store against a real etcd, request by request'],
    ['seatrial help formats', 'the formats, and what each compares'],
  ],
  complete: async (before) =>
    before.length === 0 ? (await import('../conform/formats.ts')).FORMATS.map(({ name }) => name) : [],
  builder: (parser, flags) =>
    parser
      .positional('format', { type: 'string', describe: 'Format of the data: see `seatrial help formats`' })
      .positional('paths', { type: 'string', array: true, describe: 'Files or folders of recorded data, plain or .gz' })
      .option(
        'only',
        flags.optionalText('only', { describe: 'Only cases whose name matches this glob (* stays within a part)' }),
      )
      .option('pictures', flags.optionalText('pictures', { describe: 'Folder for drawings of illegal histories' }))
      .option('runs', flags.count('runs', { describe: 'Generated cases (etcd)', default: 100, min: 1, max: 1_000_000 }))
      .option(
        'seed',
        flags.count('seed', { describe: 'Seed of generated cases (etcd)', default: 1, min: 0, max: 0xffff_ffff }),
      )
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS })),
  handler: async (args, run) => {
    const { conformJob } = await import('../conform/conform-job.ts');
    return await conformJob(args, run);
  },
});
