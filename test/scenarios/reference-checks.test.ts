/**
 * Accounts and priority classes that nobody creates: told once a name, at the place of the first that names it.
 */
import { expect, test } from 'vitest';
import { type ReferenceKind, warnIdleScalers, warnMissingReferences } from '../../scenarios/reference-checks.ts';
import { warningsBy } from '../support/manifest-warnings.ts';

const BOTH = ['ServiceAccount', 'PriorityClass'] as const;

/** What is said of these documents. */
function warningsOf(documents: readonly string[], kinds: readonly ReferenceKind[] = BOTH): string {
  return warningsBy((manifests, objects, problems) => {
    warnMissingReferences(manifests, objects, kinds, problems);
  }, documents);
}

const web = (spec: string, name = 'web'): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: demo}\nspec:\n  template:\n    spec:\n      ${spec}`;
const account = (namespace: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, namespace: ${namespace}}`;
const high = 'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1';

test('what is there, or in every cluster, is not told', () => {
  expect(warningsOf([web('serviceAccountName: robot'), account('demo')])).toBe('');
  expect(warningsOf([web('priorityClassName: high'), high])).toBe('');
  expect(warningsOf([web('serviceAccountName: default'), web('priorityClassName: system-node-critical')])).toBe('');
  expect(warningsOf([web('serviceAccountName: ""')])).toBe('');
  expect(warningsOf([web('serviceAccountName: robot')], ['PriorityClass'])).toBe('');
});

test('a name that is not there is told once, with its place', () => {
  const said = warningsOf([web('priorityClassName: high'), web('priorityClassName: high', 'api')]);
  expect(said).toBe(
    'a.yaml:7:26 warning MAN-022: Deployment web: spec.template.spec.priorityClassName: PriorityClass high is not among the manifests: pods that name it are refused\n  hint: add its manifest: kubectl get priorityclass high -o yaml',
  );
});

test('an account counts in its namespace, by its old name too, and a bare pod is read', () => {
  expect(warningsOf([web('serviceAccountName: robot'), account('shop')])).toContain(
    'ServiceAccount robot is not among the manifests',
  );
  expect(warningsOf([web('serviceAccount: robot')])).toContain('kubectl get serviceaccount robot -n demo -o yaml');
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {serviceAccountName: robot}';
  expect(warningsOf([pod])).toContain('Pod p: spec.serviceAccountName: ServiceAccount robot');
});

test('a scaler of no workload is told with the nearest name; what an operator scales is not known', () => {
  const scaler = (target: string, namespace = 'demo'): string =>
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: ${namespace}}\nspec: {scaleTargetRef: ${target}}`;
  const said = (...documents: readonly string[]): string => warningsBy(warnIdleScalers, documents);
  const shop = web('serviceAccountName: default', 'shop');
  expect(said(shop, scaler('{kind: Deployment, name: shop}'))).toBe('');
  expect(said(shop, scaler('{kind: Rollout, name: shop}'))).toBe('');
  expect(said(shop, scaler('{kind: Deployment, name: shpo}'))).toBe(
    'a.yaml:12:49 warning MAN-022: HorizontalPodAutoscaler h: spec.scaleTargetRef.name: Deployment shpo is not among the manifests: nothing is scaled (did you mean "shop"?)',
  );
  expect(said(shop, scaler('{kind: StatefulSet, name: shop}'))).toContain('hint: there is a Deployment shop');
  expect(said(shop, scaler('{kind: Deployment, name: shop}', 'other'))).toContain('nothing is scaled');
});
