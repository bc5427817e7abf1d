/**
 * Orders of simultaneous events: which there are, how a plan names one, all of them in turn, and the few that a finding needs.
 */
import { describe, expect, test } from 'vitest';
import { namedOrders } from '../../../core/chaos/minimise/named-orders.ts';
import type { Trials } from '../../../core/chaos/minimise/trials.ts';
import { simultaneous } from '../../../core/chaos/orders/simultaneous.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { OrderPlans } from '../../../core/chaos/search/order-plans.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

/** One node, one of each component, and a crash at the very instant of something else. */
const tiny: ScenarioPlan = {
  ...smallPlan({
    faults: [
      {
        id: 'f',
        kind: 'process-crash',
        target: { component: 'controller-manager' },
        trigger: { kind: 'at', atUs: 2 * S },
        forUs: 2 * S,
      },
    ],
  }),
  cluster: { nodes: { count: 1 }, settings: { events: false } },
};

test('other orders at single instants are other runs, and the same ones each time', () => {
  const { ties, result } = simultaneous(tiny, 1);
  expect(result.digest).toBe(runPlan(tiny, 1).digest);
  expect(ties.length).toBeGreaterThan(0);
  for (const { atUs, senders, came } of ties) {
    expect(atUs).toBeLessThan(60 * S);
    expect(came).toEqual(senders);
    expect(new Set(senders).size).toBe(senders.length);
  }
  const [{ atUs, senders } = { atUs: 0, senders: [] }] = ties;
  const swapped = { ...tiny, reorderings: [{ atUs, order: [...senders].reverse() }] };
  const seen = simultaneous(swapped, 1);
  expect(seen.ties[0]?.came).toEqual([...senders].reverse());
  expect(runPlan(swapped, 1).digest).toBe(seen.result.digest);
  const same = { ...tiny, reorderings: [{ atUs, order: [...senders] }] };
  expect(runPlan(same, 1).digest).toBe(result.digest);
});

describe('all orders', () => {
  const ties = [2, 3, 2].map((count, index) => {
    const senders = ['a', 'b', 'c'].slice(0, count);
    return { atUs: index, senders, came: senders };
  });

  test('come once each, the fewest reordered instants first', () => {
    const orders = new OrderPlans(tiny, ties);
    expect(orders.count).toBe(2 * 6 * 2);
    const plans = Array.from({ length: orders.count }, (_, number) => orders.plan(number).reorderings ?? []);
    expect(new Set(plans.map((each) => JSON.stringify(each))).size).toBe(orders.count);
    const sizes = plans.map(({ length }) => length);
    expect(sizes).toEqual([...sizes].sort((left, right) => left - right));
    expect(sizes.filter((size) => size === 1)).toHaveLength(1 + 5 + 1);
  });

  test('of many ties are numbered as far as numbers go; of many senders neighbours swap', () => {
    const many = Array.from({ length: 500 }, (_, atUs) => ({ ...(ties[1] as (typeof ties)[0]), atUs }));
    const orders = new OrderPlans(tiny, many);
    expect(orders.count).toBe(0x7fff_fffe);
    expect(orders.plan(orders.count - 1).reorderings?.length).toBeGreaterThan(2);
    const senders = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(new OrderPlans(tiny, [{ atUs: 0, senders, came: senders }]).count).toBe(1 + 5);
    expect(new OrderPlans(tiny, []).count).toBe(1);
  });
});

test('of an interleaving the reorderings that matter are left, by name', () => {
  const interleaved = { ...tiny, interleaving: 5 };
  const changed = simultaneous(interleaved, 1).ties.filter(({ senders, came }) => senders.join() !== came.join());
  const [needed] = changed.slice(-1);
  if (needed === undefined) throw new Error('no tie came in another order');
  const wanted = JSON.stringify([needed.atUs, needed.came]);
  const fails = ({ reorderings = [] }: ScenarioPlan): boolean =>
    reorderings.some(({ atUs, order }) => JSON.stringify([atUs, order]) === wanted);
  const trials = { seed: 1, runs: 0, exhausted: false, fails } as unknown as Trials;
  const { interleaving: _interleaving, ...plain } = interleaved;
  expect(namedOrders(interleaved, trials)).toEqual({
    ...plain,
    reorderings: [{ atUs: needed.atUs, order: needed.came }],
  });
  const never = { ...trials, fails: () => false } as unknown as Trials;
  expect(namedOrders(interleaved, never)).toBe(interleaved);
});

test('a file names them, and is told what cannot be', () => {
  const plan = { ...tiny, reorderings: [{ atUs: 2 * S + 7, order: ['scheduler-0', 'apiserver-0', 'harness'] }] };
  const problems = new ProblemList();
  expect(loadScenarioText('s.yaml', scenarioText(plan), problems)?.plan).toEqual(plan);
  const wrong = {
    ...plan,
    interleaving: 3,
    reorderings: [{ atUs: 5, order: ['scheduler-0', 'scheduler-0', 'kubelet-x'] }],
  };
  loadScenarioText('s.yaml', scenarioText(wrong), problems);
  expect(problems.problems.map(formatProblem).map((line) => line.replace(/^\S+ error /, ''))).toEqual([
    'SCN-027: "interleaving" and "reorderings" exclude each other',
    'SCN-027: "scheduler-0" stands there twice',
    expect.stringMatching(/^SCN-020: unknown process "kubelet-x"/),
  ]);
});
