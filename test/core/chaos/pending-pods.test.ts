/**
 * Pods that no node can take: SC6 blames nobody for them, the excuse names the reason, and neither is silent where a node has room.
 */
import { describe, expect, it } from 'vitest';
import { excusesOf, tooSmallGroup } from '../../../core/chaos/excuses.ts';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { noStarvation } from '../../../core/chaos/predicates/starvation-check.ts';
import { basePlanOf } from '../../../core/chaos/search/base-plan.ts';
import { undisturbed } from '../../../core/chaos/search/undisturbed.ts';
import { World } from '../../../core/chaos/world.ts';
import { decodeSchedulerConfiguration } from '../../../core/scheduler/configuration/decode.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';

const ZONE = 'topology.kubernetes.io/zone';
const ALONE = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: ZONE, labelSelector: { matchLabels: { app: 'db' } } },
    ],
  },
};
const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', labels: { [ZONE]: 'a' } },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
};

function podOf(name: string, spec: object = {}, labels: object = {}): KubeObject {
  const metadata = { name, namespace: 'd', uid: name, labels: { app: 'db', ...labels } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c' }], ...spec } } as KubeObject;
}

/** What SC6 misses and the excuses' reasons for pod d/p. */
function judged(
  spec: object,
  others: readonly object[] = [],
  labels: object = {},
): { missing: string | null; excuses: string[] } {
  const world = new World();
  [node, ...others, podOf('p', spec, labels)].forEach((object, keyId) => {
    const { kind } = object as KubeObject;
    world.apply({ timeUs: 0, revision: keyId + 1, keyId, kind, object: object as KubeObject, previous: null });
  });
  const judge: Judge = { sim: new Simulation({ seed: 1 }), world, calmSinceUs: 0, violate() {} };
  return {
    missing: noStarvation(judge).missing?.() ?? null,
    excuses: excusesOf(world).map(({ about }) => about.replace(/^.*d\/p: /, '')),
  };
}

const byTemplate = { resourceClaims: [{ name: 'g', resourceClaimTemplateName: 't' }] };
const template = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaimTemplate',
  metadata: { name: 't', namespace: 'd' },
};
const claimed = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] };
const ephemeral = { volumes: [{ name: 'v', ephemeral: {} }] };
const placed = podOf('q', { nodeName: 'n', affinity: ALONE });

describe('a pod without a node', () => {
  it('is a scheduler at fault where its node has room', () => {
    const missing = 'pod d/p is pending although n has room';
    expect(judged({})).toEqual({ missing, excuses: [] });
    expect(judged({ volumes: [{ name: 'v', configMap: { name: 'c' } }, { name: 'w' }] })).toEqual({
      missing,
      excuses: [],
    });
  });

  it('is not judged while the rest of its gang is not there', () => {
    expect(judged({ schedulingGroup: { podGroupName: 'g' } }).missing).toBeNull();
    expect(judged({}, [], { 'pod-group.scheduling.sigs.k8s.io/name': 'g' }).missing).toBeNull();
  });

  it.each([
    [
      'a missing claim',
      { resourceClaims: [{ name: 'g', resourceClaimName: 'x' }] },
      [],
      'could not find ResourceClaim "d/x"',
    ],
    ['a missing template', byTemplate, [], 'resourceclaim|ResourceClaim'],
    ['a missing volume claim', claimed, [], 'persistentvolumeclaim "c" not found'],
    ['anti-affinity of its own', { affinity: ALONE }, [placed], "didn't match pod anti-affinity rules"],
    ['anti-affinity of another', {}, [placed], "didn't satisfy existing pods anti-affinity rules"],
    ['a taken host port', port(80), [podOf('q', { ...port(80), nodeName: 'n' })], "didn't have free ports"],
  ])('is excused for %s', (_name, spec, others, reason) => {
    const { missing, excuses } = judged(spec, others);
    expect(missing).toBeNull();
    expect(excuses).toEqual([expect.stringMatching(reason)]);
  });

  it.each([
    ['a claim that its controller owes', byTemplate, [template]],
    ['an ephemeral claim that its controller owes', ephemeral, []],
    ['anti-affinity that leaves it a node', { affinity: ALONE }, []],
  ])('is not excused for %s', (_name, spec, others) => {
    expect(judged(spec, others).excuses).toEqual([]);
  });
});

describe('undisturbed', () => {
  it('leaves out what users could not do without a fault either, and says why', () => {
    const spec = { containers: [{ name: 'c', image: 'i' }], affinity: ALONE };
    const template = { metadata: { labels: { app: 'db' } }, spec };
    const selector = { matchLabels: { app: 'db' } };
    const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'default' } };
    const workload = [{ ...set, spec: { replicas: 1, serviceName: 'db', selector, template } } as KubeObject];
    const base = basePlanOf(workload, { nodes: { count: 2, zones: ['a', 'b'] } });
    const { plan, problems } = undisturbed(base, 1);
    expect(plan.operations.map(({ kind }) => kind)).toEqual(['set-image']);
    expect(problems).toEqual([expect.stringMatching(/^scale of .*db to 3 is left out.*pod anti-affinity rules/)]);
  });
});

