/**
 * The cloud controller manager: initialises new nodes from the provider's data, and tells the cluster when an instance is stopped or gone.
 *
 * cloud-node: a node with the `uninitialized` taint gets providerID, addresses, zone, region and instance-type labels, then loses the
 * taint; addresses are refreshed every 5 min. cloud-node-lifecycle: each 5 s, NotReady nodes whose instance is gone are deleted, stopped ones
 * get the `shutdown` taint, which goes when the node is Ready. Source: Kubernetes 1.34 cloud-provider, controllers/node and
 * controllers/nodelifecycle; client 20/30.
 */
import type { Balancer } from '../client/balancer.ts';
import { Client } from '../client/client.ts';
import { Dispatcher } from '../client/dispatcher.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { Informer, waitForSync } from '../client/informer.ts';
import { LeaderElector } from '../client/leader-elector.ts';
import { WorkQueue } from '../client/work-queue.ts';
import type { Context } from '../sim/context.ts';
import type { Behaviour, Conn, Factory, Payload, Pid } from '../sim/process.ts';
import { defineBug, defineMark } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { NameTable } from '../types/names.ts';
import type { Node, Taint } from '../types/node.ts';
import type { KubeObject, StringMap } from '../types/object.ts';
import { isConditionTrue } from '../types/pod-conditions.ts';
import { NODES } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { CLOUD_CONTROLLER_MANAGER_USER } from '../types/user-names.ts';
import { CloudClient } from './cloud-client.ts';
import type { Instance } from './provider.ts';

const CLOUD_CONTROLLER_MANAGER_LEASE = 'cloud-controller-manager';
const MARK_NODE_DELETED = defineMark('cloud-node-deleted', 'a node was deleted because its instance is gone');
const BUG_KEEPS_GONE = defineBug('cloud-keeps-gone-nodes', 'nodes whose instance is gone are not deleted');

const KEY_UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized';
const KEY_SHUTDOWN = 'node.cloudprovider.kubernetes.io/shutdown';
const MONITOR_PERIOD_US = 5_000_000;
const REFRESH_PERIOD_US = 300_000_000;

export interface CloudControllerManagerOptions {
  readonly names: NameTable;
  readonly balancer: Balancer;
  /** The provider's process. */
  readonly provider: Pid;
  /** false: starts at once, without a Lease. Default true. */
  readonly leaderElection?: boolean;
  /** false: no Event objects. Default true. */
  readonly events?: boolean;
}

export class CloudControllerManager implements Behaviour {
  readonly #ctx: Context;
  readonly #options: CloudControllerManagerOptions;
  readonly #library: Dispatcher;
  readonly #client: Client;
  readonly #cloud: CloudClient;
  readonly #recorder: EventRecorder;
  #running = false;

