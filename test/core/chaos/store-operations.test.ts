/** Changes of the store's group while a cluster works: they come about, the cluster comes through, and what cannot be is told. */
import { expect, test } from 'vitest';
import { deployment, planted, S, scale, withoutBug } from '../../../core/chaos/mutation/situation.ts';
import type { FaultPlan, Operation } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';

interface Ran {
  readonly result: RunResult;
  readonly cluster: Cluster;
  /** Voters and learners as the last leader knows them. */
  readonly group: { readonly voters: readonly number[]; readonly learners: readonly number[] };
}

function run(operations: readonly Operation[], faults: readonly FaultPlan[] = [], seed = 1): Ran {
  const { plan } = planted('S4', 'store-apply-again', 1, {
    controlPlane: { storeMembers: 3, apiServers: 2 },
    workload: [deployment(3)],
    operations: [...operations, scale(50, 6)],
    faults,
    safetyS: 70,
  });
  let cluster: Cluster | undefined;
  const result = runPlan(withoutBug(plan), seed, {
    end(found) {
      cluster = found;
    },
  });
  if (cluster === undefined) throw new Error('the run has no end');
  const leader = cluster.storeMembers.get(cluster.storeLeader() ?? -1)?.group?.raft.tracker.config;
  return { result, cluster, group: { voters: leader?.incoming ?? [], learners: leader?.learners ?? [] } };
}

const errors = ({ operations }: RunResult): (string | null)[] =>
  operations.filter(({ what }) => what.includes('etcd-') || what.includes('store member')).map(({ error }) => error);

const at = (seconds: number): number => seconds * S;

test('a learner is added, promoted, and serves; the member that it replaces is removed and stays down', () => {
  const { result, cluster, group } = run([
    { kind: 'store-member-add', atUs: at(10) },
    { kind: 'store-member-promote', atUs: at(15), instance: 3 },
    { kind: 'store-member-remove', atUs: at(30), instance: 0 },
  ]);
  expect(errors(result)).toEqual([null, null, null]);
  expect(result.outcome).toEqual({ kind: 'pass' });
  expect(group).toEqual({ voters: [2, 3, 4], learners: [] });
  const [first, , , added] = cluster.instancesOf('etcd') as readonly number[];
  expect(cluster.sim.isRunning(first as number)).toBe(false);
  const revisions = [added, cluster.storeLeader()].map(
    (pid) => cluster.storeMembers.get(pid as number)?.engine.revision,
  );
  expect(revisions[0]).toBe(revisions[1]);
});

test('all members are replaced one after the other, the leader too', () => {
  const replace = (instance: number, from: number): Operation[] => [
    { kind: 'store-member-add', atUs: at(from) },
    { kind: 'store-member-promote', atUs: at(from + 1), instance: instance + 3 },
    { kind: 'store-member-remove', atUs: at(from + 2), instance },
  ];
  const { result, group } = run([...replace(0, 5), ...replace(1, 20), ...replace(2, 35)]);
  expect(errors(result)).toEqual(Array(9).fill(null));
  expect(result.outcome).toEqual({ kind: 'pass' });
  expect(group.voters).toEqual([4, 5, 6]);
});

test('a rolling restart stops each member once and the leader last', () => {
  const { result, cluster, group } = run([{ kind: 'store-rolling-restart', atUs: at(10) }]);
  expect(errors(result)).toEqual([null]);
  expect(result.outcome).toEqual({ kind: 'pass' });
  expect(group.voters).toEqual([1, 2, 3]);
  for (const pid of cluster.instancesOf('etcd')) expect(cluster.sim.processes.incarnation[pid]).toBe(1);
});

const lost = (instance: number, from: number): FaultPlan => ({
  kind: 'disk-loss',
  id: `lost-${instance}`,
  target: { component: 'etcd', instance },
  trigger: { kind: 'at', atUs: at(from) },
  forUs: null,
});

test('after a majority is lost the store begins again with what one member has, and grows to three', () => {
  const grow = (instance: number, from: number): Operation[] => [
    { kind: 'store-member-add', atUs: at(from) },
    { kind: 'store-member-promote', atUs: at(from + 1), instance },
  ];
  const restore: Operation = { kind: 'store-restore', atUs: at(25), instance: 0, bumpRevision: 1_000_000 };
  const { result, group, cluster } = run([restore, ...grow(3, 30), ...grow(4, 35)], [lost(1, 20), lost(2, 20)]);
  expect(errors(result)).toEqual(Array(5).fill(null));
  expect(result.outcome).toEqual({ kind: 'pass' });
  expect(group.voters).toEqual([1, 4, 5]);
  expect(cluster.storeMembers.get(cluster.storeLeader() ?? -1)?.engine.revision).toBeGreaterThan(1_000_000);
});

test('a restore from a member that lacks acknowledged writes is found', () => {
  const cut: FaultPlan = {
    kind: 'partition',
    id: 'cut',
    target: { component: 'etcd', instance: 2 },
    peer: { component: 'etcd', instance: 'all' },
    trigger: { kind: 'at', atUs: at(10) },
    forUs: null,
  };
  const restore: Operation = { kind: 'store-restore', atUs: at(40), instance: 2, bumpRevision: 1_000_000 };
  const { result } = run([scale(12, 5), restore], [cut, lost(0, 35), lost(1, 35)]);
  expect(result.outcome).toMatchObject({ kind: 'fail', predicate: 'S4' });
});

test('what the group refuses is told: a quorum that would be lost, a second learner', () => {
  const down: FaultPlan = {
    kind: 'process-crash',
    id: 'down',
    target: { component: 'etcd', instance: 2 },
    trigger: { kind: 'at', atUs: at(5) },
    forUs: null,
  };
  const denied = run([{ kind: 'store-member-remove', atUs: at(10), instance: 1 }], [down]);
  expect(errors(denied.result)).toEqual([expect.stringContaining('not enough started members')]);
  expect(denied.group.voters).toEqual([1, 2, 3]);
  const twice = run([
    { kind: 'store-member-add', atUs: at(10) },
    { kind: 'store-member-add', atUs: at(20) },
  ]);
  expect(errors(twice.result)).toEqual([null, expect.stringContaining('too many learner')]);
  expect(twice.group).toEqual({ voters: [1, 2, 3], learners: [4] });
});
