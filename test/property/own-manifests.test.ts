/**
 * A property over manifests of one's own, as a user writes it: the shipped shop survives any drawn plan, and where a rule is broken the failure is drawn by fast-check,
 * shrunk by it a little and handed over to the minimiser.
 */
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlans, manifests, plans, runPlan } from '../../bench/arbitraries/index.ts';
import { loadScenarioText } from '../../scenarios/load.ts';
import { ProblemList } from '../../scenarios/problem.ts';

const SHOP = path.join(import.meta.dirname, '../../scenarios/examples/shop');
const RUNS = process.env['SEATRIAL_SOAK'] === '1' ? 300 : 5;

describe('a property over own manifests', () => {
  it(`holds for ${RUNS} drawn plans of the shop`, { timeout: 3_600_000 }, () => {
    const failure = checkPlans(plans(manifests(SHOP)), { numRuns: RUNS });
    expect(failure?.scenario ?? '').toBe('');
  });

  it('shrinks a failure to what it needs, as a scenario that shows it again', () => {
    const broken = plans({ faultsMax: 4 }).map((plan) => ({ ...plan, bugs: ['replicaset-deletes-ready-first'] }));
    const failure = checkPlans(broken, { numRuns: 300, seed: 3, shrinkRuns: 10 });
    expect(failure?.message).toMatch(/^RS3: ReplicaSet demo\/web-\S+ deletes /);
    const { plan, scenario, seed, shrinkRuns } = failure as NonNullable<typeof failure>;
    expect(plan.faults.length + plan.operations.length).toBeLessThanOrEqual(3);
    expect(shrinkRuns).toBeGreaterThan(0);
    const problems = new ProblemList();
    const loaded = loadScenarioText('failure.yaml', scenario, problems);
    expect(problems.problems).toEqual([]);
    expect(runPlan((loaded as NonNullable<typeof loaded>).plan, seed).outcome).toMatchObject({ predicate: 'RS3' });
  });

  it('draws plain data: the same plan again from JSON', () => {
    for (const plan of fc.sample(plans(), { seed: 1, numRuns: 20 }))
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('tells a property of the user’s own that does not hold', () => {
    const failure = checkPlans(plans({ faultsMax: 1 }), { numRuns: 5, holds: ({ counts }) => counts.pods > 1_000 });
    expect(failure).not.toBeNull();
  });
});
