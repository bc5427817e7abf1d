/** Every policy and queue order on the shipped workload where it matters: the direction of its effect, over paired seeds. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { CompareArgs } from '../../../bench/cli/compare.ts';
import { readCompareInput } from '../../../bench/compare/compare-input.ts';
import { prepareRun } from '../../../bench/compare/experiment-input.ts';
import { runFillUp } from '../../../bench/compare/fill-up.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import { loadPolicy, readPolicies } from '../../../bench/compare/policy-spec.ts';
import { runSteadyState } from '../../../bench/compare/steady-state.ts';
import type { CompareWorkload } from '../../../bench/compare/workload.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';
import { RULES } from './small-workload.ts';

const FOLDER = fileURLToPath(new URL('../../../scenarios/policies/', import.meta.url));
const SEEDS = [1, 2, 3, 4];

function workloadOf(name: string, cluster = 'nodes.yaml'): CompareWorkload {
  const problems = new ProblemList();
  const args = { paths: [path.join(FOLDER, name)], cluster: path.join(FOLDER, cluster) };
  const input = readCompareInput(args as unknown as CompareArgs, problems);
  if (input === null) throw new Error(formatProblems(problems.problems));
  return input.workload;
}

/** Means of a metric by policy. */
async function means(
  workload: CompareWorkload,
  policies: string,
  metric: string,
  experiment: { readonly fill: number } | { readonly load: number },
): Promise<number[]> {
  const specs = readPolicies(policies, 'fifo', FOLDER, new ProblemList());
  const facts = kindFacts(workload);
  const result: number[] = [];
  for (const spec of specs) {
    const policy = await loadPolicy(spec);
    let sum = 0;
    for (const seed of SEEDS) {
      const run = prepareRun(workload, facts, policy, RULES, seed);
      const options = { compression: null, horizonS: 4 * 3600, disturb: 0 };
      const { values } =
        'fill' in experiment
          ? runFillUp(run, experiment.fill, seed)
          : runSteadyState(run, { ...options, load: experiment.load }, seed);
      sum += values[metric] ?? Number.NaN;
    }
    result.push(sum / SEEDS.length);
  }
  return result;
}

/** Workload, cluster, better policy, other policy, metric, direction, experiment, and at least how far apart. */
const FILL_UPS: readonly [string, string, string, string, 'more' | 'less', number, number, string?][] = [
  ['usage.yaml', 'load-aware', 'kube-default', 'hot-nodes', 'less', 130, 1],
  ['usage.yaml', 'load-aware', 'kube-default', 'contended-pods', 'less', 130, 10],
  ['data.yaml', 'data-local', 'kube-default', 'data-on-node', 'more', 60, 10],
  ['data.yaml', 'data-local', 'kube-default', 'data-in-zone', 'more', 60, 10],
  ['licences.yaml', 'min-cost-flow', 'best-fit', 'failed', 'less', 100, 3],
  ['devices.yaml', 'worst-fit', 'best-fit', 'failed', 'less', 75, 0.25],
  ['shapes.yaml', 'worst-fit', 'best-fit', 'balance', 'less', 40, 5],
  ['shapes.yaml', 'first-fit', 'kube-default', 'nodes-used-at-50', 'less', 60, 2],
  ['shapes.yaml', 'l2-norm', 'best-fit', 'failed', 'less', 100, 5, 'uneven-nodes.yaml'],
  ['shapes.yaml', 'borg-hybrid', 'best-fit', 'stranded-cpu', 'less', 100, 5, 'uneven-nodes.yaml'],
  ['shapes.yaml', 'e-pvm', 'worst-fit', 'failed', 'less', 100, 5, 'uneven-nodes.yaml'],
];

test.each(FILL_UPS)('%s: %s against %s in %s', async (file, policy, other, metric, way, fill, apart, cluster) => {
  const [first, second] = await means(workloadOf(file, cluster), `${policy},${other}`, metric, { fill });
  const gain = way === 'more' ? (first ?? 0) - (second ?? 0) : (second ?? 0) - (first ?? 0);
  expect(gain, `${first} against ${second}`).toBeGreaterThan(apart);
});

const STEADY: readonly [string, string, string, 'more' | 'less', number, number][] = [
  ['jobs.yaml', 'kube-default+srtf', 'slowdown-mean', 'less', 0.95, 0.1],
  ['tenants.yaml', 'kube-default+drf', 'fairness-jain', 'more', 1.2, 5],
  ['priorities.yaml', 'kube-default+priority', 'queueing-urgent-p99', 'less', 1.2, 1000],
  ['gangs.yaml', 'kube-default+gang', 'gang-held', 'less', 0.9, 5],
];

test.each(STEADY)('%s: %s against the default in %s', async (file, policy, metric, way, load, apart) => {
  const [base, changed] = await means(workloadOf(file), `kube-default,${policy}`, metric, { load });
  const gain = way === 'more' ? (changed ?? 0) - (base ?? 0) : (base ?? 0) - (changed ?? 0);
  expect(gain, `${changed} against ${base}`).toBeGreaterThan(apart);
});

/** Workload, policy, metric, load, and how much more than the default's it stays below. */
const HARDLY_MORE: readonly [string, string, string, number, number][] = [
  // With gangs always first single pods would wait 4,500 s longer.
  ['gangs.yaml', 'min-cost-flow+gang', 'queueing-p99', 0.9, 1000],
];

test.each(HARDLY_MORE)('%s: %s has hardly more than the default in %s', async (file, policy, metric, load, more) => {
  const [base, changed] = await means(workloadOf(file), `kube-default,${policy}`, metric, { load });
  expect(changed).toBeLessThan((base ?? 0) + more);
});

test('pods of higher priority take the place of others, within the budgets where that is possible', async () => {
  const workload = workloadOf('priorities.yaml');
  const [preemptions] = await means(workload, 'kube-default', 'preemptions', { load: 1.2 });
  expect(preemptions).toBeGreaterThan(10);
  const flat = { ...workload, kinds: workload.kinds.map((kind) => ({ ...kind, spec: { ...kind.spec, priority: 0 } })) };
  expect((await means(flat, 'kube-default', 'preemptions', { load: 1.2 }))[0]).toBeNaN();
});
