/** Which field of an object is refused, one row a rule: at its creation and when it is changed. */
import { expect, test } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import { compileFieldSelector } from '../../../core/types/field-selector.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { NODES, ResourceTypes, SERVICES } from '../../../core/types/resource-type.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../core/types/storage.ts';
import { validateCreate, validateUpdate } from '../../../core/types/validation/validate.ts';
import { isReservedFor } from '../../../core/types/volume-match.ts';

const types = new ResourceTypes();
const typeOf = ({ apiVersion, kind }: KubeObject) => types.byKind(apiVersion, kind) as typeof NODES;
const complete = (object: object): KubeObject => applyDefaults(typeOf(object as KubeObject), object as KubeObject);

/** The fields that are refused, '' where all is well. */
function refused(object: object): string {
  const full = complete(object);
  const error = validateCreate(typeOf(full), full);
  return error === null ? '' : (error.details?.causes?.map(({ field }) => field).join(' ') ?? error.message);
}

function refusedChange(object: object, change: object): string {
  const old = complete(object);
  const error = validateUpdate(typeOf(old), complete({ ...old, ...change }), old);
  return error === null ? '' : (error.details?.causes?.map(({ field }) => field).join(' ') ?? error.message);
}

const METADATA = { name: 'x', namespace: 'demo', uid: 'u', generation: 3 };
const CONTAINER = { name: 'app', image: 'app:v1' };
const pod = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...METADATA, ...metadata },
  spec: { containers: [CONTAINER], ...spec },
});
const volume = (source: object): object => pod({ volumes: [{ name: 'v', ...source }] });
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'o', uid: 'u1' };
const owners = (...ownerReferences: readonly object[]): object => pod({}, { ownerReferences });
const simple = (apiVersion: string, kind: string, fields: object): object => ({
  apiVersion,
  kind,
  metadata: { name: 'x', uid: 'u' },
  ...fields,
});
const priority = simple('scheduling.k8s.io/v1', 'PriorityClass', { value: 5, preemptionPolicy: 'Never' });
const claims = [{ name: 'gpu', resourceClaimName: 'gpu' }];
const taking = (name: string): object => ({ ...CONTAINER, resources: { claims: [{ name }] } });
const OWNERS = 'metadata.ownerReferences';

test.each<[string, object, string]>([
  ['an owner', owners(owner), ''],
  ['an owner without a version', owners({ ...owner, apiVersion: '' }), `${OWNERS}.apiVersion`],
  ['an owner without a kind', owners({ ...owner, kind: '' }), `${OWNERS}.kind`],
  ['an owner without a name', owners({ ...owner, name: '' }), `${OWNERS}.name`],
  ['an owner without a uid', owners({ ...owner, uid: '' }), `${OWNERS}.uid`],
  ['one controller of two owners', owners({ ...owner, controller: true }, { ...owner, uid: 'u2' }), ''],
  ['two controllers', owners({ ...owner, controller: true }, { ...owner, uid: 'u2', controller: true }), OWNERS],
  ['a Secret without a name', volume({ secret: {} }), 'spec.volumes[0].secret.secretName'],
  ['a ConfigMap without a name', volume({ configMap: {} }), 'spec.volumes[0].configMap.name'],
  ['a claim without a name', volume({ persistentVolumeClaim: {} }), 'spec.volumes[0].persistentVolumeClaim.claimName'],
  ['an ephemeral volume', volume({ ephemeral: {} }), 'spec.volumes[0].ephemeral.volumeClaimTemplate'],
  ['a path of the host', volume({ hostPath: { path: '/x' } }), ''],
  ['no path of the host', volume({ hostPath: { path: '' } }), 'spec.volumes[0].hostPath.path'],
  ['two sources', volume({ emptyDir: {}, hostPath: { path: '/x' } }), 'spec.volumes[0].hostPath'],
  ['a deadline of a second', pod({ activeDeadlineSeconds: 1 }), ''],
  ['a deadline of none', pod({ activeDeadlineSeconds: 0 }), 'spec.activeDeadlineSeconds'],
  ['a deadline beyond 32 bits', pod({ activeDeadlineSeconds: 2 ** 31 }), 'spec.activeDeadlineSeconds'],
  ['a declared claim', pod({ resourceClaims: claims, containers: [taking('gpu')] }), ''],
  ['a claim that is not declared', pod({ containers: [taking('gpu')] }), 'spec.containers[0].resources.claims[0]'],
  [
    'one that an init container takes',
    pod({ resourceClaims: claims, initContainers: [{ ...taking('fpga'), name: 'first' }] }),
    'spec.initContainers[0].resources.claims[0]',
  ],
  ['a gate twice', pod({ schedulingGates: [{ name: 'a' }, { name: 'a' }] }), 'spec.schedulingGates[1]'],
  [
    'what a node has',
    simple('v1', 'Node', { status: { capacity: { cpu: '-1' }, allocatable: { cpu: '1' } } }),
    'status.capacity.cpu',
  ],
  ['what a node gives', simple('v1', 'Node', { status: { allocatable: { cpu: '-1' } } }), 'status.allocatable.cpu'],
  ['a revision', simple('apps/v1', 'ControllerRevision', { data: {}, revision: 1 }), ''],
  ['a revision without data', simple('apps/v1', 'ControllerRevision', { revision: 1 }), 'data'],
  ['a revision with no data', simple('apps/v1', 'ControllerRevision', { data: null, revision: 1 }), 'data'],
  [
    'a lease of no time',
    simple('coordination.k8s.io/v1', 'Lease', { spec: { leaseDurationSeconds: 0 } }),
    'spec.leaseDurationSeconds',
  ],
])('a new object with %s', (_name, object, fields) => {
  const namespaced = typeOf(object as KubeObject).namespaced;
  const { metadata } = object as KubeObject;
  expect(refused({ ...object, metadata: namespaced ? { ...metadata, namespace: 'demo' } : metadata })).toBe(fields);
});

