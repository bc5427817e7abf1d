/**
 * What a swarm draws: every kind of fault, modes, repeats, steps, groups of members; plans that a scenario file can hold; and clocks and
 * budgets, which drawn plans have shown to matter.
 */

import { describe, expect, test } from 'vitest';
import { ReplayRecorder } from '../../../bench/replay/replay-recorder.ts';
import { eventsBudget } from '../../../core/chaos/events-budget.ts';
import { removalsBorne } from '../../../core/chaos/fault-needs.ts';
import type { FaultPlan, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import { SEARCHED_KINDS } from '../../../core/chaos/search/draw-fault.ts';
import { swarmPlan } from '../../../core/chaos/search/swarm-plan.ts';
import { FAULT_KINDS } from '../../../scenarios/kinds.ts';
import { loadScenario, loadScenarioText } from '../../../scenarios/load.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const base: ScenarioPlan = smallPlan({ faults: [] });
const drawn = Array.from({ length: 400 }, (_, index) => swarmPlan(base, index, { seed: 1, lite: false }));

describe('swarm plans', () => {
  test('draw every kind, mode and order', () => {
    const faults = drawn.flatMap((plan) => plan.faults);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(SEARCHED_KINDS));
    expect([...new Set(faults.map(({ target }) => target.mode ?? ''))].sort()).toEqual([
      '',
      'all',
      'fixed',
      'fixed-percent',
      'one',
      'random-max-percent',
    ]);
    expect(faults.filter(({ repeat }) => repeat !== undefined).length).toBeGreaterThan(20);
    expect(
      faults.filter(({ trigger }) => trigger.kind === 'fault' || trigger.kind === 'sequence').length,
    ).toBeGreaterThan(20);
    const kinds = new Set(drawn.flatMap(({ operations }) => operations.map(({ kind }) => kind)));
    expect(kinds).toContain('store-member-remove');
    expect(kinds).toContain('store-rolling-restart');
  });

  test('draw every kind but the one that breaks what Raft stands on', () => {
    expect(FAULT_KINDS.filter((kind) => !(SEARCHED_KINDS as readonly string[]).includes(kind))).toEqual(['disk-loss']);
  });

  test('stop links one after the other and let them go in another order, in some cases', () => {
    const swizzled = drawn.filter(({ faults: [first, second] }) => {
      if (first?.trigger.kind !== 'at' || second?.trigger.kind !== 'at' || first.kind !== second.kind) return false;
      const gapUs = second.trigger.atUs - first.trigger.atUs;
      return 'peer' in first && gapUs > 0 && gapUs % S !== 0;
    });
    expect(swizzled.length).toBeGreaterThan(5);
    const ends = ({ trigger, forUs }: FaultPlan): number => (trigger.kind === 'at' ? trigger.atUs : 0) + (forUs ?? 0);
    expect(swizzled.some(({ faults: [first, second] }) => ends(first as FaultPlan) > ends(second as FaultPlan))).toBe(
      true,
    );
  });

  test('remove a machine for good only where the cloud tells the cluster', () => {
    const removing = drawn.filter(({ faults }) => faults.some(({ kind }) => kind === 'instance-removed'));
    expect(removing.length).toBeGreaterThan(0);
    expect(removing.every(({ cluster }) => cluster.controlPlane?.cloudControllerManagers === 1)).toBe(true);
  });

  test('leave a cluster two machines, however many kinds are drawn', () => {
    const cluster = { ...base.cluster, controlPlane: { cloudControllerManagers: 1 } };
    const weights = SEARCHED_KINDS.map((kind) => (kind === 'instance-removed' ? 100_000 : 1));
    const options = { seed: 1, lite: false, weights };
    let removedMax = 0;
    for (const count of [2, 3, 4]) {
      for (let index = 0; index < 40; index++) {
        const { faults } = swarmPlan({ ...base, cluster: { ...cluster, nodes: { count } } }, index, options);
        const removed = faults.filter(({ kind }) => kind === 'instance-removed').length;
        expect(count - removed).toBeGreaterThanOrEqual(2);
        removedMax = Math.max(removedMax, removed);
      }
    }
    expect(removedMax).toBe(2);
  });

  test('leave each zone a machine where volumes keep pods in their zone', () => {
    const cluster = { controlPlane: { cloudControllerManagers: 1 }, nodes: { count: 5, zones: ['a', 'b'] } };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'demo' } };
    expect(removalsBorne({ cluster, workload: [] })).toBe(3);
    expect(removalsBorne({ cluster, workload: [claim] })).toBe(1);
    expect(removalsBorne({ cluster: { ...cluster, nodes: { count: 5 } }, workload: [claim] })).toBe(3);
    expect(removalsBorne({ cluster: { nodes: { count: 5 } }, workload: [] })).toBe(0);
  });

  test('stop no links where that kind of fault is off', () => {
    const weights = SEARCHED_KINDS.map((kind) => (kind === 'slow-disk' || kind === 'held-link' ? 1 : 0));
    for (let index = 0; index < 200; index++) {
      const { faults } = swarmPlan(base, index, { seed: 1, lite: false, weights });
      expect(faults.length).toBeGreaterThan(0);
      for (const { kind } of faults) expect(['slow-disk', 'held-link']).toContain(kind);
    }
  });

  test('hold what people do, and pods that take their time', () => {
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'demo' },
      spec: { replicas: 3, template: { spec: { containers: [{ name: 'db', readinessProbe: {} }] } } },
    };
    const given = { ...base, workload: [...base.workload, set] };
    const plans = Array.from({ length: 300 }, (_, index) => swarmPlan(given, index, { seed: 1, lite: false }));
    const did = new Set(
      plans.flatMap(({ operations }) =>
        operations.map((operation) =>
          'workload' in operation ? `${operation.kind} ${operation.workload}` : operation.kind,
        ),
      ),
    );
    for (const what of ['drain', 'cordon', 'uncordon', 'delete Pod/demo/db-2', 'scale StatefulSet/demo/db'])
      expect(did).toContain(what);
    expect(did).not.toContain('delete Pod/demo/db-3');
    const slow = (kind: string, annotation: string): boolean =>
      plans.some(({ workload }) =>
        workload.some((object) => object.kind === kind && JSON.stringify(object).includes(annotation)),
      );
    expect(slow('Deployment', 'seatrial.dev/ready-after')).toBe(true);
    expect(slow('StatefulSet', 'seatrial.dev/stop-after')).toBe(true);
    // When it is ready its probe says.
    expect(slow('StatefulSet', 'seatrial.dev/ready-after')).toBe(false);
    const quick = swarmPlan(given, 3, { seed: 1, lite: true });
    expect(quick.workload).toBe(given.workload);
  });

  test('change what runs, there and back, and make it anew', () => {
    const of = (apiVersion: string, kind: string, spec: object) => ({
      apiVersion,
      kind,
      metadata: { name: 'it', namespace: 'demo' },
      spec,
    });
    const template = { spec: { containers: [{ name: 'c' }] } };
    const workload = [
      of('apps/v1', 'Deployment', { replicas: 2, template }),
      of('apps/v1', 'StatefulSet', { replicas: 2, template }),
      of('apps/v1', 'DaemonSet', { template }),
      of('batch/v1', 'Job', { parallelism: 2, template }),
      of('v1', 'Service', {}),
      of('policy/v1', 'PodDisruptionBudget', { minAvailable: 1 }),
    ];
    const applied: string[] = [];
    const deleted = new Set<string>();
    for (let index = 0; index < 600; index++) {
      const { operations, phases } = swarmPlan({ ...base, workload }, index, { seed: 1, lite: false });
      for (const operation of operations) {
        expect(operation.atUs).toBeLessThan(phases.warmUpUs + phases.safetyUs);
        if (operation.kind === 'delete') deleted.add(operation.workload);
        if (operation.kind !== 'apply') continue;
        for (const object of operation.objects) applied.push(`${object.kind} ${JSON.stringify(object.spec)}`);
      }
    }
    for (const what of [
      'Deployment .*"paused":true',
      'Deployment .*"paused":false',
      'Deployment .*"progressDeadlineSeconds"',
      'Deployment .*"ready-after":"600s"',
      'Deployment .*"maxSurge":"50%"',
      'StatefulSet .*"partition":1',
      'StatefulSet .*"ordinals"',
      'DaemonSet .*"maxSurge":1',
      'Job .*"suspend":true',
      'Service .*"type":"NodePort"',
      'PodDisruptionBudget .*"unhealthyPodEvictionPolicy"',
      'Node .*"effect":"NoExecute"',
      'Node .*"taints":\\[\\]',
    ])
      expect(
        applied.some((text) => new RegExp(what.replace('"ready-after', '"seatrial.dev/ready-after')).test(text)),
      ).toBe(true);
    for (const name of ['Namespace/demo', 'Service/demo/it', 'PodDisruptionBudget/demo/it', 'Job/demo/it'])
      expect(deleted).toContain(name);
    const deployments = applied.filter((text) => text.startsWith('Deployment') && text.includes('"paused"'));
    expect(deployments.some((text) => text.includes('"replicas"'))).toBe(false);
  });

  test('are the same for the same number, and can be written as a file', () => {
    expect(swarmPlan(base, 17, { seed: 1, lite: false })).toEqual(drawn[17]);
    for (const plan of drawn.slice(0, 60)) {
      const problems = new ProblemList();
      const loaded = loadScenarioText('drawn.yaml', scenarioText(plan), problems);
      expect(problems.problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual([]);
      expect(loaded?.plan).toEqual(plan);
    }
  });
});

