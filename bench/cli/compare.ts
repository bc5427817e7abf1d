/**
 * `seatrial compare`: which scheduling policy is better for this workload? Paired seeds, effect sizes, intervals.
 */
import { DEVICE_GATES, type DeviceGate } from '../../core/cluster/device-gates.ts';
import { QUEUE_ORDERS, type QueueOrder } from '../compare/waiting-queue.ts';
import { defineCommand } from './command.ts';
import { OUTPUT_FLAG, type OutputArgs, REPORT_FLAG } from './output-args.ts';
import { replayFlags } from './replay-flags.ts';

const TIE_RULES = ['first', 'uniform', 'name'] as const;
const NODE_ORDERS = ['drawn', 'name', 'zone-round-robin'] as const;
const EXPERIMENTS = ['fill-up', 'steady-state', 'compaction', 'inflation'] as const;
const METRICS = ['main', 'all'] as const;

/** Arguments of `compare`. */
export interface CompareArgs extends OutputArgs {
  paths: string[] | undefined;
  policy: string;
  nodes: string | undefined;
  pods: string | undefined;
  order: string | undefined;
  'node-ranks': string | undefined;
  cluster: string | undefined;
  'device-gates': readonly DeviceGate[] | undefined;
  seed: readonly number[] | undefined;
  seeds: number | undefined;
  experiment: readonly (typeof EXPERIMENTS)[number][] | undefined;
  queue: QueueOrder;
  disturb: string;
  'fork-at': number | undefined;
  'how-many': boolean;
  'add-nodes': string | undefined;
  'tie-rule': (typeof TIE_RULES)[number];
  'node-order': (typeof NODE_ORDERS)[number];
  sample: string;
  sensitivity: number;
  fill: number;
  load: number;
  compress: number | undefined;
  horizon: number;
  metrics: (typeof METRICS)[number];
  workers: number;
  results: string | null;
  timeout: number;
  'decision-timeout': number;
  build: string | undefined;
  inputs: string | undefined;
}

