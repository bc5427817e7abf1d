/** Preemption for groups: what it need not ask again is what it would have been told. */
import { expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import type { ProfileConfiguration } from '../../../../core/scheduler/configuration/configuration.ts';
import { configurationOf, DEFAULT_PROFILE, versionOf } from '../../../../core/scheduler/configuration/profile.ts';
import { decide } from '../../../../core/scheduler/framework/decide.ts';
import { Framework } from '../../../../core/scheduler/framework/framework.ts';
import { preemptForGroup } from '../../../../core/scheduler/framework/group-preemption.ts';
import { PlainCluster } from '../../../../core/scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../../../../core/scheduler/framework/pod-info.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makeNode } from '../objects.ts';

/** Asks every pod of the group about every unit that is put back. */
class Asking extends Framework {
  override looksElsewhere(): boolean {
    return true;
  }
}

const PROFILE: ProfileConfiguration = configurationOf(DEFAULT_PROFILE);

function pod(name: string, priority: number, cpu: number, spec: object = {}, group = ''): Pod {
  const schedulingGroup = group === '' ? {} : { schedulingGroup: { podGroupName: group } };
  const container = { name: 'c', image: 'x', resources: { requests: { cpu: `${cpu}` } } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'd', uid: name, labels: { app: name.slice(0, 1) } },
    spec: { containers: [container], priority, ...schedulingGroup, ...spec },
  };
}

/** Required anti-affinity against pods of an app. */
function apartFrom(app: string, topologyKey: string) {
  const term = { labelSelector: { matchLabels: { app } }, topologyKey };
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
}

const BOUND = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

test('who goes is the same whether or not the pods of the group are asked about units elsewhere', () => {
  const random = new Sfc32(7, 8, 9);
  let sacrificed = 0;
  let spared = 0;
  for (let round = 0; round < 60; round++) {
    const cluster = new PlainCluster();
    const wholes = ['v0', 'v1'].map(
      (name): KubeObject => ({
        apiVersion: 'scheduling.k8s.io/v1beta1',
        kind: 'PodGroup',
        metadata: { name, namespace: 'd' },
        spec: { schedulingPolicy: { basic: {} }, priority: 1, disruptionMode: { all: {} } },
      }),
    );
    for (const whole of wholes) cluster.put(whole);
    for (let i = 0; i < 6; i++) {
      cluster.put(makeNode(`n${i}`, { cpu: '8', zone: i < 3 ? 'a' : 'b' }));
      for (let p = random.below(5); p > 0; p--) {
        const group = random.below(4) === 0 ? `v${random.below(2)}` : '';
        const spec = { nodeName: `n${i}` };
        cluster.put(pod(`v-${i}-${p}`, random.below(3), 1 + random.below(3), spec, group));
      }
    }
    const members = [0, 1, 2].map((i) =>
      podInfoOf(pod(`g-${i}`, 2, 3 + random.below(3), random.below(3) === 0 ? apartFrom('v', ZONE) : {})),
    );
    const asked = { priority: 2, members, wanted: 2, topologyKey: '', required: null };
    const answers = [Framework, Asking].map((Kind) =>
      preemptForGroup(new Kind(PROFILE, versionOf(DEFAULT_PROFILE)), cluster, asked, (count) => count),
    );
    expect(answers[0]).toEqual(answers[1]);
    if (typeof answers[0] !== 'object') continue;
    sacrificed += answers[0].victims.length;
    spared += cluster.nodes.flatMap(({ pods }) => pods).length - answers[0].victims.length;
  }
  expect(sacrificed).toBeGreaterThan(50);
  expect(spared).toBeGreaterThan(50);
});

