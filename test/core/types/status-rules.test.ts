/** Which field of a status is refused when somebody else than a component writes it, one row a rule. */
import { describe, expect, it, test } from 'vitest';
import { claimType } from '../../../core/types/claim-types.ts';
import { withWholePodStatus } from '../../../core/types/defaults/pod-status.ts';
import { ipFamilyOf } from '../../../core/types/ip-address.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { ResourceTypes } from '../../../core/types/resource-type.ts';
import { validateCreate, validateStatusUpdate, validateUpdate } from '../../../core/types/validation/validate.ts';

const types = new ResourceTypes();
const METADATA = { name: 'x', namespace: 'demo', uid: 'u', resourceVersion: '1' };

function of(kind: string, rest: object): KubeObject {
  const apiVersion = types.all.find((type) => type.kind === kind)?.apiVersion ?? '';
  return { apiVersion, kind, metadata: METADATA, ...rest };
}
const typeOf = ({ apiVersion, kind }: KubeObject) => types.byKind(apiVersion, kind) ?? claimType(types, kind);

/** The causes of the refusal, one a line; '' where all is well. */
function refused(kind: string, spec: object, before: object, after: object, metadata: object = {}): string {
  const old = of(kind, { spec, status: before, metadata: { ...METADATA, ...metadata } });
  const next = { ...old, status: after };
  const causes = validateStatusUpdate(typeOf(old), next, old)?.details?.causes ?? [];
  expect(validateStatusUpdate(typeOf(old), next, old, false)).toBeNull();
  return causes.map(({ field, message }) => `${field}: ${message}`).join('\n');
}

const ENDED = { name: 'app', state: { terminated: { exitCode: 0 } } };
const FAILED = { name: 'app', state: { terminated: { exitCode: 1 } } };
const RUNS = { name: 'app', state: { running: {} } };
const NON_TERMINATED = 'Forbidden: may not be transitioned to non-terminated state';
const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

test.each<[string, object, object, object, string]>([
  ['a phase that nobody knows', {}, { phase: 'Running' }, { phase: 'Foo' }, ''],
  ['a negative restartCount', {}, {}, { containerStatuses: [{ name: 'app', restartCount: -1 }] }, ''],
  ['a condition of ones own', {}, {}, { conditions: [{ type: 'example.com/mine', status: 'True' }] }, ''],
  [
    'an Always container that runs again',
    { restartPolicy: 'Always' },
    { containerStatuses: [ENDED] },
    { containerStatuses: [RUNS] },
    '',
  ],
  [
    'a failed OnFailure container that runs again',
    { restartPolicy: 'OnFailure' },
    { containerStatuses: [FAILED] },
    { containerStatuses: [RUNS] },
    '',
  ],
  [
    'an ended OnFailure container that runs again',
    { restartPolicy: 'OnFailure' },
    { containerStatuses: [ENDED] },
    { containerStatuses: [RUNS] },
    `status.containerStatuses[0].state: ${NON_TERMINATED}`,
  ],
  [
    'an ended init container that runs again',
    { restartPolicy: 'Never' },
    { initContainerStatuses: [FAILED] },
    { initContainerStatuses: [RUNS] },
    `status.initContainerStatuses[0].state: ${NON_TERMINATED}`,
  ],
  [
    'a sidecar that runs again',
    { restartPolicy: 'Never', initContainers: [{ name: 'app', restartPolicy: 'Always' }] },
    { initContainerStatuses: [FAILED] },
    { initContainerStatuses: [RUNS] },
    '',
  ],
  ['no address', {}, {}, { podIPs: [{ ip: '10.0.0.256' }] }, `status.podIPs[0]: Invalid value: "10.0.0.256": ${IP}`],
  ['an old address that is none', {}, { podIPs: [{ ip: 'x' }] }, { podIPs: [{ ip: 'x' }], phase: 'Failed' }, ''],
  ['one address of each family', {}, {}, { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }, ''],
  [
    'two addresses of a family',
    {},
    {},
    { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
    'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
  ],
  [
    'an address of another host',
    {},
    {},
    { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] },
    'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`',
  ],
  [
    'another class',
    {},
    { qosClass: 'Burstable' },
    { qosClass: 'BestEffort' },
    'status.qosClass: Invalid value: "BestEffort": field is immutable',
  ],
  [
    'a negative generation',
    {},
    {},
    { observedGeneration: -1 },
    'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
  ],
])('a pod with %s', (_name, spec, before, after, message) => {
  expect(refused('Pod', spec, before, after)).toBe(message);
});

test('a pod with names that are none', () => {
  const status = { nominatedNodeName: 'No Node', conditions: [{ type: '-', status: 'True' }] };
  const fields = refused('Pod', {}, {}, status)
    .split('\n')
    .map((line) => line.slice(0, line.indexOf(':')));
  expect(fields).toEqual(['status.conditions[0].Type', 'status.nominatedNodeName']);
});

