/**
 * Named ports that no container has: told with their place, only where the name is looked up in vain.
 */
import { expect, test } from 'vitest';
import { warnUnknownPorts } from '../../scenarios/port-checks.ts';
import { warningsBy } from '../support/manifest-warnings.ts';

const warningsOf = (...documents: readonly string[]): string => warningsBy(warnUnknownPorts, documents);

const web = (container: string, more = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ${container}}]${more}}}}`;
const service = (port: string, more = 'selector: {app: web}'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {ports: [${port}], ${more}}`;
const PORTS = 'ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}]';

test.each<[string, readonly string[]]>([
  ['a probe of a named port', [web(`${PORTS}, readinessProbe: {httpGet: {port: http}}`)]],
  ['a number', [web(`livenessProbe: {tcpSocket: {port: 81}}`)]],
  ['a Service port', [web(PORTS), service('{port: 80, targetPort: http}')]],
  ['one of another protocol', [web(PORTS), service('{port: 53, protocol: UDP, targetPort: dns}')]],
  [
    'one of a sidecar',
    [
      web('image: a', `, initContainers: [{name: s, restartPolicy: Always, ${PORTS}}]`),
      service('{port: 80, targetPort: http}'),
    ],
  ],
  ['a Service of no pod, which is told elsewhere', [service('{port: 80, targetPort: http}')]],
  [
    'an external name',
    [web('image: a'), service('{port: 80, targetPort: http}', 'type: ExternalName, selector: {app: web}')],
  ],
])('nothing is said of %s', (_what, documents) => {
  expect(warningsOf(...documents)).toBe('');
});

test.each<[readonly string[], string]>([
  [
    [web(`${PORTS}, readinessProbe: {httpGet: {port: htpp}}`)],
    'a.yaml:4:203 warning MAN-023: Deployment web: spec.template.spec.containers[0].readinessProbe.httpGet.port: the container has no port "htpp": it always fails, and the pod is never ready (did you mean "http"?)',
  ],
  [
    [web('livenessProbe: {tcpSocket: {port: http}}', `, initContainers: [{name: s, ${PORTS}}]`)],
    'containers[0].livenessProbe.tcpSocket.port: the container has no port "http"',
  ],
  [
    [web('startupProbe: {httpGet: {port: http}}')],
    'the container is killed again and again\n  hint: no port has a name',
  ],
  [[web('lifecycle: {preStop: {httpGet: {port: http}}}')], 'lifecycle.preStop.httpGet.port: the container has no port'],
  [
    [web('image: a', ', initContainers: [{name: s, restartPolicy: Always, livenessProbe: {httpGet: {port: a}}}]')],
    'spec.template.spec.initContainers[0].livenessProbe.httpGet.port',
  ],
  [
    [web(PORTS), service('{port: 80, targetPort: https}')],
    'a.yaml:9:39 warning MAN-023: Service front: spec.ports[0].targetPort: no pod behind it has a TCP port "https": nothing answers at this port (did you mean "http"?)',
  ],
  [[web(PORTS), service('{port: 53, targetPort: dns}')], 'no pod behind it has a TCP port "dns"'],
  [
    [web('image: a', `, initContainers: [{name: s, ${PORTS}}]`), service('{port: 80, targetPort: http}')],
    'no pod behind it has a TCP port "http"',
  ],
])('%#: a name in vain is told', (documents, message) => {
  const shown = warningsOf(...documents);
  expect(shown).toContain(message);
  expect(shown.split('warning MAN-023')).toHaveLength(2);
});
