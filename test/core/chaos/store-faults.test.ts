/** Faults of store members in whole clusters: what they do is seen, and the cluster comes through. */
import { expect, test } from 'vitest';
import { at, deployment, planted, S, scale, withoutBug } from '../../../core/chaos/mutation/situation.ts';
import type { FaultPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';

const member = (instance: number | 'leader') => ({ component: 'etcd', instance }) as const;

function run(faults: readonly FaultPlan[]): RunResult {
  const { plan } = planted('S4', 'store-apply-again', 1, {
    controlPlane: { storeMembers: 3, apiServers: 2 },
    workload: [deployment(3)],
    operations: [scale(20, 6)],
    faults,
    safetyS: 60,
  });
  return runPlan(withoutBug(plan), 1);
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
