/**
 * `seatrial search`: draws or derives failure plans over manifests or a scenario, and shrinks what breaks to a page.
 */
import { defineCommand } from './command.ts';

/** As in core/chaos/search/case-plan.ts, which is not loaded for `--help`; a test holds them equal. */
export const PROFILE_CHOICES = ['lite', 'swarm', 'pattern', 'pairs', 'orders', 'mutation'] as const;
/** Where findings are kept for the next search. */
export const CORPUS_DEFAULT = 'results/corpus';
const OUTPUTS = ['text', 'json'] as const;

/** Arguments of `search`. */
export interface SearchArgs {
  target: string[] | undefined;
  profile: (typeof PROFILE_CHOICES)[number];
  runs: number | undefined;
  budget: number;
  seed: readonly number[];
  bug: string | undefined;
  workers: number;
  output: (typeof OUTPUTS)[number];
  results: string | null;
  /** undefined: the default folder. */
  corpus: string | null | undefined;
  shrink: number;
  threshold: string | undefined;
  from: string | undefined;
  to: string | undefined;
  timeout: number;
  verbose: boolean;
}

export const searchCommand = defineCommand<SearchArgs>({
  name: 'search [target..]',
  describe: 'Search for a failure plan that breaks your manifests or a scenario, and shrink it to a page',
  examples: [
    ['seatrial search ./k8s --runs 500', 'five hundred drawn plans over the manifests of a folder'],
    ['seatrial search app.yaml --profile pattern', 'a crash, lost reply, stale and missed state at every write'],
    ['seatrial search app.yaml --profile swarm --budget 10m', 'as many as ten minutes allow'],
    [
      'seatrial search outage.yaml --threshold faults[0].for --seed 1..5',
      'how long may it last? both sides, with replay lines',
    ],
    [
      'seatrial search tiny.yaml --profile orders --budget 5m',
      'its faults as they are, simultaneous events in every order',
    ],
    ['seatrial search --profile mutation', 'plant every known bug and see that it is found'],
  ],
  complete: () => [],
  values: { bug: async () => (await import('./catalogues.ts')).namesOf('bugs') },
  builder: (parser, flags) =>
    parser
      .positional('target', flags.paths('Kubernetes YAML (files, folders, -), or one scenario file'))
      .option(
        'profile',
        flags.choice('profile', {
          alias: 'p',
          describe: 'How plans are made',
          default: 'swarm',
          choices: PROFILE_CHOICES,
        }),
      )
      .option(
        'runs',
        flags.optionalCount('runs', {
          describe: 'Most cases',
          defaultDescription: '200, pattern: all',
          min: 1,
          max: 10_000_000,
        }),
      )
      .option(
        'budget',
        flags.duration('budget', {
          describe: 'Most host time, looked at every 64 cases; 0 = no limit (with --threshold: 10m)',
          default: '0s',
        }),
      )
      .option('seed', flags.seeds('seed', { alias: 's', describe: 'Seed of the search', default: '1' }))
      .option('bug', flags.optionalText('bug', { describe: 'Plant this bug switch in every case' }))
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option('output', flags.choice('output', { alias: 'o', describe: 'Format', default: 'text', choices: OUTPUTS }))
      .option(
        'results',
        flags.folder('results', { describe: 'Folder for results; none with --no-results', default: 'results' }),
      )
      .option(
        'corpus',
        flags.optionalFolder('corpus', {
          describe: `Folder of earlier findings; those on the same inputs are replayed first; none with --no-corpus`,
          defaultDescription: `${CORPUS_DEFAULT}, which --no-results only reads`,
        }),
      )
      .option(
        'shrink',
        flags.count('shrink', {
          describe: 'Most runs to shrink one finding; 0 = leave it',
          default: 200,
          min: 0,
          max: 100_000,
        }),
      )
      .option(
        'threshold',
        flags.optionalText('threshold', {
          describe: 'Instead: the least value of this number of a scenario that does not heal, such as faults[0].for',
        }),
      )
      .option(
        'from',
        flags.optionalText('from', { describe: 'Least value that --threshold tries', defaultDescription: '0' }),
      )
      .option(
        'to',
        flags.optionalText('to', { describe: 'Largest one', defaultDescription: 'to the heal point, 100 %, or 64' }),
      )
      .option(
        'timeout',
        flags.duration('timeout', { describe: 'Most host time of one case; 0 = no limit', default: '1m' }),
      )
      .option('verbose', flags.switch({ alias: 'v', describe: 'Also list what was never reached' })),
  handler: async (args, run) => {
    if (args.threshold !== undefined) {
      const { searchThreshold } = await import('./run-threshold.ts');
      return await searchThreshold(args, args.threshold, run);
    }
    const { search } = await import('./run-search.ts');
    return await search(args, run);
  },
});
