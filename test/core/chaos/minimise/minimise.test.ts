/**
 * The minimiser on planted bugs among noise: what it leaves is small, fails in the same way, and is needed.
 */
import { describe, expect, it } from 'vitest';
import { concreteFaults, fewerMessages } from '../../../../core/chaos/minimise/concrete-faults.ts';
import { isMinimised, minimise } from '../../../../core/chaos/minimise/minimise.ts';
import { signatureOf } from '../../../../core/chaos/minimise/signature.ts';
import { Trials } from '../../../../core/chaos/minimise/trials.ts';
import { PLANTED_BUGS, withoutBug } from '../../../../core/chaos/mutation/index.ts';
import type { FaultPlan, ScenarioPlan } from '../../../../core/chaos/plan.ts';
import { runPlan } from '../../../../core/chaos/run-plan.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { loadScenarioText } from '../../../../scenarios/load.ts';
import { scenarioText } from '../../../../scenarios/plan-to-file.ts';
import { ProblemList } from '../../../../scenarios/problem.ts';
import { smallPlan } from '../../../support/small-plan.ts';

const S = 1_000_000;

function plantedPlan(bug: string): ScenarioPlan {
  const found = PLANTED_BUGS.find((planted) => planted.bug === bug);
  if (found === undefined) throw new Error(`no planted bug ${bug}`);
  return found.plan;
}

/** Faults and operations that have nothing to do with any bug. */
function withNoise(plan: ScenarioPlan): ScenarioPlan {
  const noise: FaultPlan[] = [4, 9, 13].map((second, index) => ({
    kind: 'slow-disk',
    id: `noise-${index}`,
    target: { component: 'etcd', instance: 0 },
    trigger: { kind: 'at', atUs: second * S },
    forUs: 2 * S,
    extraSyncUs: 3_000,
  }));
  return {
    ...plan,
    faults: [...noise, ...plan.faults],
    operations: [
      { kind: 'cordon', atUs: 3 * S, target: { node: 'node-2' } },
      { kind: 'uncordon', atUs: 6 * S, target: { node: 'node-2' } },
      ...plan.operations,
    ],
  };
}

describe('minimise', () => {
  it('leaves the one fault that matters, and its file replays to the same digest', () => {
    const plan = withNoise(plantedPlan('api.bind-overwrites'));
    const steps: string[] = [];
    const small = minimise(plan, 1, { onStep: (step) => steps.push(step) });
    if (!isMinimised(small)) throw new Error(small.kind);
    expect(small.signature).toBe('SC1 pod');
    expect(small.plan.faults.map(({ kind }) => kind)).toEqual(['process-pause']);
    expect(small.plan.operations).toEqual([]);
    expect(small.unneeded).toEqual([]);
    expect(small.complete).toBe(true);
    expect(small.runs).toBeLessThan(200);
    // The noise does not lie in the causal past of the violation.
    expect(steps).toContain('causal slice');

    const problems = new ProblemList();
    const loaded = loadScenarioText('minimal.yaml', scenarioText(small.plan), problems);
    expect(problems.problems).toEqual([]);
    const again = runPlan((loaded as NonNullable<typeof loaded>).plan, 1);
    expect(again.digest).toBe(small.result.digest);
    expect(again.asExpected).toBe(true);
  });

  it('turns an instant into a state where the failure stays the same', () => {
    const plan = plantedPlan('api.delete-restarts-grace');
    const settings = { ...plan.cluster.settings, eventTtlS: 1800 };
    const small = minimise({ ...plan, cluster: { ...plan.cluster, settings } }, 1);
    if (!isMinimised(small)) throw new Error(small.kind);
    expect(small.plan.faults.map(({ trigger }) => trigger.kind)).toEqual(['task']);
    // Settings that change nothing go, and leave no empty map.
    expect(small.plan.cluster).not.toHaveProperty('settings');
  });

  it('gives the same result twice', () => {
    const plan = withNoise(plantedPlan('kubelet-reuses-ip'));
    expect(minimise(plan, 1)).toEqual(minimise(plan, 1));
  });

  it('says when the budget of runs was too small, and still returns a plan that fails', () => {
    const plan = withNoise(plantedPlan('api.eviction-keeps-budget'));
    const small = minimise(plan, 1, { runsMax: 5 });
    if (!isMinimised(small)) throw new Error(small.kind);
    expect(small.complete).toBe(false);
    expect(signatureOf(small.result.outcome)).toBe(small.signature);
  });

  it('refuses a run that passes', () => {
    expect(minimise(withoutBug(plantedPlan('kubelet-reuses-ip')), 1)).toEqual({ kind: 'passes' });
  });
});

