/**
 * Faults of what is asked, told and decided: caches that lag for one kind, bookmarks that do not come, plugins that fail, requests and changes from outside. Each
 * says what it did, each makes a difference that can be seen, and all is as before when it ends.
 */
import { describe, expect, test } from 'vitest';
import { changedField, flipped, stepsOf } from '../../../core/chaos/faults/field-fault.ts';
import type { FaultPlan, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { type RunObserver, type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import { targetProcesses } from '../../../core/chaos/targets.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';
import { findMark, findPoint } from '../../../core/sim/registry.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { ApiResponse } from '../../../core/types/wire.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const at = (seconds: number) => ({ id: 'f', trigger: { kind: 'at', atUs: seconds * S } as const });
const SERVERS = { component: 'apiserver', instance: 'all' } as const;
const SCALED = { kind: 'scale', atUs: 10 * S, workload: 'Deployment/demo/web', replicas: 6 } as const;
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'demo', labels: { 'app.kubernetes.io/name': 'web' } },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
} as KubeObject;

/** A run that passes, of a plan that can be written and read. */
function run(fault: FaultPlan, change: Partial<ScenarioPlan> = {}, observer: RunObserver = {}): RunResult {
  const plan: ScenarioPlan = { ...smallPlan({ faults: [fault], objects: [SERVICE] }), ...change };
  const problems = new ProblemList();
  expect(loadScenarioText('again.yaml', scenarioText(plan), problems)?.plan.faults).toEqual(plan.faults);
  expect(problems.problems.map(formatProblem)).toEqual([]);
  const result = runPlan(plan, 1, observer);
  expect(result.outcome).toEqual({ kind: 'pass' });
  return result;
}

/** Calls `look` at these seconds of a run. */
function looking(
  seconds: readonly number[],
  look: (cluster: Cluster, of: (kind: string) => KubeObject[]) => void,
): RunObserver {
  return {
    begin: (cluster, jury) => {
      for (const each of seconds)
        cluster.sim.at(cluster.sim.now + each * S, 'look', () =>
          look(cluster, (kind) => [...jury.world.of(kind).values()]),
        );
    },
  };
}

describe('a watch cache that lags for one kind', () => {
  const lag: FaultPlan = {
    ...at(9),
    kind: 'watch-lag',
    target: SERVERS,
    resource: 'replicasets',
    latencyUs: null,
    forUs: 20 * S,
  };

  test('holds back that kind and no other', () => {
    const pods: number[] = [];
    const result = run(
      lag,
      { operations: [SCALED] },
      looking([8, 25, 45], (_, of) => pods.push(of('Pod').length)),
    );
    expect(result.faults[0]?.done.what).toBe('changes delayed');
    expect(result.faults[0]?.done.count).toBeGreaterThan(0);
    expect(pods).toEqual([4, 4, 6]);
    pods.length = 0;
    const others = { ...lag, resource: 'jobs' };
    run(
      others,
      { operations: [SCALED] },
      looking([25], (_, of) => pods.push(of('Pod').length)),
    );
    expect(pods).toEqual([6]);
  });

  test.each([
    [[], 'api.waited-for-cache', []],
    // Then lists come at once, from before the pods of the scaling.
    [['api.list-older-than-asked'], '', [4]],
  ])('with %j a list that is asked for meanwhile is no older than the question', (bugs, mark, stale) => {
    const lists: FaultPlan = {
      ...at(12),
      id: 'lists',
      kind: 'load-burst',
      target: SERVERS,
      load: 'lists',
      perSecond: 2,
      forUs: 20 * S,
    };
    const plan = smallPlan({ faults: [{ ...lag, resource: 'pods' }, lists], operations: [SCALED] });
    const answered: number[] = [];
    const waited: number[] = [];
    const result = runPlan({ ...plan, bugs, predicates: ['X1'] }, 1, {
      begin: ({ sim }) => {
        const scaledUs = sim.now + 12 * S;
        sim.observation.setInterceptor(findPoint('api.response') as number, (_pid, subject) => {
          const { items } = subject as ApiResponse;
          if (items?.[0]?.kind === 'Pod' && sim.now > scaledUs) answered.push(items.length);
          return undefined;
        });
      },
      end: ({ sim }) => waited.push(sim.observation.marks[findMark('api.waited-for-cache') as number] as number),
    });
    expect(result.faults.map(({ done }) => done.count > 0)).toEqual([true, true]);
    expect([...new Set(answered)]).toEqual([...stale, 6]);
    expect((waited[0] ?? 0) > 0).toBe(mark !== '');
  });
});

