/** What is being deleted and held: X1 and RS1 leave its workloads alone, DL1 lets it off, N1 and the excuse name what holds it. */
import { expect, it } from 'vitest';
import { excusesOf } from '../../../core/chaos/excuses.ts';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { deletionsEnd } from '../../../core/chaos/predicates/deletion-end-check.ts';
import { namespacesEnd } from '../../../core/chaos/predicates/namespace-end-check.ts';
import { statefulIdentities } from '../../../core/chaos/predicates/stateful-identity-check.ts';
import { replicaSetsMatch, workloadsMatch } from '../../../core/chaos/predicates/workload-state-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';

const ENDING = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const HELD = { ...ENDING, finalizers: ['x.example/late'] };
const WAITING = { ...ENDING, finalizers: ['foregroundDeletion'] };
const CHILD = { ownerReferences: [{ kind: 'ReplicaSet', name: 'r', uid: 'r', blockOwnerDeletion: true }] };

/** What is said of a namespace with a ReplicaSet, which has none of its two pods, a StatefulSet without its pod, which wants none where the other is being deleted, and a pod. */
function judged(namespace: object, set: object, pod: object): Record<string, unknown> {
  const world = new World();
  const objects = [
    { kind: 'Namespace', metadata: { name: 'd', ...namespace } },
    { kind: 'ReplicaSet', metadata: { name: 'r', namespace: 'd', uid: 'r', ...set }, spec: { replicas: 2 } },
    {
      kind: 'StatefulSet',
      metadata: { name: 's', namespace: 'd', uid: 's' },
      spec: { replicas: 'finalizers' in set ? 0 : 1 },
    },
    { kind: 'Pod', metadata: { name: 'p', namespace: 'd', uid: 'p', ...pod }, spec: { containers: [] } },
  ];
  objects.forEach((each, keyId) => {
    const object = each as unknown as KubeObject;
    world.apply({ timeUs: 0, revision: keyId + 1, keyId, kind: object.kind, object, previous: null });
  });
  const truth = { connectedNodes: () => [] } as unknown as Judge['truth'];
  const judge: Judge = { sim: new Simulation({ seed: 1 }), world, truth, calmSinceUs: 0, violate() {} };
  const said = [statefulIdentities, replicaSetsMatch, workloadsMatch, deletionsEnd, namespacesEnd].map((make) => {
    const predicate = make(judge);
    return [predicate.id, predicate.missing?.() ?? null];
  });
  // What faults have left comes after every other cause.
  expect(
    excusesOf(world, undefined, ['c'])
      .map(({ name }) => name)
      .slice(0, -1),
  ).not.toContain('changed-field');
  const names = excusesOf(world).flatMap(({ name, about }) => (name === 'foreign-finalizer' ? [about] : []));
  return Object.fromEntries([
    ...said.filter(([, missing]) => missing !== null),
    ...names.map((name) => ['excuse', name]),
  ]);
}

const lacks = 'ReplicaSet d/r: 0 live pods, wants 2';
const keeps = 'Pod d/p keeps finalizer x.example/late';

it.each([
  [
    'a workload that stays',
    {},
    {},
    ENDING,
    { SS4: 'StatefulSet d/s: it has no pod 0', RS1: lacks, X1: lacks, DL1: 'Pod d/p is still being deleted' },
  ],
  [
    'a namespace with a held pod',
    ENDING,
    {},
    HELD,
    { N1: `Namespace d is still being deleted: ${keeps}`, excuse: keeps },
  ],
  ['a set that waits for a held pod', {}, WAITING, { ...HELD, ...CHILD }, { excuse: keeps }],
  ['a set that waits for nobody', {}, WAITING, HELD, { DL1: 'ReplicaSet d/r is still being deleted', excuse: keeps }],
])('%s', (_name, namespace, set, pod, said) => {
  expect(judged(namespace, set, pod)).toEqual(said);
});
