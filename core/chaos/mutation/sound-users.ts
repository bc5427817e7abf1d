/**
 * Sound plans of what users do seldom: pods that wait until somebody changes them, Services of every type, sets that count from elsewhere, Jobs that rest in between,
 * pods with sidecars, members of the store that come and go, nodes of a cloud.
 */
import type { KubeObject } from '../../types/object.ts';
import {
  annotated,
  at,
  daemonSet,
  deployment,
  job,
  labels,
  pod,
  S,
  type Situation,
  scale,
  service,
  setImage,
  withPodSpec,
  withSpec,
  workload,
} from './situation.ts';
import {
  apply,
  budgetOf,
  crash,
  DATABASE,
  database,
  failing,
  image,
  named,
  partition,
  relabelled,
  remove,
  resize,
} from './sound-steps.ts';

const unschedulable = { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' };
const dedicated = { key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' };
const near = (app: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [
    { labelSelector: { matchLabels: labels(app) }, topologyKey: 'kubernetes.io/hostname' },
  ],
});
const gates = (...names: readonly string[]) => ({ schedulingGates: names.map((name) => ({ name })) });
const follower = withSpec(pod('follower'), { affinity: { podAffinity: near('guide') } });
const loner = withSpec(pod('loner'), { affinity: { podAntiAffinity: near('crowd') } });

const turned = (more: object): KubeObject => ({ ...service, spec: more }) as KubeObject;
const selector = labels('web');
const ports = [{ port: 80, targetPort: 8080 }];

const resting = (suspend: boolean, more = {}): KubeObject =>
  annotated(job(3, { suspend, ...more }), { 'seatrial.dev/run-for': '12s' });
/** Pods of a Job that are replaced only when they have ended, and that fail by the rules of the Job. */
const ruled = (action: string, more = {}): KubeObject => {
  const onExitCodes = { operator: 'NotIn', values: [0] };
  const podFailurePolicy = { rules: [{ action, onExitCodes }] };
  return annotated(job(2, { podFailurePolicy, podReplacementPolicy: 'Failed', ...more }), failing);
};

/** The workload, whose pods start one after the other what runs beside them, and what they need before. */
function accompanied(object: KubeObject): KubeObject {
  const resources = { requests: { cpu: '50m', memory: '32Mi' } };
  const beside = { name: 'beside', image: 'beside:v1', restartPolicy: 'Always', resources };
  const before = { name: 'before', image: 'before:v1', resources: { requests: { cpu: '200m', memory: '32Mi' } } };
  const last = { name: 'last', image: 'beside:v1', restartPolicy: 'Always', resources };
  return withPodSpec(object, { initContainers: [beside, before, last] });
}

/** A pod of an owner of whom nobody here knows more. */
const ofStranger = (name: string): KubeObject => {
  const { metadata, ...rest } = relabelled(name, 'strange');
  const owner = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    name: 'w',
    uid: 'b7f6cf30-8c26-4d8e-9d2c-1f2f3a4b5c6d',
  };
  return { ...rest, metadata: { ...metadata, ownerReferences: [{ ...owner, controller: true }] } } as KubeObject;
};

