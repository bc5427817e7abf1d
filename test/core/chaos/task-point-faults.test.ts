/**
 * Faults that begin at a point of a task, end to end: they hit where they should, say so, and everything converges afterwards.
 */
import { describe, expect, it } from 'vitest';
import type { FaultPlan, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import type { Commit } from '../../../core/chaos/world.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

function crash(component: string, point: { label: string; key?: string; run?: number; point?: number }): FaultPlan {
  return {
    kind: 'process-crash',
    id: 'f1',
    target: { component, instance: 'leader' },
    trigger: { kind: 'task', ...point },
    forUs: 2 * S,
  };
}

/** Runs and notes every commit of a kind with its time since the cluster is up, µs. */
function watched(plan: ScenarioPlan, kind: string): { result: RunResult; commits: Commit[] } {
  const commits: Commit[] = [];
  const result = runPlan(plan, 1, {
    begin(cluster, jury) {
      const originUs = cluster.sim.now;
      jury.onCommit.push((commit) => {
        if (commit.kind === kind) commits.push({ ...commit, timeUs: commit.timeUs - originUs });
      });
    },
  });
  return { result, commits };
}

describe('faults at task points', () => {
  it('crash the scheduler while it binds, when the first binding is on its way', () => {
    const plan = smallPlan({ faults: [crash('scheduler', { label: 'binding', point: 1 })] });
    const { result, commits } = watched(plan, 'Pod');
    const report = result.faults[0];
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(report).toMatchObject({
      id: 'f1',
      kind: 'process-crash',
      targets: [expect.stringMatching(/^scheduler-\d$/)],
    });
    expect(report?.point).toMatch(/^scheduler-\d: binding demo\/web-\S+ run 1 point 1$/);
    expect(report?.endUs).toBe((report?.beginUs ?? 0) + 2 * S);
    // What was on its way arrived; nothing else was bound before the scheduler came back.
    const bound = commits.filter(
      ({ object, previous }) => (object as Pod | null)?.spec.nodeName && !(previous as Pod | null)?.spec.nodeName,
    );
    const whileDown = bound.filter(({ timeUs }) => timeUs < (report?.endUs ?? 0));
    expect(whileDown.length).toBeGreaterThanOrEqual(1);
    expect(whileDown.length).toBeLessThan(bound.length);
    expect(bound.length).toBe(4);
  });

  it('crash the controller manager after the second round of writes of one sync', () => {
    const plan = smallPlan({ faults: [crash('controller-manager', { label: 'replicaset', run: 1, point: 2 })] });
    const { result, commits } = watched(plan, 'Pod');
    expect(result.outcome).toEqual({ kind: 'pass' });
    const report = result.faults[0];
    expect(report?.point).toMatch(/^controller-manager-\d: replicaset demo\/web-\S+ run 1 point 2$/);
    // Slow start: one pod, then two; the fourth is made by the next leader, and none twice.
    const created = commits.filter(({ previous }) => previous === null);
    expect(created.filter(({ timeUs }) => timeUs < (report?.endUs ?? 0)).length).toBe(3);
    expect(created.length).toBe(4);
  });

  it('pick one run of one key', () => {
    const first = smallPlan({ faults: [crash('controller-manager', { label: 'deployment', key: 'demo/web' })] });
    const third = smallPlan({
      faults: [crash('controller-manager', { label: 'deployment', key: 'demo/web', run: 2, point: 1 })],
    });
    const early = runPlan(first, 1);
    const late = runPlan(third, 1);
    expect(early.faults[0]?.point).toMatch(/^controller-manager-\d: deployment demo\/web run 1 point 1$/);
    expect(late.faults[0]?.point).toMatch(/^controller-manager-\d: deployment demo\/web run 2 point 1$/);
    expect(late.faults[0]?.beginUs).toBeGreaterThan(early.faults[0]?.beginUs ?? 0);
    for (const { outcome } of [early, late]) expect(outcome).toEqual({ kind: 'pass' });
  });

  it('begin once only, and say when their point never came', () => {
    const plan = smallPlan({ faults: [crash('scheduler', { label: 'binding', key: 'demo/nobody' })] });
    const result = runPlan(plan, 1);
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(result.faults).toMatchObject([{ id: 'f1', targets: [], beginUs: -1, endUs: -1, done: { count: 0 } }]);
  });

  it('give the same digest twice', () => {
    const plan = smallPlan({ faults: [crash('scheduler', { label: 'binding' })] });
    expect(runPlan(plan, 7).digest).toBe(runPlan(plan, 7).digest);
    expect(runPlan(plan, 7).digest).not.toBe(runPlan({ ...plan, faults: [] }, 7).digest);
  });
});

describe('removing one fault', () => {
  /** Every uid committed once the cluster is up, by kind and name; a name used twice has several. Event objects carry times in their names. */
  function uids(plan: ScenarioPlan): Map<string, string[]> {
    const found = new Map<string, string[]>();
    runPlan(plan, 3, {
      begin(_cluster, jury) {
        jury.onCommit.push(({ object, previous }) => {
          if (object === null || previous !== null || object.kind === 'Event') return;
          const { namespace = '', name, uid = '' } = object.metadata;
          const key = `${object.kind}/${namespace}/${name}`;
          found.set(key, [...(found.get(key) ?? []), uid]);
        });
      },
    });
    return found;
  }

  it('leaves the uids of what it did not touch', () => {
    const other: FaultPlan = {
      kind: 'node-crash',
      id: 'f2',
      target: { node: 'node-1' },
      trigger: { kind: 'at', atUs: 12 * S },
      forUs: 20 * S,
    };
    const both = uids(smallPlan({ faults: [crash('scheduler', { label: 'binding', run: 1 }), other], second: true }));
    const one = uids(smallPlan({ faults: [other], second: true }));
    const none = uids(smallPlan({ faults: [], second: true }));
    for (const run of [both, one]) {
      const shared = [...none.keys()].filter((key) => run.has(key));
      expect(shared).toEqual(expect.arrayContaining(['Deployment/demo/web', 'Deployment/demo/late']));
      expect(shared.filter((key) => key.startsWith('Pod/demo/late')).length).toBe(3);
      for (const key of shared) expect([key, run.get(key)?.[0]]).toEqual([key, none.get(key)?.[0]]);
    }
  });
});
