/**
 * The language of the planted bugs: a bug switch, and the small situation in which a campaign over a few seeds finds it.
 */

import type { ClusterDescription, ClusterSettings, ControlPlane } from '../../cluster/description.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ComparisonId } from '../comparison/compare-runs.ts';
import type { FaultPlan, Operation, ScenarioPlan } from '../plan.ts';

export const S = 1_000_000;

/** A bug and the plan that shows it. */
export interface PlantedBug {
  /** The predicate that must break. */
  readonly predicate: string;
  readonly bug: string;
  /** How many seeds a campaign may need. */
  readonly seeds: number;
  /** Predicates that break afterwards because that one did. */
  readonly consequences: readonly string[];
  /** With the bug on, expecting that predicate to fail. */
  readonly plan: ScenarioPlan;
}

/** A cluster, what runs on it and what happens to it. Absent: three nodes of 4 cores, no faults, 60 s. */
export interface Situation {
  readonly nodes?: number;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly controlPlane?: ControlPlane;
  readonly settings?: ClusterSettings;
  readonly workload: readonly KubeObject[];
  readonly operations?: readonly Operation[];
  readonly faults?: readonly FaultPlan[];
  readonly safetyS?: number;
  readonly heal?: 'all' | readonly string[];
  readonly boundS?: number;
  readonly stableS?: number;
  readonly consequences?: readonly string[];
  readonly predicates?: readonly string[];
  readonly comparisons?: readonly ComparisonId[];
}

function clusterOf(situation: Situation): ClusterDescription {
  return {
    nodes: {
      count: situation.nodes ?? 3,
      zones: ['a', 'b', 'c'],
      capacity: situation.capacity ?? { cpu: '4', memory: '8Gi' },
    },
    ...(situation.controlPlane === undefined ? {} : { controlPlane: situation.controlPlane }),
    settings: { events: false, ...situation.settings },
  };
}

/** The plan of a situation, without a bug and expected to pass. */
export function soundPlan(name: string, situation: Situation): ScenarioPlan {
  return {
    name,
    about: 'Nothing is planted.',
    source: 'core/chaos/mutation',
    cluster: clusterOf(situation),
    workload: situation.workload,
    operations: situation.operations ?? [],
    faults: situation.faults ?? [],
    phases: {
      warmUpUs: 0,
      safetyUs: (situation.safetyS ?? 60) * S,
      heal: situation.heal ?? 'all',
      boundUs: situation.boundS === undefined ? 'auto' : situation.boundS * S,
      stableUs: (situation.stableS ?? 15) * S,
    },
    predicates: situation.predicates ?? [],
    ...(situation.comparisons === undefined ? {} : { comparisons: situation.comparisons }),
    excuses: [],
    bugs: [],
    expect: 'pass',
    eventsMax: 3_000_000,
  };
}

/** `suffix` tells the plans of one predicate and bug apart. */
export function planted(predicate: string, bug: string, seeds: number, situation: Situation, suffix = ''): PlantedBug {
  const plan: ScenarioPlan = {
    ...soundPlan(`planted-${bug.replaceAll('.', '-')}-${predicate.toLowerCase()}${suffix}`, situation),
    about: `The planted bug ${bug} breaks ${predicate}.`,
    bugs: [bug],
    expect: { fail: predicate },
  };
  return { predicate, bug, seeds, consequences: situation.consequences ?? [], plan };
}

/** The same plan without its bug: it must pass. */
export function withoutBug(plan: ScenarioPlan): ScenarioPlan {
  return { ...plan, bugs: [], expect: 'pass' };
}

export const labels = (name: string) => ({ app: name });

interface PodShape {
  readonly cpu?: string;
  readonly nodeName?: string;
  /** Seconds that the pod stays on a node that is unreachable or not ready; −1 = for ever. */
  readonly tolerationSeconds?: number;
  readonly graceSeconds?: number;
  readonly preStopSleepSeconds?: number;
  /** initialDelaySeconds of its readiness probe. */
  readonly readyAfterSeconds?: number;
}

function tolerations(seconds: number): Record<string, unknown>[] {
  return ['not-ready', 'unreachable'].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    ...(seconds < 0 ? {} : { tolerationSeconds: seconds }),
  }));
}

function podSpec(shape: PodShape): Record<string, unknown> {
  const { cpu = '100m', nodeName, tolerationSeconds, graceSeconds, preStopSleepSeconds, readyAfterSeconds } = shape;
  return {
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(tolerationSeconds === undefined ? {} : { tolerations: tolerations(tolerationSeconds) }),
    ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
    containers: [
      {
        name: 'app',
        image: 'app:v1',
        resources: { requests: { cpu, memory: '64Mi' } },
        ...(readyAfterSeconds === undefined
          ? {}
          : { readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: readyAfterSeconds } }),
        ...(preStopSleepSeconds === undefined
          ? {}
          : { lifecycle: { preStop: { sleep: { seconds: preStopSleepSeconds } } } }),
      },
    ],
  };
}

export function pod(name: string, shape: PodShape = {}): KubeObject {
  const metadata = { name, namespace: 'demo', labels: labels('web') };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec(shape) } as KubeObject;
}