export const USER_SITUATIONS: Readonly<Record<string, Situation>> = {
  /** Pods wait until somebody lifts their gates, lets them bear a closed node, or changes the pods that they want near or far. */
  'pods-that-wait-for-changes': {
    nodes: 2,
    workload: [relabelled('guide', 'alone'), relabelled('first', 'crowd'), relabelled('second', 'crowd')],
    operations: [
      apply(10, follower, loner, withSpec(pod('gated'), gates('example.com/a', 'example.com/b'))),
      apply(20, withSpec(pod('gated'), gates('example.com/b'))),
      apply(22, relabelled('guide', 'guide')),
      apply(24, relabelled('first', 'alone'), relabelled('second', 'alone')),
      { kind: 'cordon', atUs: 30 * S, target: { node: 'node-0' } },
      { kind: 'cordon', atUs: 30 * S, target: { node: 'node-1' } },
      apply(35, withSpec(pod('gated'), gates()), pod('bearing')),
      apply(40, withSpec(pod('bearing'), { tolerations: [dedicated] })),
      apply(45, withSpec(pod('bearing'), { tolerations: [dedicated, unschedulable] })),
      { kind: 'uncordon', atUs: 60 * S, target: { node: 'node-1' } },
    ],
    safetyS: 80,
  },
  /** A Service is a name elsewhere, then an address, a port of every node, nothing but its pods; its pods are more than a slice holds. */
  'services-of-every-type': {
    nodes: 3,
    capacity: { cpu: '16', memory: '32Gi' },
    workload: [turned({ type: 'ExternalName', externalName: 'elsewhere.example.com' }), deployment(105)],
    operations: [
      apply(20, turned({ type: 'ClusterIP', selector, ports })),
      scale(30, 125),
      apply(35, turned({ type: 'LoadBalancer', selector, ports })),
      scale(45, 20),
      apply(55, turned({ type: 'ExternalName', externalName: 'elsewhere.example.com' })),
      remove(60, 'Service/demo/web'),
      apply(62, turned({ clusterIP: 'None', selector })),
    ],
    safetyS: 80,
  },
  /** Databases count from five, move one by one past a partition, in shares, and without any claims. */
  'databases-from-five': {
    nodes: 3,
    workload: [
      database(3, { ordinals: { start: 5 }, volumeClaimTemplates: [] }),
      named(database(4, partition(3)), 'stepwise'),
      named(database(3, { minReadySeconds: 4, podManagementPolicy: 'Parallel', revisionHistoryLimit: 1 }), 'counted'),
    ],
    operations: [
      image(20, DATABASE),
      image(20, 'StatefulSet/demo/stepwise'),
      apply(30, database(3, { ordinals: { start: 4 }, volumeClaimTemplates: [] })),
      apply(40, named(database(4, partition(1)), 'stepwise')),
      image(45, 'StatefulSet/demo/counted'),
      remove(50, 'Pod/demo/stepwise-0'),
      resize(60, DATABASE, 0),
      apply(65, named(database(4, partition(0)), 'stepwise')),
      resize(75, DATABASE, 2),
    ],
    safetyS: 110,
  },
  /** Jobs begin at rest, go on and rest again; others fail by their own rules and replace pods late. */
  'jobs-that-rest': {
    workload: [
      resting(true),
      named(resting(false, { completionMode: 'Indexed' }), 'turns'),
      named(ruled('FailJob'), 'ended'),
      named(ruled('Count', { backoffLimit: 2 }), 'counting'),
      named(ruled('FailIndex', { completionMode: 'Indexed', backoffLimitPerIndex: 1 }), 'indexes'),
      named(annotated(job(2, { podReplacementPolicy: 'Failed' }), { 'seatrial.dev/run-for': '60s' }), 'replaced'),
      named(resting(true), 'asleep'),
    ],
    operations: [
      apply(8, named(resting(true, { completionMode: 'Indexed' }), 'turns')),
      apply(20, resting(false)),
      apply(26, resting(true)),
      apply(30, named(resting(false, { completionMode: 'Indexed' }), 'turns')),
      { kind: 'drain', atUs: 35 * S, target: { node: 'node-1' }, timeoutUs: 60 * S, uncordon: true },
      apply(50, resting(false)),
    ],
    safetyS: 130,
  },
  /** What runs beside comes first and goes last; containers are killed and nodes drained meanwhile. */
  'sidecars-of-all-kinds': {
    workload: [
      accompanied(deployment(3, { readyAfterSeconds: 2, preStopSleepSeconds: 3 })),
      accompanied(named(annotated(job(3), { 'seatrial.dev/run-for': '20s' }), 'counted')),
      accompanied(daemonSet('agent')),
    ],
    operations: [
      setImage(30),
      { kind: 'drain', atUs: 45 * S, target: { node: 'node-0' }, timeoutUs: 60 * S, uncordon: true },
      image(60, 'DaemonSet/demo/agent'),
    ],
    faults: [{ kind: 'container-kill', id: 'killed', target: { node: 'node-2' }, trigger: at(20), forUs: 10 * S }],
    safetyS: 100,
  },
  /** Budgets in shares over workloads, over agents and over the pods of nobody known; nodes are drained under them. */
  'budgets-over-strangers': {
    workload: [
      named(deployment(5), 'rolled'),
      named(workload('StatefulSet', 3, {}, { serviceName: 'web' }), 'kept'),
      daemonSet('agent'),
      ofStranger('strange-a'),
      ofStranger('strange-b'),
      budgetOf('rolled', { minAvailable: '60%' }),
      budgetOf('kept', { maxUnavailable: 1 }),
      budgetOf('agent', { maxUnavailable: '50%' }),
      budgetOf('strange', { maxUnavailable: 1 }),
      budgetOf('nobody', { maxUnavailable: '10%' }),
    ],
    operations: [
      { kind: 'drain', atUs: 20 * S, target: { node: 'node-0' }, timeoutUs: 30 * S, uncordon: true },
      resize(24, 'Deployment/demo/rolled', 7),
      // A budget has one of the two fields: it is made anew for the other.
      remove(29, 'PodDisruptionBudget/demo/rolled'),
      apply(30, budgetOf('rolled', { maxUnavailable: '20%' })),
      remove(31, 'PodDisruptionBudget/demo/strange'),
      apply(32, budgetOf('strange', { minAvailable: 1 })),
      { kind: 'drain', atUs: 60 * S, target: { node: 'node-1' }, timeoutUs: 30 * S, uncordon: true },
    ],
    safetyS: 120,
  },
  /** The store gets a member, which learns and then votes, and loses another, while pods come and go. */
  'members-that-change': {
    controlPlane: { storeMembers: 3, apiServers: 2 },
    workload: [deployment(3)],
    operations: [
      { kind: 'store-member-add', atUs: 20 * S },
      scale(21, 9),
      { kind: 'store-member-promote', atUs: 30 * S, instance: 3 },
      { kind: 'store-member-remove', atUs: 40 * S, instance: 0 },
      setImage(41),
      { kind: 'store-member-add', atUs: 50 * S },
      { kind: 'store-member-remove', atUs: 60 * S, instance: 4 },
    ],
    safetyS: 80,
  },
  /** Machines of a cloud go for good or for a while; who asks the cloud changes hands. */
  'nodes-of-a-cloud': {
    nodes: 4,
    controlPlane: { cloudControllerManagers: 2 },
    workload: [turned({ type: 'LoadBalancer', selector, ports }), deployment(4, { tolerationSeconds: 10 })],
    operations: [remove(90, 'Service/demo/web')],
    faults: [
      crash('node-0', 20, 60),
      { kind: 'instance-removed', id: 'gone', target: { node: 'node-1' }, trigger: at(30), forUs: 60 * S },
      {
        kind: 'process-crash',
        id: 'f1',
        target: { component: 'cloud-controller-manager', instance: 'leader' },
        trigger: at(40),
        forUs: 20 * S,
      },
    ],
    safetyS: 130,
  },
};