const MORE = 'cannot be greater than status.replicas';
const True = (type: string) => ({ type, status: 'True' });
const AT = (minute: number) => `2025-01-01T00:0${minute}:00Z`;

test.each<[string, string, object, object, string]>([
  [
    'Deployment',
    'more ready than there are',
    {},
    { replicas: 1, readyReplicas: 2 },
    `status.readyReplicas: Invalid value: 2: ${MORE}`,
  ],
  [
    'ReplicaSet',
    'more labelled than there are',
    {},
    { replicas: 1, fullyLabeledReplicas: 2 },
    `status.fullyLabeledReplicas: Invalid value: 2: ${MORE}`,
  ],
  [
    'StatefulSet',
    'more current than there are',
    {},
    { replicas: 1, currentReplicas: 2 },
    `status.currentReplicas: Invalid value: 2: ${MORE}`,
  ],
  [
    'Deployment',
    'more available than ready',
    {},
    { replicas: 2, readyReplicas: 1, availableReplicas: 2 },
    'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas',
  ],
  [
    'DaemonSet',
    'a collision less',
    { collisionCount: 2 },
    { collisionCount: 1 },
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ],
  [
    'Deployment',
    'no collisions any more',
    { collisionCount: 2 },
    {},
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ],
  [
    'Namespace',
    'another phase',
    {},
    { phase: 'Foo' },
    'status.Phase: Invalid value: "Foo": may only be \'Active\' if `deletionTimestamp` is empty',
  ],
  [
    'Node',
    'an address twice',
    {},
    {
      addresses: [
        { type: 'Hostname', address: 'a' },
        { type: 'Hostname', address: 'a' },
      ],
    },
    'status.addresses[1]: Duplicate value: {"type":"Hostname","address":"a"}',
  ],
  [
    'Node',
    'less than no memory',
    {},
    { capacity: { memory: '-1Gi' } },
    'status.capacity.memory: Invalid value: "-1Gi": must be greater than or equal to 0',
  ],
  [
    'PodDisruptionBudget',
    'an odd condition',
    {},
    { conditions: [{ type: '', status: 'Maybe' }] },
    'status.conditions[0].type: Required value\nstatus.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"\nstatus.conditions[0].lastTransitionTime: Required value\nstatus.conditions[0].reason: Required value',
  ],
  [
    'Job',
    'fewer failed',
    { failed: 2 },
    { failed: 1 },
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
  ],
  [
    'Job',
    'fewer succeeded',
    { succeeded: 2 },
    {},
    'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
  ],
  ['Job', 'more ready than active as before', { active: 1, ready: 2 }, { active: 1, ready: 2, terminating: 1 }, ''],
  ['PodDisruptionBudget', 'pods that it lets go', {}, { disruptedPods: { web: AT(1) } }, ''],
  [
    'Job',
    'an end taken back',
    { conditions: [True('Failed')] },
    {},
    'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
  ],
  [
    'Job',
    'a completion before its end',
    {},
    { completionTime: AT(1) },
    `status.completionTime: Invalid value: "${AT(1)}": cannot set completionTime when there is no Complete=True condition`,
  ],
  [
    'Job',
    'a completion before its start',
    {},
    { startTime: AT(2), completionTime: AT(1), conditions: [True('Complete')] },
    `status.completionTime: Invalid value: "${AT(1)}": must be equal to or after \`startTime\``,
  ],
  [
    'Job',
    'another completion',
    { completionTime: AT(1), conditions: [True('Complete')] },
    { completionTime: AT(2), conditions: [True('Complete')] },
    `status.completionTime: Invalid value: "${AT(2)}": field is immutable`,
  ],
  [
    'Job',
    'no completion any more',
    { completionTime: AT(1), conditions: [True('Complete')] },
    { conditions: [True('Complete')] },
    'status.completionTime: Required value: completionTime is required for Complete jobs',
  ],
  [
    'PersistentVolumeClaim',
    'less than nothing',
    {},
    { capacity: { storage: '-1Gi' } },
    'status.capacity[storage]: Invalid value: "-1Gi": must be greater than or equal to 0',
  ],
  [
    'ResourceClaim',
    'nobody who has it',
    {},
    { allocation: {}, reservedFor: [{ resource: 'pods' }] },
    'status.reservedFor[0].name: Required value\nstatus.reservedFor[0].uid: Required value',
  ],
  [
    'ResourceClaim',
    'users without devices',
    {},
    { reservedFor: [{ resource: 'pods', name: 'a', uid: 'u' }] },
    'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
  ],
  [
    'ResourceClaim',
    'other devices',
    { allocation: { devices: {} } },
    { allocation: {} },
    'status.allocation: Invalid value: {}: field is immutable',
  ],
])('a %s with %s', (kind, _name, before, after, message) => {
  expect(refused(kind, {}, before, after)).toBe(message);
});

