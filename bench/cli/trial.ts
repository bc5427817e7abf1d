/**
 * `seatrial trial PATH…|-`: do my manifests survive? Runs the battery over ordinary Kubernetes YAML and prints the report card.
 */
import { ASSUMABLE } from '../trial/assumable.ts';
import { defineCommand } from './command.ts';
import { OUTPUT_FLAG, type OutputArgs, REPORT_FLAG } from './output-args.ts';
import { replayFlags } from './replay-flags.ts';

const FAIL_ON = ['degraded', 'failed'] as const;
/** As in bench/trial/battery.ts, which is not loaded for `--help`; a test holds them equal. */
export const TRIAL_CHOICES = [
  'node-crash',
  'zone-loss',
  'drain',
  'rolling-update',
  'broken-image',
  'api-outage',
  'scheduler-crash',
  'controller-manager-crash',
  'store-crash',
  'store-leader-loss',
  'store-minority-loss',
  'store-majority-loss',
  'store-disk-faults',
] as const;

/** Arguments of the command. */
export interface TrialArgs extends OutputArgs {
  paths: string[] | undefined;
  only: readonly (typeof TRIAL_CHOICES)[number][] | undefined;
  seed: readonly number[] | undefined;
  seeds: number | undefined;
  nodes: number | undefined;
  zones: number | undefined;
  cluster: string | undefined;
  tolerate: number;
  'fail-on': (typeof FAIL_ON)[number];
  strict: boolean;
  assume: readonly string[] | undefined;
  verbose: boolean;
  list: boolean;
  'dry-run': boolean;
  workers: number;
  results: string | null;
  build: string | undefined;
  inputs: string | undefined;
}

export const trialCommand = defineCommand<TrialArgs>({
  name: 'trial [paths..]',
  describe: 'Take your manifests on their sea trial: node crash, zone loss, drains, rollouts, outages',
  examples: [
    ['seatrial trial ./k8s', 'a report card of the manifests in a folder'],
    ['helm template ./chart | seatrial trial -', 'the same for a rendered chart'],
    ['seatrial trial app.yaml --only drain --seeds 10', 'one trial, ten seeds'],
    ['seatrial trial ./k8s --assume NetworkPolicy', 'marks as if network policies did no harm'],
    ['seatrial help card', 'how to read the card: columns, marks, floors'],
    ['seatrial trial app.yaml --fail-on degraded --report junit=trial.xml', 'for a pipeline'],
  ],
  builder: (parser, flags) =>
    parser
      .positional('paths', flags.paths('Files and folders of Kubernetes YAML; - reads standard input'))
      .option(
        'only',
        flags.words('only', {
          describe: 'Trials to run, separated by commas',
          defaultDescription: 'all',
          choices: TRIAL_CHOICES,
        }),
      )
      .option(
        'seeds',
        flags.optionalCount('seeds', {
          describe: 'Number of seeds, from 1 on',
          defaultDescription: '2',
          min: 1,
          max: 10_000,
        }),
      )
      .option('seed', flags.optionalSeeds('seed', { describe: 'Seeds to run instead: 7, 1..20 or 3,5,9' }))
      .option(
        'nodes',
        flags.optionalCount('nodes', {
          describe: 'Nodes',
          defaultDescription: '9, or as many as it takes',
          min: 1,
          max: 5000,
        }),
      )
      .option('zones', flags.optionalCount('zones', { describe: 'Zones', defaultDescription: '3', min: 1, max: 100 }))
      .option(
        'cluster',
        flags.optionalText('cluster', {
          describe: 'A cluster file: a scenario, its cluster section, Node objects, or a dump',
        }),
      )
      .option(
        'tolerate',
        flags.duration('tolerate', { describe: 'Longest time with none ready that is not failed', default: '10s' }),
      )
      .option(
        'fail-on',
        flags.choice('fail-on', { describe: 'Exit 1 from this mark on', default: 'failed', choices: FAIL_ON }),
      )
      .option('strict', flags.switch({ describe: 'Exit 4 when a mark is unknown' }))
      .option(
        'assume',
        flags.lists('assume', {
          describe: 'What is read but not simulated and does no harm: NetworkPolicy, hostPath …',
          known: ASSUMABLE,
        }),
      )
      .option(
        'verbose',
        flags.switch({ alias: 'v', describe: 'Show all that is assumed and every row, instead of summaries' }),
      )
      .option('list', flags.switch({ describe: 'Show the trials, run nothing' }))
      .option('dry-run', flags.switch({ describe: 'Show workloads, cluster and cases, run nothing' }))
      .option('output', flags.choice('output', OUTPUT_FLAG))
      .option('report', flags.reports(REPORT_FLAG))
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option(
        'results',
        flags.folder('results', { describe: 'Folder for results; none with --no-results', default: 'results' }),
      )
      .options(replayFlags(flags)),
  handler: async (args, run) => {
    const { trialJob } = await import('../trial/trial-job.ts');
    return await trialJob(args, run);
  },
});
