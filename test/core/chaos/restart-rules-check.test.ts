/** K1 weighs the restarts of each container by itself: those of others say nothing of its back-off. Expected outcomes: Kubernetes 1.34.1, kuberuntime_manager.go (doBackOff). */
import { expect, test } from 'vitest';
import type { FaultPlan, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../../core/chaos/run-plan.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

/** A run with a pod of two containers that crash at different times after each start, deleted at the end. */
function run(said: Record<string, string>, bugs: ScenarioPlan['bugs'], seed = 1): RunResult {
  const containers = ['app', 'log'].map((name) => ({ name, image: 'a' }));
  const annotations = Object.fromEntries(Object.entries(said).map(([key, value]) => [`seatrial.dev/${key}`, value]));
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two', namespace: 'demo', annotations } };
  const base = { target: { node: 'node-0' }, id: 'f', trigger: { kind: 'at', atUs: 40 * S } as const };
  const fault: FaultPlan =
    seed % 2 === 0 ? { ...base, kind: 'kubelet-stop', forUs: 10 * S } : { ...base, kind: 'node-crash', forUs: 10 * S };
  const plan = smallPlan({
    objects: [{ ...pod, spec: { nodeName: 'node-0', containers } } as unknown as KubeObject],
    operations: [{ kind: 'delete', atUs: 140 * S, workload: 'Pod/demo/two' }],
    faults: [fault],
  });
  return runPlan({ ...plan, bugs, phases: { ...plan.phases, safetyUs: 150 * S } }, seed);
}

const BOTH = { 'crash-after': '9s', 'crash-after.log': '4s' };

test.each([1, 2, 3, 4])('containers that crash side by side break nothing, seed %i', (seed) => {
  expect(run(BOTH, [], seed).outcome).toEqual({ kind: 'pass' });
});

test('a second container that is started without its back-off is found', () => {
  const { outcome } = run({ 'crash-after.log': '2s' }, ['kubelet-restarts-at-once']);
  expect(outcome).toMatchObject({ kind: 'fail', predicate: 'K1' });
});
