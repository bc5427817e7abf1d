/**
 * Host time of whole clusters: create → Ready, idle fleets, small chaos runs.
 *
 * Conditions: network model on, one store member, one API server, controller clients 500/500, leases and node lifecycle on, Ready as committed. Times are host
 * time of one thread's run; the caller says whether the process is pinned.
 */

import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { runPlan } from '../../core/chaos/run-plan.ts';
import { Cluster } from '../../core/cluster/cluster.ts';
import { findPoint } from '../../core/sim/registry.ts';
import type { Condition, KubeObject } from '../../core/types/object.ts';
import { isConditionTrue } from '../../core/types/pod-conditions.ts';
import { settledRss } from './settled-rss.ts';

const S = 1_000_000;

export interface EndToEndShape {
  readonly nodes: number;
  readonly pods: number;
  readonly deployments: number;
  readonly events: boolean;
  /** Requests a second of each controller's client; 0 = unpaced. */
  readonly controllerQps: number;
}

export interface EndToEndFigures {
  /** Host seconds from the create of the first Deployment to the last pod Ready. */
  readonly hostS: number;
  readonly podsPerHostS: number;
}

const UNPACED_QPS = 1_000_000;

/** A Deployment as the benchmark creates it. */
export function benchDeployment(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  const container = { name: 'app', image: 'app:v1', resources: { requests: { cpu: '100m', memory: '64Mi' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'bench' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** A booted cluster of equal nodes with room for every pod. */
function benchCluster(nodes: number, events: boolean, controllerQps: number): Cluster {
  const qps = controllerQps === 0 ? UNPACED_QPS : controllerQps;
  const cluster = new Cluster(
    {
      nodes: { count: nodes, zones: ['a', 'b', 'c'], capacity: { cpu: '32', memory: '256Gi', pods: '250' } },
      settings: {
        controllerQps: qps,
        controllerBurst: qps,
        schedulerQps: UNPACED_QPS,
        schedulerBurst: UNPACED_QPS,
        events,
      },
    },
    { seed: 1 },
  );
  return cluster;
}

interface ReadyCounter {
  readyNodes: number;
  readyPods: number;
}

interface CommitSubject {
  readonly value: { readonly object?: unknown } | null;
  readonly previous: { readonly object?: unknown } | null;
}

function isReady(object: KubeObject | undefined): boolean {
  const status = object?.status as { readonly conditions?: readonly Condition[] } | undefined;
  return isConditionTrue(status?.conditions, 'Ready');
}

/** Counts Ready pods and nodes from committed writes. */
function countReady(cluster: Cluster): ReadyCounter {
  const counter: ReadyCounter = { readyNodes: 0, readyPods: 0 };
  cluster.sim.observation.listen(findPoint('store.commit') as number, (_pid, subject) => {
    const { value, previous } = subject as CommitSubject;
    const after = value?.object as KubeObject | undefined;
    const before = previous?.object as KubeObject | undefined;
    const kind = (after ?? before)?.kind;
    if (kind !== 'Pod' && kind !== 'Node') return;
    const change = Number(isReady(after)) - Number(isReady(before));
    if (kind === 'Pod') counter.readyPods += change;
    else counter.readyNodes += change;
  });
  return counter;
}

function bootFully(cluster: Cluster, counter: ReadyCounter): void {
  const wanted = cluster.description.nodes.length;
  for (let second = 1; counter.readyNodes < wanted && second < 600; second++) cluster.sim.run(second * S);
  cluster.sim.run(cluster.sim.now + 30 * S);
}

/** Nodes of the cluster that warms the process up, and how long it idles, virtual seconds. */
const WARM_NODES = 500;
const WARM_S = 300;
let warm = false;

/**
 * Runs one cluster and drops it, so that what a process needs once (compiled code, V8's own tables, the young generation) is there before
 * memory is measured.
 */
function warmUp(): void {
  if (warm) return;
  warm = true;
  const cluster = benchCluster(WARM_NODES, true, 500);
  bootFully(cluster, countReady(cluster));
  cluster.sim.run(cluster.sim.now + WARM_S * S);
}

/** A booted cluster that is about to get its load. */
interface LoadedCluster {
  readonly cluster: Cluster;
  readonly counter: ReadyCounter;
  readonly objects: readonly KubeObject[];
  /** Pods that the load asks for. */
  readonly wanted: number;
}

function bootForLoad(shape: EndToEndShape): LoadedCluster {
  const cluster = benchCluster(shape.nodes, shape.events, shape.controllerQps);
  const counter = countReady(cluster);
  bootFully(cluster, counter);
  const objects: KubeObject[] = [];
  for (let i = 0; i < shape.deployments; i++)
    objects.push(benchDeployment(`web-${i}`, Math.floor(shape.pods / shape.deployments)));
  return { cluster, counter, objects, wanted: objects.length * Math.floor(shape.pods / shape.deployments) };
}

/** Applies the load and runs until every pod is Ready. */
function untilReady({ cluster, counter, objects, wanted }: LoadedCluster): void {
  const virtualBefore = cluster.sim.now;
  cluster.user.apply(objects);
  while (counter.readyPods < wanted) {
    cluster.sim.run(cluster.sim.now + S);
    if (cluster.sim.now - virtualBefore > 3600 * S)
      throw new Error(`only ${counter.readyPods} of ${wanted} pods are Ready after an hour`);
  }
}

/** One create → Ready run in this process. No collection is forced beside it: V8 would throw away compiled code with it. */
export function endToEnd(shape: EndToEndShape): EndToEndFigures {
  const loaded = bootForLoad(shape);
  const start = process.hrtime.bigint();
  untilReady(loaded);
  const hostS = Number(process.hrtime.bigint() - start) / 1e9;
  return { hostS, podsPerHostS: loaded.wanted / hostS };
}

/** Pods and nodes of the load that warms the process up for a measurement of memory. */
const WARM_LOAD = { nodes: 200, pods: 2000, deployments: 20 };

/** Growth of the resident set by one Ready pod, bytes, before compaction, in a process that has run a smaller load already. */
export function podMemory(shape: EndToEndShape): number {
  endToEnd({ ...shape, ...WARM_LOAD });
  const loaded = bootForLoad(shape);
  const rssBefore = settledRss();
  untilReady(loaded);
  return (settledRss() - rssBefore) / shape.pods;
}

/** Growth of the resident set by one idle node, bytes. */
export function idleNodeMemory(nodes: number): number {
  warmUp();
  const rssBefore = settledRss();
  const cluster = benchCluster(nodes, true, 500);
  bootFully(cluster, countReady(cluster));
  return (settledRss() - rssBefore) / nodes;
}

/** Virtual seconds a host second of a fleet that idles for `virtualS` virtual seconds; no collection is forced, as in {@link endToEnd}. */
export function idleSpeed(nodes: number, virtualS: number): number {
  warmUp();
  const cluster = benchCluster(nodes, true, 500);
  bootFully(cluster, countReady(cluster));
  const start = process.hrtime.bigint();
  cluster.sim.run(cluster.sim.now + virtualS * S);
  return virtualS / (Number(process.hrtime.bigint() - start) / 1e9);
}

/** The small scenario: 5 nodes, 2 virtual minutes, 3 faults, all predicates on. */
export const SMALL_SCENARIO: ScenarioPlan = {
  name: 'small',
  about: '5 nodes, 15 pods, 2 virtual minutes, 3 faults',
  source: 'own',
  cluster: {
    nodes: { count: 5, zones: ['a', 'b', 'c'] },
    controlPlane: { storeMembers: 1, apiServers: 2, schedulers: 2, controllerManagers: 2 },
  },
  workload: [benchDeployment('web', 10), benchDeployment('api', 5)],
  operations: [],
  faults: [
    { kind: 'node-crash', id: 'f1', target: { node: 'node-1' }, trigger: { kind: 'at', atUs: 20 * S }, forUs: 30 * S },
    {
      kind: 'process-crash',
      id: 'f2',
      target: { component: 'etcd' },
      trigger: { kind: 'at', atUs: 40 * S },
      forUs: 3 * S,
    },
    {
      kind: 'process-crash',
      id: 'f3',
      target: { component: 'scheduler', instance: 'leader' },
      trigger: { kind: 'at', atUs: 30 * S },
      forUs: 10 * S,
    },
  ],
  phases: { warmUpUs: 10 * S, safetyUs: 60 * S, heal: 'all', boundUs: 'auto', stableUs: 30 * S },
  predicates: [],
  excuses: [],
  bugs: [],
  expect: 'pass',
  eventsMax: 10_000_000,
};

/** Small runs a batch: each with a seed of its own, a few hundred ms. */
export const SMALL_BATCH = 40;
/**
 * Batches that warm a process up: a campaign's thread runs thousands of cases, and code that runs once a case is compiled with optimisation
 * only after a thousand (a run then takes a fifth less CPU time than after 500).
 */
export const SMALL_WARM_BATCHES = 40;
const SMALL_BATCHES = 9;

/** Runs of a plan a second in a process that {@link SMALL_WARM_BATCHES} have warmed up: the median of its batches. */
export function smallRunsPerSecond(plan: ScenarioPlan, now: () => number): number {
  const rates: number[] = [];
  for (let batch = 0; batch < SMALL_WARM_BATCHES + SMALL_BATCHES; batch++) {
    const start = now();
    const asExpected = expectedRuns(plan, SMALL_BATCH, 1 + batch * SMALL_BATCH);
    if (asExpected !== SMALL_BATCH)
      throw new Error(`small scenario: ${SMALL_BATCH - asExpected} of ${SMALL_BATCH} not as expected`);
    if (batch >= SMALL_WARM_BATCHES) rates.push(SMALL_BATCH / ((now() - start) / 1000));
  }
  rates.sort((left, right) => left - right);
  return rates[SMALL_BATCHES >> 1] as number;
}

/** Runs a plan `count` times with different seeds; returns how many came out as expected. */
function expectedRuns(plan: ScenarioPlan, count: number, firstSeed: number): number {
  let asExpected = 0;
  for (let i = 0; i < count; i++) if (runPlan(plan, firstSeed + i).asExpected) asExpected++;
  return asExpected;
}

/** The same; returns a number that depends on everything that happened in the runs. */
export function smallRunDigests(count: number, firstSeed: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const { digest } = runPlan(SMALL_SCENARIO, firstSeed + i);
    sum = (Math.imul(sum, 31) + Number.parseInt(digest.slice(0, 8), 16)) | 0;
  }
  return sum;
}
