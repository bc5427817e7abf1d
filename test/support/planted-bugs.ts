/**
 * For each predicate a bug switch and a small plan in which a campaign over a few seeds finds it.
 */
import type { FaultPlan, Operation, ScenarioPlan } from '../../core/chaos/plan.ts';
import type { ClusterDescription, ClusterSettings, ControlPlane } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/types/object.ts';

const S = 1_000_000;

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

interface Situation {
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

function planted(predicate: string, bug: string, seeds: number, situation: Situation): PlantedBug {
  const plan: ScenarioPlan = {
    name: `planted-${bug.replaceAll('.', '-')}-${predicate.toLowerCase()}`,
    about: `The planted bug ${bug} breaks ${predicate}.`,
    source: 'test/support/planted-bugs.ts',
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
    predicates: [],
    excuses: [],
    bugs: [bug],
    expect: { fail: predicate },
    eventsMax: 3_000_000,
  };
  return { predicate, bug, seeds, consequences: situation.consequences ?? [], plan };
}

/** The same plan without its bug: it must pass. */
export function withoutBug(plan: ScenarioPlan): ScenarioPlan {
  return { ...plan, bugs: [], expect: 'pass' };
}

const labels = (name: string) => ({ app: name });

interface PodShape {
  readonly cpu?: string;
  readonly nodeName?: string;
  /** Seconds that the pod stays on a node that is unreachable or not ready; −1 = for ever. */
  readonly tolerationSeconds?: number;
  readonly graceSeconds?: number;
  readonly preStopSleepSeconds?: number;
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
  const { cpu = '100m', nodeName, tolerationSeconds, graceSeconds, preStopSleepSeconds } = shape;
  return {
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(tolerationSeconds === undefined ? {} : { tolerations: tolerations(tolerationSeconds) }),
    ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
    containers: [
      {
        name: 'app',
        image: 'app:v1',
        resources: { requests: { cpu, memory: '64Mi' } },
        ...(preStopSleepSeconds === undefined
          ? {}
          : { lifecycle: { preStop: { sleep: { seconds: preStopSleepSeconds } } } }),
      },
    ],
  };
}

function pod(name: string, shape: PodShape = {}): KubeObject {
  const metadata = { name, namespace: 'demo', labels: labels('web') };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec(shape) } as KubeObject;
}

function workload(kind: 'Deployment' | 'StatefulSet', replicas: number, shape: PodShape, more = {}): KubeObject {
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

const deployment = (replicas: number, shape: PodShape = {}): KubeObject => workload('Deployment', replicas, shape);
const statefulSet = (replicas: number): KubeObject =>
  workload('StatefulSet', replicas, {}, { serviceName: 'web', podManagementPolicy: 'Parallel' });

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'demo' },
  spec: { selector: labels('web'), ports: [{ port: 80, targetPort: 8080 }] },
} as KubeObject;

const budget = (minAvailable: number): KubeObject =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'demo' },
    spec: { minAvailable, selector: { matchLabels: labels('web') } },
  }) as KubeObject;

const WEB = 'Deployment/demo/web';
const setImage = (atS: number, image = 'app:v2'): Operation => ({
  kind: 'set-image',
  atUs: atS * S,
  workload: WEB,
  image,
});
const scale = (atS: number, replicas: number): Operation => ({ kind: 'scale', atUs: atS * S, workload: WEB, replicas });
const drain = (atS: number, node: string): Operation => ({
  kind: 'drain',
  atUs: atS * S,
  target: { node },
  timeoutUs: 60 * S,
  uncordon: true,
});

const at = (atS: number) => ({ kind: 'at' as const, atUs: atS * S });
const ALL_API_SERVERS = { component: 'apiserver', instance: 'all' as const };

/** Two of everything that elects a leader. */
const STANDBYS: ControlPlane = { schedulers: 2, controllerManagers: 2 };

