/** Objects and clusters that the tests of the API server start from. */
import { BOOTSTRAP_OBJECTS } from '../../../core/api/bootstrap.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { ResourceTypes } from '../../../core/types/resource-type.ts';
import { ApiHarness, type ApiHarnessOptions } from '../../support/api-harness.ts';

const TYPES = new ResourceTypes();

/** A cluster with the bootstrap objects. */
export function bootstrapped(options: ApiHarnessOptions = {}): ApiHarness {
  const harness = new ApiHarness(options);
  for (const object of BOOTSTRAP_OBJECTS) {
    const type = TYPES.byKind(object.apiVersion, object.kind);
    if (type === undefined) throw new Error(`no type for ${object.kind}`);
    harness.create(type, object);
  }
  return harness;
}

export function configMap(name: string, namespace = 'default'): KubeObject {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: '1' } };
  return object;
}

const CONTAINERS = [{ name: 'app', image: 'app:v1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];

export function pod(name: string, extra: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' }, ...extra },
    spec: { containers: CONTAINERS },
  };
}

export function deployment(name: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: CONTAINERS } },
    },
  };
}
