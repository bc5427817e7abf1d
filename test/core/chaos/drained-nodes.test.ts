/** A drain gives nodes back as they were: one that was cordoned from the start stays so. And D2 says what a rollout took, and what it had to leave. */
import { expect, test } from 'vitest';
import type { Jury } from '../../../core/chaos/jury.ts';
import { PLANTED_BUGS } from '../../../core/chaos/mutation/index.ts';
import type { Operation, ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import type { Node } from '../../../core/types/node.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

/** Which nodes are cordoned at the end. */
function cordoned(plan: ScenarioPlan): string[] {
  const seen: Jury[] = [];
  const result = runPlan(plan, 1, { begin: (_cluster, jury) => void seen.push(jury) });
  expect(result.outcome.kind).toBe('pass');
  const nodes = [...(seen[0]?.world.of('Node').values() ?? [])] as Node[];
  return nodes.filter(({ spec }) => spec?.unschedulable === true).map(({ metadata }) => metadata.name);
}

test.each([
  [true, ['off-0']],
  [false, ['off-0', 'on-0']],
])('after a drain with uncordon: %s, what is cordoned', (uncordon, names) => {
  const drain = (node: string, atUs: number): Operation => {
    return { kind: 'drain', atUs, target: { node }, timeoutUs: 60 * S, uncordon };
  };
  const plan = smallPlan({ operations: [drain('off-0', 20 * S), drain('on-0', 25 * S)] });
  const capacity = { cpu: '4', memory: '8Gi' };
  const nodes = [
    { name: 'off', count: 1, capacity, unschedulable: true },
    { name: 'on', count: 2, capacity },
  ];
  expect(cordoned({ ...plan, cluster: { ...plan.cluster, nodes } }).sort()).toEqual(names);
});

test('D2 names the ReplicaSet, what is left and what had to be', () => {
  const planted = PLANTED_BUGS.find(({ bug }) => bug === 'deployment-ignores-max-unavailable');
  const { outcome } = runPlan((planted as NonNullable<typeof planted>).plan, 1);
  const said =
    /^Deployment demo\/\S+: scale-down of \S+ from (\d+) to (\d+) leaves (-?\d+) available, must leave (\d+) \((\d+) replicas, maxUnavailable (\d+)\)$/;
  const message = outcome.kind === 'fail' ? outcome.message : '';
  expect([outcome.kind === 'fail' ? outcome.predicate : '', message]).toEqual(['D2', expect.stringMatching(said)]);
  const [from = 0, to = 0, left = 0, least = 0, replicas = 0, unavailable = 0] = (said.exec(message) ?? [])
    .slice(1)
    .map(Number);
  expect([from > to, left < least, least === replicas - unavailable]).toEqual([true, true, true]);
});
