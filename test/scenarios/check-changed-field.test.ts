/** A field that somebody changes: its object, its path and the values that it can have. */
import { expect, it } from 'vitest';
import { loadScenarioText } from '../../scenarios/load.ts';
import { formatProblem, ProblemList } from '../../scenarios/problem.ts';
import { TEST_CLUSTER as CLUSTER, TEST_HEAD as HEAD } from '../support/scenario-text.ts';

function problemsOf(text: string): string[] {
  const problems = new ProblemList();
  loadScenarioText('s.yaml', text, problems);
  return problems.problems.map((problem) => formatProblem(problem).replace(/^\S+ (error|warning) SCN-0\d\d: /, ''));
}

const WORKLOAD = `workload:
  objects:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: demo}
      spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}
    - {apiVersion: v1, kind: Namespace, metadata: {name: empty}}
operations:
  - {kind: apply, at: 70s, objects: [{apiVersion: v1, kind: Secret, metadata: {name: late, namespace: other}}, {apiVersion: v1, kind: Service, metadata: {name: late, namespace: other}, spec: {ports: [{port: 80}]}}]}
`;
it.each([
  ['ConfigMap/empty/*', 'metadata.labels.x', 'y', ''],
  ['Secret/other/late', 'metadata.labels.x', 'y', ''],
  [
    'Secret/demo/late',
    'metadata.labels.x',
    'y',
    'unknown workload "Secret/demo/late"\n  hint: known: Deployment/demo/web, Namespace/demo, Namespace/empty, Secret/other/late, Namespace/other, Service/other/late',
  ],
  ['Event/other/*', 'metadata.labels.x', 'y', ''],
  ['Pod/demo/web-*', 'spec.nodeName', '', ''],
  ['Pod/demo/*', 'status.containerStatuses.0.restartCount', '7', ''],
  ['ReplicaSet/demo/web-5d4', 'metadata.annotations.deployment.kubernetes.io/revision', '"7"', ''],
  ['Node/node-0', 'spec.unschedulable', 'true', ''],
  ['Node/node-*', 'status.capacity.example.com/gpu', '2', ''],
  ['Lease/kube-system/kube-scheduler', 'spec.holderIdentity', '', ''],
  [
    'Deployment/demo/web',
    'spec.template.spec.restartPolicy',
    'Alway',
    'every API server refuses spec.template.spec.restartPolicy "Alway", expected one of Always, OnFailure, Never (did you mean "Always"?)',
  ],
  [
    'Deployment/demo/web',
    'spec.replicas',
    '-1',
    'every API server refuses spec.replicas -1, expected a whole number from 0 on',
  ],
  [
    'Deployment/demo/web',
    'spec.template.spec.containers.0.ports.0.containerPort',
    '65536',
    'every API server refuses spec.template.spec.containers.0.ports.0.containerPort 65536, expected a whole number from 1 to 65535',
  ],
  [
    'Service/other/late',
    'spec.ports.0.nodePort',
    '80',
    'every API server refuses spec.ports.0.nodePort 80, expected 0 or a whole number from 30000 to 32767',
  ],
  [
    'Deployment/demo/web',
    'status.readyReplicas',
    '-1',
    'every API server refuses status.readyReplicas -1, expected a whole number from 0 on',
  ],
  [
    'Lease/kube-system/kube-scheduler',
    'spec.leaseDurationSeconds',
    '0',
    'every API server refuses spec.leaseDurationSeconds 0, expected a whole number from 1 on',
  ],
  [
    'Pod/demo/web-*',
    'status.phase',
    'Runing',
    'no component knows status.phase "Runing", expected one of Pending, Running, Succeeded, Failed, Unknown; the API server stores it (did you mean "Running"?)',
  ],
  [
    'Pod/demo/web-*',
    'status.containerStatuses.0.restartCount',
    '-1',
    'no component knows status.containerStatuses.0.restartCount -1, expected a whole number from 0 on; the API server stores it',
  ],
  [
    'EndpointSlice/demo/web-*',
    'ports.0.port',
    '0',
    'no component knows ports.0.port 0, expected a whole number from 1 to 65535; the API server stores it',
  ],
  [
    'EndpointSlice/demo/web-*',
    'ports.0.port',
    '"80"',
    'ports.0.port: expected a whole number, found string\n  hint: write value: 80, without quotes',
  ],
  ['Node/node-0', 'spec.taints.0.effect', '""', ''],
  ['Service/other/late', 'spec.ports.0.nodePort', '0', ''],
  ['Service/other/late', 'spec.ports.0.nodePort', '32767', ''],
  ['Lease/kube-system/kube-scheduler', 'spec.renewTime', '"2025-01-31T08:00:00.000000Z"', ''],
  [
    'Lease/kube-system/kube-scheduler',
    'spec.renewTime',
    '"2025-01-31T08:00:00Z"',
    'spec.renewTime: "2025-01-31T08:00:00Z" is no time, expected one such as 2025-01-31T08:00:00.000000Z',
  ],
  [
    'Pod/demo/web-*',
    'status.startTime',
    'noon',
    'status.startTime: "noon" is no time, expected one such as 2025-01-31T08:00:00Z',
  ],
  [
    'Pod/demo/web-*',
    'status.startTime',
    '"2025-02-29T08:00:00Z"',
    'status.startTime: "2025-02-29T08:00:00Z" is no time: day out of range',
  ],
  ['Deployment/demo/web', 'spec.strategy.rollingUpdate.maxSurge', '"25%"', ''],
  [
    'Deployment/demo/web',
    'spec.replcas',
    '5',
    'unknown field in spec of a Deployment "replcas" (did you mean "replicas"?)',
  ],
  ['Deployment/demo/web', 'spec.replicas', '2147483647', ''],
  [
    'Deployment/demo/web',
    'spec.replicas',
    '2147483648',
    'spec.replicas: expected a whole number of 32 bits, found number 2147483648',
  ],
  ['Deployment/demo/web', 'status.observedGeneration', '2147483648', ''],
  ['Pod/demo/web-*', 'spec.activeDeadlineSeconds', '99999999999', ''],
  ['Pod/demo/web-*', 'status.phse', 'Failed', 'unknown field in status of a Pod "phse" (did you mean "phase"?)'],
  ['Node/node-0', 'metadata.lables.x', 'y', 'unknown field in metadata of a Node "lables" (did you mean "labels"?)'],
  [
    'Pod/demo/web-*',
    'spec.containers.app.image',
    'x',
    '"spec.containers.app.image": spec.containers is a list, and "app" is no number of an item\n  hint: items count from 0: spec.containers.0',
  ],
  [
    'Node/node-0',
    'spec.podCIDR.range',
    'x',
    '"spec.podCIDR.range": spec.podCIDR is a single value, there is nothing in it',
  ],
  ['Node/node-0', 'kind', 'Pod', 'kind is which object it is: no API server changes it'],
  [
    'Deployment/demo/web',
    'spec.replicas',
    '"5"',
    'spec.replicas: expected a whole number, found string\n  hint: write value: 5, without quotes',
  ],
  [
    'Deployment/demo/web',
    'spec.paused',
    '"true"',
    'spec.paused: expected true or false, found string\n  hint: write value: true, without quotes',
  ],
  ['Pod/demo/web-*', 'status.podIP', '5', 'status.podIP: expected a string, found number\n  hint: write value: "5"'],
  ['Deployment/demo/web', 'spec.replicas', 'many', 'spec.replicas: expected a whole number, found string'],
  [
    'Node/node-0',
    'status.capacity.cpu',
    '4x',
    'status.capacity.cpu: "4x" is no quantity, expected one such as 250m, 0.5 or 64Mi',
  ],
  [
    'Node/node-0',
    'status.capacity',
    '4',
    'status.capacity is a map: expected a field in it, which takes a single value',
  ],
  ['Deployment/demo/web', 'spec.template', '', 'spec.template is an object: a bit is flipped of a single value in it'],
  [
    'Deployment/demo/wbe',
    'spec.replicas',
    '',
    'unknown workload "Deployment/demo/wbe" (did you mean "Deployment/demo/web"?)',
  ],
  [
    'Deployment/demo/x*',
    'spec.replicas',
    '',
    'unknown workload "Deployment/demo/x*" (did you mean "Deployment/demo/web"?)',
  ],
  ['Pod/demo/wbe-*', 'spec.nodeName', '', 'unknown object "Pod/demo/wbe-*" (did you mean "Pod/demo/web-*"?)'],
  ['Pod/dem/web-*', 'spec.nodeName', '', 'unknown namespace "dem" (did you mean "demo"?)'],
  ['Pood/demo/*', 'spec.nodeName', '', 'unknown kind "Pood" (did you mean "Pod"?)'],
  ['Node/nod-0', 'spec.podCIDR', '', 'unknown node "nod-0" (did you mean "node-0"?)'],
  ['Node/master*', 'spec.podCIDR', '', 'unknown node "master*"\n  hint: known: node-0, node-1, node-2'],
  ['Node/demo/node-0', 'spec.podCIDR', '', '"Node/demo/node-0" names no object: a Node has no namespace: Node/name'],
  ['Pod/web-*', 'spec.nodeName', '', '"Pod/web-*" names no object: a Pod is in a namespace: Pod/namespace/name'],
  [
    'Pod/demo/w*b',
    'spec.nodeName',
    '',
    '"Pod/demo/w*b" names no object: expected Kind/namespace/name or Kind/name, where a star may end the name',
  ],
])('a changed field of %s: %s to %s', (object, field, value, message) => {
  const change = `object: ${object}, field: ${field}${value === '' ? '' : `, value: ${value}`}`;
  const fault = `{at: 70s, kind: changed-field, target: {component: apiserver}, ${change}}`;
  expect(problemsOf(`${HEAD}${CLUSTER}${WORKLOAD}faults: [${fault}]\n`)).toEqual(message === '' ? [] : [message]);
});
