/**
 * The API server harness with a controller manager and fake nodes, for tests of controllers; it follows all objects by watches.
 */
import { L4Balancer } from '../../core/client/balancer.ts';
import type { Controller } from '../../core/controllers/controller.ts';
import { ControllerManager } from '../../core/controllers/controller-manager.ts';
import { DAEMONSET_CONTROLLER } from '../../core/controllers/daemonset/controller.ts';
import { DEPLOYMENT_CONTROLLER } from '../../core/controllers/deployment/controller.ts';
import { JOB_CONTROLLER } from '../../core/controllers/job/controller.ts';
import { REPLICASET_CONTROLLER } from '../../core/controllers/replicaset/controller.ts';
import { STATEFULSET_CONTROLLER } from '../../core/controllers/statefulset/controller.ts';
import { TTL_AFTER_FINISHED_CONTROLLER } from '../../core/controllers/ttl-after-finished.ts';
import type { Pid } from '../../core/sim/process.ts';
import type { KubeObject } from '../../core/types/object.ts';
import {
  CONTROLLERREVISIONS,
  DAEMONSETS,
  DEPLOYMENTS,
  EVENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICASETS,
  type ResourceType,
  STATEFULSETS,
} from '../../core/types/resource-type.ts';
import { DELETED, VERB, type WatchEvent } from '../../core/types/wire.ts';
import { ApiHarness, type ApiHarnessOptions, type RequestParts, type Stream } from './api-harness.ts';
import { FakeNodes } from './fake-nodes.ts';

export interface ControllerHarnessOptions extends ApiHarnessOptions {
  readonly controllers?: readonly Controller[];
  readonly nodes?: number;
  readonly qps?: number;
  readonly burst?: number;
  readonly events?: boolean;
  readonly immediate?: boolean;
  readonly managers?: number;
  readonly leaderElection?: boolean;
  /** Namespaces to make beside `default`. */
  readonly namespaces?: readonly string[];
}

/** The controllers of workloads, without those of nodes, namespaces and services. */
const WORKLOAD_CONTROLLERS: readonly Controller[] = [
  DEPLOYMENT_CONTROLLER,
  REPLICASET_CONTROLLER,
  STATEFULSET_CONTROLLER,
  DAEMONSET_CONTROLLER,
  JOB_CONTROLLER,
  TTL_AFTER_FINISHED_CONTROLLER,
];

const FOLLOWED: readonly ResourceType[] = [
  PODS,
  NODES,
  REPLICASETS,
  DEPLOYMENTS,
  STATEFULSETS,
  DAEMONSETS,
  JOBS,
  CONTROLLERREVISIONS,
  EVENTS,
];

export class ControllerHarness {
  readonly api: ApiHarness;
  readonly managers: Pid[] = [];
  /** The running instance of each manager. */
  readonly instances: ControllerManager[] = [];
  readonly streams = new Map<ResourceType, Stream>();
  nodes!: FakeNodes;

  constructor(options: ControllerHarnessOptions = {}) {
    this.api = new ApiHarness(options);
    const { api } = this;
    for (const name of ['kube-system', 'default', ...(options.namespaces ?? [])]) {
      api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    for (const type of FOLLOWED) this.streams.set(type, api.watch(type));
    const server = api.servers[0] as Pid;
    const { names } = api.cluster;
    api.sim.addProcess('fake-nodes', 'm2', (ctx) => {
      this.nodes = new FakeNodes(ctx, { server, names, immediate: options.immediate === true });
      return this.nodes;
    });
    for (let i = 0; i < (options.nodes ?? 0); i++) this.addNode(`node-${i}`);
    api.run(300_000);
    for (let i = 0; i < (options.managers ?? 1); i++) this.#addManager(i, options, server);
    api.run(1_000_000);
  }

  #addManager(index: number, options: ControllerHarnessOptions, server: Pid): void {
    const { api } = this;
    const settings = {
      names: api.cluster.names,
      types: api.cluster.types,
      balancer: new L4Balancer([server]),
      controllers: options.controllers ?? WORKLOAD_CONTROLLERS,
      qps: options.qps ?? 5000,
      burst: options.burst ?? 5000,
      leaderElection: options.leaderElection ?? false,
      events: options.events ?? true,
    };
    this.managers.push(
      api.sim.addProcess(`controller-manager-${index}`, `m${3 + index}`, (ctx) => {
        const manager = new ControllerManager(ctx, settings);
        this.instances[index] = manager;
        return manager;
      }),
    );
  }

  /** Creates a node that turns ready. */
  addNode(name: string, labels: Readonly<Record<string, string>> = {}): void {
    const resources = { cpu: '4', memory: '8Gi', pods: '110' };
    this.api.create(NODES, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
      status: { capacity: resources, allocatable: resources },
    });
  }

  run(us: number): void {
    this.api.run(us);
  }

  create(type: ResourceType, object: unknown, parts?: RequestParts): KubeObject {
    return this.api.create(type, object, parts);
  }

  /** Merge patch; any failure throws. */
  patch(type: ResourceType, name: string, patch: unknown, parts: RequestParts = {}): KubeObject {
    return this.api.object(VERB.patch, type, { name, patch, patchType: 'merge', ...parts });
  }

  delete(type: ResourceType, name: string, parts: RequestParts = {}): void {
    this.api.call(VERB.delete, type, { name, ...parts });
  }

  /** Everything that was ever seen of a kind, in order. */
  events(type: ResourceType): readonly WatchEvent[] {
    return (this.streams.get(type) as Stream).events;
  }

  /** The objects of a kind as they are, by order of creation. */
  objects<T extends KubeObject>(type: ResourceType): T[] {
    const latest = new Map<number, KubeObject>();
    for (const event of this.events(type)) {
      if (event.type === DELETED) latest.delete(event.keyId);
      else latest.set(event.keyId, event.object);
    }
    return [...latest.values()] as T[];
  }

  find<T extends KubeObject>(type: ResourceType, name: string): T | undefined {
    return this.objects<T>(type).find((object) => object.metadata.name === name);
  }

  /** Runs until `done` holds, in steps of 10 ms; throws after `limitUs`. */
  until(done: () => boolean, limitUs = 60_000_000): void {
    for (let us = 0; us < limitUs; us += 10_000) {
      if (done()) return;
      this.run(10_000);
    }
    throw new Error('the condition did not come true in time');
  }
}
