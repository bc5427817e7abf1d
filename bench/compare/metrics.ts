/**
 * What is measured of a placement: names, units, direction and meaning, one list for all reports.
 */
import type { ExperimentName, MetricResult } from './compare-result.ts';

/** A metric without its values. */
export interface MetricFacts extends Pick<MetricResult, 'name' | 'unit' | 'better' | 'about' | 'main'> {
  readonly experiment: ExperimentName;
  /** `gpu`: only where nodes have GPUs; `cpu`: only where none has. */
  readonly where: 'always' | 'gpu' | 'cpu';
}

/**
 * Metrics that are shown and not tested: a bound is the same for all policies, and the gap to it says what another metric says; each
 * would only cost the others power.
 */
const UNTESTED: readonly string[] = [
  'gap-to-resources',
  'gap-to-lp',
  'nodes-at-least',
  'copies-at-most',
  'cost-at-least',
];

/** Whether policies are compared in a metric. */
export function isTested(name: string): boolean {
  return !UNTESTED.includes(name);
}

/** Values of one run by name of the metric; null = does not exist. */
export type RunValues = Readonly<Record<string, number | null>>;

type Row = readonly [
  name: string,
  unit: MetricFacts['unit'],
  better: MetricFacts['better'],
  where: MetricFacts['where'],
  main: boolean,
  about: string,
];

/** Figures of both experiments that exist only where the workload says something of them. */
const KNOWN_OF_PODS: readonly Row[] = [
  ['cpu-usage', '%', 'higher', 'always', true, 'utilisation: cpu that pods really use (measured), of all cpu'],
  ['hot-nodes', 'count', 'lower', 'always', true, 'nodes whose pods use more than 80 % of their cpu'],
  ['contended-pods', '%', 'lower', 'always', true, 'pods on nodes whose pods want more cpu than there is'],
  ['data-on-node', '%', 'higher', 'always', true, 'pods with data that run on the node of their data'],
  ['data-in-zone', '%', 'higher', 'always', true, 'pods with data that run in the zone of their data'],
  ['preemptions', 'count', 'lower', 'always', true, 'pods that had to go for more important ones'],
  ['pdb-violations', 'count', 'lower', 'always', true, 'of these: against a disruption budget'],
  ['gang-held', '%', 'lower', 'always', true, 'capacity held by pods whose gang is incomplete'],
];

const FILL_UP: readonly Row[] = [
  ['gpu-allocation', '%', 'higher', 'gpu', true, 'GPUs in use at the end'],
  ['gpu-allocation-at-100', '%', 'higher', 'gpu', false, 'GPUs in use when as much was asked for as there is'],
  ['cpu-allocation', '%', 'higher', 'cpu', true, 'cpu requested by placed pods at the end'],
  ['memory-allocation', '%', 'higher', 'cpu', true, 'memory requested by placed pods at the end'],
  ['cpu-of-gpu-nodes', '%', 'higher', 'gpu', false, 'cpu requested by placed pods at the end'],
  ['fragmentation', '%', 'lower', 'gpu', true, 'idle GPU that the typical pods cannot use, of all GPUs, at the end'],
  ['fragmentation-mean', '%', 'lower', 'gpu', false, 'the same, mean over the fill-up'],
  ['stranded-gpu', '%', 'lower', 'gpu', true, 'GPU free where no GPU pod of the workload fits, of all GPUs'],
  ['stranded-cpu', '%', 'lower', 'always', false, 'cpu free where no pod of the workload fits, of all cpu'],
  ['nodes-used', 'count', 'lower', 'always', false, 'nodes with a pod at the end'],
  ['nodes-used-at-50', 'count', 'lower', 'always', true, 'nodes with a pod when half of the capacity was asked for'],
  ['failed', 'count', 'lower', 'always', true, 'pods that fitted nowhere'],
  ...KNOWN_OF_PODS,
  ['gap-to-resources', '%', 'lower', 'always', false, 'short of what any policy could place, one resource at a time'],
  ['gap-to-lp', '%', 'lower', 'always', true, 'optimality gap: short of what any policy could place (LP relaxation)'],
  ['failed-cpu', 'count', 'lower', 'gpu', false, 'of these: pods without GPU'],
  ['failed-gpu-share', 'count', 'lower', 'gpu', false, 'of these: pods with a share of a GPU'],
  ['failed-one-gpu', 'count', 'lower', 'gpu', false, 'of these: pods with one GPU'],
  ['failed-many-gpus', 'count', 'lower', 'gpu', false, 'of these: pods with several GPUs'],
  ['balance', 'points', 'lower', 'always', false, "standard deviation of the nodes' fullest resource"],
  ['skew', 'points', 'lower', 'always', false, 'fullest zone (or GPU model) over the emptiest, mean fullest resource'],
];

