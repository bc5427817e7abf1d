/**
 * Faults that wait for a state: changes of objects where somebody sees them, task points, and what combines them.
 */
import { describe, expect, it } from 'vitest';
import { deployment, planted, S, scale, withoutBug } from '../../../core/chaos/mutation/situation.ts';
import type { Condition, FaultPlan, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';

function planWith(...triggers: Condition[]): ScenarioPlan {
  const faults = triggers.map(
    (trigger, index): FaultPlan => ({
      kind: 'slow-disk',
      id: `f${index + 1}`,
      target: { component: 'etcd', instance: 0 },
      extraSyncUs: 1_000,
      forUs: S,
      trigger,
    }),
  );
  const situation = { workload: [deployment(3)], operations: [scale(20, 5)], faults, safetyS: 40 };
  return withoutBug(planted('K7', 'kubelet-reuses-ip', 1, situation).plan);
}

function faultsOf(...triggers: Condition[]): RunResult['faults'] {
  const result = runPlan(planWith(...triggers), 1);
  expect(result.outcome.kind).toBe('pass');
  return [...result.faults].sort((left, right) => (left.id < right.id ? -1 : 1));
}

const podReady: Condition = {
  kind: 'object',
  of: 'Pod',
  change: 'changed',
  field: 'status.phase',
  from: 'Pending',
  to: 'Running',
};

describe('conditions', () => {
  it('a change of a field, the n-th time, says who saw what', () => {
    const [first, fourth, never] = faultsOf(podReady, { ...podReady, nth: 4 }, { ...podReady, nth: 6 });
    expect(first?.point).toMatch(/^the store saw Pod web-\S+ changed$/);
    expect(first?.beginUs).toBeLessThan(5 * S);
    // The fourth pod comes with the scale-up.
    expect(fourth?.beginUs).toBeGreaterThan(20 * S);
    expect(never?.beginUs).toBe(-1);
  });

  it('a component sees a change later than the store, and an API server in between', () => {
    const created: Condition = { kind: 'object', of: 'ReplicaSet', change: 'created' };
    const [store, server, manager] = faultsOf(
      created,
      { ...created, seenBy: 'apiserver' },
      { ...created, seenBy: 'controller-manager' },
    );
    expect(server?.beginUs).toBeGreaterThan(store?.beginUs ?? 0);
    expect(manager?.beginUs).toBeGreaterThan(server?.beginUs ?? 0);
    expect(manager?.point).toMatch(/^controller-manager-0 saw ReplicaSet web-\S+ created$/);
  });

  it('a sequence waits in turn, all for the last one, any for the first', () => {
    const late: Condition = { kind: 'at', atUs: 30 * S };
    const scaled: Condition = { kind: 'object', of: 'Deployment', change: 'changed', field: 'spec.replicas', to: '5' };
    const [sequence, all, any] = faultsOf(
      { kind: 'sequence', of: [scaled, podReady] },
      { kind: 'all', of: [scaled, late] },
      { kind: 'any', of: [late, scaled] },
    );
    expect(sequence?.beginUs).toBeGreaterThan(20 * S);
    expect(all?.beginUs).toBe(30 * S);
    expect(any?.beginUs).toBeGreaterThanOrEqual(20 * S);
    expect(any?.beginUs).toBeLessThan(21 * S);
  });

  it('a deletion of a named object', () => {
    const [other, own] = faultsOf(
      { kind: 'object', of: 'Lease', name: 'nobody', change: 'deleted' },
      {
        kind: 'object',
        of: 'Deployment',
        namespace: 'demo',
        name: 'web',
        change: 'changed',
        field: 'spec.replicas',
        from: '3',
      },
    );
    expect(other?.beginUs).toBe(-1);
    expect(own?.beginUs).toBeGreaterThanOrEqual(20 * S);
  });

  it('survives being written and read, and the run is the same', () => {
    const plan = planWith(
      {
        kind: 'sequence',
        of: [
          podReady,
          {
            kind: 'any',
            of: [
              { kind: 'at', atUs: 9 * S },
              { kind: 'task', label: 'binding', run: 1 },
            ],
          },
        ],
      },
      { ...podReady, seenBy: 'scheduler', nth: 2 },
    );
    const problems = new ProblemList();
    const loaded = loadScenarioText('plan.yaml', scenarioText(plan), problems);
    expect(problems.problems.map(formatProblem)).toEqual([]);
    expect(runPlan((loaded as NonNullable<typeof loaded>).plan, 3).digest).toBe(runPlan(plan, 3).digest);
  });
});

describe('conditions that cannot come true', () => {
  const errorsOf = (when: string): string[] => {
    const problems = new ProblemList();
    const text = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: one}
about: One.
cluster: {nodes: {count: 3}}
faults:
  - kind: process-crash
    target: {component: scheduler}
    when: ${when}
`;
    loadScenarioText('s.yaml', text, problems);
    return problems.problems.map(formatProblem);
  };

  it.each([
    ['{object: Pod, change: created, field: status.phase}', /s\.yaml:9:.*"field" goes with change: changed/],
    ['{object: Pod, change: changed, to: Running}', /"to" needs a "field"/],
    ['{object: Pod, change: changed, field: status.phase, from: A, to: A}', /never changes/],
    ['{object: Pod, change: changed, seenBy: schedular}', /unknown place "schedular" \(did you mean "scheduler"\?\)/],
    ['{all: [{object: Pod, change: changed, from: A}]}', /"from" needs a "field"/],
    ['{all: []}', /s\.yaml:9/],
    ['{object: Pod, change: vanished}', /s\.yaml:9/],
    ['{}', /s\.yaml:9/],
  ])('%s', (when, message) => {
    const errors = errorsOf(when);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.join('\n')).toMatch(message);
  });
});

it('a kind that is nearly one of Kubernetes is warned of', () => {
  const plan = planWith({ kind: 'object', of: 'Podd', change: 'created' });
  const problems = new ProblemList();
  expect(loadScenarioText('s.yaml', scenarioText(plan), problems)).not.toBeNull();
  expect(problems.problems.map(formatProblem).join()).toMatch(
    /warning SCN-033: kind "Podd" .* \(did you mean "Pod"\?\)/,
  );
});
