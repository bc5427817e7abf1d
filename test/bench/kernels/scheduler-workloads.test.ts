/**
 * The kernels of `bench scheduler` on small clusters: every path makes the same placements, and the workloads are what their names say.
 */
import { describe, expect, test } from 'vitest';
import { comparePaths } from '../../../bench/kernels/scheduler/compare-paths.ts';
import { Placing } from '../../../bench/kernels/scheduler/placing.ts';
import { Preempting } from '../../../bench/kernels/scheduler/preempting.ts';
import type { SchedulerWorkload } from '../../../bench/kernels/scheduler/workload.ts';
import { SCHEDULER_WORKLOADS } from '../../../bench/kernels/scheduler/workloads.ts';
import type { PathChoice } from '../../../core/scheduler/choice/scheduling-core.ts';

const roundOf = (workload: SchedulerWorkload, path: PathChoice) =>
  workload.running === undefined ? new Placing(workload, path) : new Preempting(workload, path);

function workloadNamed(name: string): SchedulerWorkload {
  const found = SCHEDULER_WORKLOADS.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload is named ${name}`);
  return found;
}

describe('workloads of bench scheduler', () => {
  for (const workload of SCHEDULER_WORKLOADS) {
    test(`${workload.name}: all paths choose the same nodes`, () => {
      const small = { ...workload, nodes: 110, pods: 40 };
      const rounds = (['cached', 'plain', 'reference'] as const).map((path) => roundOf(small, path));
      for (const round of rounds) round.run(small.pods);
      const [cached, ...others] = rounds.map(({ checksum, placed, examined }) => ({ checksum, placed, examined }));
      for (const other of others) expect(other).toEqual(cached);
      expect(cached?.placed).toBe(small.pods);
    });
  }

  test('kube-default examines 500 of 5,000 feasible nodes for a pod', () => {
    const round = new Placing({ ...workloadNamed('equal pods, sampled'), pods: 20 }, 'cached');
    round.run(20);
    expect(round.examined).toBe(20 * 500);
  });

  test('fast paths look at a small part of the nodes that the plain path looks at', () => {
    for (const name of ['topology spread, soft', 'required pod affinity', 'required pod anti-affinity']) {
      const [cached, plain] = (['cached', 'plain'] as const).map((path) => {
        const round = new Placing({ ...workloadNamed(name), nodes: 300, pods: 600 }, path);
        round.run(100);
        const before = round.core.nodes.evaluations;
        round.run(500);
        return round.core.nodes.evaluations - before;
      });
      expect(cached as number).toBeLessThan((plain as number) / 2);
    }
  });

  test('a comparison says whether both paths chose the same', () => {
    let clockMs = 0;
    const small = { ...workloadNamed('equal pods'), nodes: 50, pods: 40, plainPods: 30 };
    const figures = comparePaths(small, () => (clockMs += 700));
    expect(figures).toMatchObject({ same: true, placedShare: 1, examined: 50 });
    expect(figures.rounds).toBeGreaterThanOrEqual(5);
  });
});
