/**
 * The test of the tests: a campaign over a few seeds finds every planted bug by its predicate, the same plan without the bug passes, and
 * what is printed about the finding reproduces it.
 */
import { describe, expect, it, test } from 'vitest';
import { COMPARISONS } from '../../core/chaos/comparison/compare-runs.ts';
import { PLANTED_BUGS, type PlantedBug, withoutBug } from '../../core/chaos/mutation/index.ts';
import { SOUND_PLANS } from '../../core/chaos/mutation/sound-plans.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { predicateIds } from '../../core/chaos/predicates/index.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { knownBugs } from '../../core/cluster/declared.ts';
import { loadScenarioText } from '../../scenarios/load.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';

/** Broken without any bug of ours: by real controllers (scenarios/incidents), by reconcilers of users (scenarios/operators). */
const BROKEN_AS_IT_IS = ['RS5', 'OP1', 'X5', 'X6', 'H2', 'AV1'];

/** The first seed from 1 that shows the bug, with its result. */
function campaign({ plan, seeds }: PlantedBug): RunResult {
  let last: RunResult | null = null;
  for (let seed = 1; seed <= seeds; seed++) {
    last = runPlan(plan, seed);
    if (last.outcome.kind !== 'pass') return last;
  }
  return last as RunResult;
}

function loaded(text: string): ScenarioPlan {
  const problems = new ProblemList();
  const scenario = loadScenarioText('finding.yaml', text, problems);
  expect(problems.problems.map(formatProblem)).toEqual([]);
  return (scenario as NonNullable<typeof scenario>).plan;
}

describe('planted bugs', () => {
  it('has one for every predicate that the real system does not break by itself', () => {
    const planted = PLANTED_BUGS.map(({ predicate }) => predicate);
    const compared = COMPARISONS.map(([id]) => id);
    expect([...new Set([...planted, ...BROKEN_AS_IT_IS])].sort()).toEqual([...predicateIds(), ...compared].sort());
    for (const { bug } of PLANTED_BUGS) expect(knownBugs()).toContain(bug);
  });

  for (const planted of PLANTED_BUGS) {
    const { predicate, bug, plan, seeds, consequences } = planted;
    it(`${bug} is found by ${predicate} within ${seeds} seeds, and its replay shows the same`, () => {
      const found = campaign(planted);
      expect(found.outcome).toMatchObject({ kind: 'fail', predicate });
      expect(found.asExpected).toBe(true);
      const allowed = [predicate, ...consequences];
      expect(found.violations.filter((violation) => !allowed.includes(violation.predicate))).toEqual([]);

      const again = runPlan(loaded(scenarioText(plan)), found.seed);
      expect(again.outcome).toEqual(found.outcome);
      expect(again.digest).toBe(found.digest);

      const clean = runPlan(withoutBug(plan), found.seed);
      expect(clean.outcome).toEqual({ kind: 'pass' });
      expect(clean.neverEvaluated).not.toContain(predicate);
      expect(clean.digest).not.toBe(found.digest);
    });
  }
});

describe('sound plans', () => {
  test.each(SOUND_PLANS.map((plan) => [plan.name, plan] as const))('%s passes', (_name, plan) => {
    expect(runPlan(plan, 1).outcome).toEqual({ kind: 'pass' });
  });

  test('one fails where a rule is missing', () => {
    const plan = SOUND_PLANS.find(({ name }) => name === 'pods-that-change-hands') as ScenarioPlan;
    const outcome = runPlan({ ...plan, bugs: ['replicaset-never-releases'] }, 1).outcome;
    expect(outcome).toMatchObject({ kind: 'fail', predicate: 'RS1' });
  });
});
