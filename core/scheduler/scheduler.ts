/**
 * The scheduler process (kube-scheduler 1.34): informers feed the node table and the queue, one cycle after the other chooses
 * nodes, bindings run beside the cycles.
 *
 * Cycles are serial: one takes its virtual cost and then decides on what is known at that moment, while informers go on beside it. A chosen pod is
 * assumed at once; its binding is a task. When the binding fails the pod is forgotten and queued again with back-off. Without
 * a lease nothing is scheduled; a lost lease ends the process. Host cost: a few µs a pod.
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
import { Binder } from './binder.ts';
import type { ClusterEvent } from './cluster-event.ts';
import type { MayGo } from './framework/victims.ts';
import { Gangs, type Waiting } from './gangs.ts';
import { Lookups } from './lookups.ts';
import { OP_FLUSH_BACKOFF, OP_FLUSH_UNSCHEDULABLE, OP_GANG_TIMEOUT, OP_SCHEDULING_CYCLE } from './ops.ts';
import { PlacedPods } from './placed-pods.ts';
import {
  BUG_DROPS_FAILED_BINDINGS,
  BUG_IGNORES_ASSUMED,
  BUG_IGNORES_TAINTS,
  BUG_KEEPS_NOMINATIONS,
  BUG_PREEMPTS_EQUALS,
  BUG_SEARCHES_FROM_START,
  BUG_SLEEPS_THROUGH_EVENTS,
  COUNT_CYCLES,
  COUNT_NODES_EVALUATED,
  COUNT_NODES_EXAMINED,
  MARK_ASSUMED_ELSEWHERE,
  Placement,
  POINT_ASSUME,
  POINT_NOMINATE,
  POINT_SEARCH,
  POINT_UNSCHEDULABLE,
  type Search,
} from './points.ts';
import { postFilter } from './post-filter.ts';
import { Preemptor } from './preemptor.ts';
import { configurationOf, DEFAULT_PROFILE, type Profile } from './profile.ts';
import type { QueuedPod } from './queued-pod.ts';
import { listeners, shouldQueue } from './queueing-hints.ts';
import { SchedulingCore } from './scheduling-core.ts';
import { BACKOFF_FLUSH_US, type BackoffOptions, SchedulingQueue, UNSCHEDULABLE_FLUSH_US } from './scheduling-queue.ts';
import type { Draws, Selection } from './selection.ts';

/** Stands for GangScheduling among the plugins that rejected a pod. */
const GANG_MASK = 1 << 30;
const GANG_MESSAGE = 'the other pods of the group did not get nodes in time';