function port(hostPort: number): object {
  return { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort }] }] };
}

describe('a group that starts together or not at all', () => {
  const { configuration } = decodeSchedulerConfiguration({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'GangScheduling' }] } } }],
  });
  const one = { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] };
  /** Reasons for a group of so many pods of a core each, of which `least` start together, on one node of four cores. */
  const worldOf = (pods: number, least: string, others: readonly KubeObject[] = []): World => {
    const world = new World();
    const labels = {
      'pod-group.scheduling.sigs.k8s.io/name': 'g',
      'pod-group.scheduling.sigs.k8s.io/min-available': least,
    };
    const members = Array.from({ length: pods }, (_, index) => podOf(`p${index}`, one, labels));
    [node as KubeObject, ...others, ...members].forEach((object, keyId) => {
      world.apply({ timeUs: 0, revision: keyId + 1, keyId, kind: object.kind, object, previous: null });
    });
    return world;
  };
  const reasons = (pods: number, least: string, isOn = true, others: readonly KubeObject[] = []): string[] =>
    excusesOf(worldOf(pods, least, others), isOn ? { configuration } : {}).map(
      ({ name, about }) => `${name}: ${about}`,
    );

  it('has the reason that it is too large', () => {
    expect(reasons(6, '6')).toHaveLength(6);
    expect(reasons(6, '6')[0]).toBe(
      'no-feasible-node: no nodes for pod d/p0: its group of 6 lacks 6, and the nodes have room for 4 at most',
    );
  });

  it('has none where enough of it fit, too few pods exist, or the scheduler knows no groups', () => {
    expect(reasons(6, '4')).toEqual([]);
    expect(reasons(4, '6')).toEqual([]);
    expect(reasons(6, '6', false)).toEqual([]);
  });

  it('is told apart where too few pods exist', () => {
    expect(tooSmallGroup(worldOf(2, '3'), { configuration })).toBe('pod d/p0 waits: its group of 3 has only 2 pods');
    expect(tooSmallGroup(worldOf(3, '3'), { configuration })).toBe('');
    expect(tooSmallGroup(worldOf(2, '3'))).toBe('');
  });

  it('waits for a PodGroup of another priority, with pods that are unlike, or whose places no node is of', () => {
    const schedulingGroup = { schedulingGroup: { podGroupName: 'g' } };
    const reasonOf = (spec: object, others: readonly object[] = []): string => {
      const world = new World();
      const group = {
        apiVersion: 'scheduling.k8s.io/v1alpha2',
        kind: 'PodGroup',
        metadata: { name: 'g', namespace: 'd' },
        spec,
      };
      const pods = [podOf('p', schedulingGroup), ...others];
      const objects = [node, group, ...pods] as unknown as KubeObject[];
      objects.forEach((object, keyId) => {
        world.apply({ timeUs: 0, revision: keyId + 1, keyId, kind: object.kind, object, previous: null });
      });
      return tooSmallGroup(world, { configuration });
    };
    const schedulingPolicy = { gang: { minCount: 1 } };
    const on = (key: string) => ({ schedulingPolicy, schedulingConstraints: { topology: [{ key }] } });
    expect(reasonOf({ schedulingPolicy, priority: 7 })).toBe(
      "pod d/p waits: the priority of p is 0, and its PodGroup's 7",
    );
    const other = (more: object) => [podOf('other', { ...schedulingGroup, ...more })];
    expect(reasonOf({ schedulingPolicy }, other({ priority: 7 }))).toBe(
      "pod d/p waits: the priority of other is 7, and its PodGroup's 0",
    );
    const never = { preemptionPolicy: 'Never' };
    expect(reasonOf({ schedulingPolicy }, other(never))).toBe(
      'pod d/p waits: its preemptionPolicy is PreemptLowerPriority, and in its PodGroup other has Never',
    );
    expect(reasonOf({ schedulingPolicy }, other({ ...never, priority: 7, nodeName: node.metadata.name }))).toBe('');
    expect(reasonOf(on('rack'))).toBe(
      'pod d/p waits: no node has the label rack, whose values are the places of its PodGroup',
    );
    expect(reasonOf(on(ZONE))).toBe('');
    expect(reasonOf({ schedulingPolicy: { basic: {} }, priority: 7 })).toBe('');
  });

  it('has none where preemption may make room: pods that are not as important move', () => {
    const other = (priority: number) => podOf('other', { ...one, priority, nodeName: node.metadata.name });
    expect(reasons(4, '4', true, [other(0)])).toHaveLength(4);
    expect(reasons(4, '4', true, [other(-1)])).toEqual([]);
  });
});
