/**
 * The list of users is what a run's requests say: none is missing.
 */
import { expect, test } from 'vitest';
import type { FaultPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { apiUsers } from '../../../core/cluster/api-users.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import type { ApiRequest } from '../../../core/types/wire.ts';
import { smallPlan } from '../../support/small-plan.ts';

/** What others than the scenario's own person do. */
const OTHERS = [
  { kind: 'load-burst', load: 'lists', perSecond: 5 },
  { kind: 'changed-field', object: 'Deployment/demo/web', field: 'spec.replicas', value: 6 },
];

test('every request comes from a user of the list', () => {
  const faults = OTHERS.map((fault, index) => ({
    ...fault,
    id: `f${index}`,
    target: { component: 'apiserver', mode: 'all' },
    trigger: { kind: 'at', atUs: 9_000_000 },
    forUs: 5_000_000,
  })) as readonly FaultPlan[];
  const plan = smallPlan({
    faults,
    operations: [{ kind: 'scale', atUs: 9_000_000, workload: 'Deployment/demo/web', replicas: 5 }],
  });
  const cluster = { ...plan.cluster, controlPlane: { cloudControllerManagers: 1 } };
  const seen = new Set<string>();
  runPlan({ ...plan, cluster }, 1, {
    begin: ({ sim }) => {
      sim.observation.setInterceptor(findPoint('api.request') as number, (_pid, subject) => {
        seen.add((subject as ApiRequest).user);
        return undefined;
      });
    },
  });
  const known = apiUsers(['node-0', 'node-1', 'node-2']);
  expect([...seen].filter((user) => !known.includes(user))).toEqual([]);
  expect(seen.size).toBeGreaterThan(12);
});
