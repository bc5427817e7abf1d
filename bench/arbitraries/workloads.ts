/**
 * Applications as fast-check draws them, for properties that are not about manifests of one's own.
 */
import * as fc from 'fast-check';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';

const labels = (name: string) => ({ app: name });

function template(name: string, image: string) {
  return {
    metadata: { labels: labels(name) },
    spec: { containers: [{ name: 'app', image, resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
  };
}

function deployment(name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'demo' },
    spec: { replicas, selector: { matchLabels: labels(name) }, template: template(name, 'app:v1') },
  };
}

function statefulSet(name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'demo' },
    spec: { serviceName: name, replicas, selector: { matchLabels: labels(name) }, template: template(name, 'db:v1') },
  };
}

function daemonSet(name: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'demo' },
    spec: { selector: { matchLabels: labels(name) }, template: template(name, 'agent:v1') },
  };
}

function service(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'demo' },
    spec: { selector: labels(name), ports: [{ port: 80, targetPort: 8080 }] },
  };
}

function budget(name: string): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'demo' },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels(name) } },
  } as KubeObject;
}

/** A Deployment `demo/web`, and by choice a Service and a budget for it, a StatefulSet and a DaemonSet. @throws TypeError when given options */
export function workloads(...none: readonly never[]): fc.Arbitrary<readonly KubeObject[]> {
  if (none.length > 0) throw new TypeError('workloads takes no options: objects of your own go to plans({ objects })');
  return fc
    .record({
      web: fc.integer({ min: 1, max: 5 }),
      db: fc.option(fc.integer({ min: 1, max: 3 }), { nil: 0 }),
      agent: fc.boolean(),
      exposed: fc.boolean(),
      guarded: fc.boolean(),
    })
    .map(({ web, db, agent, exposed, guarded }) => [
      deployment('web', web),
      ...(exposed ? [service('web')] : []),
      ...(guarded ? [budget('web')] : []),
      ...(db > 0 ? [statefulSet('db', db)] : []),
      ...(agent ? [daemonSet('agent')] : []),
    ]);
}
