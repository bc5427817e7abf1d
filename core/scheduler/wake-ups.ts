/**
 * Which waiting pods an event of the cluster gives another try: those that a plugin listening to such events rejected, and
 * whose plugin sees a chance in this one (kube-scheduler 1.34, queueing hints). An event that nobody waits for costs one test.
 */
import type { Context } from '../sim/context.ts';
import type { Pod } from '../types/pod.ts';
import type { ClusterEvent } from './cluster-event.ts';
import { BUG_SLEEPS_THROUGH_EVENTS } from './points.ts';
import { listeners, shouldQueue } from './queueing-hints.ts';
import type { SchedulingCore } from './scheduling-core.ts';
import type { SchedulingQueue } from './scheduling-queue.ts';

/** Wakes the pods of one scheduler's queue. */
export class WakeUps {
  readonly #ctx: Context;
  readonly #core: SchedulingCore;
  readonly #queue: SchedulingQueue;
  readonly #names: readonly string[];
  /** By kind of event: the plugins that listen. */
  readonly #listeners: Readonly<Record<ClusterEvent['kind'], number>>;

  constructor(ctx: Context, core: SchedulingCore, queue: SchedulingQueue) {
    this.#ctx = ctx;
    this.#core = core;
    this.#queue = queue;
    const names = core.filterNames(0);
    this.#names = names;
    const listenersTo = (kind: ClusterEvent['kind']) => listeners(names, kind, core.objects.deviceGates);
    this.#listeners = {
      node: listenersTo('node'),
      'node-gone': listenersTo('node-gone'),
      'pod-assigned': listenersTo('pod-assigned'),
      'pod-gone': listenersTo('pod-gone'),
      'pod-changed': listenersTo('pod-changed'),
      volume: listenersTo('volume'),
    };
  }

  /** Whether any pod waits for a plugin that listens to such events. */
  awaited(kind: ClusterEvent['kind']): boolean {
    return (this.#queue.waitedFor & this.#listeners[kind]) !== 0;
  }

  /** Wakes the pods for which the event is a reason to try again. */
  happened(event: ClusterEvent): void {
    if (this.#ctx.bug(BUG_SLEEPS_THROUGH_EVENTS)) return;
    const core = this.#core;
    const maxPriority =
      'maxPriority' in event ? (event.maxPriority ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const classOf = (pod: Pod) => core.classOf(pod);
    this.#queue.move(this.#listeners[event.kind], this.#ctx.now(), (queued) => {
      if (queued.priority > maxPriority) return false;
      const podClass = queued.classBy(classOf, core.shapes.generation);
      return shouldQueue(queued.rejectors, this.#names, podClass, event, core.snapshot, queued.pod);
    });
  }
}
