/** Manifests with one field replaced by what does not belong there: a user reads a problem or none, and nothing throws. */
import { expect, test } from 'vitest';
import { checkManifest } from '../../scenarios/manifest-checks.ts';
import { readManifests } from '../../scenarios/manifests.ts';
import { ProblemList } from '../../scenarios/problem.ts';

type Path = readonly (string | number)[];

const ODD: readonly unknown[] = [
  undefined,
  null,
  7,
  1.5,
  'text',
  'constructor',
  true,
  [],
  [null],
  {},
  { a: null },
  [{}],
];
const metadata = { name: 'x', namespace: 'demo', labels: { app: 'x' }, ownerReferences: [{ kind: 'Pod', name: 'p' }] };
const expression = { matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] };
const selector = { matchLabels: { app: 'x' }, ...expression };
const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [expression] } };
const template = {
  metadata,
  spec: {
    containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: 'b' }], resources: { requests: { cpu: 1 } } }],
    volumes: [{ name: 'v', configMap: { name: 'm', items: [{ key: 'a', path: 'b' }] } }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: { nodeAffinity: required },
  },
};
const requests = [{ name: 'r', deviceClassName: 'g', selectors: [{ cel: { expression: 'true' } }] }];

const OBJECTS: readonly object[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector, template, strategy: { rollingUpdate: {} } },
  },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { selector, template, volumeClaimTemplates: [] } },
  { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template, podFailurePolicy: { rules: [] } } },
  { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template } } } },
  { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { selector, minAvailable: 1 } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata,
    spec: { nodeAffinity: { required: { nodeSelectorTerms: [expression] } } },
  },
  { apiVersion: 'resource.k8s.io/v1beta1', kind: 'ResourceClaim', metadata, spec: { devices: { requests } } },
];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf((value as Record<string, unknown>)[key], [...path, key]))];
}

function changed(value: unknown, [key, ...rest]: Path, odd: unknown): unknown {
  if (key === undefined) return odd;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, odd);
  return copy;
}

test.each(OBJECTS)('$kind of $apiVersion', (object) => {
  for (const path of pathsOf(object)) {
    for (const odd of path.at(-1) === 'kind' ? [...ODD, 'Job', 'Pod', 'Service'] : ODD) {
      const text = JSON.stringify(changed(object, path, odd)) ?? '{}';
      const check = () => {
        const problems = new ProblemList();
        for (const each of readManifests([{ file: 'a.yaml', text }], problems)) {
          checkManifest(each.object, each.placeOf, problems);
        }
      };
      expect(check, `${path.join('.')} = ${JSON.stringify(odd)}`).not.toThrow();
    }
  }
});