export function workload(
  kind: 'Deployment' | 'ReplicaSet' | 'StatefulSet',
  replicas: number,
  shape: PodShape,
  more = {},
): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'demo' },
    spec: {
      replicas,
      selector: { matchLabels: labels('web') },
      template: { metadata: { labels: labels('web') }, spec: podSpec(shape) },
      ...more,
    },
  } as KubeObject;
}

export const deployment = (replicas: number, shape: PodShape = {}): KubeObject =>
  workload('Deployment', replicas, shape);
export const replicaSet = (replicas: number): KubeObject => workload('ReplicaSet', replicas, {});
export const statefulSet = (replicas: number): KubeObject =>
  workload('StatefulSet', replicas, {}, { serviceName: 'web', podManagementPolicy: 'Parallel' });

export const job = (completions: number, more = {}): KubeObject =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sums', namespace: 'demo' },
    spec: {
      completions,
      parallelism: completions,
      template: { metadata: { labels: labels('sums') }, spec: { ...podSpec({}), restartPolicy: 'Never' } },
      ...more,
    },
  }) as KubeObject;

export const daemonSet = (name: string, shape: PodShape = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'demo' },
    spec: {
      selector: { matchLabels: labels(name) },
      template: { metadata: { labels: labels(name) }, spec: podSpec(shape) },
    },
  }) as KubeObject;

/** A pod, or a workload with this template, whose pods have these annotations: the simulated kubelet goes by some. */
export function annotated(object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject {
  const { template } = (object as { readonly spec: { readonly template?: KubeObject } }).spec;
  if (template === undefined) return { ...object, metadata: { ...object.metadata, annotations } };
  const own = { ...template, metadata: { ...template.metadata, annotations } };
  return withSpec(object, { template: own });
}

/** The object, whose spec has these fields, too. */
export const withSpec = (object: KubeObject, fields: object): KubeObject =>
  ({ ...object, spec: { ...(object.spec as object), ...fields } }) as KubeObject;

/** A pod that is not started again when it has ended. */
export const unrestarted = (pod: KubeObject): KubeObject => withSpec(pod, { restartPolicy: 'Never' });

/** The workload, whose pods have these fields, too. */
export function withPodSpec(object: KubeObject, fields: object): KubeObject {
  const { template } = object.spec as { readonly template: KubeObject };
  return withSpec(object, { template: withSpec(template, fields) });
}

/** A workload whose pods are bound to the node from the start. */
export const pinned = (object: KubeObject, nodeName: string): KubeObject => withPodSpec(object, { nodeName });

/** What puts a node into a pool. */
export const labelledNode = (name: string, pool: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { pool } } }) as KubeObject;

/** What makes a node one that new pods may not stay on. */
export const tainted = (node: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node },
    spec: { taints: [{ key: 'dedicated', value: 'other', effect: 'NoExecute' }] },
  }) as KubeObject;

export const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'demo' },
  spec: { selector: labels('web'), ports: [{ port: 80, targetPort: 8080 }] },
} as KubeObject;

/** A slice of that Service that no controller of the cluster manages. */
export const slice: KubeObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'web-by-hand',
    namespace: 'demo',
    labels: { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'staff' },
  },
  addressType: 'IPv4',
  endpoints: [],
  ports: [],
} as KubeObject;

export const budget = (minAvailable: number): KubeObject =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'demo' },
    spec: { minAvailable, selector: { matchLabels: labels('web') } },
  }) as KubeObject;

export const WEB = 'Deployment/demo/web';
export const setImage = (atS: number, image = 'app:v2'): Operation => ({
  kind: 'set-image',
  atUs: atS * S,
  workload: WEB,
  image,
});
export const scale = (atS: number, replicas: number): Operation => ({
  kind: 'scale',
  atUs: atS * S,
  workload: WEB,
  replicas,
});
export const drain = (atS: number, node: string): Operation => ({
  kind: 'drain',
  atUs: atS * S,
  target: { node },
  timeoutUs: 60 * S,
  uncordon: true,
});

export const at = (atS: number) => ({ kind: 'at' as const, atUs: atS * S });
export const ALL_API_SERVERS = { component: 'apiserver', instance: 'all' as const };

/** Two of everything that elects a leader. */
export const STANDBYS: ControlPlane = { schedulers: 2, controllerManagers: 2 };

/** One of two API servers stands still, the other dies: whoever lists again comes to the one that knows only the past. */
export const DELAYED_SERVER_TAKES_OVER: Situation = {
  controlPlane: { apiServers: 2 },
  workload: [deployment(3)],
  operations: [scale(20, 12), setImage(21)],
  faults: [
    {
      kind: 'watch-lag',
      id: 'f1',
      target: { component: 'apiserver', instance: 0 },
      latencyUs: null,
      trigger: at(15),
      forUs: 60 * S,
    },
    {
      kind: 'slow-watchers',
      id: 'f2',
      target: { component: 'apiserver', instance: 1 },
      trigger: at(20),
      forUs: 5 * S,
    },
    {
      kind: 'process-crash',
      id: 'f3',
      target: { component: 'apiserver', instance: 1 },
      trigger: at(21.5),
      forUs: 20 * S,
    },
  ],
  safetyS: 100,
};
