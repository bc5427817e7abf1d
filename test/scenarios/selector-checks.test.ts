/**
 * Selectors that match no pod: told with their place, and only where nothing could match.
 */
import { expect, test } from 'vitest';
import { warnIdleSelectors } from '../../scenarios/selector-checks.ts';
import { warningsBy } from '../support/manifest-warnings.ts';

/** What is said of these documents. */
const warningsOf = (...documents: readonly string[]): string => warningsBy(warnIdleSelectors, documents);

const budget = (selector: string, namespace = 'demo'): string =>
  `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: keep, namespace: ${namespace}}\nspec: {minAvailable: 1, selector: ${selector}}`;
const web = (spec = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: demo}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}], ${spec}}}}`;
const job = `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j, namespace: demo}\nspec: {jobTemplate: {spec: {template: {metadata: {labels: {app: j}}, spec: {containers: [{name: c}]}}}}}`;
const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: bare}}\nspec: {containers: [{name: c}]}`;
const service = (spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: front, namespace: demo}\nspec: {ports: [{port: 80}], ${spec}}`;
const kafka = 'apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: events, namespace: demo}';
const ingress = 'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}';
const crds = (...kinds: readonly string[]): string =>
  kinds
    .map(
      (kind) =>
        `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ${kind.toLowerCase()}s.a.io}\nspec: {names: {kind: ${kind}}}`,
    )
    .join('\n---\n');
const required = (term: string): string =>
  `affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone, ${term}}]}}`;

test.each<[string, readonly string[]]>([
  ['a budget of a template', [web(), budget('{matchLabels: {app: web}}')]],
  ['of all pods of the namespace', [web(), budget('{}')]],
  ['of a bare pod in the default namespace', [pod, budget('{matchLabels: {app: bare}}', 'default')]],
  ['of what a CronJob makes', [job, budget('{matchLabels: {app: j}}')]],
  [
    'by a label that controllers add',
    [web(), budget('{matchExpressions: [{key: pod-template-hash, operator: Exists}]}')],
  ],
  ['without a selector', [web(), budget('null')]],
  ['a Service of a template', [web(), service('selector: {app: web}')]],
  ['a Service with endpoints by hand', [web(), service('selector: {}')]],
  ['an external name', [web(), service('type: ExternalName, externalName: a.example, selector: {app: wbe}')]],
  ['anti-affinity to itself', [web(required('labelSelector: {matchLabels: {app: web}}'))]],
  [
    'to others in another namespace',
    [web(required('namespaces: [default], labelSelector: {matchLabels: {app: bare}}')), pod],
  ],
  ['anywhere', [web(required('namespaceSelector: {}, labelSelector: {matchLabels: {app: bare}}')), pod]],
  ['a malformed one, told elsewhere', [web(required('labelSelector: {matchExpressions: [{key: a, operator: Is}]}'))]],
  [
    'no lists where lists belong',
    [
      web(
        'affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: 7}}, topologySpreadConstraints: {}',
      ),
    ],
  ],
])('nothing is said of %s', (_what, documents) => {
  expect(warningsOf(...documents)).toBe('');
});

test.each<[readonly string[], string]>([
  [
    [web(), budget('{matchLabels: {app: wbe}}')],
    'a.yaml:9:35 warning MAN-019: PodDisruptionBudget keep: spec.selector: it matches no pod here: it protects nothing',
  ],
  [
    [kafka, budget('{matchLabels: {strimzi.io/cluster: events}}')],
    'spec.selector: it matches no pod here: unless an operator makes such pods (of Kafka), it protects nothing',
  ],
  [
    [kafka, kafka.replace('Kafka', 'KafkaTopic'), budget('{matchLabels: {app: wbe}}')],
    'unless an operator makes such pods (of Kafka, KafkaTopic), it protects nothing',
  ],
  [
    [crds('Volume', 'Engine', 'Node', 'Replica', 'Backup'), budget('{matchLabels: {app: wbe}}')],
    'unless an operator makes such pods (of Volume, Engine, Node, Replica …), it protects nothing',
  ],
  [[ingress, budget('{matchLabels: {app: wbe}}')], 'spec.selector: it matches no pod here: it protects nothing'],
  [
    [web(), service('selector: {app: web, tier: front}')],
    'Service front: spec.selector: it matches no pod here: nothing answers behind it',
  ],
  [[web(), budget('{matchLabels: {app: web}}', 'other')], 'PodDisruptionBudget keep: spec.selector'],
  [
    [web(required('labelSelector: {matchLabels: {app: bare}}')), pod],
    'Deployment web: spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: it matches no pod here: it keeps nothing apart',
  ],
  [
    [
      web(
        'affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: z, labelSelector: {matchLabels: {app: x}}}}]}}',
      ),
    ],
    'preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: it matches no pod here',
  ],
  [
    [web('topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, labelSelector: {matchLabels: {app: x}}}]')],
    'topologySpreadConstraints[0].labelSelector: it matches no pod here: nothing is counted',
  ],
])('%#: a slip is told', (documents, message) => {
  const shown = warningsOf(...documents);
  expect(shown).toContain(message);
  expect(shown.split('warning MAN-019')).toHaveLength(2);
});