/** The store loses power in the middle of a burst of writes. */
const lostWrites = planted('S3', 'store-ack-before-sync', 10, {
  // A history that was rewritten reaches the watchers, too.
  consequences: ['A7'],
  workload: [deployment(3)],
  operations: [scale(20, 12)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'etcd', instance: 0 },
      trigger: at(20.015),
      forUs: 2 * S,
      unsynced: 'lost',
    },
  ],
});

/** The scheduler that leads stops in the middle of its bindings and wakes up when another one has made them. */
const doubleBinding = planted('SC1', 'api.bind-overwrites', 5, {
  controlPlane: STANDBYS,
  settings: { schedulerQps: 1, schedulerBurst: 4 },
  workload: [deployment(12)],
  faults: [
    {
      kind: 'process-pause',
      id: 'f1',
      target: { component: 'scheduler', instance: 'leader' },
      trigger: { kind: 'task', label: 'binding' },
      forUs: 40 * S,
    },
  ],
  safetyS: 90,
});

const crowdedNode = planted('SC2', 'scheduler.ignores-assumed', 3, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [deployment(3, { cpu: '600m' })],
});

const crowdedKubelet = planted('K2', 'kubelet-admits-all', 1, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [1, 2, 3].map((n) => pod(`pinned-${n}`, { cpu: '600m', nodeName: 'node-0' })),
});

const surge = planted('D1', 'deployment-ignores-max-surge', 1, {
  workload: [deployment(4)],
  operations: [setImage(20)],
});

const unavailable = planted('D2', 'deployment-ignores-max-unavailable', 1, {
  workload: [deployment(4)],
  operations: [setImage(20)],
});

const twoLeaders = planted('LE2', 'leader-keeps-leading', 3, {
  controlPlane: STANDBYS,
  workload: [deployment(2)],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'controller-manager', instance: 'leader' },
      peer: ALL_API_SERVERS,
      direction: 'both',
      trigger: at(10),
      forUs: 45 * S,
    },
  ],
});

/** The controllers' caches are old by the time their writes arrive. */
const oldWrites = planted('A1', 'api.update-ignores-resource-version', 5, {
  workload: [deployment(4)],
  operations: [scale(20, 6), setImage(20), scale(21, 3)],
  faults: [
    {
      kind: 'slow-link',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      peer: ALL_API_SERVERS,
      latencyUs: 400_000,
      jitterUs: 0,
      trigger: at(5),
      forUs: 40 * S,
    },
  ],
});

/** A pod that ends slowly is deleted a second time, by the taint of its node. */
const secondDelete = planted('A4', 'api.delete-restarts-grace', 2, {
  workload: [deployment(3, { tolerationSeconds: 30, graceSeconds: 60 })],
  operations: [scale(40, 0)],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 150 * S }],
  safetyS: 180,
});

/** Every write is taken, whatever the writer had seen. */
const blindStore = planted('A4', 'store-ignore-compare', 3, {
  controlPlane: { apiServers: 2 },
  workload: [deployment(3)],
  operations: [setImage(20)],
});

/** The store takes writes while its events no longer reach the API server, which then reads on from where it was. */
const lostEvent = planted('A7', 'store-watch-resume-skips', 5, {
  workload: [deployment(3)],
  operations: [scale(20, 9)],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'etcd', instance: 'all' },
      peer: ALL_API_SERVERS,
      direction: 'from',
      trigger: at(20.01),
      forUs: 60 * S,
    },
  ],
  safetyS: 120,
});

const sharedAddress = planted('K7', 'kubelet-reuses-ip', 3, {
  nodes: 1,
  workload: [deployment(3, { preStopSleepSeconds: 15 })],
  operations: [setImage(20)],
  safetyS: 90,
});

