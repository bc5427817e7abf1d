/**
 * The controller harness with nodes that renew their leases, for tests of node and namespace controllers.
 */
import type { Controller } from '../../core/controllers/controller.ts';
import type { Pid } from '../../core/sim/process.ts';
import type { Node } from '../../core/types/node.ts';
import type { KubeObject } from '../../core/types/object.ts';
import type { Pod } from '../../core/types/pod.ts';
import { findCondition } from '../../core/types/pod-conditions.ts';
import { NODES, PODS, type ResourceType } from '../../core/types/resource-type.ts';
import { DELETED, type WatchEvent } from '../../core/types/wire.ts';
import type { Stream } from './api-harness.ts';
import { ControllerHarness, type ControllerHarnessOptions } from './controller-harness.ts';
import { LeaseKeeper } from './lease-keeper.ts';

export const S = 1_000_000;

export interface NodeClusterOptions extends Omit<ControllerHarnessOptions, 'nodes' | 'controllers'> {
  readonly controllers: readonly Controller[];
  /** Zone of each node, '' = none. */
  readonly zones: readonly string[];
}

export class NodeCluster {
  readonly harness: ControllerHarness;
  leases!: LeaseKeeper;
  readonly #streams = new Map<ResourceType, Stream>();

  constructor(options: NodeClusterOptions) {
    this.harness = new ControllerHarness({
      ...options,
      nodes: 0,
      namespaces: ['kube-node-lease', ...(options.namespaces ?? [])],
    });
    const names = options.zones.map((_zone, i) => `node-${i}`);
    const { api } = this.harness;
    api.sim.addProcess('leases', 'm9', (ctx) => {
      this.leases = new LeaseKeeper(ctx, api.servers[0] as Pid, api.cluster.names, names);
      return this.leases;
    });
    options.zones.forEach((zone, i) => {
      const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
      const where = zone === '' ? {} : { 'topology.kubernetes.io/zone': zone };
      this.harness.addNode(`node-${i}`, { ...labels, ...where });
    });
    this.run(2 * S);
  }

  run(us: number): void {
    this.harness.run(us);
  }

  /** Seconds of virtual time. */
  get nowS(): number {
    return this.harness.api.sim.now / S;
  }

  /** Everything seen of a type since this was first asked for (or since the start, for the types of the harness). */
  events(type: ResourceType): readonly WatchEvent[] {
    const known = this.harness.streams.get(type) ?? this.#streams.get(type);
    if (known !== undefined) return known.events;
    const stream = this.harness.api.watch(type);
    this.#streams.set(type, stream);
    this.run(10_000);
    return stream.events;
  }

  /** Objects of a type as they are. */
  objects<T extends KubeObject>(type: ResourceType): T[] {
    const latest = new Map<number, KubeObject>();
    for (const event of this.events(type)) {
      if (event.type === DELETED) latest.delete(event.keyId);
      else latest.set(event.keyId, event.object);
    }
    return [...latest.values()] as T[];
  }

  find<T extends KubeObject>(type: ResourceType, name: string, namespace?: string): T | undefined {
    return this.objects<T>(type).find(
      ({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
    );
  }

  node(name: string): Node {
    return this.find<Node>(NODES, name) as Node;
  }

  pod(name: string): Pod | undefined {
    return this.find<Pod>(PODS, name);
  }

  /** `key:effect` of a node's taints, sorted. */
  taints(name: string): readonly string[] {
    return (this.node(name).spec?.taints ?? [])
      .map(({ key, effect }) => `${key.split('/')[1] ?? key}:${effect}`)
      .sort();
  }

  ready(name: string): string | undefined {
    return findCondition(this.node(name).status?.conditions, 'Ready')?.status;
  }

  /** A pod bound to a node, Ready shortly after. */
  addPod(name: string, nodeName: string, spec: Readonly<Record<string, unknown>> = {}, metadata: object = {}): void {
    this.harness.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', ...metadata },
      spec: { nodeName, containers: [{ name: 'app', image: 'app:v1' }], ...spec },
    });
  }

  /** Runs until `done` holds, in steps of 20 ms; the answer is how long it took, seconds. */
  until(done: () => boolean, limitUs = 120 * S): number {
    const from = this.nowS;
    for (let us = 0; us < limitUs; us += 20_000) {
      if (done()) return this.nowS - from;
      this.run(20_000);
    }
    throw new Error('the condition did not come true in time');
  }
}
