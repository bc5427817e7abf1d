/**
 * The scheduler process (kube-scheduler 1.34): informers feed the node table and the queue, one cycle after the other chooses
 * nodes, bindings run beside the cycles.
 *
 * This file holds what the parts share and when they run: a cycle takes its virtual cost first and then decides on what is known at
 * that moment, while informers go on beside it. Without a lease nothing is scheduled; a lost lease ends the process. Host cost: a
 * few µs a pod.
 */
import { Client, type ClientOptions } from '../client/client.ts';
import { Dispatcher } from '../client/dispatcher.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { Informer } from '../client/informer.ts';
import { LeaderElector } from '../client/leader-elector.ts';
import type { Context } from '../sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import type { Namespace } from '../types/namespace.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { NAMESPACES, NODES, PODS, type ResourceType } from '../types/resource-type.ts';
import { ClaimReservations } from './claim-reservations.ts';
import { EventHandlers } from './event-handlers.ts';
import { missingClaims } from './framework/plugins/dynamic-resources.ts';
import { Gangs } from './gangs.ts';
import { Lookups } from './lookups.ts';
import { OP_FLUSH_BACKOFF, OP_FLUSH_UNSCHEDULABLE, OP_GANG_TIMEOUT, OP_SCHEDULING_CYCLE } from './ops.ts';
import { PlacedPods } from './placed-pods.ts';
import { podKey } from './pod-key.ts';
import { BUG_IGNORES_TAINTS } from './points.ts';
import { configurationOf, DEFAULT_PROFILE, type Profile } from './profile.ts';
import type { Reserver } from './reserver.ts';
import { SchedulingCore } from './scheduling-core.ts';
import { SchedulingCycle } from './scheduling-cycle.ts';
import { BACKOFF_FLUSH_US, type BackoffOptions, SchedulingQueue, UNSCHEDULABLE_FLUSH_US } from './scheduling-queue.ts';
import { VolumeReservations } from './volume-reservations.ts';
import { WakeUps } from './wake-ups.ts';

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
}

/** One instance of the scheduler. */
export class Scheduler implements Behaviour {
  readonly #core: SchedulingCore;
  readonly #queue: SchedulingQueue;
  readonly #placed: PlacedPods;
  readonly #ctx: Context;
  readonly #library: Dispatcher;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #lookups: Lookups;
  readonly #handlers: EventHandlers;
  readonly #cycle: SchedulingCycle;
  readonly #elector: LeaderElector | null;
  #listening = false;
  #cycleDue = false;
  #backoffTimer = false;
  #unschedulableTimer = false;
  #gangTimer = false;
  /** `null` unless a profile enables GangScheduling. */
  readonly #gangs: Gangs | null;

