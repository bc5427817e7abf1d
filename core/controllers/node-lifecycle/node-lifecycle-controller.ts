/**
 * The node lifecycle controller: hooks the node monitor, the taint queues and the node passes into a manager.
 *
 * Leases arrive in great numbers; their handler sets one bit in a column. A node event costs a comparison of its taints with its
 * conditions; a pod event costs something only when the pod got a node. Source: Kubernetes 1.34 pkg/controller/nodelifecycle.
 */
import { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import type { Lease } from '../../types/lease.ts';
import type { Node } from '../../types/node.ts';
import type { StringMap } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { LEASES, NODES, PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { podsByNode } from '../pods-by-node.ts';
import { numberSetting } from '../settings.ts';
import { ATTENTION, LEASE_WRITTEN, NodeHealth, PRESENT, READY_TRUE } from './node-health.ts';
import { isUnready, type MonitorSettings, NodeMonitor } from './node-monitor.ts';
import { NOT_READY_TAINT, noScheduleChange, swapTaints, UNREACHABLE_TAINT } from './node-taints.ts';
import { markPodsNotReady } from './pods-not-ready.ts';
import { type TaintOutcome, ZoneTainter, ZoneTainters } from './zone-tainters.ts';

const S = 1_000_000;
const LEASE_NAMESPACE = 'kube-node-lease';
const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const EXCLUDE = 'node.kubernetes.io/exclude-disruption';
/** Labels that old clients read, and where their values come from. */
const LABEL_COPIES: readonly (readonly [from: string, to: string])[] = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
];

/**
 * The node lifecycle controller. Settings (`node-lifecycle-controller`): `monitorPeriodS` 5, `monitorGraceS` 50, `startupGraceS` 60,
 * `evictionRate` 0.1, `secondaryEvictionRate` 0.01 (nodes a second), `largeZoneNodes` 50, `unhealthyShare` 0.55.
 */
export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  register: (scope) => {
    new NodeLifecycle(scope);
  },
};