function withClock(fault: Partial<FaultPlan> & Pick<FaultPlan, 'kind'>, replicas: number): ScenarioPlan {
  const clock = {
    id: 'clock',
    target: { anyNode: true },
    trigger: { kind: 'at', atUs: 10 * S },
    forUs: 5 * S,
    ...fault,
  } as FaultPlan;
  const [deployment] = base.workload;
  const workload = `Deployment/${deployment?.metadata.namespace}/${deployment?.metadata.name}`;
  return smallPlan({ faults: [clock], operations: [{ kind: 'scale', atUs: 11 * S, workload, replicas }] });
}

/** A campaign's finding, seed 30001: five idle nodes, the end a minute after these faults. */
function runFound(faults: readonly FaultPlan[]): RunResult {
  const phases = { warmUpUs: 20 * S, safetyUs: 34 * S, heal: 'all', boundUs: 'auto', stableUs: 60 * S } as const;
  const cluster = { ...base.cluster, nodes: { count: 5 } };
  return runPlan({ ...base, cluster, workload: [], faults, phases, predicates: ['NL1'] }, 30001);
}

describe('clocks', () => {
  test('pods that stop while the clocks of their nodes run fast do stop', () => {
    const { outcome, counts } = runPlan(withClock({ kind: 'clock-rate', rate: 1.5 }, 0), 1);
    expect(outcome).toEqual({ kind: 'pass' });
    expect(counts.pods).toBe(0);
  });

  test('a node whose wall clock was put back may be given up: NL1 knows that renewals must rise', () => {
    const plan = withClock({ kind: 'clock-offset', offsetUs: 90 * S }, 3);
    const result = runPlan({ ...plan, predicates: ['NL1'] }, 1);
    expect(result.neverEvaluated).not.toContain('NL1');
    expect(result.violations).toEqual([]);
  });

  test('NL1 takes in what a list tells: the renewal of the clock put ahead may come by a relist alone', () => {
    const at = (atUs: number) => ({ trigger: { kind: 'at', atUs } as const, forUs: 5 * S });
    const result = runFound([
      { id: 'closes', kind: 'slow-watchers', target: { component: 'apiserver', instance: 0 }, ...at(39 * S) },
      { id: 'ahead', kind: 'clock-offset', target: { node: 'node-4' }, offsetUs: 52 * S, ...at(41 * S) },
    ]);
    expect(result.neverEvaluated).not.toContain('NL1');
    expect(result.violations).toEqual([]);
  });
});