const STEADY: readonly Row[] = [
  ['gpu-allocation', '%', 'higher', 'gpu', true, 'GPUs in use, mean over time'],
  ['cpu-allocation', '%', 'higher', 'cpu', true, 'cpu requested by running pods, mean over time'],
  [
    'fragmentation',
    '%',
    'lower',
    'gpu',
    true,
    'idle GPU that the typical pods cannot use, of all GPUs, mean over time',
  ],
  ['nodes-used', 'count', 'lower', 'always', false, 'nodes with a pod, mean over time'],
  ['pending', 'count', 'lower', 'always', true, 'pods that wait for room, mean over time'],
  ['pending-cpu', 'count', 'lower', 'gpu', false, 'of these: pods without GPU'],
  ['pending-gpu-share', 'count', 'lower', 'gpu', false, 'of these: pods with a share of a GPU'],
  ['pending-one-gpu', 'count', 'lower', 'gpu', false, 'of these: pods with one GPU'],
  ['pending-many-gpus', 'count', 'lower', 'gpu', false, 'of these: pods with several GPUs'],
  [
    'queueing-p50',
    's',
    'lower',
    'always',
    false,
    'arrival to placement (virtual), median; a pod still waiting at the end counts with its wait',
  ],
  ['queueing-p90', 's', 'lower', 'always', false, 'the same, 90 %'],
  ['queueing-p99', 's', 'lower', 'always', true, 'the same, 99 %'],
  [
    'start-up-p50',
    's',
    'lower',
    'always',
    false,
    'arrival to running (virtual), median; a pod still waiting at the end counts with its wait',
  ],
  ['start-up-p99', 's', 'lower', 'always', true, 'the same, 99 %'],
  ['queueing-urgent-p99', 's', 'lower', 'always', true, 'the same, 99 %, pods of the highest priority'],
  ...KNOWN_OF_PODS,
  ['slowdown-mean', 'ratio', 'lower', 'always', false, 'arrival to end over the time alone, mean of ended pods'],
  [
    'fairness-jain',
    '%',
    'higher',
    'always',
    true,
    "Jain's index of what tenants (namespaces) get of the lesser of their demand and an equal share",
  ],
  [
    'dominant-share-gap',
    'points',
    'lower',
    'always',
    false,
    'largest mean dominant share of a tenant over the smallest',
  ],
  [
    'finish-time-worst',
    'ratio',
    'lower',
    'always',
    true,
    'finish-time fairness: arrival to end over the time alone, mean of the worst tenant',
  ],
  ['gang-wait-p99', 's', 'lower', 'always', true, 'arrival of a gang to its start (virtual), 99 %'],
  ['evictions', 'count', 'lower', 'always', true, 'pods that lost their node (--disturb)'],
  ['replaced-p50', 's', 'lower', 'always', false, 'loss of a node to the next placement of its pods (virtual), median'],
  ['replaced-p99', 's', 'lower', 'always', true, 'the same, 99 %'],
  ['waiting-at-end', 'count', 'lower', 'always', false, 'pods that still wait at the end'],
  ['balance', 'points', 'lower', 'always', false, "standard deviation of the nodes' fullest resource at the end"],
  ['skew', 'points', 'lower', 'always', false, 'fullest zone (or GPU model) over the emptiest at the end'],
];

const COMPACTION: readonly Row[] = [
  ['nodes-needed', 'count', 'lower', 'always', true, 'fewest nodes on which every pod found a place'],
  [
    'left-over',
    'count',
    'lower',
    'always',
    true,
    'pods that fit nowhere on all nodes: then there is nothing to compact',
  ],
  ['nodes-at-least', 'count', 'lower', 'always', false, 'fewest nodes that any policy could do with (LP relaxation)'],
  ['gap-to-lp', '%', 'lower', 'always', true, 'optimality gap: nodes above that bound'],
];

const INFLATION: readonly Row[] = [
  [
    'inflation',
    '%',
    'higher',
    'always',
    true,
    'pods placed before the first did not fit, as a share of the workload: 250 % are two copies and a half',
  ],
  ['copies', 'count', 'higher', 'always', true, 'whole copies of the workload that fit'],
  [
    'copies-at-most',
    'ratio',
    'higher',
    'always',
    true,
    'copies that any policy could place (LP relaxation, gangs whole in their place)',
  ],
];

const ADD_NODES: readonly Row[] = [
  ['cost', 'count', 'lower', 'always', true, 'price of the nodes that let every pod fit'],
  ['cost-at-least', 'count', 'lower', 'always', true, 'least price that any policy could do with (LP relaxation)'],
  ['gap-to-lp', '%', 'lower', 'always', true, 'optimality gap: price above that bound'],
  ['nodes-added', 'count', 'lower', 'always', false, 'nodes bought'],
];

/** All metrics in the order of the reports. */
export const METRICS: readonly MetricFacts[] = [
  ...factsOf('fill-up', FILL_UP),
  ...factsOf('steady-state', STEADY),
  ...factsOf('compaction', COMPACTION),
  ...factsOf('inflation', INFLATION),
  ...factsOf('add-nodes', ADD_NODES),
];

function factsOf(experiment: ExperimentName, rows: readonly Row[]): MetricFacts[] {
  return rows.map(([name, unit, better, where, main, about]) => ({
    experiment,
    name,
    unit,
    better,
    where,
    main,
    about,
  }));
}

/** The metrics of an experiment on a workload. */
export function metricsOf(experiment: ExperimentName, demandIn: 'gpu' | 'cpu'): readonly MetricFacts[] {
  return METRICS.filter((metric) => metric.experiment === experiment && ['always', demandIn].includes(metric.where));
}

/** The one figure of an experiment that the sensitivity table follows: the first of its list. */
export function leadingMetric(experiment: ExperimentName, demandIn: 'gpu' | 'cpu'): MetricFacts {
  const [first] = metricsOf(experiment, demandIn);
  if (first === undefined) throw new Error(`the experiment ${experiment} measures nothing`);
  return first;
}
