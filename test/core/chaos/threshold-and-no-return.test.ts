/** How much of a fault it takes, and when a failure was decided. */
import { describe, expect, test } from 'vitest';
import { pointOfNoReturn } from '../../../core/chaos/explain/no-return.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { type Parameter, parametersOf } from '../../../core/chaos/search/parameters.ts';
import { findThreshold } from '../../../core/chaos/search/threshold.ts';
import { reseed } from '../../../core/sim/reseed.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

/** A leader that is cut off and goes on leading: two leaders as soon as it lasts longer than the lease. */
const twoLeaders: ScenarioPlan = {
  ...smallPlan({
    faults: [
      {
        id: 'cut',
        kind: 'partition',
        target: { component: 'controller-manager', instance: 'leader' },
        peer: { component: 'apiserver', instance: 'all' },
        trigger: { kind: 'at', atUs: 10 * S },
        forUs: 40 * S,
      },
    ],
  }),
  bugs: ['leader-keeps-leading'],
  predicates: ['LE2'],
};

const parameter = (path: string): Parameter => {
  const found = parametersOf(twoLeaders).get(path);
  if (found === undefined) throw new Error(`no parameter ${path}`);
  return found;
};

describe('threshold', () => {
  test('lies between two values that were run, close together, at the lease duration', () => {
    const forUs = parameter('faults[cut].for');
    expect(forUs).toMatchObject({ unit: 'duration', value: 40 * S });
    const { heals, fails } = findThreshold(forUs, { from: 0, to: 40 * S, seeds: [1, 2] });
    expect(heals?.failure).toBeNull();
    expect(fails?.failure).toMatchObject({ predicate: 'LE2' });
    const [below, above] = [heals?.value ?? 0, fails?.value ?? 0];
    expect(above - below).toBeLessThanOrEqual(0.01 * above + 100_000);
    // Leases last 15 s and are looked at every 2 s.
    expect(below).toBeGreaterThan(12 * S);
    expect(above).toBeLessThan(20 * S);
    const outcome = (value: number, seed: number) => runPlan(forUs.withValue(value), seed).outcome.kind;
    expect([outcome(below, 1), outcome(below, 2)]).toEqual(['pass', 'pass']);
    expect(outcome(above, fails?.failure?.seed ?? 0)).toBe('fail');
  });

  test('stopped early it says what is known', () => {
    const forUs = parameter('faults[cut].for');
    let asked = 0;
    const found = findThreshold(forUs, { from: 0, to: 40 * S, seeds: [1], isOver: () => ++asked > 2 });
    expect(found).toMatchObject({ complete: false, heals: { value: 0 }, fails: { value: 20 * S } });
    expect(findThreshold(forUs, { from: 0, to: S, seeds: [1], isOver: () => true })).toMatchObject({ fails: null });
  });

  test('none where even the least fails, or the most heals', () => {
    const forUs = parameter('faults[0].for');
    expect(findThreshold(forUs, { from: 30 * S, to: 40 * S, seeds: [1] })).toMatchObject({ heals: null });
    expect(findThreshold(forUs, { from: 0, to: S, seeds: [1] })).toMatchObject({ fails: null });
  });

  test('every number of faults, operations and objects has its paths', () => {
    const plan = smallPlan({ operations: [{ kind: 'scale', atUs: S, workload: 'Deployment/demo/web', replicas: 6 }] });
    const paths = parametersOf(plan);
    expect([...paths.keys()]).toEqual(['operations[0].replicas', 'workload[0].replicas', 'workload[web].replicas']);
    expect(paths.get('workload[web].replicas')?.withValue(9).workload[0]).toMatchObject({ spec: { replicas: 9 } });
    expect(plan.workload[0]).toMatchObject({ spec: { replicas: 4 } });
  });
});

describe('point of no return', () => {
  test('every continuation fails from the instant on that is named, and not all before it', () => {
    // A cut of this length overlaps with another leader for some draws only.
    const edge = parameter('faults[cut].for').withValue(16 * S);
    const seed = [1, 2, 3, 4, 5, 6, 7, 8].find((each) => runPlan(edge, each).outcome.kind === 'fail');
    expect(seed).toBeDefined();
    const found = pointOfNoReturn(edge, seed ?? 0, { continuations: 3 });
    expect(found?.signature).toMatch(/^LE2/);
    const { points, openUs, noReturnUs, violationUs } = found as NonNullable<typeof found>;
    expect(noReturnUs).toBeLessThanOrEqual(violationUs);
    for (const { timeUs, runs, failures } of points) if (timeUs >= noReturnUs) expect(failures).toBe(runs);
    if (openUs >= 0)
      expect(points.some(({ timeUs, runs, failures }) => timeUs === openUs && failures < runs)).toBe(true);
  });

  test('a run that passes has none', () => {
    expect(pointOfNoReturn({ ...twoLeaders, faults: [] }, 1, { continuations: 2 })).toBeNull();
  });

  test('another seed changes what comes, not what has been', () => {
    const commitsWith = (seed: number | null): string[] => {
      const seen: string[] = [];
      runPlan(smallPlan({ second: true }), 1, {
        begin: ({ sim }, jury) => {
          const originUs = sim.now;
          if (seed !== null) sim.at(originUs + 30 * S, 'another seed', () => reseed(sim, seed));
          jury.onCommit.push(({ timeUs, kind, object }) =>
            seen.push(`${timeUs - originUs} ${kind} ${object?.metadata.name}`),
          );
        },
      });
      return seen;
    };
    const [own, other, again] = [commitsWith(null), commitsWith(99), commitsWith(99)];
    const first30 = (seen: readonly string[]) => seen.filter((text) => Number(text.split(' ')[0]) < 30 * S);
    expect(first30(other)).toEqual(first30(own));
    expect(other).not.toEqual(own);
    expect(again).toEqual(other);
  });
});