/** Three drains at one time, while the disruption controller hears late. */
const overspent = planted('P1', 'api.eviction-keeps-budget', 3, {
  nodes: 4,
  workload: [deployment(4, { preStopSleepSeconds: 5 }), budget(3)],
  operations: [drain(30, 'node-0'), drain(30, 'node-1'), drain(30, 'node-2')],
  faults: [
    {
      kind: 'slow-link',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      peer: ALL_API_SERVERS,
      latencyUs: 300_000,
      jitterUs: 0,
      trigger: at(25),
      forUs: 30 * S,
    },
  ],
  safetyS: 120,
});

/** A pod is lost with its node, and the budget still allows the disruption that it allowed before. */
const staleBudget = planted('P1', 'disruption-never-lowers', 3, {
  nodes: 4,
  workload: [deployment(4, { tolerationSeconds: 600 }), budget(3)],
  operations: [drain(5, 'node-2'), drain(110, 'node-1')],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(20), forUs: 150 * S }],
  safetyS: 180,
});

/** The node is back long before its pods' time on it is over. */
const lateEviction = planted('RS1', 'taint-eviction-keeps-timers', 1, {
  workload: [deployment(3, { tolerationSeconds: 120 })],
  faults: [{ kind: 'kubelet-stop', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 70 * S }],
  safetyS: 85,
  boundS: 40,
  stableS: 180,
});

/** Creations fail while the API servers are away, and nothing wakes the controller up again. */
const forgottenSet = planted('RS1', 'controller-no-retry', 3, {
  workload: [deployment(6)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: ALL_API_SERVERS,
      trigger: { kind: 'task', label: 'replicaset', point: 1 },
      forUs: 3 * S,
    },
  ],
});

/** The same for StatefulSets, which have no ReplicaSet. */
const noRetry = planted('X1', 'controller-no-retry', 3, {
  controlPlane: { apiServers: 2 },
  workload: [statefulSet(6)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: ALL_API_SERVERS,
      trigger: { kind: 'task', label: 'statefulset', point: 2 },
      forUs: 5 * S,
    },
  ],
});

const longHistory = planted('D3', 'deployment-keeps-old-replicasets', 1, {
  workload: [workload('Deployment', 2, {}, { revisionHistoryLimit: 1 })],
  operations: [setImage(10, 'app:v2'), setImage(25, 'app:v3'), setImage(40, 'app:v4')],
});

/** Pods that nobody moves away stop being ready with their node. */
const staleEndpoint = planted('E2', 'endpointslice-keeps-not-ready', 1, {
  workload: [service, ...[1, 2, 3].map((n) => pod(`free-${n}`, { tolerationSeconds: -1 }))],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(30), forUs: null }],
  safetyS: 120,
  heal: [],
});

const staleRules = planted('KP2', 'proxy-drops-slice', 5, {
  workload: [deployment(3), service],
  operations: [scale(20, 5)],
});

/** A pod goes while the scheduler cannot hear; the API server starts anew and has no history for it. */
const staleCache = planted('I1', 'informer-misses-deletions', 3, {
  workload: [pod('free-1'), pod('free-2')],
  operations: [{ kind: 'delete', atUs: 18.5 * S, workload: 'Pod/demo/free-1' }],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'scheduler', instance: 0 },
      peer: ALL_API_SERVERS,
      direction: 'both',
      trigger: at(18),
      forUs: 7 * S,
    },
    { kind: 'process-crash', id: 'f2', target: ALL_API_SERVERS, trigger: at(20), forUs: 2 * S },
  ],
  safetyS: 60,
});

const endlessWrites = planted('X2', 'deployment-counts-new-revision', 1, {
  workload: [deployment(2)],
  safetyS: 20,
  boundS: 30,
});

/** At least one for each predicate, in the order of the list of predicates. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  lostWrites,
  doubleBinding,
  crowdedNode,
  crowdedKubelet,
  surge,
  unavailable,
  twoLeaders,
  oldWrites,
  secondDelete,
  blindStore,
  lostEvent,
  sharedAddress,
  overspent,
  staleBudget,
  lateEviction,
  forgottenSet,
  noRetry,
  longHistory,
  staleEndpoint,
  staleRules,
  staleCache,
  endlessWrites,
];
