/**
 * The scheduler process (kube-scheduler 1.34): informers feed the node table and the queue, one cycle after the other chooses
 * nodes, bindings run beside the cycles.
 *
 * This file holds informers, election and timers: a cycle takes its virtual cost first and then decides on what is known at
 * that moment, while informers go on beside it. Without a lease nothing is scheduled; a lost lease ends the process. Host cost: a
 * few µs a pod.
 */
import { Client, type ClientOptions } from '../client/client.ts';
import { Dispatcher } from '../client/dispatcher.ts';
import { Informer } from '../client/informer.ts';
import { LeaderElector } from '../client/leader-elector.ts';
import { SeriesRecorder } from '../client/series-recorder.ts';
import type { Context } from '../sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { Namespace } from '../types/namespace.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { NAMESPACES, NODES, PODS, type ResourceType } from '../types/resource-type.ts';
import type { Profile } from './configuration/profile.ts';
import { LOOKED_UP } from './cycle/lookups.ts';
import { Decider } from './decider.ts';
import { OP_FLUSH_BACKOFF, OP_FLUSH_UNSCHEDULABLE, OP_GANG_TIMEOUT, OP_SCHEDULING_CYCLE } from './ops.ts';
import { podKey } from './pods/pod-key.ts';
import { BACKOFF_FLUSH_US, type BackoffOptions, UNSCHEDULABLE_FLUSH_US } from './queue/scheduling-queue.ts';

export interface SchedulerOptions {
  /** How to reach the API server; kube-scheduler's defaults are 50 requests a second with a burst of 100. */
  readonly client: ClientOptions;
  /** Default: the default profile alone. All profiles must name the same node order. */
  readonly profiles?: readonly [Profile, ...Profile[]];
  /** Schedules only while holding the lease `kube-system/kube-scheduler`. */
  readonly leaderElect: boolean;
  /** Writes Event objects (Scheduled, FailedScheduling, Preempted). */
  readonly events: boolean;
  /** Default: 1 s to 10 s, with early pops. */
  readonly backoff?: Partial<BackoffOptions> | undefined;
  /** Types of volumes and claims that it watches; absent = pods are placed as if their claims were satisfied. */
  readonly volumes?: readonly ResourceType[] | undefined;
  /** Feature gates of devices that are on. Default: none. */
  readonly deviceGates?: readonly DeviceGate[] | undefined;
  /** The type of PodGroups, which GangScheduling heeds; absent = a pod that names one is not tried. */
  readonly podGroups?: ResourceType | undefined;
}

/** One instance of the scheduler. */
export class Scheduler implements Behaviour {
  readonly #ctx: Context;
  readonly #options: SchedulerOptions;
  readonly #library: Dispatcher;
  readonly #client: Client;
  readonly #recorder: SeriesRecorder;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  /** Of what plugins look up. */
  readonly #others: readonly Informer<KubeObject>[];
  readonly #elector: LeaderElector | null;
  /** null in a standby. */
  #decider: Decider | null = null;
  #cycleDue = false;
  #backoffTimer = false;
  #unschedulableTimer = false;
  #gangTimer = false;