describe('what was drawn', () => {
  it('becomes the one node, the one time and the very requests that matter', () => {
    const base = plantedPlan('api.bind-overwrites');
    const drawn: FaultPlan[] = base.faults.map((fault) => ({
      ...fault,
      repeat: { everyUs: 60 * S, times: 2 },
      forUs: Math.min(fault.forUs ?? 50 * S, 50 * S),
    }));
    const small = minimise({ ...base, faults: drawn }, 1);
    if (!isMinimised(small)) throw new Error(small.kind);
    expect(small.plan.faults).toHaveLength(1);
    expect(small.plan.faults[0]?.repeat).toBeUndefined();
  });

  it('a share of refused requests shrinks to those that are needed', () => {
    const refusals: FaultPlan = {
      kind: 'refused-requests',
      id: 'busy',
      target: { component: 'apiserver', mode: 'one' },
      trigger: { kind: 'at', atUs: 2 * S },
      forUs: 40 * S,
      code: 503,
      verb: 'create',
      resource: 'pods',
      percent: 60,
    };
    const plan: ScenarioPlan = {
      ...smallPlan({ operations: [{ kind: 'scale', atUs: 20 * S, workload: 'Deployment/demo/web', replicas: 9 }] }),
      faults: [refusals],
      bugs: ['controller-no-retry'],
    };
    const small = minimise(plan, 1);
    if (!isMinimised(small)) throw new Error(small.kind);
    expect(small.unneeded).toEqual([]);
    expect(small.plan.faults).toMatchObject([
      { kind: 'refused-requests', target: { component: 'apiserver', instance: 0 } },
    ]);
    const [fault] = small.plan.faults as readonly Extract<FaultPlan, { kind: 'refused-requests' }>[];
    expect(fault?.percent).toBeUndefined();
    expect(fault?.requests?.length).toBeLessThanOrEqual(2);
  });

  describe('messages of links', () => {
    /** What is left of `fault` in a plan that "fails" where `isHit` says so of the numbers it hit. */
    function shrunk(fault: FaultPlan, storeMembers: number, isHit: (hits: Hits) => boolean): FaultPlan | undefined {
      const plan = planOf(fault, storeMembers);
      const fails = (candidate: ScenarioPlan): boolean => isHit(hitsOf(candidate));
      const trials = Object.assign(new Trials(1, '', 200), { fails });
      return fewerMessages(concreteFaults(plan, trials), trials).faults[0];
    }

    type Hits = Readonly<Record<string, readonly number[]>>;
    const hitsOf = (plan: ScenarioPlan): Hits => runPlan(plan, 1).faults[0]?.done.hits ?? {};
    function planOf(fault: FaultPlan, storeMembers: number): ScenarioPlan {
      const plan = smallPlan({ faults: [fault] });
      const cluster = { ...plan.cluster, controlPlane: { storeMembers } };
      const phases = { ...plan.phases, safetyUs: 8 * S, stableUs: S };
      return { ...plan, cluster, phases, predicates: ['X1'] };
    }
    const base = { id: 'f', trigger: { kind: 'at', atUs: 0 }, forUs: 5 * S } as const;

    it('a bad one shrinks to the datagram that has to come late', () => {
      const target = { component: 'etcd', instance: 'all' } as const;
      const share = { duplicatePercent: 30, reorderPercent: 30 };
      const bad: FaultPlan = { ...base, kind: 'impaired-link', target, peer: target, ...share };
      const { late = [], doubled = [] } = hitsOf(planOf(bad, 3));
      expect(Math.min(late.length, doubled.length)).toBeGreaterThan(3);
      const number = late[2] as number;
      const small = shrunk(bad, 3, (hits) => hits['late']?.includes(number) === true);
      const { duplicatePercent: _twice, reorderPercent: _late, ...rest } = bad;
      expect(small).toEqual({ ...rest, late: [number] });
      const text = scenarioText(planOf(small as FaultPlan, 3));
      expect(loadScenarioText('s.yaml', text, new ProblemList())?.plan.faults).toEqual([small]);
    });

    it('jitter becomes the messages that have to be late, or none where it is not needed', () => {
      const target = { component: 'scheduler', instance: 'all' } as const;
      const peer = { component: 'apiserver', instance: 'all' } as const;
      const slow: FaultPlan = { ...base, kind: 'slow-link', target, peer, latencyUs: 1_000, jitterUs: 50_000 };
      const { late = [] } = hitsOf(planOf(slow, 1));
      expect(late.length).toBeGreaterThan(5);
      const number = late[2] as number;
      expect(shrunk(slow, 1, (hits) => hits['late']?.includes(number) === true)).toEqual({ ...slow, late: [number] });
      expect(shrunk(slow, 1, () => true)).toEqual({ ...slow, jitterUs: 0 });
    });
  });
});

it('a failure that speaks of no object is called by its predicate alone', () => {
  const named = (message: string) => signatureOf({ kind: 'fail', predicate: 'X2', message, timeUs: 0 });
  expect(named('the last write was 12 ms ago')).toBe('X2');
  expect(named('pod demo/web-0 is late')).toBe('X2 pod');
  expect(named('Widget demo/web is late')).toBe('X2 Widget');
  expect(named('node-1 is late')).toBe('X2');
});

it('a fault that waits for an object does not make another one idle: what is left is needed', () => {
  const small = minimise(plantedPlan('informer-misses-deletions'), 1);
  if (!isMinimised(small)) throw new Error(small.kind);
  expect(small.unneeded).toEqual([]);
  expect(small.plan.faults.some(({ trigger }) => trigger.kind !== 'at')).toBe(true);
});

it('keeps what a removed instance needs: who tells the cluster, and nodes for its pods', () => {
  const labels = { app: 'db' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:v1' }] } };
  const database = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'demo' },
    spec: { replicas: 4, serviceName: 'db', selector: { matchLabels: labels }, template },
  } as KubeObject;
  const base = smallPlan();
  const small = minimise(
    {
      ...base,
      cluster: { nodes: { count: 4 }, controlPlane: { schedulers: 2, cloudControllerManagers: 1 } },
      workload: [database],
      faults: [
        {
          kind: 'instance-removed',
          id: 'f1',
          target: { node: 'node-0' },
          trigger: { kind: 'at', atUs: 5 * S },
          forUs: null,
        },
      ],
      predicates: ['X1'],
      bugs: ['cloud-keeps-gone-nodes'],
    },
    1,
  );
  if (!isMinimised(small)) throw new Error(small.kind);
  expect([small.signature, small.plan.cluster]).toEqual([
    'X1 StatefulSet',
    { nodes: { count: 3 }, controlPlane: { cloudControllerManagers: 1 } },
  ]);
});
