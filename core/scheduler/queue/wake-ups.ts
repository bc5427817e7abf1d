/**
 * Which waiting pods an event of the cluster gives another try: those that a plugin listening to such events rejected, and
 * whose plugin sees a chance in this one (kube-scheduler 1.34, queueing hints). An event that nobody waits for costs one test.
 */
import type { Context } from '../../sim/context.ts';
import type { Pod } from '../../types/pod.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import { BUG_SLEEPS_THROUGH_EVENTS } from '../points.ts';
import { type ClusterEvent, NODE_CHANGE_SETS } from './cluster-event.ts';
import type { QueuedPod } from './queued-pod.ts';
import { changeHelps, listeners, shouldQueue } from './queueing-hints.ts';
import type { SchedulingQueue } from './scheduling-queue.ts';

/** Wakes the pods of one scheduler's queue. */
export class WakeUps {
  readonly #ctx: Context;
  readonly #core: SchedulingCore;
  readonly #queue: SchedulingQueue;
  /** Plugins of each profile, by their bit. */
  readonly #names: readonly (readonly string[])[];
  /** By kind of event: the plugins that listen, of whichever profile. */
  readonly #listeners: Readonly<Record<Exclude<ClusterEvent['kind'], 'node'>, number>>;
  /** The same for nodes, by what has changed; the last for any change. */
  readonly #nodeListeners: readonly number[];

  constructor(ctx: Context, core: SchedulingCore, queue: SchedulingQueue) {
    this.#ctx = ctx;
    this.#core = core;
    this.#queue = queue;
    const names = Array.from({ length: core.profileCount }, (_, profile) => core.filterNames(profile));
    const { deviceGates } = core.objects;
    const listenersTo = (kind: ClusterEvent['kind'], changes?: number) =>
      names.reduce((mask, each) => mask | listeners(each, kind, deviceGates, changes), 0);
    this.#names = names;
    this.#listeners = {
      'node-gone': listenersTo('node-gone'),
      'pod-assigned': listenersTo('pod-assigned'),
      'pod-gone': listenersTo('pod-gone'),
      'pod-changed': listenersTo('pod-changed'),
      volume: listenersTo('volume'),
    };
    this.#nodeListeners = Array.from({ length: NODE_CHANGE_SETS }, (_, changes) => listenersTo('node', changes));
  }

  /** Whether any pod waits for a plugin that listens to such events. */
  awaited(kind: ClusterEvent['kind']): boolean {
    return (this.#queue.waitedFor & this.#listenersTo(kind)) !== 0;
  }

  /** Wakes the pods for which the event is a reason to try again. */
  happened(event: ClusterEvent): void {
    if (this.#ctx.bug(BUG_SLEEPS_THROUGH_EVENTS)) return;
    const { snapshot, objects } = this.#core;
    const maxPriority = event.kind === 'pod-gone' ? (event.maxPriority ?? Number.POSITIVE_INFINITY) : undefined;
    const mask = this.#listenersTo(event.kind, event.kind === 'node' ? event.changes : undefined);
    this.#queue.move(mask, this.#ctx.now(), (queued) => {
      if (maxPriority !== undefined && queued.priority > maxPriority) return false;
      const rejected = { pod: queued.pod, podClass: this.#classOf(queued), snapshot, objects };
      return shouldQueue(queued.rejectors, this.#namesFor(queued), rejected, event);
    });
  }

  /** Whether a new version of a pod that waits deserves another try. */
  changeHelps(queued: QueuedPod, old: Pod, pod: Pod): boolean {
    const core = this.#core;
    const { snapshot, objects } = core;
    const rejected = { pod, podClass: core.classOf(pod), snapshot, objects };
    return changeHelps(queued.rejectors, this.#namesFor(queued), rejected, { pod: old, podClass: core.classOf(old) });
  }

  #listenersTo(kind: ClusterEvent['kind'], changes = NODE_CHANGE_SETS - 1): number {
    return kind === 'node' ? (this.#nodeListeners[changes] as number) : this.#listeners[kind];
  }

  #namesFor({ profile }: QueuedPod): readonly string[] {
    return this.#names[profile] as readonly string[];
  }

  #classOf(queued: QueuedPod) {
    const core = this.#core;
    return queued.classBy((pod) => core.classOf(pod), core.shapes.generation);
  }
}
