/**
 * The controller manager process: one leader election, one informer a type, and every controller of the list.
 *
 * A standby holds nothing but its election client; controllers, caches and queues are built when it begins to lead. A leader that
 * loses its lease exits with code 1 and its supervisor restarts it. All clients share one connection, each controller has a
 * token bucket of its own (20 requests a second, burst 30). Source: Kubernetes 1.34 cmd/kube-controller-manager/app.
 */
import type { Balancer } from '../client/balancer.ts';
import { Client } from '../client/client.ts';
import { Dispatcher } from '../client/dispatcher.ts';
import { Informer } from '../client/informer.ts';
import { LeaderElector } from '../client/leader-elector.ts';
import type { Context } from '../sim/context.ts';
import type { Behaviour, Conn, Factory, Payload, Pid } from '../sim/process.ts';
import type { NameTable } from '../types/names.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType, ResourceTypes } from '../types/resource-type.ts';
import { CONTROLLER_MANAGER_USER, CONTROLLER_USER } from '../types/user-names.ts';
import type { Controller } from './controller.ts';
import { ControllerScope } from './controller-scope.ts';

/** Requests a second and burst of each controller's client (--kube-api-qps, --kube-api-burst). */
export const CONTROLLER_QPS = 20;
export const CONTROLLER_BURST = 30;
/** The Lease in kube-system that decides who leads. */
const CONTROLLER_MANAGER_LEASE = 'kube-controller-manager';

export interface ControllerManagerOptions {
  readonly names: NameTable;
  /** The cluster's types; needed for those that are not built in (claims of StatefulSets, owners of any kind). */
  readonly types?: ResourceTypes;
  readonly balancer: Balancer;
  /** Which controllers run, in order of start; usually `CONTROLLERS` of index.ts. */
  readonly controllers: readonly Controller[];
  /** Token bucket of each controller's client; default 20 and 30. */
  readonly qps?: number;
  readonly burst?: number;
  /** false: starts at once, without a Lease. Default true. */
  readonly leaderElection?: boolean;
  /** The Lease in kube-system that decides who leads; default `kube-controller-manager`. */
  readonly leaseName?: string;
  /** false: no Event objects. Default true. */
  readonly events?: boolean;
  /** Settings of single controllers, by the controller's name; each controller says what it understands. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export class ControllerManager implements Behaviour {
  readonly ctx: Context;
  readonly options: ControllerManagerOptions;
  readonly names: NameTable;
  readonly library: Dispatcher;
  /** Lists and watches for everybody; the election and the controllers share its connection. */
  readonly sharedClient: Client;
  /** The controllers' scopes while this instance leads. */
  readonly scopes: ControllerScope[] = [];
  readonly #informers: (Informer<KubeObject> | undefined)[] = [];
  readonly #shared = new Map<unknown, unknown>();
  #running = false;

  constructor(ctx: Context, options: ControllerManagerOptions) {
    this.ctx = ctx;
    this.options = options;
    this.names = options.names;
    this.library = new Dispatcher(ctx);
    this.sharedClient = new Client(this.library, {
      balancer: options.balancer,
      user: CONTROLLER_MANAGER_USER,
      qps: options.qps ?? CONTROLLER_QPS,
      burst: options.burst ?? CONTROLLER_BURST,
      names: options.names,
    });
  }

  /** Factory of such a process. */
  static factory(options: ControllerManagerOptions): Factory {
    return (ctx) => new ControllerManager(ctx, options);
  }

  start(_pid: Pid): void {
    if (this.options.leaderElection === false) {
      this.library.during(() => this.#run());
      return;
    }
    const { ctx } = this;
    const incarnation = ctx.sim.processes.incarnation[ctx.pid] as number;
    const suffix = ctx.draw(`${ctx.name}/${incarnation}`, 'identity').toString(16).padStart(8, '0');
    const elector = new LeaderElector({
      client: this.#client(CONTROLLER_MANAGER_USER),
      leaseName: this.options.leaseName ?? CONTROLLER_MANAGER_LEASE,
      identity: `${ctx.name}_${suffix}`,
      onStartedLeading: () => this.#run(),
      onStoppedLeading: () => ctx.exit(1),
    });
    elector.start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn, _pid: Pid): void {
    this.library.receive(op, from, a, b, payload, conn);
  }

  /** true while this instance's controllers run. */
  get running(): boolean {
    return this.#running;
  }

  /** The one informer of a type; it starts when all controllers are registered. */
  informer<T extends KubeObject>(type: ResourceType): Informer<T> {
    const { id } = type;
    while (this.#informers.length <= id) this.#informers.push(undefined);
    let informer = this.#informers[id];
    if (informer === undefined) {
      informer = new Informer<KubeObject>(this.sharedClient, type);
      this.#informers[id] = informer;
      if (this.#running) informer.start();
    }
    return informer as unknown as Informer<T>;
  }

  /** The informers of this instance, for comparing them with the store. */
  get informers(): readonly Informer<KubeObject>[] {
    return this.#informers.filter((informer) => informer !== undefined);
  }

  /** The one instance of something that several controllers of this leader share, e.g. an index over an informer. */
  shared<T>(make: (manager: ControllerManager) => T): T {
    let value = this.#shared.get(make) as T | undefined;
    if (value === undefined) {
      value = make(this);
      this.#shared.set(make, value);
    }
    return value;
  }

  /** A client with its own token bucket for one controller, acting as its service account. */
  newClient(controllerName: string): Client {
    return this.#client(`${CONTROLLER_USER}${controllerName}`);
  }

  #client(user: string): Client {
    return new Client(this.library, {
      shareConnectionOf: this.sharedClient,
      balancer: this.options.balancer,
      user,
      qps: this.options.qps ?? CONTROLLER_QPS,
      burst: this.options.burst ?? CONTROLLER_BURST,
      names: this.names,
    });
  }

  #run(): void {
    for (const controller of this.options.controllers) {
      const scope = new ControllerScope(this, controller.name);
      this.scopes.push(scope);
      controller.register(scope);
    }
    this.#running = true;
    for (const informer of this.#informers) informer?.start();
    for (const scope of this.scopes) scope.start();
  }
}
