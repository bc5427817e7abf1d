/** What happens in the middle of a steady state: lost nodes, forks, queues, gangs. */
import { expect, test } from 'vitest';
import { drawDisturbances, GIVEN_UP_US } from '../../../bench/compare/disturbances.ts';
import { prepareRun } from '../../../bench/compare/experiment-input.ts';
import { runFork } from '../../../bench/compare/fork.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import type { LoadedPolicy } from '../../../bench/compare/policy-spec.ts';
import { runSteadyState } from '../../../bench/compare/steady-state.ts';
import { jainIndex } from '../../../bench/compare/tenants.ts';
import { WaitTimes } from '../../../bench/compare/wait-times.ts';
import { type QueueOrder, WaitingQueue } from '../../../bench/compare/waiting-queue.ts';
import { namedProfile } from '../../../core/cluster/placement.ts';
import { RULES, smallRun, smallWorkload } from './small-workload.ts';

const OPTIONS = { compression: null, load: 0.8, horizonS: 20_000, disturb: 0 };

test('who never had a node counts with its wait, in the start-up too', () => {
  const times = new WaitTimes(Float64Array.of(0, 0, 1e6), 1);
  times.placed(0, 0, 0);
  times.placed(1, 2e6, 3e6);
  const values = times.values([2], 101e6, () => false);
  expect([values['queueing-p50'], values['start-up-p50']]).toEqual([51, 52.5]);
});

test('losses depend on the seed alone; a node is lost once until it is back', () => {
  const hour = 3_600_000_000;
  const changes = drawDisturbances(50, 0.1, 40 * hour, 7);
  expect(drawDisturbances(50, 0.1, 40 * hour, 7)).toEqual(changes);
  expect(drawDisturbances(50, 0.1, 40 * hour, 8)).not.toEqual(changes);
  expect(drawDisturbances(50, 0, 40 * hour, 7)).toEqual([]);
  const losses = changes.filter(({ lost }) => lost).length;
  expect(losses).toBeGreaterThan(140);
  expect(losses).toBeLessThan(260);
  const away = new Set<number>();
  let now = 0;
  for (const { timeUs, node, lost } of changes) {
    expect(timeUs).toBeGreaterThanOrEqual(now);
    now = timeUs;
    expect(away.has(node)).toBe(!lost);
    if (lost) away.add(node);
    else away.delete(node);
  }
});

test('pods of a lost node come back after it was given up, and the books still agree at the end', () => {
  for (const policy of ['best-fit', 'fgd', 'random']) {
    const run = smallRun(policy, 3);
    const { values, curves } = runSteadyState(run, { ...OPTIONS, disturb: 0.5 }, 3);
    expect(values['evictions']).toBeGreaterThan(20);
    expect(values['replaced-p50']).toBeGreaterThanOrEqual(GIVEN_UP_US / 1_000_000);
    const used = run.demandCapacity - run.meter.idleMilli();
    expect(curves['allocation']?.at(-1)).toBeCloseTo((100 * used) / run.demandCapacity, 6);
    expect(runSteadyState(smallRun(policy, 3), OPTIONS, 3).values['evictions']).toBeNull();
  }
});

function loaded(name: string): LoadedPolicy {
  const profileOf: LoadedPolicy['profileOf'] = (typicalPods) => {
    const profile = namedProfile(name, { typicalPods });
    if (profile === undefined) throw new Error(name);
    return profile;
  };
  return { name, profileOf, module: undefined, queue: 'fifo', gangs: false };
}

function fork(first: string, second: string, seed: number) {
  const workload = smallWorkload();
  const prepare = () => prepareRun(workload, kindFacts(workload), loaded(first), RULES, seed, loaded(second));
  return runFork(prepare, OPTIONS, 5_000_000_000, seed).fork;
}

test('a fork tells the first decision that differs; each policy prefers its own node', () => {
  for (const seed of [1, 2, 3]) {
    const found = fork('best-fit', 'worst-fit', seed);
    expect(found?.timeUs).toBeGreaterThanOrEqual(5_000_000_000);
    expect(found?.firstNode).not.toBe(found?.secondNode);
    const [own, other] = found?.scores ?? [];
    expect([own?.node, other?.node]).toEqual([found?.firstNode, found?.secondNode]);
    expect(own?.first ?? 0).toBeGreaterThanOrEqual(other?.first ?? 0);
    expect(other?.second ?? 0).toBeGreaterThanOrEqual(own?.second ?? 0);
  }
  expect(fork('fgd', 'fgd', 1)).toMatchObject({ timeUs: null, scores: [] });
  expect(fork('fgd', 'fgd', 1)?.equalDecisions).toBeGreaterThan(50);
});

