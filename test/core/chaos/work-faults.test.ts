/**
 * Faults that make work dear, late or impossible without taking anything down: slow processes, registries that are away, killed containers, held and bad links.
 * Each says what it did, each makes a difference that can be seen, and all is as before when it ends.
 */
import { describe, expect, test } from 'vitest';
import type { FaultPlan, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import { parametersOf } from '../../../core/chaos/search/parameters.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { formatProblem, ProblemList } from '../../../scenarios/problem.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const at = (seconds: number) => ({ id: 'f', trigger: { kind: 'at', atUs: seconds * S } as const });
const NEW_IMAGE = { kind: 'set-image', atUs: 10 * S, workload: 'Deployment/demo/web', image: 'app:v2' } as const;

interface Seen {
  readonly result: RunResult;
  readonly pods: readonly Pod[];
}

/** The run, its pods at the end, and a check that the plan can be written and read. */
function run(fault: FaultPlan, change: Partial<ScenarioPlan> = {}): Seen {
  const plan: ScenarioPlan = { ...smallPlan({ faults: [fault] }), ...change };
  const problems = new ProblemList();
  expect(loadScenarioText('again.yaml', scenarioText(plan), problems)?.plan.faults).toEqual(plan.faults);
  expect(problems.problems.map(formatProblem)).toEqual([]);
  let pods: readonly Pod[] = [];
  const result = runPlan(plan, 1, {
    end: (_cluster, jury) => {
      pods = [...jury.world.of('Pod').values()] as Pod[];
    },
  });
  expect(result.outcome).toEqual({ kind: 'pass' });
  return { result, pods };
}

describe('work', () => {
  test('slow API servers answer late, and are as quick as before afterwards', () => {
    const component = { component: 'apiserver', instance: 'all' } as const;
    const fault: FaultPlan = { ...at(9), kind: 'slow-process', target: component, times: 2_000, forUs: 40 * S };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    const plain = runPlan(smallPlan({ operations: [NEW_IMAGE] }), 1);
    expect(result.faults[0]?.done).toMatchObject({ what: 'messages and timers sent while slow' });
    expect(result.faults[0]?.done.count).toBeGreaterThan(20);
    const lastOperation = (each: RunResult) => each.operations.at(-1)?.endUs ?? 0;
    expect(lastOperation(result) - lastOperation(plain)).toBeGreaterThan(S);
  });

  test('two that overlap multiply, and the ends give back what each took', () => {
    const component = { component: 'apiserver', instance: 'all' } as const;
    const one: FaultPlan = { ...at(5), kind: 'slow-process', target: component, times: 30, forUs: 20 * S };
    const plan = smallPlan({ faults: [one, { ...one, id: 'g', forUs: 10 * S }] });
    const costs: number[] = [];
    runPlan(plan, 1, {
      begin: (cluster) => {
        for (const seconds of [6, 20, 30])
          cluster.sim.at(cluster.sim.now + seconds * S, 'look', () => {
            const pid = cluster.instancesOf('apiserver')[0] as number;
            const { costs: usual } = cluster.sim;
            const own = cluster.sim.contextOf(pid).costs;
            costs.push(own.apiRequestUs / usual.apiRequestUs);
            // The network and the machines of others are no slower; afterwards nothing is left of it.
            expect([own.linkLatencyUs, own.http2PingTimeoutUs]).toEqual([
              usual.linkLatencyUs,
              usual.http2PingTimeoutUs,
            ]);
            expect(own === usual).toBe(seconds === 30);
          });
      },
    });
    expect(costs).toEqual([900, 30, 1]);
  });

  test('so slow that nothing is answered any more is no error, and none of it is as ever', () => {
    const component = { component: 'apiserver', instance: 'all' } as const;
    const fault: FaultPlan = { ...at(20), kind: 'slow-process', target: component, times: 10_000, forUs: 10 * S };
    expect(run(fault).result.faults[0]?.endUs).toBe(30 * S);
    const times = parametersOf(smallPlan({ faults: [fault] })).get('faults[f].times');
    expect(times?.withValue(0).faults[0]).toMatchObject({ times: 1 });
  });

  test('an informer that lags counts each change once, however long it waits', () => {
    const target = { component: 'controller-manager', instance: 'all' } as const;
    const fault: FaultPlan = {
      ...at(9),
      kind: 'informer-lag',
      target,
      resource: 'deployments',
      latencyUs: 15 * S,
      forUs: 20 * S,
    };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    expect(result.faults[0]?.done.what).toBe('changes delayed');
    expect(result.faults[0]?.done.count).toBeGreaterThan(0);
    expect(result.faults[0]?.done.count).toBeLessThan(20);
  });

  test('without a registry new images wait, those that are there start', () => {
    const fault: FaultPlan = { ...at(5), kind: 'registry-outage', target: { anyNode: true }, forUs: 45 * S };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    expect(result.faults[0]?.done.what).toBe('pulls failed');
    expect(result.faults[0]?.done.count).toBeGreaterThan(0);
    const scaled = run(fault, {
      operations: [{ kind: 'scale', atUs: 10 * S, workload: 'Deployment/demo/web', replicas: 5 }],
    });
    expect(scaled.result.faults[0]?.done.count).toBe(0);
  });

  test('killed containers start again, those of other workloads go on', () => {
    const target = { hosting: 'Deployment/demo/web' } as const;
    const { result, pods } = run({ ...at(20), kind: 'container-kill', target, forUs: null });
    expect(result.faults[0]?.done).toEqual({ count: 4, what: 'pods had their containers killed' });
    expect(pods.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual([1, 1, 1, 1]);
    const kill = (container: string) => run({ ...at(20), kind: 'container-kill', target, container, forUs: null });
    expect([kill('app').result.faults[0]?.done.count, kill('nobody').result.faults[0]?.done.count]).toEqual([4, 0]);
    const other = run(
      { ...at(55), kind: 'container-kill', target: { hosting: 'Deployment/demo/late' }, forUs: null },
      { operations: smallPlan({ second: true }).operations },
    );
    const restarted = other.pods.filter(({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    expect(new Set(restarted.map(({ metadata }) => metadata.labels?.['app']))).toEqual(new Set(['late']));
  });
});

describe('nodes', () => {
  const everywhere = { anyNode: true } as const;

  test('without addresses new pods wait, and start afterwards', () => {
    const fault: FaultPlan = { ...at(9), kind: 'address-shortage', target: everywhere, forUs: 30 * S };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    expect(result.faults[0]?.done.what).toBe('pods got no address');
    expect(result.faults[0]?.done.count).toBeGreaterThan(1);
    expect(result.times.convergedUs).toBeGreaterThan(38 * S);
    expect(run({ ...fault, forUs: 0 }, {}).result.faults[0]?.done.count).toBe(0);
  });

  test('pulls that take longer end later', () => {
    const fault: FaultPlan = { ...at(9), kind: 'slow-pulls', target: everywhere, latencyUs: 70 * S, forUs: 40 * S };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    expect(result.faults[0]?.done).toMatchObject({ what: 'pulls slowed' });
    expect(result.faults[0]?.done.count).toBeGreaterThan(1);
    const plain = runPlan(smallPlan({ operations: [NEW_IMAGE] }), 1);
    expect(result.times.convergedUs - plain.times.convergedUs).toBeGreaterThan(3 * S);
    expect(run({ ...fault, trigger: { kind: 'at', atUs: 30 * S } }).result.faults[0]?.done.count).toBe(0);
  });

  test('slow pulls are ordinary again when the fault ends, however slow they were', () => {
    const converged = [70, 7_000].map((latency) => {
      const fault: FaultPlan = {
        ...at(9),
        kind: 'slow-pulls',
        target: everywhere,
        latencyUs: latency * S,
        forUs: 10 * S,
      };
      return run(fault, { operations: [NEW_IMAGE] }).result.times.convergedUs;
    });
    expect(converged[1]).toBe(converged[0]);
  });

  test('a kubelet that does not hear of its containers tells what became of them when it does again', () => {
    const fault: FaultPlan = { ...at(9), kind: 'pleg-stall', target: everywhere, forUs: 30 * S };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    expect(result.faults[0]?.done.what).toBe('changes of pods not heard of');
    expect(result.faults[0]?.done.count).toBeGreaterThan(0);
    expect(result.times.convergedUs).toBeGreaterThan(38 * S);
    // Containers that were killed start again only when somebody knows of it.
    const kill: FaultPlan = { ...at(20), id: 'kill', kind: 'container-kill', target: everywhere, forUs: null };
    const seen: (readonly (number | undefined)[])[] = [];
    const restarts = ({ fleet }: Cluster) =>
      [0, 1, 2].flatMap((node) => fleet.runningContainers(node)).map((pod) => pod.restarts);
    runPlan(smallPlan({ faults: [fault, kill] }), 1, {
      begin: (cluster) => {
        for (const seconds of [35, 45])
          cluster.sim.at(cluster.sim.now + seconds * S, 'look', () => seen.push(restarts(cluster)));
      },
    });
    expect(seen).toEqual([[], [1, 1, 1, 1]]);
  });

  test('after three minutes of it the node is not Ready, and Ready again afterwards', () => {
    const fault: FaultPlan = { ...at(5), kind: 'pleg-stall', target: { node: 'node-1' }, forUs: 230 * S };
    const plan = { ...smallPlan({ faults: [fault] }), phases: { ...smallPlan().phases, safetyUs: 240 * S } };
    const seen: string[] = [];
    const result = runPlan(plan, 1, {
      begin: ({ sim }, jury) => {
        for (const seconds of [150, 220, 260])
          sim.at(sim.now + seconds * S, 'look', () => {
            const node = [...jury.world.of('Node').values()].find(({ metadata }) => metadata.name === 'node-1') as Node;
            const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
            seen.push(`${ready?.status} ${ready?.reason}`);
          });
      },
    });
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(seen).toEqual(['True KubeletReady', 'False KubeletNotReady', 'True KubeletReady']);
  });

  test('proxies that stand still send where they sent before, until they catch up', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'demo' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    } as KubeObject;
    const scaled = { kind: 'scale', atUs: 25 * S, workload: 'Deployment/demo/web', replicas: 6 } as const;
    const fault: FaultPlan = { ...at(20), kind: 'proxy-lag', target: { node: 'node-1' }, forUs: 30 * S };
    const plan = { ...smallPlan({ faults: [fault], operations: [scaled], objects: [service] }) };
    const seen: number[][] = [];
    const result = runPlan(plan, 1, {
      begin: ({ sim, fleet }) => {
        for (const seconds of [19, 49, 59])
          sim.at(sim.now + seconds * S, 'look', () =>
            seen.push([0, 1].map((node) => fleet.rulesOf(node, 'demo', 'web').length)),
          );
      },
    });
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(result.faults[0]?.done).toMatchObject({ what: 'changes of rules missed' });
    expect(result.faults[0]?.done.count).toBeGreaterThan(0);
    expect(seen).toEqual([
      [4, 4],
      [6, 4],
      [6, 6],
    ]);
  });
});

describe('refusals', () => {
  test.each([401, 504] as const)('%i: components try again, and nothing is lost', (code) => {
    const fault: FaultPlan = {
      ...at(9),
      kind: 'refused-requests',
      target: { component: 'apiserver', instance: 'all' },
      code,
      forUs: 25 * S,
    };
    const { result } = run(fault, { operations: [NEW_IMAGE] });
    expect(result.faults[0]?.done.count).toBeGreaterThan(10);
  });
});

describe('links', () => {
  const group = { ...smallPlan().cluster, controlPlane: { storeMembers: 3, schedulers: 1, controllerManagers: 1 } };
  const peers = { component: 'etcd', instance: 'all' } as const;

  test('held ones let nothing through until the end, and nobody reconnects', () => {
    const target = { component: 'scheduler', instance: 'all' } as const;
    const peer = { component: 'apiserver', instance: 'all' } as const;
    const { result, pods } = run(
      { ...at(9), kind: 'held-link', target, peer, forUs: 20 * S },
      { operations: [{ kind: 'scale', atUs: 10 * S, workload: 'Deployment/demo/web', replicas: 5 }] },
    );
    expect(result.faults[0]?.done.what).toBe('messages held back');
    expect(result.faults[0]?.done.count).toBeGreaterThan(0);
    expect(pods).toHaveLength(5);
  });

  test.each([
    ['bytesPerSecond', 20_000],
    ['duplicatePercent', 50],
    ['reorderPercent', 50],
  ])('with %s: members still agree', (how, value) => {
    const fault = {
      ...at(2),
      kind: 'impaired-link',
      target: peers,
      peer: peers,
      forUs: 30 * S,
      [how]: value,
    } as FaultPlan;
    const { result } = run(fault, { cluster: group });
    expect(result.faults[0]?.done.what).toBe('messages late or doubled');
    expect(result.faults[0]?.done.count).toBeGreaterThan(10);
  });

  test('one with nothing wrong is refused with its place', () => {
    const problems = new ProblemList();
    const text = scenarioText(
      smallPlan({
        faults: [
          {
            ...at(2),
            kind: 'impaired-link',
            target: peers,
            peer: { component: 'apiserver', instance: 'all' },
            forUs: S,
          },
        ],
      }),
    );
    expect(loadScenarioText('bad.yaml', text, problems)).toBeNull();
    expect(problems.problems.map(formatProblem).join('\n')).toMatch(
      /^bad\.yaml:\d+:\d+ error SCN-027: an impaired-link needs one of/,
    );
  });
});

test.each([
  // Four pods of 100m on three nodes of 4 cpu: two are on one of them.
  ['cpu', 4, 1],
  ['cpu', 5, 0],
  ['memory', 0.5, 3],
  ['memory', 80, 0],
] as const)('a node panics where its pods request more than so much %s: %s %% hits %s', (fullOf, percent, count) => {
  const target = { anyNode: true, mode: 'all' } as const;
  const { result } = run({ ...at(20), kind: 'node-panic', target, fullOf, percent, forUs: 30 * S });
  expect(result.faults[0]?.done).toEqual({ count, what: 'nodes panicked' });
});

test('a node panics when what makes it full has begun to run there, and only once', () => {
  const target = { anyNode: true, mode: 'all' } as const;
  const fault: FaultPlan = { ...at(5), kind: 'node-panic', target, fullOf: 'cpu', percent: 20, forUs: 40 * S };
  const scaled = { kind: 'scale', atUs: 20 * S, workload: 'Deployment/demo/web', replicas: 26 } as const;
  const away: number[] = [];
  const cluster = { ...smallPlan().cluster, settings: {} };
  const plan = { ...smallPlan({ faults: [fault], operations: [scaled] }), cluster };
  const result = runPlan(plan, 1, {
    begin: (cluster) => {
      for (const seconds of [19, 30, 60])
        cluster.sim.at(cluster.sim.now + seconds * S, 'look', () => away.push(cluster.nodesAway()));
    },
  });
  expect(result.outcome).toEqual({ kind: 'pass' });
  expect(away).toEqual([0, 2, 0]);
  expect(result.faults[0]?.done.count).toBe(2);
});