test('nobody says that more pods of a Job are ready than active', () => {
  const old = of('Job', { spec: {}, status: {} });
  const next = { ...old, status: { active: 1, ready: 2 } };
  for (const outside of [true, false]) {
    expect(validateStatusUpdate(typeOf(old), next, old, outside)?.message).toBe(
      'Job.batch "x" is invalid: status.ready: Invalid value: 2: cannot set more ready pods than active',
    );
  }
});

test('an elastic Job may have fewer that succeeded', () => {
  const spec = { completionMode: 'Indexed', completions: 2, parallelism: 2 };
  expect(refused('Job', spec, { succeeded: 2 }, { succeeded: 1 })).toBe('');
});

test('a namespace that goes is Terminating', () => {
  const metadata = { deletionTimestamp: AT(1) };
  expect(refused('Namespace', {}, { phase: 'Terminating' }, { phase: 'Active' }, metadata)).toBe(
    'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
  );
});

const slice = (endpoint: object, port: object = {}, addressType = 'IPv4'): KubeObject =>
  of('EndpointSlice', {
    addressType,
    endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }],
    ports: [{ name: 'http', protocol: 'TCP', port: 80, ...port }],
  });

test.each<[string, KubeObject, string]>([
  ['nothing wrong', slice({}), ''],
  ['port 0, which the server stores', slice({}, { port: 0 }), ''],
  ['a name in place of an address', slice({ addresses: ['web'] }), 'endpoints[0].addresses[0]'],
  ['a name where names are', slice({ addresses: ['web.example.com'] }, {}, 'FQDN'), ''],
  ['an address of another family', slice({ addresses: ['fd00::1'] }), 'endpoints[0].addresses'],
  ['too many addresses', slice({ addresses: Array.from({ length: 101 }, () => '10.0.0.1') }), 'endpoints[0].addresses'],
  ['no node', slice({ nodeName: 'No Node' }), 'endpoints[0].nodeName'],
  ['no hostname', slice({ hostname: 'a.b' }), 'endpoints[0].hostname'],
  ['a port with no name', slice({}, { name: 'HTTP' }), 'ports[0].name'],
  ['a port with no protocol', slice({}, { protocol: undefined }), 'ports[0].protocol'],
  ['a port with an odd protocol', slice({}, { protocol: 'HTTP' }), 'ports[0].protocol'],
])('an EndpointSlice with %s', (_name, object, fields) => {
  const type = typeOf(object);
  const old = slice({ zone: 'a' }, {}, (object as unknown as { addressType: string }).addressType);
  for (const error of [validateCreate(type, object), validateUpdate(type, object, old)])
    expect((error?.details?.causes ?? []).map(({ field }) => field).join(' ')).toBe(fields);
  expect([validateCreate(type, object, false), validateUpdate(type, object, old, false)]).toEqual([null, null]);
});

test('of an EndpointSlice with a type of addresses that there is not, only the type is refused, whoever writes it', () => {
  const object = slice({}, {}, 'IPv5');
  for (const outside of [true, false]) {
    const causes = validateCreate(typeOf(object), object, outside)?.details?.causes ?? [];
    expect(causes.map(({ field }) => field)).toEqual(['addressType']);
  }
});

test('addresses and what are none', () => {
  const texts = [
    '10.0.0.1',
    '010.0.0.1',
    '::',
    '::1',
    'fd00::ffff:10.0.0.1',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:10.0.0.1',
    '0001:0002:0003:0004:0005:0006:0000000010.0000000000.0000000000.0000000001',
  ];
  expect(texts.map(ipFamilyOf)).toEqual(['IPv4', 'IPv4', 'IPv6', 'IPv6', 'IPv6', 'IPv6', 'IPv6', 'IPv6']);
  const none = [
    '',
    'x',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.-1',
    '1:2:3:4:5:6:7',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    ':::',
    '12345::',
    '::g',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::8',
  ];
  expect(none.filter((text) => ipFamilyOf(text) !== null)).toEqual([]);
});

describe('a pod status that users send is completed', () => {
  it.each<[object, object]>([
    [{ podIP: '10.0.0.1' }, { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] }],
    [{ podIPs: [{ ip: '10.0.0.1' }] }, { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] }],
    [
      { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
      { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }] },
    ],
    [{ phase: 'Running' }, { phase: 'Running' }],
    [
      { observedGeneration: 0, qosClass: '' },
      { observedGeneration: 3, qosClass: 'Burstable' },
    ],
    [
      { containerStatuses: [{ name: 'a', ready: true }] },
      { containerStatuses: [{ name: 'a', image: '', imageID: '', ready: true, restartCount: 0 }] },
    ],
  ])('%j as %j', (status, whole) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] }, status };
    const old = { observedGeneration: 3, qosClass: 'Burstable' } as const;
    expect(withWholePodStatus(pod as unknown as Pod, old).status).toEqual({ ...old, ...whole });
  });
});