/** Bindings that may be under way at one time; the next cycle waits when there are so many. */
const MAX_BINDINGS = 100_000;

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
  readonly core: SchedulingCore;
  readonly queue: SchedulingQueue;
  readonly placed: PlacedPods;
  readonly #ctx: Context;
  readonly #library: Dispatcher;
  readonly #binder: Binder;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #lookups: Lookups;
  readonly #preemptor: Preemptor;
  readonly #preemptionDraws: Draws;
  readonly #elector: LeaderElector | null;
  readonly #selection: Selection = { slot: -1, feasible: 0, examined: 0 };
  readonly #placement: Placement;
  readonly #search: Search = { scheduler: this, start: 0, examined: 0, nodeCount: 0 };
  readonly #names: readonly string[];
  /** By kind of event: the plugins that listen. */
  readonly #listeners: Readonly<Record<ClusterEvent['kind'], number>>;
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
    this.core = new SchedulingCore([first as Profile, ...rest], ctx.random('tie-break'), {
      volumes,
      keepsObjects: true,
    });
    this.queue = new SchedulingQueue(options.backoff);
    const gangs = profiles.some((profile) => configurationOf(profile).plugins.permit.includes('GangScheduling'));
    this.#gangs = gangs ? new Gangs() : null;
    this.#preemptionDraws = ctx.random('preemption-offset');
    this.placed = new PlacedPods(this.core);
    this.#placement = new Placement(this.core.nodes, this.placed.uncounted);
    const names = this.core.filterNames(0);
    this.#names = names;
    this.#listeners = {
      node: listeners(names, 'node'),
      'node-gone': listeners(names, 'node-gone'),
      'pod-assigned': listeners(names, 'pod-assigned'),
      'pod-gone': listeners(names, 'pod-gone'),
      'pod-changed': listeners(names, 'pod-changed'),
      volume: listeners(names, 'volume'),
    };
    const recorder = new EventRecorder(
      client.connection,
      { component: 'default-scheduler', enabled: options.events },
      this.#library,
    );
    this.#pods = new Informer<Pod>(client, PODS);
    this.#nodes = new Informer<Node>(client, NODES);
    this.#namespaces = new Informer<Namespace>(client, NAMESPACES);
    this.#lookups = new Lookups(client, this.core, options.volumes ?? [], (object) => {
      if (this.#awaited('volume')) this.#happened({ kind: 'volume', object });
    });
    this.#preemptor = new Preemptor(ctx, client, recorder, this.core.nominations, {
      finished: (queued, failed) => this.queue.preemptionDone(queued, failed, ctx.now()),
    });
    this.#binder = new Binder(ctx, client, recorder, this.#pods, {
      placement: this.#placement,
      failed: (queued) => this.#bindingFailed(queued),
      bound: (queued) => {
        if (this.queue.get(queued.id) === queued) this.queue.delete(queued.id);
      },
      again: (queued) => this.#chooseAgain(queued),
    });
    this.#elector = options.leaderElect ? this.#makeElector(client) : null;
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
      if (this.core.profileOf(spec.schedulerName ?? 'default-scheduler') < 0 || this.placed.has(id)) return;
      const queued = this.queue.get(id);
      const where = queued === undefined ? 'no pool' : this.queue.faultOf(queued, this.#ctx.now());
      if (where !== '') lost.push(`pod ${keyOf(pod)}: ${where}`);
    });
    return lost;
  }

  start(): void {
    this.#pods.addHandler({
      onAdd: (id, pod) => this.#podSeen(id, undefined, pod),
      onUpdate: (id, old, pod) => this.#podSeen(id, old, pod),
      onDelete: (id, pod) => this.#podGone(id, pod),
    });
    this.#nodes.addHandler({
      onAdd: (_id, node) => this.#nodeSeen(null, node),
      onUpdate: (_id, old, node) => this.#nodeSeen(old, node),
      onDelete: (_id, node) => this.#nodeGone(node),
    });
    this.#namespaces.addHandler({
      onAdd: (_id, namespace) => this.#namespaceSeen(namespace),
      onUpdate: (_id, _old, namespace) => this.#namespaceSeen(namespace),
      onDelete: (_id, namespace) => this.core.putNamespace(namespace.metadata.name, undefined),
    });
    this.#namespaces.start();
    this.#nodes.start();
    this.#pods.start();
    this.#lookups.start();
    this.#elector?.start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    if (!this.#library.receive(op, from, a, b, payload, conn)) this.#timer(op);
    if (this.#library.alive) this.#kick();
  }

  /** Whether it schedules: it leads (or needs no lease) and has seen the whole cluster once. */
  get active(): boolean {
    const leads = this.#elector === null || this.#elector.leading;
    return leads && this.#pods.synced && this.#nodes.synced && this.#namespaces.synced && this.#lookups.synced;
  }

  #makeElector(client: Client): LeaderElector {
    const identity = `${this.#ctx.name}_${this.#ctx.random('identity').nextUint32().toString(16)}`;
    return new LeaderElector({
      client,
      leaseName: 'kube-scheduler',
      identity,
      releaseOnCancel: true,
      onStartedLeading: () => this.#kick(),
    });
  }

  #timer(op: number): void {
    const nowUs = this.#ctx.now();
    if (op === OP_SCHEDULING_CYCLE) {
      this.#cycleDue = false;
      this.#cycle(nowUs);
    } else if (op === OP_FLUSH_BACKOFF) {
      this.#backoffTimer = false;
      this.queue.flushBackoff(nowUs);
    } else if (op === OP_GANG_TIMEOUT) {
      this.#gangTimer = false;
      this.#expireGang(nowUs);
    } else if (op === OP_FLUSH_UNSCHEDULABLE) {
      this.#unschedulableTimer = false;
      this.queue.flushUnschedulable(nowUs);
    }
  }

  /** Sets the timers that the queue's state asks for. A cycle takes its cost first and decides afterwards. */
  #kick(): void {
    const { queue } = this;
    if (!this.#cycleDue && queue.ready > 0 && this.#binder.running < MAX_BINDINGS && this.active) {
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

  #cycle(nowUs: number): void {
    if (!this.active) return;
    const queued = this.queue.pop();
    if (queued === undefined) return;
    if (queued.pod.metadata.deletionTimestamp !== undefined || this.placed.has(queued.id)) {
      this.queue.delete(queued.id);
      return;
    }
    if (this.#gangs?.admits(queued.pod) === false) {
      this.queue.addUnschedulable(queued, GANG_MASK, nowUs);
      return;
    }
    if (!this.#place(queued)) {
      this.#unplaced(queued, nowUs);
      return;
    }
    const nodeName = this.core.nodes.names[this.#selection.slot] as string;
    if (this.#gangs === null) this.#binder.bind(queued, nodeName);
    else this.#bindGang(this.#gangs.assumed({ queued, nodeName }, nowUs));
  }

  /** Binds pods whose group is complete. */
  #bindGang(ready: readonly Waiting[]): void {
    for (const { queued, nodeName } of ready) {
      this.#placement.pod = queued.pod;
      this.#placement.podClass = this.core.classOf(queued.pod);
      this.#placement.slot = this.core.nodes.find(nodeName);
      this.#binder.bind(queued, nodeName);
    }
  }

  /** A group has waited too long for its last pods: its nodes are free again, and it backs off. */
  #expireGang(nowUs: number): void {
    for (const { queued } of this.#gangs?.expire(nowUs) ?? []) {
      if (this.queue.get(queued.id) !== queued) continue;
      if (this.placed.isAssumed(queued.id)) this.#release(queued.id, queued.pod);
      this.queue.addError(queued, nowUs);
      this.#binder.reportUnschedulable(queued.pod, GANG_MESSAGE, null);
    }
  }

  /** No node is feasible: room is made where that is allowed, and the pod waits. */
  #unplaced(queued: QueuedPod, nowUs: number): void {
    const { core } = this;
    const { pod } = queued;
    const request = { podClass: core.classOf(pod), nodeName: '', pod };
    const { rejectors } = core.diagnosis;
    const equalsToo: MayGo = (victim, { priority }) => victim.priority <= priority;
    const mayGo = this.#ctx.bug(BUG_PREEMPTS_EQUALS) ? equalsToo : undefined;
    const least = this.placed.leastPriority;
    const outcome = postFilter(core, request, queued.profile, least, this.#preemptionDraws, mayGo);
    const { message, candidate, clearsNomination } = outcome;
    this.#ctx.observe(POINT_UNSCHEDULABLE, { pod, message });
    this.queue.addUnschedulable(queued, rejectors, nowUs);
    const clears = clearsNomination && !this.#ctx.bug(BUG_KEEPS_NOMINATIONS);
    const nomination = candidate?.nodeName ?? (clears ? '' : null);
    this.#binder.reportUnschedulable(pod, message, nomination);
    if (nomination !== null) core.nominations.set(pod, nomination);
    if (candidate === null) return;
    this.#ctx.observe(POINT_NOMINATE, { pod, nodeName: candidate.nodeName, victims: candidate.victims });
    queued.preempting = this.#preemptor.start(queued, candidate);
  }

  /** Chooses a node and assumes the pod there; false when no node is feasible. */
  #place(queued: QueuedPod): boolean {
    const { core } = this;
    const podClass = core.classOf(queued.pod);
    const selection = this.#selection;
    const evaluatedBefore = core.nodes.evaluations;
    if (this.#ctx.bug(BUG_SEARCHES_FROM_START)) core.nextStart = 0;
    const search = this.#search;
    search.nodeCount = core.nodes.nodeCount;
    search.start = search.nodeCount === 0 ? 0 : core.nextStart % search.nodeCount;
    core.select({ podClass, nodeName: '', pod: queued.pod }, queued.profile, selection);
    search.examined = selection.examined;
    this.#ctx.observe(POINT_SEARCH, search);
    this.#ctx.count(COUNT_CYCLES);
    this.#ctx.count(COUNT_NODES_EXAMINED, selection.examined);
    this.#ctx.count(COUNT_NODES_EVALUATED, core.nodes.evaluations - evaluatedBefore);
    this.#ctx.spend(this.#ctx.costs.schedulerPerNodeUs * selection.examined);
    if (selection.slot < 0) return false;
    this.placed.assume(queued.id, selection.slot, podClass, !this.#ctx.bug(BUG_IGNORES_ASSUMED), queued.pod);
    if (core.nominations.size > 0) core.nominations.delete(keyOf(queued.pod));
    const placement = this.#placement;
    placement.pod = queued.pod;
    placement.podClass = podClass;
    placement.slot = selection.slot;
    this.#ctx.observe(POINT_ASSUME, placement);
    return true;
  }

  /** The pod is forgotten and tries again after a back-off, unless it is gone or has a node after all. */
  #bindingFailed(queued: QueuedPod): void {
    if (this.queue.get(queued.id) !== queued) return;
    if (this.placed.isAssumed(queued.id)) this.#release(queued.id, queued.pod);
    this.#gangs?.unbound(queued.id);
    if (this.#ctx.bug(BUG_DROPS_FAILED_BINDINGS)) this.queue.delete(queued.id);
    this.queue.addError(queued, this.#ctx.now());
  }

  /** Only under the bug that binds again: another node for a pod whose binding has an unknown outcome. */
  #chooseAgain(queued: QueuedPod): string | null {
    if (this.#pods.get(queued.id)?.metadata.uid !== queued.pod.metadata.uid) return null;
    this.placed.remove(queued.id);
    return this.#place(queued) ? (this.core.nodes.names[this.#selection.slot] as string) : null;
  }

  #podSeen(id: number, old: Pod | undefined, pod: Pod): void {
    if (this.#gangs !== null && !isPodTerminal(pod)) this.#gangSeen(this.#gangs, id, pod);
    if (isPodTerminal(pod)) this.#podGone(id, pod);
    else if (pod.spec.nodeName) this.#assignedSeen(id, old, pod);
    else this.#pendingSeen(id, old, pod);
  }

  /** A group that grew may be complete: its pods are tried. */
  #gangSeen(gangs: Gangs, id: number, pod: Pod): void {
    if (!gangs.seen(id, pod, (pod.spec.nodeName ?? '') !== '')) return;
    const key = gangs.keyOf(pod);
    this.queue.move(GANG_MASK, this.#ctx.now(), (queued) => gangs.keyOf(queued.pod) === key);
  }

  #assignedSeen(id: number, old: Pod | undefined, pod: Pod): void {
    if (old !== undefined && !old.spec.nodeName) this.#nominationEnded(old);
    const seen = this.placed.see(id, pod, old);
    if (seen === 'same') return;
    if (seen === 'moved') this.#ctx.mark(MARK_ASSUMED_ELSEWHERE);
    if (seen !== 'changed') this.queue.delete(id);
    const kind = seen === 'changed' ? 'pod-changed' : 'pod-assigned';
    if (!this.#awaited(kind)) return;
    const before = kind === 'pod-changed' && old !== undefined ? this.core.classOf(old) : undefined;
    this.#happened({ kind, podClass: this.core.classOf(pod), before });
  }

  #pendingSeen(id: number, old: Pod | undefined, pod: Pod): void {
    const profile = this.core.profileOf(pod.spec.schedulerName ?? 'default-scheduler');
    if (profile < 0) return;
    // What it asks for is known before anything is judged by it.
    this.core.classOf(pod);
    const nowUs = this.#ctx.now();
    const replaced = old !== undefined && old.metadata.uid !== pod.metadata.uid;
    if (replaced) this.queue.delete(id);
    if (this.placed.has(id)) {
      if (!replaced && this.placed.isAssumed(id)) {
        this.queue.update(id, pod, false, nowUs);
        return;
      }
      this.#release(id, old ?? pod);
    }
    if (this.queue.get(id) === undefined) this.queue.add(id, pod, profile, nowUs);
    else this.queue.update(id, pod, old === undefined || changesFit(old, pod), nowUs);
    this.#nominationSeen(old, pod);
  }

  /**
   * A pending pod's nomination as the API has it. A version without one does not end a nomination that was made here and has
   * not been written yet.
   */
  #nominationSeen(old: Pod | undefined, pod: Pod): void {
    const before = old?.status?.nominatedNodeName ?? '';
    const now = pod.status?.nominatedNodeName ?? '';
    if (before === now && now === '') return;
    this.core.nominations.set(pod, now);
    if (before !== '' && before !== now) this.#roomLeft(old as Pod);
  }

  /** A pod that was pending is gone or has a node: nobody waits in its name any more. */
  #nominationEnded(pod: Pod): void {
    if (this.core.nominations.size > 0) this.core.nominations.delete(keyOf(pod));
    if ((pod.status?.nominatedNodeName ?? '') !== '') this.#roomLeft(pod);
  }

  /** A nomination ended: pods that are no more important may find room now. */
  #roomLeft(pod: Pod): void {
    if (!this.#awaited('pod-gone')) return;
    this.#happened({ kind: 'pod-gone', podClass: this.core.classOf(pod), maxPriority: pod.spec.priority ?? 0 });
  }

  #podGone(id: number, pod: Pod): void {
    this.queue.delete(id);
    this.#gangs?.gone(id);
    if (!pod.spec.nodeName) this.#nominationEnded(pod);
    if (this.placed.has(id)) this.#release(id, pod);
  }

  #release(id: number, pod: Pod): void {
    this.placed.remove(id);
    if (this.#awaited('pod-gone')) this.#happened({ kind: 'pod-gone', podClass: this.core.classOf(pod), pod });
  }

  #nodeSeen(old: Node | null, node: Node): void {
    const slot = this.core.putNode(node);
    if (this.#awaited('node')) this.#happened({ kind: 'node', old, node, slot });
  }

  #nodeGone(node: Node): void {
    this.core.removeNode(node.metadata.name);
    if (this.#awaited('node-gone')) this.#happened({ kind: 'node-gone', node });
  }

  #namespaceSeen(namespace: Namespace): void {
    this.core.putNamespace(namespace.metadata.name, namespace.metadata.labels ?? {});
  }

  /** Whether any pod waits for a plugin that listens to such events. */
  #awaited(kind: ClusterEvent['kind']): boolean {
    return (this.queue.waitedFor & this.#listeners[kind]) !== 0;
  }

  /** Wakes the pods for which the event is a reason to try again. */
  #happened(event: ClusterEvent): void {
    if (this.#ctx.bug(BUG_SLEEPS_THROUGH_EVENTS)) return;
    const { core } = this;
    const maxPriority =
      'maxPriority' in event ? (event.maxPriority ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    this.queue.move(this.#listeners[event.kind], this.#ctx.now(), (queued) => {
      if (queued.priority > maxPriority) return false;
      return shouldQueue(queued.rejectors, this.#names, core.classOf(queued.pod), event, core.snapshot, queued.pod);
    });
  }
}

/** The planted bug: the profile without its filter on taints. */
function withoutTaints(profile: Profile): Profile {
  const base = configurationOf(profile);
  const filter = base.plugins.filter.filter((name) => name !== 'TaintToleration');
  return { ...profile, base: { ...base, plugins: { ...base.plugins, filter } } };
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Whether a pending pod's new version differs in more than its status: then it deserves another try. */
function changesFit(old: Pod, pod: Pod): boolean {
  if (old.spec === pod.spec && old.metadata.labels === pod.metadata.labels) return false;
  return JSON.stringify([old.spec, old.metadata.labels]) !== JSON.stringify([pod.spec, pod.metadata.labels]);
}
