/** Faults of store members in whole clusters: what they do is seen, and the cluster comes through. */
import { expect, test } from 'vitest';
import { at, deployment, planted, S, scale, withoutBug } from '../../../core/chaos/mutation/situation.ts';
import type { FaultPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';

const member = (instance: number | 'leader') => ({ component: 'etcd', instance }) as const;

function run(faults: readonly FaultPlan[], begin: (cluster: Cluster) => void = () => {}): RunResult {
  const { plan } = planted('S4', 'store-apply-again', 1, {
    controlPlane: { storeMembers: 3, apiServers: 2 },
    workload: [deployment(3)],
    operations: [scale(20, 6)],
    faults,
    safetyS: 60,
  });
  return runPlan(withoutBug(plan), 1, { begin });
}

test('a flipped bit is found at the next start: the member refuses to run until the file is mended', () => {
  const result = run([
    { kind: 'bit-flip', id: 'flip', target: member(1), trigger: at(24), forUs: 30 * S, file: 'snapshot' },
    { kind: 'process-crash', id: 'crash', target: member(1), trigger: at(25), forUs: 2 * S },
  ]);
  expect(result.outcome).toEqual({ kind: 'pass' });
  const refused = result.exits.filter(({ process, code }) => process === 'etcd-1' && code === 1);
  expect(refused.length).toBeGreaterThanOrEqual(2);
  expect(result.neverEvaluated).not.toContain('S4');
  expect(result.neverEvaluated).not.toContain('S6');
});

test('a member whose disk fails or is full ends itself again and again; the others serve', () => {
  for (const reason of ['io-error', 'no-space'] as const) {
    const result = run([
      { kind: 'disk-failure', id: 'disk', target: member(2), trigger: at(10), forUs: 40 * S, reason },
    ]);
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(result.exits.some(({ process }) => process === 'etcd-2')).toBe(true);
  }
});

test('a member that applies slowly lags behind and catches up; one of a kind alone delays its answers', () => {
  const slow = (instance: number | 'leader', forS: number): FaultPlan => {
    const window = { trigger: at(15), forUs: forS * S };
    return { kind: 'slow-apply', id: `slow-${instance}`, target: member(instance), ...window, latencyUs: S / 2 };
  };
  const lags: number[] = [];
  const watched = run([slow(2, 20)], (cluster) => {
    for (let s = 16; s < 40; s++) {
      cluster.sim.at(cluster.sim.now + s * S, 'look', () => {
        const applied = cluster.instancesOf('etcd').map((pid) => cluster.storeMembers.get(pid)?.appliedIndex ?? 0);
        lags.push(Math.max(...applied) - (applied[2] as number));
      });
    }
  });
  expect(watched.outcome).toEqual({ kind: 'pass' });
  expect(Math.max(...lags)).toBeGreaterThan(20);
  expect(watched.neverEvaluated).not.toContain('S4');
  expect(run([slow('leader', 20)]).outcome).toEqual({ kind: 'pass' });
  const { plan } = planted('S4', 'store-apply-again', 1, {
    controlPlane: { storeMembers: 1 },
    workload: [deployment(3)],
    faults: [slow(0, 3)],
    safetyS: 60,
  });
  expect(runPlan(withoutBug(plan), 1).outcome).toEqual({ kind: 'pass' });
});

test.each([1, 3])(
  'a member of %i crashes in the middle of applying; nothing is lost or applied twice',
  (storeMembers) => {
    const fault: FaultPlan = {
      kind: 'crash-in-apply',
      id: 'amid',
      target: storeMembers === 1 ? member(0) : member('leader'),
      trigger: at(20),
      forUs: 5 * S,
    };
    const { plan } = planted('S4', 'store-apply-again', 1, {
      controlPlane: { storeMembers, apiServers: 2 },
      workload: [deployment(3)],
      operations: [scale(20, 6)],
      faults: [fault, { ...fault, id: 'again', trigger: at(40) }],
      safetyS: 60,
    });
    let crashes = 0;
    const result = runPlan(withoutBug(plan), 1, {
      end(cluster) {
        for (const pid of cluster.instancesOf('etcd')) crashes += cluster.sim.processes.incarnation[pid] as number;
      },
    });
    expect(result.outcome).toEqual({ kind: 'pass' });
    expect(crashes).toBe(2);
  },
);

test('a member that comes back empty while its leader lives ends itself again and again; nothing is lost', () => {
  const result = run([{ kind: 'disk-loss', id: 'disk', target: member(1), trigger: at(20), forUs: 5 * S }]);
  expect(result.exits.filter(({ process, code }) => process === 'etcd-1' && code === 2).length).toBeGreaterThan(2);
  expect(result.violations).toEqual([]);
});

test('a storm of compactions takes the history away from under everybody; the cluster comes through', () => {
  const fault = { kind: 'compaction-storm', id: 'storm', target: member(0), everyUs: S / 10 } as const;
  let compacted = 0;
  const storm: FaultPlan = { ...fault, trigger: at(10), forUs: 30 * S };
  const crash = { kind: 'process-crash', target: { component: 'apiserver', instance: 'all' } } as const;
  const restart: FaultPlan = { ...crash, id: 'cold', trigger: at(20), forUs: 3 * S };
  const result = run([storm, restart], (cluster) => {
    cluster.sim.at(cluster.sim.now + 41 * S, 'look', () => {
      compacted = cluster.storeMembers.get(cluster.storeLeader() ?? -1)?.mvcc.compactRevision ?? 0;
    });
  });
  expect(result.outcome).toEqual({ kind: 'pass' });
  expect(compacted).toBeGreaterThan(50);
});

test('the leadership moves when it is handed over, and a slow snapshot still arrives', () => {
  const handOver = { kind: 'leader-transfer', target: member('leader'), forUs: null } as const;
  const result = run([
    { ...handOver, id: 'first', trigger: at(20) },
    { ...handOver, id: 'second', trigger: at(30) },
    { kind: 'slow-snapshot', id: 'slow', target: member('leader'), trigger: at(5), forUs: 50 * S, latencyUs: S },
  ]);
  expect(result.outcome).toEqual({ kind: 'pass' });
  const [first, second] = result.faults.filter(({ kind }) => kind === 'leader-transfer');
  expect(first?.targets).toHaveLength(1);
  expect(second?.targets).toHaveLength(1);
  expect(second?.targets).not.toEqual(first?.targets);
});
