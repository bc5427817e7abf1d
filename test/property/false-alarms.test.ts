/**
 * No predicate cries wolf: runs without faults, and with faults that any healthy cluster survives, pass for every seed. `npm run soak` takes ten thousand.
 */
import path from 'node:path';
import { expect, test } from 'vitest';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { withoutFaults } from '../../core/chaos/search/base-plan.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { ProblemList } from '../../scenarios/problem.ts';

const SEEDS = process.env['SEATRIAL_SOAK'] === '1' ? 5_000 : 10;
const FILE = 'scenarios/tolerable.yaml';

const loaded = loadScenario(path.join(import.meta.dirname, '../..', FILE), new ProblemList());
if (loaded === null) throw new Error(`${FILE} does not load`);

test.each([
  ['tolerable faults', loaded.plan],
  ['no faults', withoutFaults(loaded.plan)],
])(`%s, ${SEEDS} seeds`, { timeout: 3_600_000 }, (_name, plan) => {
  const alarms: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { outcome } = runPlan(plan, seed);
    if (outcome.kind !== 'pass') alarms.push(`seatrial replay ${FILE} --seed ${seed}: ${JSON.stringify(outcome)}`);
  }
  expect(alarms).toEqual([]);
});