  constructor(ctx: Context, options: CloudControllerManagerOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#library = new Dispatcher(ctx);
    const { balancer, names } = options;
    this.#client = new Client(this.#library, {
      balancer,
      user: CLOUD_CONTROLLER_MANAGER_USER,
      qps: 20,
      burst: 30,
      names,
    });
    this.#cloud = new CloudClient(ctx, options.provider);
    const settings = { component: 'cloud-node-lifecycle-controller', enabled: options.events !== false };
    this.#recorder = new EventRecorder(this.#client.connection, settings, this.#library);
  }

  /** Factory of such a process. */
  static factory(options: CloudControllerManagerOptions): Factory {
    return (ctx) => new CloudControllerManager(ctx, options);
  }

  /** true while this instance's controllers run. */
  get running(): boolean {
    return this.#running;
  }

  start(): void {
    if (this.#options.leaderElection === false) {
      this.#library.during(() => this.#run());
      return;
    }
    const ctx = this.#ctx;
    const incarnation = ctx.sim.processes.incarnation[ctx.pid] as number;
    const suffix = ctx.draw(`${ctx.name}/${incarnation}`, 'identity').toString(16).padStart(8, '0');
    const { balancer, names } = this.#options;
    const user = CLOUD_CONTROLLER_MANAGER_USER;
    const client = new Client(this.#library, {
      balancer,
      user,
      qps: 20,
      burst: 30,
      names,
      shareConnectionOf: this.#client,
    });
    new LeaderElector({
      client,
      leaseName: CLOUD_CONTROLLER_MANAGER_LEASE,
      identity: `${ctx.name}_${suffix}`,
      onStartedLeading: () => this.#run(),
      onStoppedLeading: () => ctx.exit(1),
    }).start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    if (this.#library.receive(op, from, a, b, payload, conn)) return;
    this.#library.during(() => {
      this.#cloud.receive(op, a, payload, conn);
    });
  }

  #run(): void {
    this.#running = true;
    const nodes = new Informer<Node>(this.#client, NODES);
    const queue = new WorkQueue(this.#library, {
      name: 'cloud-node',
      workers: 1,
      reconcile: (id) => this.#initialise(nodes.get(id)),
      keyText: (id) => nodes.keys.nameOf(id),
      onError: (id) => queue.addRateLimited(id),
    });
    const enqueue = (id: number, node: Node): void => {
      if (hasTaint(node, KEY_UNINITIALIZED)) queue.add(id);
    };
    nodes.addHandler({ onAdd: enqueue, onUpdate: (id, _old, node) => enqueue(id, node) });
    nodes.start();
    queue.start();
    this.#ctx.startTask('cloud-node-lifecycle', '', this.#monitor(nodes));
    this.#ctx.startTask('cloud-node-refresh', '', this.#refresh(nodes));
  }

  // ---- cloud-node ------------------------------------------------------------------------------------------------

  *#initialise(node: Node | undefined): Generator<Wait, void, unknown> {
    if (node === undefined || !hasTaint(node, KEY_UNINITIALIZED)) return;
    const { instance } = yield* this.#cloud.describe(node.metadata.name);
    if (instance === null) throw StatusError.notFound(NODES, node.metadata.name);
    yield* this.#writeAddress(node, instance);
    const fresh = yield* this.#client.get<Node>(NODES, '', node.metadata.name);
    if (!hasTaint(fresh, KEY_UNINITIALIZED)) return;
    const labels: StringMap = { ...fresh.metadata.labels, ...cloudLabels(instance) };
    const spec = {
      ...fresh.spec,
      providerID: `sim://${instance.zone}/${instance.name}`,
      taints: withoutTaint(fresh, KEY_UNINITIALIZED),
    };
    yield* this.#client.update<Node>(NODES, { ...fresh, metadata: { ...fresh.metadata, labels }, spec });
  }

  *#writeAddress(node: Node, instance: Instance): Generator<Wait, void, unknown> {
    const known = node.status?.addresses ?? [];
    if (known.some(({ type, address }) => type === 'InternalIP' && address === instance.address)) return;
    const addresses = [
      { type: 'InternalIP', address: instance.address },
      { type: 'Hostname', address: instance.name },
    ];
    yield* this.#client.patch(NODES, '', node.metadata.name, { status: { addresses } }, 'merge', 'status');
  }

  *#refresh(nodes: Informer<Node>): Generator<Wait, void, unknown> {
    yield* waitForSync(this.#client, [nodes]);
    for (;;) {
      yield* this.#ctx.sleep(REFRESH_PERIOD_US);
      for (const node of allOf(nodes)) {
        if (!hasTaint(node, KEY_UNINITIALIZED)) yield* this.#quietly(this.#refreshOne(node));
      }
    }
  }

  *#refreshOne(node: Node): Generator<Wait, void, unknown> {
    const { instance } = yield* this.#cloud.describe(node.metadata.name);
    if (instance !== null) yield* this.#writeAddress(node, instance);
  }

  // ---- cloud-node-lifecycle --------------------------------------------------------------------------------------

  *#monitor(nodes: Informer<Node>): Generator<Wait, void, unknown> {
    yield* waitForSync(this.#client, [nodes]);
    for (;;) {
      for (const node of allOf(nodes)) yield* this.#quietly(this.#look(node));
      yield* this.#ctx.sleep(MONITOR_PERIOD_US);
    }
  }

  *#look(node: Node): Generator<Wait, void, unknown> {
    const { name } = node.metadata;
    if (isConditionTrue(node.status?.conditions, 'Ready')) {
      if (hasTaint(node, KEY_SHUTDOWN)) yield* this.#setTaints(name, (fresh) => withoutTaint(fresh, KEY_SHUTDOWN));
      return;
    }
    const { state } = yield* this.#cloud.describe(name);
    if (state === 'removed') {
      if (this.#ctx.bug(BUG_KEEPS_GONE)) return;
      this.#ctx.mark(MARK_NODE_DELETED);
      const message = `Deleting node ${name} because it does not exist in the cloud provider`;
      this.#recorder.event(node, 'Normal', 'DeletingNode', message);
      yield* this.#client.delete(NODES, '', name);
    } else if (state === 'stopped' && !hasTaint(node, KEY_SHUTDOWN)) {
      const taint: Taint = { key: KEY_SHUTDOWN, effect: 'NoSchedule' };
      yield* this.#setTaints(name, (fresh) => [...withoutTaint(fresh, KEY_SHUTDOWN), taint]);
    }
  }

  *#setTaints(name: string, change: (node: Node) => readonly Taint[]): Generator<Wait, void, unknown> {
    const fresh = yield* this.#client.get<Node>(NODES, '', name);
    yield* this.#client.update<Node>(NODES, { ...fresh, spec: { ...fresh.spec, taints: change(fresh) } });
  }

  /** One failure does not end the loop: the next round tries again. */
  *#quietly(body: Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
    try {
      yield* body;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

function hasTaint(node: Node, key: string): boolean {
  return node.spec?.taints?.some((taint) => taint.key === key) === true;
}

function withoutTaint(node: Node, key: string): readonly Taint[] {
  return (node.spec?.taints ?? []).filter((taint) => taint.key !== key);
}

function cloudLabels({ zone, region, instanceType }: Instance): StringMap {
  return {
    'beta.kubernetes.io/instance-type': instanceType,
    'failure-domain.beta.kubernetes.io/region': region,
    'failure-domain.beta.kubernetes.io/zone': zone,
    'node.kubernetes.io/instance-type': instanceType,
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone,
  };
}

function allOf<T extends KubeObject>(informer: Informer<T>): T[] {
  const all: T[] = [];
  informer.forEach((object) => all.push(object));
  return all;
}