  constructor(ctx: Context, options: SchedulerOptions) {
    this.#ctx = ctx;
    this.#library = new Dispatcher(ctx);
    const client = new Client(this.#library, options.client);
    const profiles = options.profiles ?? [DEFAULT_PROFILE];
    const [first, ...rest] = ctx.bug(BUG_IGNORES_TAINTS) ? profiles.map(withoutTaints) : profiles;
    const volumes = options.volumes !== undefined;
    const core = new SchedulingCore([first as Profile, ...rest], ctx.random('tie-break'), {
      volumes,
      keepsObjects: true,
    });
    // PreEnqueue: pods are not tried before their claims for devices are there.
    const holds = (pod: Pod) =>
      volumes && pod.spec.resourceClaims !== undefined && missingClaims(pod, core.objects) !== '';
    const queue = new SchedulingQueue(options.backoff, holds);
    const placed = new PlacedPods(core);
    const gangs = profiles.some((profile) => configurationOf(profile).plugins.permit.includes('GangScheduling'));
    this.#core = core;
    this.#queue = queue;
    this.#placed = placed;
    this.#gangs = gangs ? new Gangs() : null;
    const recorder = new EventRecorder(
      client.connection,
      { component: 'default-scheduler', enabled: options.events },
      this.#library,
    );
    this.#pods = new Informer<Pod>(client, PODS);
    this.#nodes = new Informer<Node>(client, NODES);
    this.#namespaces = new Informer<Namespace>(client, NAMESPACES);
    const wakeUps = new WakeUps(ctx, core, queue);
    this.#lookups = new Lookups(client, core, options.volumes ?? [], (event) => {
      if (wakeUps.awaited('volume')) wakeUps.happened(event);
      if (event.object.kind === 'ResourceClaim' && event.old === undefined) this.#claimCame(event.object);
    });
    const shared = { core, queue, placed, gangs: this.#gangs };
    this.#handlers = new EventHandlers(ctx, { ...shared, wakeUps });
    const { claims, reservers } = reserversOf(ctx, client, core, this.#lookups, options, profiles[0]);
    const held = { claims, reservers };
    const parts = { ...shared, ...held, scheduler: this, handlers: this.#handlers, client, recorder, pods: this.#pods };
    this.#cycle = new SchedulingCycle(ctx, parts);
    this.#elector = options.leaderElect ? this.#makeElector(client) : null;
  }

  /** Node table and choice of nodes, as far as the informers are. */
  get core(): SchedulingCore {
    this.#listen();
    return this.#core;
  }

  /** Pods that wait for a node. */
  get queue(): SchedulingQueue {
    this.#listen();
    return this.#queue;
  }

  /** Pods that have a node, or are taken for bound. */
  get placed(): PlacedPods {
    this.#listen();
    return this.#placed;
  }

  /** The informers, for comparing them with the store. */
  get informers(): readonly Informer<KubeObject>[] {
    const own = [this.#pods, this.#nodes, this.#namespaces] as readonly unknown[] as readonly Informer<KubeObject>[];
    return [...own, ...this.#lookups.informers];
  }

  /** Pods of its informer that wait for a node and that nothing will try again, for predicates; a text each. */
  lostPods(): readonly string[] {
    const lost: string[] = [];
    this.#pods.forEach((pod, id) => {
      const { spec, metadata } = pod;
      if (spec.nodeName || isPodTerminal(pod) || metadata.deletionTimestamp !== undefined) return;
      if (this.#core.profileOf(spec.schedulerName ?? 'default-scheduler') < 0 || this.#placed.has(id)) return;
      const queued = this.#queue.get(id);
      const where = queued === undefined ? 'no pool' : this.#queue.faultOf(queued, this.#ctx.now());
      if (where !== '') lost.push(`pod ${podKey(pod)}: ${where}`);
    });
    return lost;
  }

  start(): void {
    if (this.#elector === null) this.#listen();
    this.#namespaces.start();
    this.#nodes.start();
    this.#pods.start();
    this.#lookups.start();
    this.#elector?.start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    if (!this.#library.receive(op, from, a, b, payload, conn)) this.#timer(op);
    if (this.#listening && this.#library.alive) this.#kick();
  }

  /** Whether it schedules: it leads (or needs no lease) and has seen the whole cluster once. */
  get active(): boolean {
    const leads = this.#elector === null || this.#elector.leading;
    return leads && this.#pods.synced && this.#nodes.synced && this.#namespaces.synced && this.#lookups.synced;
  }

  /** A claim is there that pods may have waited for: one made for a pod concerns nobody else. */
  #claimCame({ metadata }: KubeObject): void {
    const nowUs = this.#ctx.now();
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner === undefined) this.#queue.openGates(nowUs, (pod) => pod.metadata.namespace === metadata.namespace);
    else this.#queue.openGate(this.#pods.keys.find(metadata.namespace ?? '', owner.name), nowUs);
  }

  /**
   * Takes the informers' news into core and queue from now on. The real standby does so from its start; here it is put off until it leads,
   * or somebody asks what it knows, because nobody can tell: a queue from which nothing is taken holds what the informer holds.
   */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#lookups.listen();
    this.#handlers.register(this.#pods, this.#nodes, this.#namespaces);
  }

  #makeElector(client: Client): LeaderElector {
    const identity = `${this.#ctx.name}_${this.#ctx.random('identity').nextUint32().toString(16)}`;
    return new LeaderElector({
      client,
      leaseName: 'kube-scheduler',
      identity,
      releaseOnCancel: true,
      onStartedLeading: () => {
        this.#listen();
        this.#kick();
      },
    });
  }

  #timer(op: number): void {
    const nowUs = this.#ctx.now();
    if (op === OP_SCHEDULING_CYCLE) {
      this.#cycleDue = false;
      if (this.active) this.#cycle.run(nowUs);
    } else if (op === OP_FLUSH_BACKOFF) {
      this.#backoffTimer = false;
      this.#queue.flushBackoff(nowUs);
    } else if (op === OP_GANG_TIMEOUT) {
      this.#gangTimer = false;
      this.#cycle.expireGang(nowUs);
    } else if (op === OP_FLUSH_UNSCHEDULABLE) {
      this.#unschedulableTimer = false;
      this.#queue.flushUnschedulable(nowUs);
    }
  }

