/**
 * Whole-system plans as plain data: cluster, workloads, operations, up to five faults. Everything a plan contains heals, so it must converge.
 */
import * as fc from 'fast-check';
import type { FaultPlan, Operation, ScenarioPlan, Target, Trigger } from '../../core/chaos/plan.ts';
import type { ClusterDescription } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/types/object.ts';

const S = 1_000_000;
const SAFETY_S = 90;

const cluster: fc.Arbitrary<ClusterDescription> = fc.record({
  nodes: fc.integer({ min: 3, max: 5 }).map((count) => ({
    count,
    zones: ['a', 'b', 'c'],
    capacity: { cpu: '4', memory: '8Gi' },
  })),
  settings: fc.record({ watchCacheEvents: fc.constantFrom(16, 64, 102_400) }),
  controlPlane: fc.record({
    storeMembers: fc.constant(1),
    apiServers: fc.integer({ min: 1, max: 2 }),
    schedulers: fc.integer({ min: 1, max: 2 }),
    controllerManagers: fc.integer({ min: 1, max: 2 }),
  }),
});

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

const workload = fc
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

const instant = fc.integer({ min: 5, max: SAFETY_S - 10 }).map((s) => s * S);
const at = instant.map((atUs): Trigger => ({ kind: 'at', atUs }));
const duration = fc.integer({ min: 1, max: 60 }).map((s) => s * S);

const node: fc.Arbitrary<Target> = fc.integer({ min: 0, max: 2 }).map((index) => ({ node: `node-${index}` }));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('scale' as const),
    atUs: instant,
    workload: fc.constant('Deployment/demo/web'),
    replicas: fc.integer({ min: 0, max: 6 }),
  }),
  fc.record({
    kind: fc.constant('set-image' as const),
    atUs: instant,
    workload: fc.constant('Deployment/demo/web'),
    image: fc.constantFrom('app:v2', 'app:v3'),
  }),
  fc.record({ kind: fc.constant('delete' as const), atUs: instant, workload: fc.constant('Deployment/demo/web') }),
  fc.record({
    kind: fc.constant('drain' as const),
    atUs: instant,
    target: node,
    timeoutUs: fc.constant(60 * S),
    uncordon: fc.constant(true),
  }),
);

const component: fc.Arbitrary<Target> = fc.constantFrom(
  { component: 'apiserver', instance: 0 as const },
  { component: 'scheduler', instance: 'leader' as const },
  { component: 'controller-manager', instance: 'leader' as const },
  { component: 'etcd', instance: 0 as const },
);

const fault: fc.Arbitrary<FaultPlan> = fc.oneof(
  fc.record({
    kind: fc.constant('node-crash' as const),
    id: fc.constant(''),
    target: node,
    trigger: at,
    forUs: duration,
  }),
  fc.record({
    kind: fc.constant('kubelet-stop' as const),
    id: fc.constant(''),
    target: node,
    trigger: at,
    forUs: duration,
  }),
  fc.record({
    kind: fc.constant('process-crash' as const),
    id: fc.constant(''),
    target: component,
    trigger: at,
    forUs: duration,
  }),
  fc.record({
    kind: fc.constant('process-pause' as const),
    id: fc.constant(''),
    target: component,
    trigger: at,
    forUs: duration,
  }),
  fc.record({
    kind: fc.constant('partition' as const),
    id: fc.constant(''),
    target: fc.oneof(node, component),
    peer: fc.constant({ component: 'apiserver', instance: 'all' as const }),
    direction: fc.constantFrom('both' as const, 'from' as const, 'to' as const),
    trigger: at,
    forUs: duration,
  }),
  fc.record({
    kind: fc.constant('slow-link' as const),
    id: fc.constant(''),
    target: component,
    peer: fc.constant({ component: 'apiserver', instance: 'all' as const }),
    latencyUs: fc.integer({ min: 1_000, max: 500_000 }),
    trigger: at,
    forUs: duration,
  }),
);

/** Plans that any correct cluster survives. */
export const randomPlan: fc.Arbitrary<ScenarioPlan> = fc
  .record({
    cluster,
    workload,
    operations: fc.array(operation, { maxLength: 3 }),
    faults: fc.array(fault, { maxLength: 5 }),
  })
  .map(({ cluster: description, workload: objects, operations, faults }) => ({
    name: 'random-plan',
    about: 'drawn by the convergence property',
    source: 'test/property/convergence.test.ts',
    cluster: description,
    workload: objects,
    operations,
    faults: faults.map((f, index) => ({ ...f, id: `f${index + 1}` })),
    phases: { warmUpUs: 0, safetyUs: SAFETY_S * S, heal: 'all' as const, boundUs: 'auto' as const, stableUs: 30 * S },
    predicates: [],
    excuses: ['no-feasible-node'],
    bugs: [],
    expect: 'pass' as const,
    eventsMax: 3_000_000,
  }));
