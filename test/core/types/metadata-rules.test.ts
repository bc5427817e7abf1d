/** What the real server says about metadata, and how often, kind by kind: fields of the causes. Source: kube-apiserver 1.34.1, asked. */
import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../../../core/types/object.ts';
import {
  CONFIGMAPS,
  DEPLOYMENTS,
  EVENTS,
  LEASES,
  PODDISRUPTIONBUDGETS,
  type ResourceType,
  ResourceTypes,
  SECRETS,
} from '../../../core/types/resource-type.ts';
import type { StatusError } from '../../../core/types/status-error.ts';
import {
  validateNewMetadata,
  validateNextMetadata,
  validateStatusUpdate,
} from '../../../core/types/validation/validate.ts';

const KIND = new ResourceTypes().register('example.com/v1', 'Thing');
const LABELS = { labels: { 'a a': 'b' } };
const OWNER = { ownerReferences: [{ apiVersion: '', kind: 'K', name: 'n', uid: 'u' }] };

function named({ kind, apiVersion }: ResourceType, more: Partial<ObjectMeta> = {}): KubeObject {
  return { apiVersion, kind, metadata: { name: 'a', namespace: 'default', ...more } } as KubeObject;
}

/** Each field that is named, with how often. */
function fields(error: StatusError | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { field } of error?.details?.causes ?? []) counts[field as string] = (counts[field as string] ?? 0) + 1;
  return counts;
}

const [label, finalizer, domain] = ['metadata.labels', 'metadata.finalizers', 'metadata.finalizers[0]'];
const owner = 'metadata.ownerReferences.apiVersion';

describe('metadata of updates', () => {
  it.each<[ResourceType, Partial<ObjectMeta>, Record<string, number>, Record<string, number>]>([
    [CONFIGMAPS, LABELS, { [label]: 4 }, { [label]: 3 }],
    [SECRETS, OWNER, { [owner]: 4 }, { [owner]: 3 }],
    [DEPLOYMENTS, LABELS, { [label]: 3 }, { [label]: 3 }],
    [DEPLOYMENTS, { finalizers: ['x'] }, { [domain]: 1 }, { [domain]: 1 }],
    [DEPLOYMENTS, { finalizers: ['a b/c'] }, { [finalizer]: 1 }, { [finalizer]: 1 }],
    [CONFIGMAPS, { finalizers: [''] }, { [finalizer]: 4, [domain]: 2 }, { [finalizer]: 2, [domain]: 1 }],
    [PODDISRUPTIONBUDGETS, OWNER, { [owner]: 2 }, { [owner]: 2 }],
    [PODDISRUPTIONBUDGETS, { finalizers: ['x'] }, {}, {}],
    [EVENTS, LABELS, { [label]: 2 }, { [label]: 2 }],
    [EVENTS, { finalizers: ['x'] }, {}, {}],
    [LEASES, LABELS, { [label]: 3 }, { [label]: 3 }],
    [LEASES, { finalizers: ['x'] }, {}, {}],
    [KIND, { finalizers: ['x'] }, {}, {}],
  ])('of $kind with %j', (type, more, whole, ofStatus) => {
    expect(fields(validateNextMetadata(type, named(type, more), named(type)))).toEqual(whole);
    expect(fields(validateStatusUpdate(type, named(type, more), named(type)))).toEqual(ofStatus);
  });
});

describe('metadata of creates', () => {
  it.each<[ResourceType, Partial<ObjectMeta>, Record<string, number>]>([
    [CONFIGMAPS, { finalizers: ['orphan', 'foregroundDeletion'] }, { [finalizer]: 1 }],
    [CONFIGMAPS, { finalizers: [''] }, { [finalizer]: 2, [domain]: 1 }],
    [LEASES, { finalizers: ['x'] }, {}],
    [EVENTS, { finalizers: [''] }, { [finalizer]: 2 }],
    [PODDISRUPTIONBUDGETS, { finalizers: ['x'] }, {}],
    [KIND, { finalizers: ['x'] }, {}],
  ])('of $kind with %j', (type, more, causes) => {
    expect(fields(validateNewMetadata(type, named(type, more)))).toEqual(causes);
  });

  it('tells which owners both control', () => {
    const owners = ['p', 'q'].map((name) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true }));
    const error = validateNewMetadata(CONFIGMAPS, named(CONFIGMAPS, { ownerReferences: owners }));
    expect(error?.message).toContain('Found "true" in references for Pod/p and Pod/q');
  });
});