test('a fork goes on under the second policy from its moment: what follows is that policy', () => {
  const workload = smallWorkload();
  const facts = kindFacts(workload);
  const alone = runSteadyState(prepareRun(workload, facts, loaded('worst-fit'), RULES, 4), OPTIONS, 4);
  const prepare = () => prepareRun(workload, facts, loaded('best-fit'), RULES, 4, loaded('worst-fit'));
  expect(runFork(prepare, OPTIONS, 0, 4).checksum).toBe(alone.checksum);
});

test('a fork between policies that take pods in batches, gangs or another order goes pod by pod', () => {
  const workload = smallWorkload();
  const facts = kindFacts(workload);
  const forkOf = (first: LoadedPolicy, second: LoadedPolicy, forkUs = 5_000_000_000) =>
    runFork(() => prepareRun(workload, facts, first, RULES, 2, second), OPTIONS, forkUs, 2);
  const batch = loaded('min-cost-flow');
  for (const [first, second] of [
    [loaded('best-fit'), batch],
    [batch, loaded('worst-fit')],
  ] as const) {
    const { fork: found } = forkOf(first, second);
    expect(found?.timeUs).toBeGreaterThanOrEqual(5_000_000_000);
    expect(found?.firstNode).not.toBe(found?.secondNode);
    expect(found?.scores.map(({ node }) => node)).toContain(found?.firstNode || found?.secondNode);
  }
  expect(forkOf(batch, batch).fork).toMatchObject({ timeUs: null });
  const together = { ...loaded('best-fit'), gangs: true };
  expect(forkOf(together, together).fork).toMatchObject({ timeUs: null });
  const shortest: LoadedPolicy = { ...loaded('best-fit'), queue: 'srtf' };
  const alone = runSteadyState(prepareRun(workload, facts, shortest, RULES, 2), OPTIONS, 2);
  expect(forkOf(loaded('best-fit'), shortest, 0).checksum).toBe(alone.checksum);
});

function drained(order: QueueOrder, accepts: (pod: number) => boolean = () => true): number[] {
  // Tenant, priority and time to run of pods 0 … 5.
  const tenants = [0, 0, 0, 1, 1, 2];
  const priorities = [0, 5, 0, 9, 0, 5];
  const runUs = [50, 40, 10, 30, 10, 60];
  const held = [0, 0, 0];
  const queue = new WaitingQueue(order, {
    priorityOf: (pod) => priorities[pod] as number,
    runUsOf: (pod) => runUs[pod] as number,
    tenantOf: (pod) => tenants[pod] as number,
    shareOf: (tenant) => held[tenant] as number,
  });
  for (const pod of [3, 0, 5, 1, 4, 2]) queue.add(pod);
  const placed: number[] = [];
  queue.drain((pod) => {
    if (!accepts(pod)) return;
    placed.push(pod);
    queue.delete(pod);
    const tenant = tenants[pod] as number;
    held[tenant] = (held[tenant] as number) + (tenant === 2 ? 10 : 1);
  });
  expect(queue.size).toBe(6 - placed.length);
  return placed;
}

test('queues try pods in their order, and nobody blocks the ones behind', () => {
  expect(drained('fifo')).toEqual([0, 1, 2, 3, 4, 5]);
  expect(drained('priority')).toEqual([3, 1, 5, 0, 2, 4]);
  expect(drained('srtf')).toEqual([2, 4, 3, 1, 0, 5]);
  expect(drained('drf')).toEqual([0, 3, 5, 1, 4, 2]);
  expect(drained('fifo', (pod) => pod !== 0)).toEqual([1, 2, 3, 4, 5]);
  expect(drained('drf', (pod) => pod > 1)).toEqual([2, 3, 5, 4]);
});

test("Jain's index", () => {
  expect(jainIndex([1, 1, 1, 1])).toBe(1);
  expect(jainIndex([1, 0, 0, 0])).toBe(0.25);
  expect(jainIndex([1, 2])).toBeCloseTo(0.9, 12);
  expect(jainIndex([])).toBe(1);
});
