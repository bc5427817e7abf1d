/**
 * After heal, everything converges and stays so: whatever the cluster, the workloads, the operations and up to five faults.
 *
 * A failing plan is shrunk by fast-check, printed as a scenario file and with the line that replays it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plans } from '../../bench/arbitraries/index.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';

const SEED = 20261121;
const RUNS = process.env['SEATRIAL_SOAK'] === '1' ? 5_000 : 200;
/** The master seed of the simulated runs; plans vary, the seed need not. */
const RUN_SEED = 1;

function failureOf(plan: ScenarioPlan): string | null {
  const result = runPlan(plan, RUN_SEED);
  if (result.asExpected) return null;
  return JSON.stringify(result.outcome);
}

function report(plan: ScenarioPlan, failure: string): string {
  mkdirSync('results', { recursive: true });
  const file = 'results/convergence-failure.yaml';
  const text = scenarioText(plan);
  writeFileSync(file, text);
  return `${failure}\n${text}\nreplay: seatrial replay ${file} --seed ${RUN_SEED}`;
}

describe('convergence', () => {
  it(`holds for ${RUNS} drawn plans`, { timeout: 3_600_000 }, () => {
    const details = fc.check(
      fc.property(plans(), (plan) => failureOf(plan) === null),
      { seed: SEED, numRuns: RUNS, endOnFailure: false },
    );
    if (details.failed && details.counterexample !== null) {
      const [plan] = details.counterexample;
      expect.fail(report(plan, failureOf(plan) ?? 'the shrunk plan passes now'));
    }
  });

  it('writes a plan that loads to the same plan', async () => {
    const { loadScenarioText } = await import('../../scenarios/load.ts');
    const { ProblemList } = await import('../../scenarios/problem.ts');
    for (const plan of fc.sample(plans(), { seed: SEED, numRuns: 20 })) {
      const problems = new ProblemList();
      const loaded = loadScenarioText('plan.yaml', scenarioText(plan), problems);
      expect(problems.problems).toEqual([]);
      expect(loaded?.plan.faults).toEqual(
        JSON.parse(JSON.stringify(plan.faults.map((f) => (f.kind === 'slow-link' ? { ...f, jitterUs: 0 } : f)))),
      );
      expect(loaded?.plan.operations).toEqual(plan.operations);
    }
  });
});