export const compareCommand = defineCommand<CompareArgs>({
  name: 'compare [paths..]',
  describe: 'Which scheduling policy is better for this workload? Paired seeds, effect sizes, intervals',
  examples: [
    ['seatrial compare --policy kube-default,best-fit,fgd', 'on the embedded GPU trace (openb)'],
    ['seatrial compare ./k8s --policy kube-default,most-allocated', 'on your manifests'],
    ['seatrial compare --cluster dump.json --policy kube-default,./mine.mjs', 'your cluster, and a policy of your own'],
    ['seatrial compare --nodes n.csv --pods p.csv --policy best-fit,fgd', 'on a trace of your own'],
    ['seatrial compare ./k8s --cluster dump.json --how-many', 'how many more of this fit'],
    ['seatrial compare --policy best-fit,fgd --fork-at 1h', 'the first decision in which two policies differ'],
  ],
  values: {
    policy: async () => (await import('./catalogues.ts')).namesOf('policies'),
  },
  builder: (parser, flags) =>
    parser
      .positional(
        'paths',
        flags.paths('Kubernetes YAML to place; nothing = the embedded trace, or the dump of --cluster'),
      )
      .option(
        'policy',
        flags.text('policy', {
          describe:
            'Policies, the first is the baseline: names (list policies), KubeSchedulerConfiguration files, modules (.mjs, .ts)',
          default: 'kube-default,most-allocated,best-fit,fgd',
        }),
      )
      .option('nodes', flags.optionalText('nodes', { describe: 'Nodes of a trace, CSV (openb format)' }))
      .option('pods', flags.optionalText('pods', { describe: 'Pods of a trace, CSV (openb format)' }))
      .option('order', flags.optionalText('order', { describe: 'Order of arrival by seed, CSV (seed,rows)' }))
      .option('node-ranks', flags.optionalText('node-ranks', { describe: 'Search order by seed, CSV (seed,ranks)' }))
      .option(
        'cluster',
        flags.optionalText('cluster', {
          describe: 'A cluster file, or dumps of kubectl get: a file, files separated by commas, a folder',
        }),
      )
      .option(
        'device-gates',
        flags.words('device-gates', {
          describe:
            'Feature gates of devices that are on, separated by commas, where no cluster file has settings.deviceGates',
          choices: DEVICE_GATES,
        }),
      )
      .option('seeds', flags.optionalCount('seeds', { describe: 'Number of seeds, from 1 on (30)', min: 1, max: 2000 }))
      .option('seed', flags.optionalSeeds('seed', { alias: 's', describe: 'Seeds instead: 7, 1..20 or 3,5,9' }))
      .option(
        'experiment',
        flags.words('experiment', {
          describe: 'Experiments, separated by commas',
          defaultDescription: 'all',
          choices: EXPERIMENTS,
        }),
      )
      .option(
        'queue',
        flags.choice('queue', {
          describe: 'Order in which waiting pods are tried; a policy may have its own: fgd+srtf, best-fit+gang',
          default: 'fifo',
          choices: QUEUE_ORDERS,
        }),
      )
      .option(
        'disturb',
        flags.text('disturb', {
          describe: 'Nodes lost per hour of the steady state, the same for every policy: 0% to 100%',
          default: '0%',
        }),
      )
      .option(
        'fork-at',
        flags.optionalDuration('fork-at', {
          describe: 'Continue the first policy under each other one from here on: the first decision that differs',
        }),
      )
      .option(
        'how-many',
        flags.switch({ describe: 'How many copies of this workload fit (inflation: pods placed, in % of its pods)' }),
      )
      .option(
        'add-nodes',
        flags.optionalText('add-nodes', {
          describe: 'Which nodes to add at least cost so that all fits: prices, CSV (name,cpu,memory,price)',
        }),
      )
      .option(
        'tie-rule',
        flags.choice('tie-rule', { describe: 'Who wins among equals', default: 'first', choices: TIE_RULES }),
      )
      .option(
        'node-order',
        flags.choice('node-order', { describe: 'Order of search', default: 'drawn', choices: NODE_ORDERS }),
      )
      .option('sample', flags.text('sample', { describe: 'Nodes scored: all, adaptive or 1%..100%', default: 'all' }))
      .option(
        'sensitivity',
        flags.count('sensitivity', { describe: 'Seeds under other rules; 0 = none', default: 5, min: 0, max: 2000 }),
      )
      .option(
        'fill',
        flags.count('fill', { describe: 'Fill until this percentage was asked for', default: 130, min: 1, max: 1000 }),
      )
      .option(
        'load',
        flags.count('load', { describe: 'Mean demand of the steady state, %', default: 90, min: 1, max: 1000 }),
      )
      .option(
        'compress',
        flags.optionalCount('compress', {
          describe: 'Arrivals so many times as dense, instead',
          min: 1,
          max: 1_000_000,
        }),
      )
      .option(
        'horizon',
        flags.duration('horizon', { describe: 'Virtual time of the steady state', default: '6h', minUs: 1_000_000 }),
      )
      .option(
        'metrics',
        flags.choice('metrics', { describe: 'Metrics in text and Markdown', default: 'main', choices: METRICS }),
      )
      .option('output', flags.choice('output', OUTPUT_FLAG))
      .option('report', flags.reports(REPORT_FLAG))
      .option('workers', flags.workers('workers', { alias: 'j', describe: 'Threads, or a share such as 50%' }))
      .option(
        'results',
        flags.folder('results', { describe: 'Folder for results; none with --no-results', default: 'results' }),
      )
      .option(
        'timeout',
        flags.duration('timeout', { describe: 'Most host time of one run; 0 = no limit', default: '10m' }),
      )
      .option(
        'decision-timeout',
        flags.duration('decision-timeout', {
          describe: 'Most host time of one decision of a module of yours; 0 = no limit',
          default: '10s',
        }),
      )
      .options(replayFlags(flags)),
  handler: async (args, run) => {
    const { compareJob } = await import('../compare/compare-job.ts');
    return await compareJob(args, run);
  },
});