class NodeLifecycle {
  readonly #scope: ControllerScope;
  readonly #settings: MonitorSettings;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #leases: Informer<Lease>;
  readonly #health = new NodeHealth();
  readonly #recorder: EventRecorder;
  readonly #tainters: ZoneTainters;
  readonly #zoneIndexes = new Map<string, number>();
  /** Node id of a lease id, −1 for leases of others. */
  readonly #nodeOfLease: number[] = [];
  readonly #leaseOfNode: number[] = [];
  readonly #nodeQueue: WorkQueue;
  readonly #podQueue: WorkQueue;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    const events = { component: 'node-controller', enabled: scope.manager.options.events ?? true };
    this.#recorder = new EventRecorder(scope.client.connection, events, scope.manager.library);
    this.#settings = {
      graceUs: numberSetting(scope, 'monitorGraceS', 50) * S,
      startupGraceUs: numberSetting(scope, 'startupGraceS', 60) * S,
      normalQps: numberSetting(scope, 'evictionRate', 0.1),
      secondaryQps: numberSetting(scope, 'secondaryEvictionRate', 0.01),
      largeZoneNodes: numberSetting(scope, 'largeZoneNodes', 50),
      unhealthyShare: numberSetting(scope, 'unhealthyShare', 0.55),
    };
    const byNode = podsByNode(scope.manager);
    this.#nodes = scope.informer<Node>(NODES);
    this.#pods = scope.informer<Pod>(PODS);
    this.#leases = scope.informer<Lease>(LEASES);
    this.#tainters = new ZoneTainters(scope.ctx, (id) => this.#taintNoExecute(id));
    const monitor = new NodeMonitor({
      client: scope.client,
      recorder: this.#recorder,
      nodes: this.#nodes,
      pods: this.#pods,
      podsByNode: byNode,
      leaseOf: (id) => this.#leases.get(this.#leaseOfNode[id] ?? -1),
      health: this.#health,
      tainters: this.#tainters,
      settings: this.#settings,
    });
    const queue = { type: NODES, workers: 8 };
    this.#nodeQueue = scope.queue({ name: 'node-update', reconcile: (id) => this.#syncNode(id), ...queue });
    this.#podQueue = scope.queue({ name: 'node-pod', reconcile: (id) => this.#syncPod(id), ...queue, type: PODS });
    this.#addHandlers();
    scope.onStarted(() => this.#tainters.start());
    scope.every('node-monitor', numberSetting(scope, 'monitorPeriodS', 5) * S, () => monitor.tick());
  }

  #addHandlers(): void {
    const health = this.#health;
    this.#nodes.addHandler({
      onAdd: (id, node) => this.#nodeChanged(id, undefined, node),
      onUpdate: (id, old, node) => this.#nodeChanged(id, old, node),
      onDelete: (id) => {
        health.flags[id] = (health.flags[id] as number) & ~PRESENT;
      },
    });
    this.#leases.addHandler({
      onAdd: (id, lease) => this.#leaseAdded(id, lease),
      onUpdate: (id) => {
        const node = this.#nodeOfLease[id] as number;
        if (node >= 0) health.flags[node] = (health.flags[node] as number) | LEASE_WRITTEN;
      },
      onDelete: () => {},
    });
    this.#pods.addHandler({
      onAdd: (id, pod) => this.#podChanged(id, undefined, pod),
      onUpdate: (id, old, pod) => this.#podChanged(id, old, pod),
    });
  }

  #leaseAdded(id: number, lease: Lease): void {
    const { namespace, name } = lease.metadata;
    while (this.#nodeOfLease.length <= id) this.#nodeOfLease.push(-1);
    if (namespace !== LEASE_NAMESPACE) return;
    const node = this.#scope.keys(NODES).intern('', name);
    this.#health.reserve(node);
    this.#nodeOfLease[id] = node;
    while (this.#leaseOfNode.length <= node) this.#leaseOfNode.push(-1);
    this.#leaseOfNode[node] = id;
    this.#health.flags[node] = (this.#health.flags[node] as number) | LEASE_WRITTEN;
  }

  #nodeChanged(id: number, old: Node | undefined, node: Node): void {
    const health = this.#health;
    health.reserve(id);
    health.flags[id] = (health.flags[id] as number) | PRESENT | ATTENTION;
    if (old === undefined || old.metadata.labels !== node.metadata.labels)
      this.#setZone(id, node.metadata.labels ?? {});
    const { add, remove } = noScheduleChange(node);
    if (add.length > 0 || remove.length > 0 || missingLabels(node) !== null) this.#nodeQueue.add(id);
  }

  #setZone(id: number, labels: StringMap): void {
    const region = labels[REGION] ?? '';
    const name = labels[ZONE] ?? '';
    const key = region === '' && name === '' ? '' : `${region}:\u0000:${name}`;
    let zone = this.#zoneIndexes.get(key);
    if (zone === undefined) {
      zone = this.#zoneIndexes.size;
      this.#zoneIndexes.set(key, zone);
      this.#tainters.zones.push(new ZoneTainter(this.#settings.normalQps));
    }
    this.#health.zone[id] = zone;
    this.#health.countedZone[id] = labels[EXCLUDE] === undefined ? zone : -1;
  }

  #podChanged(id: number, old: Pod | undefined, pod: Pod): void {
    const { nodeName } = pod.spec;
    if (nodeName === undefined || nodeName === '' || nodeName === old?.spec.nodeName) return;
    const node = this.#scope.keys(NODES).find('', nodeName);
    if (node >= 0 && node < this.#health.count && this.#health.ready[node] === READY_TRUE) return;
    this.#podQueue.add(id);
  }

  /** Taints by condition, then the copied labels. */
  *#syncNode(id: number): Generator<Wait, void, unknown> {
    const { client } = this.#scope;
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    const { add, remove } = noScheduleChange(node);
    if (add.length > 0 || remove.length > 0) yield* swapTaints(client, node, add, remove);
    const labels = missingLabels(node);
    if (labels !== null) yield* client.patch(NODES, '', node.metadata.name, { metadata: { labels } }, 'strategic');
  }

  /** A pod that got a node which is not ready is marked at once. */
  *#syncPod(id: number): Generator<Wait, void, unknown> {
    const pod = this.#pods.get(id);
    const nodeName = pod?.spec.nodeName;
    if (pod === undefined || nodeName === undefined) return;
    const node = this.#scope.keys(NODES).find('', nodeName);
    if (node < 0 || node >= this.#health.count || !isUnready(this.#health.ready[node] as number)) return;
    if (yield* markPodsNotReady(this.#scope.client, this.#recorder, [pod], nodeName)) return;
    throw StatusError.internalError(`pod ${pod.metadata.name} could not be marked not ready`);
  }

  *#taintNoExecute(id: number): Generator<Wait, TaintOutcome, unknown> {
    const node = this.#nodes.get(id);
    if (node === undefined) return 'done';
    const ready = findCondition(node.status?.conditions, 'Ready');
    if (ready === undefined) return 'later';
    if (ready.status === 'True') return 'done';
    const unreachable = ready.status !== 'False';
    const add = unreachable ? UNREACHABLE_TAINT : NOT_READY_TAINT;
    const remove = unreachable ? NOT_READY_TAINT : UNREACHABLE_TAINT;
    try {
      yield* swapTaints(this.#scope.client, node, [add], [remove]);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return 'again';
    }
    return 'done';
  }
}

/** Labels that have to be written so that the copies equal their sources, null when none. */
function missingLabels(node: Node): Record<string, string> | null {
  const labels = node.metadata.labels;
  if (labels === undefined) return null;
  let missing: Record<string, string> | null = null;
  for (const [from, to] of LABEL_COPIES) {
    const value = labels[from];
    if (value === undefined || labels[to] === value) continue;
    missing ??= {};
    missing[to] = value;
  }
  return missing;
}
