/** A replay that stops at a moment sees what the whole run had then, and its state can be looked into. */
import { describe, expect, test } from 'vitest';
import { runPrefix } from '../../../core/chaos/prefix.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { clusterView } from '../../../core/cluster/inspection/cluster-view.ts';
import { Branch, lookUp } from '../../../core/cluster/inspection/view.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;
const plan = smallPlan({
  faults: [
    {
      id: 'gone',
      kind: 'node-crash',
      target: { node: 'node-1' },
      trigger: { kind: 'at', atUs: 20 * S },
      forUs: 10 * S,
    },
  ],
});

/** Text of every commit of a run up to an event. */
function commits(until: number): string[] {
  const seen: string[] = [];
  runPlan({ ...plan, eventsMax: until }, 3, {
    begin: (_cluster, jury) =>
      jury.onCommit.push(({ revision, kind, object }) => seen.push(`${revision} ${kind} ${object?.metadata.name}`)),
  });
  return seen;
}

function valueAt(moment: Parameters<typeof runPrefix>[2], path: string): unknown {
  const { cluster, jury } = runPrefix(plan, 3, moment);
  const found = lookUp(clusterView(cluster, jury.world, jury.world.kinds), path);
  return found.found ? found.value : found;
}

describe('moments', () => {
  test('a time, an event, the edges of a fault', () => {
    expect(runPrefix(plan, 3, { kind: 'time', timeUs: 12.5 * S })).toMatchObject({ timeUs: 12.5 * S, reached: true });
    expect(runPrefix(plan, 3, { kind: 'event', event: 1500 })).toMatchObject({ event: 1500, reached: true });
    expect(runPrefix(plan, 3, { kind: 'fault', id: 'gone', edge: 'begins' })).toMatchObject({ timeUs: 20 * S });
    expect(runPrefix(plan, 3, { kind: 'fault', id: 'gone', edge: 'ends' })).toMatchObject({ timeUs: 30 * S });
  });

  test('one that never comes is the end of the run', () => {
    const { reached, timeUs } = runPrefix(plan, 3, { kind: 'violation' });
    expect(reached).toBe(false);
    expect(timeUs).toBe(runPlan(plan, 3).times.endUs);
  });

  test('an event stops at exactly what was committed until then', () => {
    const { jury } = runPrefix(plan, 3, { kind: 'event', event: 1800 });
    const committed = commits(1800);
    expect(committed.length).toBeGreaterThan(10);
    expect(`${jury.world.revision}`).toBe(committed.at(-1)?.split(' ')[0]);
    expect(commits(2600).slice(0, committed.length)).toEqual(committed);
  });
});

describe('views', () => {
  test('every process is there, with what is inside it', () => {
    const { cluster, jury } = runPrefix(plan, 3, { kind: 'time', timeUs: 15 * S });
    const root = clusterView(cluster, jury.world, jury.world.kinds);
    expect(root.names).toEqual(
      expect.arrayContaining(['store', 'etcd-0', 'apiserver-0', 'scheduler-1', 'kubelet-node-2']),
    );
    // Nothing in it may throw, whoever looks.
    const visit = (value: unknown): number =>
      value instanceof Branch ? value.names.reduce((sum, name) => sum + visit(value.at(name)), 0) : 1;
    expect(visit(root)).toBeGreaterThan(100);
  });

  test('the same pod is seen by store, watch cache, informer, node table and kubelet', () => {
    const at = { kind: 'time', timeUs: 15 * S } as const;
    const pods = (valueAt(at, 'store/Pod/demo') as Branch).names;
    expect(pods).toHaveLength(4);
    for (const path of [
      'apiserver-0/caches/Pod/objects/demo',
      'scheduler-0/caches/Pod/objects/demo',
      'scheduler-1/caches/Pod/objects/demo',
    ])
      expect((valueAt(at, path) as Branch).names).toEqual(pods);
    const [leads, standsBy] = valueAt(at, 'scheduler-0/active') === true ? [0, 1] : [1, 0];
    const requested = ['node-0', 'node-1', 'node-2'].map((node) =>
      valueAt(at, `scheduler-${leads}/nodes/${node}/cpu/requested`),
    );
    expect(['queue', 'nodes'].map((part) => valueAt(at, `scheduler-${standsBy}/${part}`))).toEqual([
      'a standby has no queue',
      'a standby has no node table',
    ]);
    expect(requested.reduce<number>((sum, each) => sum + (each as number), 0)).toBe(400);
    const kubelets = ['node-0', 'node-1', 'node-2'].flatMap((node) => {
      const inside = valueAt(at, `kubelet-${node}/pods/demo`);
      return inside instanceof Branch ? inside.names : [];
    });
    expect(kubelets.sort()).toEqual(pods);
  });

  test('a crashed node is down and holds nothing', () => {
    const begun = { kind: 'fault', id: 'gone', edge: 'begins' } as const;
    expect(valueAt(begun, 'kubelet-node-1/process')).toMatchObject({ state: 'down', heldDown: true });
    expect(valueAt(begun, 'kubelet-node-1/kubelet')).toMatchObject({ state: 'down', connected: false });
  });

  test('a path that does not exist says what is there', () => {
    const wrong = valueAt({ kind: 'time', timeUs: S }, 'scheduler-0/quue/x');
    expect(wrong).toMatchObject({ found: false, parent: 'scheduler-0', name: 'quue' });
    expect((wrong as { known: string[] }).known).toContain('queue');
  });

  test('looking changes nothing', () => {
    const digest = (): string => {
      const { cluster, jury } = runPrefix(plan, 3, { kind: 'time', timeUs: 40 * S });
      lookUp(clusterView(cluster, jury.world, jury.world.kinds), 'controller-manager-0/queues');
      return cluster.sim.digestHex();
    };
    expect(digest()).toBe(runPrefix(plan, 3, { kind: 'time', timeUs: 40 * S }).cluster.sim.digestHex());
  });
});