  /** Sets the timers that the queue's state asks for. A cycle takes its cost first and decides afterwards. */
  #kick(): void {
    const queue = this.#queue;
    if (!this.#cycleDue && queue.ready > 0 && this.#cycle.mayBind && this.active) {
      this.#cycleDue = true;
      this.#ctx.setTimer(this.#ctx.costs.schedulerCycleUs, OP_SCHEDULING_CYCLE);
    }
    if (!this.#backoffTimer && queue.backingOff > 0) {
      this.#backoffTimer = true;
      this.#ctx.setTimer(BACKOFF_FLUSH_US - (this.#ctx.now() % BACKOFF_FLUSH_US), OP_FLUSH_BACKOFF);
    }
    if (this.#gangs !== null && !this.#gangTimer && this.#gangs.nextDeadlineUs !== Number.POSITIVE_INFINITY) {
      this.#gangTimer = true;
      this.#ctx.setTimer(Math.max(1, this.#gangs.nextDeadlineUs - this.#ctx.now()), OP_GANG_TIMEOUT);
    }
    if (!this.#unschedulableTimer && queue.unschedulable > 0) {
      this.#unschedulableTimer = true;
      const waitUs = UNSCHEDULABLE_FLUSH_US - (this.#ctx.now() % UNSCHEDULABLE_FLUSH_US);
      this.#ctx.setTimer(waitUs, OP_FLUSH_UNSCHEDULABLE);
    }
  }
}

/** Who holds volumes and devices for pods; nobody where these are not watched. */
function reserversOf(
  ctx: Context,
  client: Client,
  core: SchedulingCore,
  lookups: Lookups,
  { volumes: types = [] }: SchedulerOptions,
  profile: Profile,
): { claims: ClaimReservations | null; reservers: readonly Reserver[] } {
  const typeOf = (kind: string) => types.find((type) => type.kind === kind);
  const [volumes, volumeClaims, resourceClaims] = ['PersistentVolume', 'PersistentVolumeClaim', 'ResourceClaim'].map(
    typeOf,
  );
  if (volumes === undefined || volumeClaims === undefined || resourceClaims === undefined) {
    return { claims: null, reservers: [] };
  }
  const { bindTimeoutSeconds } = configurationOf(profile).args.volumeBinding;
  const parts = { client, core, lookups, volumes, claims: volumeClaims, bindTimeoutSeconds };
  const claims = new ClaimReservations(ctx, client, core, resourceClaims, (object) => lookups.assume(object));
  return { claims, reservers: [new VolumeReservations(ctx, parts), claims] };
}

/** The planted bug: the profile without its filter on taints. */
function withoutTaints(profile: Profile): Profile {
  const base = configurationOf(profile);
  const filter = base.plugins.filter.filter((name) => name !== 'TaintToleration');
  return { ...profile, base: { ...base, plugins: { ...base.plugins, filter } } };
}