test.each<[string, object, object, string]>([
  ['its name', pod({}), { metadata: { ...METADATA, name: 'y' } }, 'metadata.name metadata.name'],
  ['its uid', pod({}), { metadata: { ...METADATA, uid: 'v' } }, 'metadata.uid metadata.uid'],
  ['its uid, left out', pod({}), { metadata: { ...METADATA, uid: undefined } }, ''],
  [
    'a smaller generation',
    pod({}),
    { metadata: { ...METADATA, generation: 2 } },
    'metadata.generation metadata.generation',
  ],
  ['no generation', pod({}), { metadata: { ...METADATA, generation: undefined } }, ''],
  ['its priority', priority, { value: 6 }, 'value'],
  ['whether it preempts', priority, { preemptionPolicy: 'PreemptLowerPriority' }, 'preemptionPolicy'],
])('a change of %s', (_name, object, change, fields) => {
  expect(refusedChange(object, change)).toBe(fields);
});

test('which Services get policies of their traffic, and node ports', () => {
  const of = (spec: object) => {
    const { externalTrafficPolicy, internalTrafficPolicy, allocateLoadBalancerNodePorts } = complete({
      apiVersion: SERVICES.apiVersion,
      kind: SERVICES.kind,
      metadata: METADATA,
      spec,
    }).spec as Readonly<Record<string, unknown>>;
    return [externalTrafficPolicy, internalTrafficPolicy, allocateLoadBalancerNodePorts];
  };
  expect(of({})).toEqual([undefined, 'Cluster', undefined]);
  expect(of({ externalIPs: ['1.1.1.1'] })).toEqual(['Cluster', 'Cluster', undefined]);
  expect(of({ type: 'NodePort' })).toEqual(['Cluster', 'Cluster', undefined]);
  expect(of({ type: 'LoadBalancer' })).toEqual(['Cluster', 'Cluster', true]);
  expect(of({ type: 'ExternalName' })).toEqual([undefined, undefined, undefined]);
});

test('a field selector of a kind without namespaces knows names alone', () => {
  const of = (selector: string) => () => compileFieldSelector(NODES, selector);
  expect(of('metadata.name=a')).not.toThrow();
  expect(of('spec.unschedulable=false')).not.toThrow();
  for (const selector of ['metadata.namespace=a', 'spec.nodeName=a']) expect(of(selector)).toThrow();
});

test.each([
  [{ name: 'c', namespace: 'demo', uid: 'u' }, true],
  [{ name: 'c', namespace: 'demo' }, true],
  [{ name: 'c', namespace: 'demo', uid: '' }, true],
  [{ name: 'c', namespace: 'demo', uid: 'v' }, false],
  [{ name: 'c', namespace: 'other' }, false],
  [{ name: 'd', namespace: 'demo', uid: 'u' }, false],
  [undefined, false],
])('a volume with the reference %j is the claim’s: %s', (claimRef, expected) => {
  const claim = { metadata: { name: 'c', namespace: 'demo', uid: 'u' } } as PersistentVolumeClaim;
  expect(isReservedFor({ metadata: { name: 'v' }, spec: { claimRef } } as PersistentVolume, claim)).toBe(expected);
});