describe('the budget of events', () => {
  test('grows with nodes, pods and time, and has an end', () => {
    const { cluster, workload, phases } = base;
    const small = eventsBudget({ cluster, workload, phases });
    expect(small).toBeGreaterThan(2_000_000);
    expect(small).toBeLessThan(4_000_000);
    const large = eventsBudget({ cluster: { ...cluster, nodes: { count: 1000 } }, workload, phases });
    expect(large).toBeGreaterThan(small + 1_000_000);
    const years = eventsBudget({ cluster, workload, phases: { ...phases, safetyUs: 1e15 } });
    expect(years).toBe(100_000_000);
  });

  test('says when it was used up, in which phase, and by whom', () => {
    const { outcome } = runPlan({ ...base, eventsMax: 1_000 }, 1);
    const message = outcome.kind === 'over-budget' ? outcome.message : '';
    expect(message).toMatch(
      /^1000 events by \d+\.\d{3} s of virtual time, before its heal point; \S+ sent \d+ % of them$/,
    );
  });

  test('what was violated before it was used up is the verdict', () => {
    const twin = loadScenario('scenarios/store-members-lost.yaml', new ProblemList())?.twin as ScenarioPlan;
    const whole = runPlan(twin, 1);
    const short = runPlan({ ...twin, eventsMax: whole.counts.events - 1 }, 1);
    expect(short.counts.events).toBe(whole.counts.events - 1);
    expect(short.outcome).toEqual(whole.outcome);
    expect(short.outcome).toMatchObject({ kind: 'fail', predicate: 'S4' });
  });

  test.each([1, 5, 50])('says so too when %i events are fewer than the cluster needs to come up', (eventsMax) => {
    const recorder = new ReplayRecorder();
    const result = runPlan({ ...base, eventsMax }, 1, recorder);
    expect(result).toMatchObject({
      outcome: { kind: 'over-budget' },
      counts: { events: eventsMax },
      times: { bootUs: -1 },
    });
    const title = { title: '', outcome: '', again: '' };
    expect(recorder.replay(result, title).nodes).toHaveLength(3);
  });
});
