/**
 * A small comparison of policies for tests of the report page.
 */
import type { CompareResult, MetricComparison, MetricResult } from '../../bench/compare/compare-result.ts';

const POLICIES = ['kube-default', 'most-allocated', 'best-fit', 'fgd'] as const;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function compared(
  policy: string,
  estimate: number,
  half: number,
  verdict: MetricComparison['verdict'],
): MetricComparison {
  return {
    policy,
    n: 10,
    estimate,
    low: estimate - half,
    high: estimate + half,
    p: verdict === 'undecided' ? 0.43 : 0.0002,
    wins: verdict === 'better' ? 10 : 5,
    ties: 0,
    losses: verdict === 'better' ? 0 : 5,
    smallestDifference: half,
    verdict,
  };
}

function metric(name: string, unit: MetricResult['unit'], better: MetricResult['better'], main: boolean): MetricResult {
  return {
    name,
    unit,
    better,
    about: `the ${name} at the end`,
    main,
    byPolicy: POLICIES.map((policy, index) => {
      const mean = 90 + index * 1.25;
      return {
        policy,
        values: SEEDS.map((seed) => mean + seed / 10),
        mean,
        median: mean,
        low: mean - 1,
        high: mean + 1,
      };
    }),
    comparisons: [
      compared('most-allocated', 1.21, 0.3, 'better'),
      compared('best-fit', -0.2, 0.5, 'undecided'),
      compared('fgd', 3.42, 0.4, 'better'),
    ],
  };
}

/** A comparison with one experiment. */
export function comparisonOf(name: string): CompareResult {
  const x = Array.from({ length: 40 }, (_, index) => index * 3);
  return {
    schema: 'seatrial/compare/v1',
    workload: { name, source: 'own', nodes: 1213, gpus: 6212, pods: 8152, kinds: 120, demandIn: 'gpu' },
    policies: POLICIES.map((name) => ({ name, about: `about ${name}`, queue: 'fifo', gangs: false })),
    baseline: 'kube-default',
    seeds: SEEDS,
    rules: { tieRule: 'uniform', nodeOrder: 'drawn', sample: 'all' },
    confidence: 0.95,
    experiments: [
      {
        name: 'fill-up',
        about: 'Pods arrive until demand is 1.3 times what the cluster has; none ends.',
        metrics: [
          metric('GPU allocation', '%', 'higher', true),
          metric('pods pending', 'count', 'lower', true),
          metric('start-up p99', 's', 'lower', false),
        ],
        curves: [
          {
            name: 'GPU allocation by arrived demand',
            x: { name: 'arrived demand', unit: '% of GPUs', values: x },
            y: { name: 'allocated', unit: '% of GPUs' },
            byPolicy: POLICIES.map((policy, index) => ({
              policy,
              values: x.map((value) => (value === 0 && index === 1 ? null : Math.min(value, 88 + index * 2.5))),
            })),
          },
        ],
      },
    ],
    sensitivity: [
      {
        policy: 'fgd',
        rules: { tieRule: 'first', nodeOrder: 'name', sample: 'all' },
        metric: 'GPU allocation',
        mean: 93.4,
        difference: -0.31,
        seeds: 3,
        rank: 1,
        tiesMean: 2.25,
      },
    ],
    sensitivityFindings: [],
    assumptions: ['lifetimes are drawn from quantiles'],
    answers: [],
    forks: [],
    complete: true,
    broken: [],
    digest: '0'.repeat(64),
  };
}
