/**
 * Counters of work: exact for a seed, and the planted waste shows in one of them and nowhere else.
 */
import { expect, test } from 'vitest';
import { runPlan, workCounters } from '../../../core/chaos/run-plan.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { ProblemList } from '../../../scenarios/problem.ts';

function planOf(file: string, bugs: readonly string[] = []) {
  const loaded = loadScenario(`scenarios/${file}`, new ProblemList());
  if (loaded === null) throw new Error(`scenarios/${file} cannot be read`);
  return { ...loaded.plan, bugs };
}

test('the same seed counts the same; every counter has a name, a sentence and its place', () => {
  const first = runPlan(planOf('tolerable.yaml'), 1);
  expect(runPlan(planOf('tolerable.yaml'), 1).work).toEqual(first.work);
  expect(Object.keys(first.work)).toEqual(workCounters().map(({ name }) => name));
  expect(Object.keys(first.work)).toEqual(Object.keys(first.work).sort());
  for (const { about } of workCounters()) expect(about.length).toBeGreaterThan(10);
  expect(first.work).toMatchObject({ 'sim.events': first.counts.events, 'store.commits': first.counts.commits });
  for (const [name, value] of Object.entries(first.work)) expect([name, value > 0]).toEqual([name, true]);
});

test('predicates evaluated twice: one counter grows by 5 %, digest and everything else stay', () => {
  const clean = runPlan(planOf('apiserver-stop-25s.yaml'), 1);
  const wasteful = runPlan(planOf('apiserver-stop-25s.yaml', ['api.watch-predicate-twice']), 1);
  expect(wasteful.digest).toBe(clean.digest);
  const name = 'api.watch-predicates';
  const ratio = (wasteful.work[name] as number) / (clean.work[name] as number);
  expect(ratio).toBeGreaterThan(1.03);
  expect(ratio).toBeLessThan(1.06);
  expect({ ...wasteful.work, [name]: 0 }).toEqual({ ...clean.work, [name]: 0 });
});