  constructor(ctx: Context, options: SchedulerOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#library = new Dispatcher(ctx);
    const client = new Client(this.#library, options.client);
    this.#client = client;
    const recorded = { component: 'default-scheduler', enabled: options.events };
    this.#recorder = new SeriesRecorder(client.connection, recorded, this.#library);
    const inOrder = { keepsArrivals: options.leaderElect };
    this.#pods = new Informer<Pod>(client, PODS, inOrder);
    this.#nodes = new Informer<Node>(client, NODES, inOrder);
    this.#namespaces = new Informer<Namespace>(client, NAMESPACES);
    const { volumes = [], podGroups } = options;
    const lookedUp = [...LOOKED_UP, ...volumes, ...(podGroups === undefined ? [] : [podGroups])];
    this.#others = lookedUp.map((type) => new Informer<KubeObject>(client, type));
    this.#elector = options.leaderElect ? this.#makeElector(client) : null;
  }

  /** Core, queue and placed pods; null in a standby, which makes them when it begins to lead. */
  get decider(): Decider | null {
    return this.#decider;
  }

  /** The informers, for comparing them with the store. */
  get informers(): readonly Informer<KubeObject>[] {
    const own = [this.#pods, this.#nodes, this.#namespaces] as readonly unknown[] as readonly Informer<KubeObject>[];
    return [...own, ...this.#others];
  }

  /** Pods of its informer that wait for a node and that nothing will try again, for predicates; a text each. */
  lostPods(): readonly string[] {
    if (this.#decider === null) return [];
    const { core, placed, queue } = this.#decider;
    const lost: string[] = [];
    this.#pods.forEach((pod, id) => {
      const { spec, metadata } = pod;
      if (spec.nodeName || isPodTerminal(pod) || metadata.deletionTimestamp !== undefined) return;
      if (core.profileOf(spec.schedulerName ?? 'default-scheduler') < 0 || placed.has(id)) return;
      const queued = queue.get(id);
      const where = queued === undefined ? 'no pool' : queue.faultOf(queued, this.#ctx.now());
      if (where !== '') lost.push(`pod ${podKey(pod)}: ${where}`);
    });
    return lost;
  }

  start(): void {
    if (this.#elector === null) this.prepare();
    this.#namespaces.start();
    this.#nodes.start();
    this.#pods.start();
    for (const informer of this.#others) informer.start();
    this.#elector?.start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    const isOwn = !this.#library.receive(op, from, a, b, payload, conn);
    const decider = this.#decider;
    if (decider === null) return;
    if (isOwn) this.#timer(decider, op);
    if (this.#library.alive) this.#kick(decider);
  }

  /** Whether it schedules: it leads (or needs no lease) and has seen the whole cluster once. */
  get active(): boolean {
    if (this.#elector?.leading === false) return false;
    for (const informer of this.#others) if (!informer.synced) return false;
    return this.#pods.synced && this.#nodes.synced && this.#namespaces.synced;
  }

  /** All that it decides with, made now in a standby: from outside only for a run that is not continued. */
  prepare(): Decider {
    if (this.#decider === null) {
      const { profiles, backoff, volumes, deviceGates } = this.#options;
      this.#decider = new Decider(this.#ctx, {
        scheduler: this,
        client: this.#client,
        recorder: this.#recorder,
        pods: this.#pods,
        nodes: this.#nodes,
        namespaces: this.#namespaces,
        others: this.#others,
        profiles,
        backoff,
        volumes,
        deviceGates,
      });
    }
    return this.#decider;
  }

  #makeElector(client: Client): LeaderElector {
    const identity = `${this.#ctx.name}_${this.#ctx.random('identity').nextUint32().toString(16)}`;
    return new LeaderElector({
      client,
      leaseName: 'kube-scheduler',
      identity,
      releaseOnCancel: true,
      onStartedLeading: () => this.#kick(this.prepare()),
    });
  }

  #timer({ cycle, queue }: Decider, op: number): void {
    const nowUs = this.#ctx.now();
    if (op === OP_SCHEDULING_CYCLE) {
      this.#cycleDue = false;
      if (this.active) cycle.run(nowUs);
    } else if (op === OP_FLUSH_BACKOFF) {
      this.#backoffTimer = false;
      queue.flushBackoff(nowUs);
    } else if (op === OP_GANG_TIMEOUT) {
      this.#gangTimer = false;
      cycle.expireGang(nowUs);
    } else if (op === OP_FLUSH_UNSCHEDULABLE) {
      this.#unschedulableTimer = false;
      queue.flushUnschedulable(nowUs);
    }
  }

  /** Sets the timers that the queue's state asks for. A cycle takes its cost first and decides afterwards. */
  #kick({ cycle, queue, gangs }: Decider): void {
    if (!this.#cycleDue && queue.ready > 0 && cycle.mayBind && this.active) {
      this.#cycleDue = true;
      this.#ctx.setTimer(this.#ctx.costs.schedulerCycleUs, OP_SCHEDULING_CYCLE);
    }
    if (!this.#backoffTimer && queue.backingOff > 0) {
      this.#backoffTimer = true;
      this.#ctx.setTimer(BACKOFF_FLUSH_US - (this.#ctx.now() % BACKOFF_FLUSH_US), OP_FLUSH_BACKOFF);
    }
    if (gangs !== null && !this.#gangTimer && gangs.nextDeadlineUs !== Number.POSITIVE_INFINITY) {
      this.#gangTimer = true;
      this.#ctx.setTimer(Math.max(1, gangs.nextDeadlineUs - this.#ctx.now()), OP_GANG_TIMEOUT);
    }
    if (!this.#unschedulableTimer && queue.unschedulable > 0) {
      this.#unschedulableTimer = true;
      const waitUs = UNSCHEDULABLE_FLUSH_US - (this.#ctx.now() % UNSCHEDULABLE_FLUSH_US);
      this.#ctx.setTimer(waitUs, OP_FLUSH_UNSCHEDULABLE);
    }
  }
}
