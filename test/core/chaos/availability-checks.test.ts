/** AV1 and H2: what a user names as enough, and autoscalers that do not settle. */
import { describe, expect, test } from 'vitest';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { steadyAutoscalers } from '../../../core/chaos/predicates/autoscaler-check.ts';
import { readyFloors } from '../../../core/chaos/predicates/ready-floor-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import '../../../core/controllers/operator/operator-controller.ts';

function judgeWith() {
  const sim = new Simulation({ seed: 1 });
  const messages: string[] = [];
  const judge: Judge = { sim, world: new World(), calmSinceUs: 0, violate: (_, message) => messages.push(message) };
  return { sim, judge, messages };
}

/** Ready pods by commit, of a Deployment that needs three; a negative number: it is being deleted; null: it is gone. */
function floorVerdict(
  ready: readonly (number | null)[],
  ownerReferences?: readonly object[],
  namespace: object = {},
): string {
  const { judge, messages } = judgeWith();
  const predicate = readyFloors(judge);
  const demo = { kind: 'Namespace', metadata: { name: 'demo', ...namespace } } as KubeObject;
  judge.world.apply({ timeUs: 0, revision: 1, keyId: 2, kind: 'Namespace', object: demo, previous: null });
  ready.forEach((count, index) => {
    const commit = { timeUs: index, revision: index, keyId: 1, kind: 'Deployment', previous: null };
    if (count === null) return predicate.onCommit?.({ ...commit, object: null }, 0);
    const object = {
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: 'demo',
        annotations: { 'seatrial.dev/min-ready': '3' },
        ownerReferences,
        ...(count < 0 ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      status: { readyReplicas: Math.abs(count) },
    } as unknown as KubeObject;
    predicate.onCommit?.({ ...commit, object }, 0);
  });
  return messages.join('; ');
}

describe('AV1', () => {
  test('is told once when there were enough and are no more', () => {
    expect(floorVerdict([0, 2, 3, 4, 2, 3, 1])).toBe('Deployment demo/web: 2 pods are ready, it needs 3');
    expect(floorVerdict([3, 1])).toBe('Deployment demo/web: 1 pod is ready, it needs 3');
  });
  test.each([[[0, 1, 2]], [[3, 4, 3]], [[4, -2, -1]], [[4, null, 0, 2]]])('is silent on %j', (ready) => {
    expect(floorVerdict(ready)).toBe('');
  });
  test('is silent in a namespace that is being deleted', () => {
    expect(floorVerdict([4, 0], undefined, { deletionTimestamp: '2026-01-01T00:00:00Z' })).toBe('');
  });
  test('is not asked of what another workload controls', () => {
    expect(floorVerdict([4, 0], [{ kind: 'Deployment', name: 'web', uid: 'u', controller: true }])).toBe('');
  });
});

/** Sizes that an autoscaler writes, from two on; a text is a new spec of its own object. */
function autoscalerVerdict(maxReplicas: number | undefined, ...sizes: readonly (number | 'new load')[]): string {
  const { sim, judge, messages } = judgeWith();
  steadyAutoscalers(judge);
  let generation = 1;
  const web = (replicas: number) => ({ kind: 'Deployment', metadata: { name: 'web', uid: 'u' }, spec: { replicas } });
  let before = web(2);
  for (const size of sizes) {
    if (size === 'new load') {
      generation++;
      continue;
    }
    const written = web(size);
    const reconciled = { metadata: { name: 'web', generation }, spec: { maxReplicas } };
    sim.observation.observe(findPoint('operator.wrote') as never, 1, { operator: 'hpa', reconciled, before, written });
    before = written;
  }
  return messages.join('; ');
}

describe('H2', () => {
  test.each([
    ['gives back what it added', 10, [4, 8, 10, 8, 6], 'scaled up to 10 and back to 6 replicas'],
    ['gives back what its first step added', 10, [10, 6], 'scaled up to 10 and back to 6 replicas'],
    ['goes up and down by one for ever', 10, [3, 2, 3, 2], 'turned 3 times within an hour'],
    ['only falls', 10, [1], ''],
    ['settles with a small step back', 10, [4, 8, 7], ''],
    ['follows a new load', 10, [8, 'new load', 2, 'new load', 9], ''],
    ['is no autoscaler', undefined, [0, 8, 0, 8, 0], ''],
  ] as const)('an operator that %s', (_, maxReplicas, sizes, problem) => {
    const text = problem === '' ? '' : `Deployment web: operator hpa ${problem} under constant load`;
    expect(autoscalerVerdict(maxReplicas, ...sizes)).toBe(text);
  });
});
