/**
 * The scenarios that come with seatrial: each loads without a remark, says where it is from, and gives the verdict it expects, its twin too.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadOperators } from '../../bench/user-modules/operators.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { type LoadedScenario, loadScenario, loadScenarioText } from '../../scenarios/load.ts';
import { listOwnFiles } from '../../scenarios/own-files.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { formatProblems, ProblemList } from '../../scenarios/problem.ts';

const folder = fileURLToPath(new URL('../../scenarios', import.meta.url));
const problems = new ProblemList();
const files = listOwnFiles('Scenario', folder, problems, 'SCN-000');
const scenarios = files
  .map((file) => loadScenario(file, problems))
  .filter((scenario): scenario is LoadedScenario => scenario !== null);
/** Runs of these take seconds: a smaller cluster shows the same here. */
const LARGE_NODES = 100;

function nodeCount(plan: ScenarioPlan): number {
  const { nodes } = plan.cluster;
  return ('count' in nodes ? [nodes] : nodes).reduce((count, group) => count + group.count, 0);
}

/** The plan with at most so many nodes; the workload's replicas shrink alike. */
function reduced(plan: ScenarioPlan): ScenarioPlan {
  const factor = LARGE_NODES / nodeCount(plan);
  if (factor >= 1 || !('count' in plan.cluster.nodes)) return plan;
  const workload = plan.workload.map((object) => {
    const { spec } = object as { spec?: { replicas?: number } };
    return spec?.replicas === undefined
      ? object
      : { ...object, spec: { ...spec, replicas: Math.ceil(spec.replicas * factor) } };
  });
  return { ...plan, workload, cluster: { ...plan.cluster, nodes: { ...plan.cluster.nodes, count: LARGE_NODES } } };
}

describe('shipped scenarios', () => {
  beforeAll(async () => {
    await loadOperators(scenarios.map(({ plan }) => plan));
  });

  it('load without a problem or warning', () => {
    expect(formatProblems(problems.problems)).toBe('');
    expect(scenarios.length).toBe(files.length);
    expect(files.length).toBeGreaterThanOrEqual(15);
  });

  it('are named after their files, and say what they are about and where they are from', () => {
    for (const { file, plan } of scenarios) {
      expect(plan.name).toBe(basename(file, '.yaml'));
      expect(plan.about).toMatch(/^[A-Z].{30,}\.$/);
      // An incident names who told of it.
      const source = file.includes('/scenarios/incidents/') ? /^\S.{10,}/ : /^own\b|^recording of Kubernetes /;
      expect(plan.source).toMatch(source);
    }
  });

  it('can be written as files and read back', () => {
    for (const { plan } of scenarios) {
      const again = new ProblemList();
      expect(loadScenarioText('again.yaml', scenarioText(plan), again)?.plan).toEqual(plan);
      expect(again.problems).toEqual([]);
    }
  });

  it.each(scenarios.map((scenario) => [scenario.plan.name, scenario] as const))(
    '%s gives the expected verdict, and its twin too',
    (_name, scenario) => {
      for (const plan of [scenario.plan, scenario.twin]) {
        if (plan === null) continue;
        for (const seed of [1, 2]) {
          const { asExpected, outcome, faults } = runPlan(reduced(plan), seed);
          expect(asExpected, `${plan.name}, seed ${seed}: ${JSON.stringify(outcome)}`).toBe(true);
          for (const fault of faults)
            expect(fault.targets, `${plan.name}: fault ${fault.id} hit nothing`).not.toEqual([]);
          if (outcome.kind !== 'fail') expect(faults.length).toBe(plan.faults.length);
        }
      }
    },
  );
});

it('the faults of docs/scenarios.md, with the cluster that stands above them, are valid', () => {
  const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
  const block = /```yaml\n(cluster:\n[\s\S]*?\nfaults:\n[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const head = 'apiVersion: seatrial/v1\nkind: Scenario\nmetadata: {name: shown}\nabout: Shown.\n';
  const found = new ProblemList();
  expect(loadScenarioText('docs/scenarios.md', `${head}${block}`, found)).not.toBeNull();
  expect(block).toContain('topologyKey: rack');
  expect(formatProblems(found.problems)).toBe('');
});
