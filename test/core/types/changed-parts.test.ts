import { expect, test } from 'vitest';
import {
  changedParts,
  PART_ANY,
  PART_BIRTH,
  PART_END,
  PART_METADATA,
  PART_OTHER,
  PART_OWNERS,
  PART_SPEC,
  PART_STATUS,
} from '../../../core/types/changed-parts.ts';
import type { KubeObject, ObjectMeta } from '../../../core/types/object.ts';

const OWNER = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'n' };
const POD: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'd', uid: 'p', resourceVersion: '7', generation: 1, ownerReferences: [OWNER] },
  spec: { nodeName: 'n' },
  status: { phase: 'Running' },
};
const named = (change: Partial<ObjectMeta>): Partial<KubeObject> => ({ metadata: { ...POD.metadata, ...change } });

test.each<[string, Partial<KubeObject>, number]>([
  ['nothing but its version', named({ resourceVersion: '8' }), PART_OTHER],
  ['its data', { data: {} } as Partial<KubeObject>, PART_OTHER],
  ['its spec', { spec: { nodeName: 'm' } }, PART_SPEC],
  ['its spec to the same, not shared', { spec: { ...(POD.spec as object) } }, PART_SPEC],
  ['its status', { status: {} }, PART_STATUS],
  ['labels', named({ labels: {} }), PART_METADATA],
  ['annotations', named({ annotations: {} }), PART_METADATA],
  ['its generation', named({ generation: 2 }), PART_METADATA],
  ['when it was made', named({ creationTimestamp: '2026-01-01T00:00:00Z' }), PART_METADATA],
  ['that it is being deleted', named({ deletionTimestamp: '2026-01-01T00:00:00Z' }), PART_METADATA],
  ['its grace', named({ deletionGracePeriodSeconds: 0 }), PART_METADATA],
  ['finalizers', named({ finalizers: [] }), PART_METADATA],
  ['owners', named({ ownerReferences: [] }), PART_OWNERS],
  ['all', { ...named({ labels: {}, ownerReferences: [] }), spec: {}, status: {} }, PART_ANY & ~PART_OTHER],
  ['itself', named({ uid: 'q' }), PART_ANY | PART_BIRTH | PART_END],
])('a write that changes %s', (_name, change, parts) => {
  expect(changedParts(POD, { ...POD, ...change })).toBe(parts);
});

test('a birth and an end are no change of a part', () => {
  expect([changedParts(null, POD), changedParts(POD, null)]).toEqual([PART_BIRTH, PART_END]);
});