test('without bookmarks a watcher keeps its position', () => {
  const fault: FaultPlan = { ...at(2), kind: 'no-bookmarks', target: SERVERS, forUs: 120 * S };
  const phases = { ...smallPlan().phases, safetyUs: 130 * S };
  const result = run(fault, { phases });
  expect(result.faults[0]?.done.what).toBe('bookmarks left out');
  const all = result.faults[0]?.done.count ?? 0;
  const some = run({ ...fault, resource: 'pods' }, { phases }).faults[0]?.done.count ?? 0;
  expect(some).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(5 * some);
});

test('watches that expire: their clients list anew, and only those of the resource', () => {
  const fault: FaultPlan = { ...at(9), kind: 'expired-watches', target: SERVERS, forUs: 10 * S };
  const relists = (change: object): number[] => {
    const marks: number[] = [];
    const observer: RunObserver = {
      end: ({ sim }) => marks.push(sim.observation.marks[findMark('informer-relist-after-410') as number] as number),
    };
    const { done } = run({ ...fault, ...change } as FaultPlan, { operations: [SCALED] }, observer).faults[0] ?? {};
    expect(done?.what).toBe('watches had too old a position');
    return [done?.count ?? 0, ...marks];
  };
  const [all = 0, relisted] = relists({});
  const [pods = 0] = relists({ resource: 'pods' });
  expect(relisted).toBe(all);
  expect(pods).toBeGreaterThan(2);
  expect(all).toBeGreaterThan(pods);
  expect(relists({ resource: 'jobs' })).toEqual([0, 0]);
});

test('changes that are told twice change nothing but the work', () => {
  const target = { component: 'controller-manager', instance: 'all' } as const;
  const fault: FaultPlan = { ...at(9), kind: 'repeated-events', target, resource: 'pods', forUs: 20 * S };
  const pods: number[] = [];
  const observer = looking([28], (_, of) => pods.push(of('Pod').length));
  const { faults, work } = run(fault, { operations: [SCALED] }, observer);
  expect(pods).toEqual([6]);
  expect(faults[0]?.done.what).toBe('changes told twice');
  const plain = runPlan(smallPlan({ operations: [SCALED], objects: [SERVICE] }), 1).work;
  expect(faults[0]?.done.count).toBeGreaterThan(5);
  // Told is what had come anyway.
  expect(work['informer.events']).toBe(plain['informer.events']);
});

test('without jitter candidates for a lease come at the same distance', () => {
  const target = { component: 'controller-manager', instance: 'all' } as const;
  const fault: FaultPlan = { ...at(2), kind: 'no-jitter', target, forUs: 40 * S };
  const { done } = run(fault).faults[0] ?? {};
  // The candidate that does not lead, every 2 s; with jitter, every 2 to 4.4 s.
  expect(done).toEqual({ count: 20, what: 'waits without jitter' });
});

describe('plugins that fail', () => {
  const schedulers = { component: 'scheduler', instance: 'all' } as const;
  const fails = (extensionPoint: 'Filter' | 'Score' | 'Reserve' | 'Permit' | 'PreBind'): FaultPlan => ({
    ...at(9),
    kind: 'plugin-errors',
    target: schedulers,
    extensionPoint,
    forUs: 15 * S,
  });

  test.each([
    ['Filter', 'running "Injected" filter plugin: injected failure'],
    ['Score', 'running Score plugins: plugin "Injected" failed with: injected failure'],
    ['Reserve', 'running Reserve plugin "Injected": injected failure'],
    ['Permit', 'running Permit plugin "Injected": injected failure'],
    ['PreBind', 'running PreBind plugin "Injected": injected failure'],
  ] as const)('at %s: the pod says so, backs off and gets its node afterwards', (point, message) => {
    const said: string[] = [];
    const observer = looking([20], (_, of) => {
      for (const pod of of('Pod') as Pod[])
        for (const { type, reason, message: text } of pod.status?.conditions ?? [])
          if (type === 'PodScheduled' && reason !== undefined) said.push(`${reason}: ${text}`);
    });
    const result = run(fails(point), { operations: [SCALED] }, observer);
    expect(result.faults[0]?.done.what).toBe('attempts failed');
    expect(result.faults[0]?.done.count).toBeGreaterThan(3);
    expect(said).toEqual([`SchedulerError: ${message}`, `SchedulerError: ${message}`]);
  });

  test('a share of them names its attempts, and those alone give the same run', () => {
    const share = { ...fails('Filter'), trigger: { kind: 'at', atUs: 0 }, percent: 50 } as FaultPlan & {
      percent?: number;
    };
    const drawn = run(share);
    const attempts = drawn.faults[0]?.done.hits?.['attempts'] ?? [];
    expect(attempts.length).toBeGreaterThan(0);
    const { percent: _percent, ...exact } = share;
    expect(run({ ...exact, attempts } as FaultPlan).digest).toBe(drawn.digest);
  });
});

