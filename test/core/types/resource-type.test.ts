import { describe, expect, it } from 'vitest';
import { BUILT_IN_TYPES, DEPLOYMENTS, PODS, pluralOf, ResourceTypes } from '../../../core/types/resource-type.ts';

/** Kind, apiVersion, plural, namespaced: every kind that the cluster models. */
const EXPECTED: readonly (readonly [string, string, string, boolean])[] = [
  ['Namespace', 'v1', 'namespaces', false],
  ['Node', 'v1', 'nodes', false],
  ['Pod', 'v1', 'pods', true],
  ['ReplicaSet', 'apps/v1', 'replicasets', true],
  ['Deployment', 'apps/v1', 'deployments', true],
  ['StatefulSet', 'apps/v1', 'statefulsets', true],
  ['DaemonSet', 'apps/v1', 'daemonsets', true],
  ['Job', 'batch/v1', 'jobs', true],
  ['Service', 'v1', 'services', true],
  ['EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices', true],
  ['Lease', 'coordination.k8s.io/v1', 'leases', true],
  ['Event', 'v1', 'events', true],
  ['PriorityClass', 'scheduling.k8s.io/v1', 'priorityclasses', false],
  ['PodDisruptionBudget', 'policy/v1', 'poddisruptionbudgets', true],
  ['ServiceAccount', 'v1', 'serviceaccounts', true],
  ['ConfigMap', 'v1', 'configmaps', true],
  ['Secret', 'v1', 'secrets', true],
  ['ControllerRevision', 'apps/v1', 'controllerrevisions', true],
];

describe('resource types', () => {
  it('holds exactly the modelled kinds', () => {
    const rows = BUILT_IN_TYPES.map((t) => [t.kind, t.apiVersion, t.plural, t.namespaced]);
    expect(rows.toSorted()).toEqual(EXPECTED.toSorted());
    expect(BUILT_IN_TYPES.every((t, i) => t.id === i && t.simulated && pluralOf(t.kind) === t.plural)).toBe(true);
  });

  it('finds types by kind and by what users write', () => {
    const types = new ResourceTypes();
    expect(types.byKind('apps/v1', 'Deployment')).toBe(DEPLOYMENTS);
    expect(types.byKind('v1', 'Deployment')).toBeUndefined();
    for (const name of ['po', 'pod', 'pods', 'Pod']) expect(types.byUserName(name)).toBe(PODS);
    expect(types.byUserName('deployments.apps')).toBe(DEPLOYMENTS);
  });

  it('registers unknown kinds as not simulated, once', () => {
    const types = new ResourceTypes();
    const policy = types.register('networking.k8s.io/v1', 'NetworkPolicy');
    expect(policy).toMatchObject({ plural: 'networkpolicies', namespaced: true, simulated: false, id: 18 });
    expect(types.register('networking.k8s.io/v1', 'NetworkPolicy')).toBe(policy);
    expect(types.register('rbac.authorization.k8s.io/v1', 'ClusterRole').namespaced).toBe(false);
    const widget = types.register('example.com/v1', 'Widget', { plural: 'widgetry', namespaced: false });
    expect(widget).toMatchObject({ plural: 'widgetry', namespaced: false, qualifiedName: 'widgetry.example.com' });
    expect(types.byId(widget.id)).toBe(widget);
    expect(() => types.byId(999)).toThrow();
    expect(types.register('v1', 'Pod')).toBe(PODS);
    const rule = types.register('resource.k8s.io/v1alpha3', 'DeviceTaintRule');
    expect([rule.apiVersion, rule.namespaced]).toEqual(['resource.k8s.io/v1', false]);
    expect(types.register('resource.k8s.io/v1', 'DeviceTaintRule')).toBe(rule);
    expect(types.register('example.com/v1', 'DeviceTaintRule')).not.toBe(rule);
  });

  it('knows which kinds count generations', () => {
    const counting = BUILT_IN_TYPES.filter((t) => t.hasGeneration).map((t) => t.kind);
    expect(counting.toSorted()).toEqual([
      'DaemonSet',
      'Deployment',
      'EndpointSlice',
      'Job',
      'Pod',
      'PodDisruptionBudget',
      'PriorityClass',
      'ReplicaSet',
      'StatefulSet',
    ]);
  });
});