test('with the victims gone each pod of the group fits where it is nominated, beside units that would repel it', () => {
  const random = new Sfc32(1, 2, 3);
  const framework = new Framework(PROFILE, versionOf(DEFAULT_PROFILE));
  let spared = 0;
  for (let round = 0; round < 60; round++) {
    const cluster = new PlainCluster();
    const exclusive = {
      kind: 'PersistentVolumeClaim',
      spec: { accessModes: ['ReadWriteOncePod'], volumeName: 'disk' },
    };
    cluster.put({
      apiVersion: 'v1',
      metadata: { ...BOUND, name: 'claim', namespace: 'd' },
      ...exclusive,
    } as KubeObject);
    cluster.put({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' } } as KubeObject);
    const volumes = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'claim' } }] };
    const holder = random.below(6);
    for (let i = 0; i < 6; i++) {
      cluster.put(makeNode(`n${i}`, { cpu: '8', zone: i < 3 ? 'a' : 'b' }));
      for (let p = random.below(3); p > 0; p--) {
        const repels = random.below(6) === 0 ? apartFrom('g', random.below(2) === 0 ? ZONE : HOSTNAME) : {};
        const spec = { nodeName: `n${i}`, ...repels, ...(i === holder && p === 1 ? volumes : {}) };
        cluster.put(pod(`v-${i}-${p}`, random.below(2), 1 + random.below(2), spec));
      }
    }
    const claims = random.below(3) === 0 ? volumes : {};
    const members = [0, 1].map((i) => podInfoOf(pod(`g-${i}`, 2, 2 + random.below(3), i === 0 ? claims : {})));
    const asked = { priority: 2, members, wanted: 2, topologyKey: '', required: null };
    const found = preemptForGroup(framework, cluster, asked, (count) => count);
    if (typeof found === 'string') throw new Error(found);
    for (const { namespace, pod: victim } of found.victims) cluster.delete('Pod', namespace, victim.metadata.name);
    spared += cluster.nodes.flatMap(({ pods }) => pods).length;
    for (const info of members) {
      const nodeName = found.nodeOf.get(info.key) as string;
      const { feasible } = decide(framework, info, cluster, { postFilter: false, limits: null });
      expect(
        feasible.map(({ name }) => name),
        `${info.key} in round ${round}`,
      ).toContain(nodeName);
      cluster.put({ ...info.pod, spec: { ...info.pod.spec, nodeName } });
    }
  }
  expect(spared).toBeGreaterThan(50);
});

test('each pod looks at as many feasible nodes as its cycle would', () => {
  const cluster = new PlainCluster();
  for (const name of ['n0', 'n1', 'n2']) {
    cluster.put(makeNode(name, { cpu: '8' }));
    cluster.put(pod(`v-${name}`, 0, 6, { nodeName: name }));
  }
  // Without its victim the first node has less room than the others.
  cluster.put(pod('kept', 3, 1, { nodeName: 'n0' }));
  const framework = new Framework(PROFILE, versionOf(DEFAULT_PROFILE));
  const members = [podInfoOf(pod('g-0', 2, 6))];
  const asked = { priority: 2, members, wanted: 1, topologyKey: '', required: null };
  const victims = (wanted: number) => {
    const found = preemptForGroup(framework, cluster, asked, () => wanted);
    return typeof found === 'string' ? found : found.victims.map(({ pod: { metadata } }) => metadata.name);
  };
  expect([victims(1), victims(3)]).toEqual([['v-n0'], ['v-n1']]);
});

test('pods of one spec are asked about one by one where their labels differ', () => {
  const cluster = new PlainCluster();
  cluster.put(makeNode('n', { cpu: '16' }));
  cluster.put(pod('v', 0, 1, { nodeName: 'n', ...apartFrom('g', HOSTNAME) }));
  const other = pod('a', 2, 5);
  const members = [other, { ...other, metadata: pod('g', 2, 5).metadata }].map(podInfoOf);
  const asked = { priority: 2, members, wanted: 2, topologyKey: '', required: null };
  const framework = new Framework(PROFILE, versionOf(DEFAULT_PROFILE));
  const found = preemptForGroup(framework, cluster, asked, (count) => count);
  expect(typeof found === 'string' ? found : found.victims.map(({ key }) => key)).toEqual(['d/v']);
});
