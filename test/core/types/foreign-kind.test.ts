/** Kinds of other groups that are called as one of Kubernetes': nobody takes one for the other. */
import { describe, expect, test } from 'vitest';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { lent, sentObject } from '../../../core/controllers/operator/shared-objects.ts';
import { distinctKind, servedVersion, withDistinctKind, withOwnKind } from '../../../core/types/foreign-kind.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { BUILT_IN_TYPES, ResourceTypes } from '../../../core/types/resource-type.ts';
import { readManifests } from '../../../scenarios/manifests.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { smallPlan } from '../../support/small-plan.ts';

const KNATIVE = 'serving.knative.dev/v1';
const object = (apiVersion: string, kind: string, more: object = {}): KubeObject =>
  ({ apiVersion, kind, metadata: { name: kind.toLowerCase() }, ...more }) as KubeObject;

describe('a kind of another group', () => {
  test('has its group in its name where Kubernetes has a kind of that name, and in no other case', () => {
    expect(distinctKind(KNATIVE, 'Service')).toBe('Service.serving.knative.dev');
    expect(distinctKind('events.k8s.io/v1', 'Event')).toBe('Event.events.k8s.io');
    expect(distinctKind('scheduling.x-k8s.io/v1alpha1', 'PodGroup')).toBe('PodGroup.scheduling.x-k8s.io');
    expect(distinctKind('autoscaling/v1', 'HorizontalPodAutoscaler')).toBe('HorizontalPodAutoscaler');
    expect(distinctKind('example.com/v1', 'Database')).toBe('Database');
    expect(distinctKind('v1', 'Deployment')).toBe('Deployment.v1');
    expect(distinctKind('v1', 'CronJob')).toBe('CronJob.v1');
    expect(servedVersion('v1', 'Deployment')).toBe('apps/v1');
    expect(servedVersion('example.com/v1', 'Deployment')).toBe('');
    for (const { apiVersion, kind } of BUILT_IN_TYPES) expect(distinctKind(apiVersion, kind)).toBe(kind);
  });

  test('has its version in its name where Kubernetes has the kind in another one only', () => {
    expect(distinctKind('v2', 'Pod')).toBe('Pod.v2');
    expect(distinctKind('apps/v2', 'Deployment')).toBe('Deployment.v2.apps');
    expect(distinctKind('resource.k8s.io/v1alpha3', 'ResourceClaim')).toBe('ResourceClaim.v1alpha3.resource.k8s.io');
    for (const version of ['v1', 'v1beta1', 'v1beta2'])
      expect(distinctKind(`resource.k8s.io/${version}`, 'ResourceClaim')).toBe('ResourceClaim');
    expect(distinctKind('resource.k8s.io/v1alpha3', 'DeviceTaintRule')).toBe('DeviceTaintRule');
    const pod = object('v2', 'Pod');
    expect(withOwnKind(withDistinctKind(pod))).toEqual(pod);
  });

  test('gets its own name back, and what was not renamed stays the same object', () => {
    const service = object(KNATIVE, 'Service');
    expect(withOwnKind(withDistinctKind(service))).toEqual(service);
    const pod = object('v1', 'Pod');
    expect(withDistinctKind(pod)).toBe(pod);
    expect(withOwnKind(pod)).toBe(pod);
  });

  test('has the plural of its own name, and is no built-in type', () => {
    const type = new ResourceTypes().register(KNATIVE, 'Service.serving.knative.dev');
    expect(type).toMatchObject({
      plural: 'services',
      qualifiedName: 'services.serving.knative.dev',
      singular: 'service',
      simulated: false,
    });
  });

  test('is told apart in manifests, in lists too, and a Kustomization of Flux is none of kustomize', () => {
    const problems = new ProblemList();
    const text = `apiVersion: v1\nkind: List\nitems: [{apiVersion: ${KNATIVE}, kind: Service, metadata: {name: a}}]\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: b}\n`;
    const read = readManifests([{ file: 'a.yaml', text }], problems);
    expect(read.map(({ object: { kind } }) => kind)).toEqual(['Service.serving.knative.dev', 'Kustomization']);
    expect(problems.problems).toEqual([]);
  });

  test('goes to a user of the cluster and comes from him under its own name', () => {
    const sent = sentObject('create', object(KNATIVE, 'Service'));
    expect(sent.kind).toBe('Service.serving.knative.dev');
    expect(lent(sent).kind).toBe('Service');
  });

  test('is stored beside those of Kubernetes without a predicate taking it for one', () => {
    const foreign = { spec: { foreign: true } };
    const names = BUILT_IN_TYPES.flatMap(({ apiVersion, kind }) => [
      object('example.com/v1', kind, foreign),
      object(apiVersion.replace(/v1$/, 'v9'), kind, foreign),
    ]);
    const plan = { ...smallPlan(), expect: 'pass' as const };
    const mixed = { ...plan, workload: [...plan.workload, ...names] };
    const { outcome, operations } = runPlan(mixed, 1);
    expect(outcome).toEqual({ kind: 'pass' });
    expect(operations.filter(({ error }) => error !== null)).toEqual([]);
    expect(scenarioText({ ...mixed, workload: mixed.workload.map(withDistinctKind) })).toBe(scenarioText(mixed));
  });
});