describe('load from outside', () => {
  test.each([
    ['lists', 'lists of pods asked for'],
    ['watches', 'watches of pods begun'],
    ['events', 'Events sent'],
  ] as const)('%s', (load, what) => {
    const fault: FaultPlan = { ...at(9), kind: 'load-burst', target: SERVERS, load, perSecond: 50, forUs: 10 * S };
    const { faults, work } = run(fault);
    // No more than 200 watches are open at once.
    const count = load === 'watches' ? 200 : 500;
    expect(faults[0]?.done).toEqual({ count, what });
    const plain = runPlan(smallPlan({ objects: [SERVICE] }), 1).work;
    const counter = { lists: 'api.reads', watches: 'api.watches', events: 'api.writes' }[load];
    expect((work[counter] ?? 0) - (plain[counter] ?? 0)).toBeGreaterThanOrEqual(count);
  });

  test('lists of Events, which have no watch cache, all reach the store and are no storm', () => {
    const lists = { load: 'lists', resource: 'events', perSecond: 2 } as const;
    const fault: FaultPlan = { ...at(9), kind: 'load-burst', target: SERVERS, ...lists, forUs: 10 * S };
    expect(run(fault).faults[0]?.done.count).toBe(20);
  });
});

describe('a field that somebody changes', () => {
  const fault = (object: string, field: string, value?: string | number | boolean): FaultPlan => ({
    ...at(9),
    kind: 'changed-field',
    target: SERVERS,
    object,
    field,
    ...(value === undefined ? {} : { value }),
    forUs: 20 * S,
  });

  test.each([
    ['Deployment/demo/web', 'spec.replicas', undefined],
    ['Deployment/demo/web', 'spec.paused', true],
    ['Service/demo/web', 'spec.selector.app', undefined],
    ['Service/demo/web', 'spec.ports.0.port', 8080],
    ['Service/demo/web', 'metadata.labels.app.kubernetes.io/name', 'other'],
    ['Node/node-1', 'spec.unschedulable', true],
  ])('%s %s %s: changed, and as it was at the end', (object, field, value) => {
    const [kind = ''] = object.split('/');
    const read = (all: KubeObject[]): string[] =>
      all.map((each) => JSON.stringify([each.metadata.labels, (each as { spec?: unknown }).spec]));
    const seen: string[][] = [];
    const plan = { ...smallPlan({ objects: [SERVICE] }), predicates: ['X1'] };
    const faults = [fault(object, field, value)];
    const result = runPlan(
      { ...plan, faults },
      1,
      looking([8, 9.5, 50], (_, of) => seen.push(read(of(kind)))),
    );
    expect(result.faults[0]?.done).toEqual({ count: 1, what: 'fields changed' });
    expect(seen[1]).not.toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  test.each([
    ['Pod/demo/web-*', 'status.phase', 'Failed'],
    ['Pod/demo/web-*', 'status.phase', 'Succeeded'],
    ['Lease/kube-system/kube*', 'spec.holderIdentity', undefined],
    ['Deployment/demo/web', 'status.observedGeneration', 99],
    ['EndpointSlice/demo/web-*', 'endpoints.0.addresses.0', undefined],
    ['Pod/demo/web-*', 'status.podIP', '10.0.0.1'],
  ])('%s %s: what the change itself breaks, or its end, blames nobody', (object, field, value) => {
    const plan = smallPlan({ faults: [fault(object, field, value)], objects: [SERVICE] });
    const { violations, faults, outcome } = runPlan(plan, 1);
    expect(faults[0]?.done.count).toBeGreaterThan(0);
    expect([violations, outcome]).toEqual([[], { kind: 'pass' }]);
  });

  test('a person who undoes it, twice, is no writer against another', () => {
    const changed = (id: string, atUs: number): FaultPlan => {
      return { ...fault('Node/node-1', 'spec.unschedulable', true), id, trigger: { kind: 'at', atUs } };
    };
    const uncordon = (atUs: number) => ({ kind: 'uncordon', atUs, target: { node: 'node-1' } }) as const;
    const operations = [uncordon(15 * S), uncordon(24 * S)];
    const plan = smallPlan({ faults: [changed('f', 9 * S), changed('g', 18 * S)], operations });
    const { violations, faults, neverEvaluated } = runPlan({ ...plan, predicates: ['X5'] }, 1);
    expect(faults.map(({ done }) => done.count)).toEqual([1, 1]);
    expect(neverEvaluated).not.toContain('X5');
    expect(violations).toEqual([]);
  });

  test.each([
    ['status.containerStatuses.0.restartCount', 9],
    ['status.podIP', '10.0.0.1'],
    ['status.phase', 'Failed'],
  ])('%s: what kubelets write of the pods afterwards blames nobody', (field, value) => {
    const operations = [{ ...SCALED, atUs: 12 * S, replicas: 1 }];
    const plan = smallPlan({ faults: [fault('Pod/demo/web-*', field, value)], operations });
    const { violations, faults } = runPlan(plan, 1);
    expect(faults[0]?.done.count).toBe(4);
    expect(violations).toEqual([]);
  });

  test.each(['Failed', 'Succeeded'])(
    'a kubelet believes who first says %s, stops the pod and says so again',
    (phase) => {
      const phases: (string | undefined)[] = [];
      const plan = smallPlan({ faults: [fault('Pod/demo/web-*', 'status.phase', phase)], objects: [SERVICE] });
      const observer = looking([50], (_, of) => phases.push(...(of('Pod') as Pod[]).map((each) => each.status?.phase)));
      expect(runPlan(plan, 1, observer).faults[0]?.done.count).toBe(4);
      expect(new Set(phases)).toEqual(new Set([phase, 'Running']));
    },
  );

  test('is not counted where the server takes the patch and keeps its own value', () => {
    const change = fault('Pod/demo/web-*', 'metadata.deletionTimestamp', 'nope');
    expect(runPlan(smallPlan({ faults: [change] }), 1).faults[0]?.done.count).toBe(0);
  });

  test('is mended at once by the controller whose field it is', () => {
    const counts: number[] = [];
    const change = { ...fault('ReplicaSet/demo/web-*', 'spec.replicas'), forUs: null };
    const observer = looking([8, 11], (_, of) => counts.push(of('Pod').length));
    const { faults, work } = runPlan({ ...smallPlan({ faults: [change] }), predicates: ['X1'] }, 1, observer);
    expect(faults[0]?.done.count).toBe(1);
    expect(counts).toEqual([4, 4]);
    const plain = runPlan({ ...smallPlan(), predicates: ['X1'] }, 1).work;
    expect(work['api.writes']).toBeGreaterThan((plain['api.writes'] ?? 0) + 1);
  });

  test.each([
    ['Deployment/demo/web', 'spec.strategy.rollingUpdate.maxSurge', 0, 1],
    [
      'Deployment/demo/web',
      'spec.minReadySeconds',
      5000,
      /progressDeadlineSeconds.*must be greater than minReadySeconds/,
    ],
    ['Deployment/demo/web', 'spec.strategy.rollingUpdate.maxUnavailable', '101%', /must not be greater than 100%/],
    ['Pod/demo/web-*', 'spec.nodeName', 'node-9', /pod updates may not change fields/],
    // There is no such pod.
    ['Pod/demo/web-0*', 'spec.nodeName', 'node-9', 0],
  ] as const)('%s %s %s: what the server refuses is told', (object, field, value, expected) => {
    const done = run(fault(object, field, value)).faults[0]?.done;
    if (typeof expected === 'number') expect(done).toEqual({ count: expected, what: 'fields changed' });
    else {
      const refused = { count: object.startsWith('Pod') ? 4 : 1, message: expect.stringMatching(expected) };
      expect(done).toEqual({ count: 0, what: 'fields changed', refused });
    }
  });

  test.each([
    [
      'Node/node-1',
      'status.allocatable.pods',
      '0',
      'SC9',
      /Node node-1: status\.allocatable\.pods is 0 since somebody changed it; its kubelet/,
    ],
    [
      'EndpointSlice/demo/web-*',
      'metadata.labels.kubernetes.io/service-name',
      'x',
      'E2',
      /is x since .*; nobody writes it again/,
    ],
  ])('%s %s: what nobody has written again is an excuse, while it stands', (object, field, value, predicate, about) => {
    const plan = smallPlan({ faults: [{ ...fault(object, field, value), forUs: null }], objects: [SERVICE] });
    const kept = { ...plan, phases: { ...plan.phases, heal: [], boundUs: 20 * S } };
    expect(runPlan(kept, 1).outcome).toMatchObject({ kind: 'fail', predicate, excuse: 'changed-field' });
    const { outcome } = runPlan({ ...kept, excuses: ['changed-field'] }, 1);
    const excuses = outcome.kind === 'excused' ? outcome.excuses : [];
    expect(excuses[0]).toMatchObject({ name: 'changed-field', about: expect.stringMatching(about) });
  });

  test.each([
    ['taken back', [], 14],
    ['somebody else had changed it', [{ ...SCALED, atUs: 11 * S }], 14],
    ['the object is another one', [{ kind: 'delete', atUs: 11 * S, workload: 'Deployment/demo/web' }], 40],
  ] as const)('no excuse once it is over, though somebody writes the same later: %s', (_, operations, end) => {
    const value = 5;
    const left: number[] = [];
    const web = smallPlan().workload.find(({ kind }) => kind === 'Deployment') as KubeObject;
    const again = { ...web, spec: { ...(web as { spec?: object }).spec, replicas: value } } as KubeObject;
    const apply = { kind: 'apply', atUs: 20 * S, objects: [again] } as const;
    const plan = { ...smallPlan({ operations: [...operations, apply] }), predicates: ['X1'] };
    const changed = { object: 'Deployment/demo/web', field: 'spec.replicas', value };
    let replicas: unknown;
    runPlan(plan, 1, {
      begin: (cluster, { world }) => {
        const effect = changedField(targetProcesses(cluster, world, SERVERS, ''), world, changed);
        const at = (seconds: number, act: () => void) => cluster.sim.at(cluster.sim.now + seconds * S, 'act', act);
        at(9, () => effect.begin(cluster));
        at(10, () => left.push(effect.left?.().length ?? 0));
        at(end, () => effect.end(cluster));
        at(30, () => {
          left.push(effect.left?.().length ?? 0);
          replicas = ([...world.of('Deployment').values()][0] as { spec?: { replicas?: number } }).spec?.replicas;
        });
      },
    });
    expect([replicas, left]).toEqual([value, [1, 0]]);
  });

  test('leaves what somebody else has changed meanwhile', () => {
    const seen: unknown[] = [];
    const operations = [{ ...SCALED, atUs: 15 * S }];
    run(
      fault('Deployment/demo/web', 'spec.replicas', 5),
      { operations },
      looking([50], (_, of) => {
        seen.push(of('Deployment').map((each) => (each as { spec?: { replicas?: number } }).spec?.replicas));
      }),
    );
    expect(seen).toEqual([[6]]);
  });

  test('flips one bit and keeps the type', () => {
    const values = [4, 5, 0, -3, true, 'web', 'a9', 'z-', '500m', '--', '', null, 1.5, [], {}];
    expect(values.map(flipped)).toEqual([
      5,
      4,
      1,
      -4,
      false,
      'wea',
      'a8',
      'y-',
      '500n',
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(flipped('2025-01-31T08:00:09Z')).toBe('2025-01-31T08:00:08Z');
    for (const value of values) if (flipped(value) !== null) expect(flipped(flipped(value))).toBe(value);
    expect(stepsOf(SERVICE, 'metadata.name', 'web')).toBeNull();
    expect(stepsOf(SERVICE, 'metadata.labels.app.kubernetes.io/name', undefined)?.make[1]).toEqual({
      op: 'replace',
      path: '/metadata/labels/app.kubernetes.io~1name',
      value: 'wea',
    });
  });
});
