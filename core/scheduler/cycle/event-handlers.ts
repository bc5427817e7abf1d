/**
 * What the scheduler's informers tell it about pods, nodes and namespaces, and what it makes of that (kube-scheduler 1.34,
 * eventhandlers.go): pods with a node are charged to it, pods without one wait in the queue, and whoever may gain by the
 * change is woken.
 */
import type { Informer } from '../../client/informer.ts';
import type { Context } from '../../sim/context.ts';
import type { Namespace } from '../../types/namespace.ts';
import type { Node } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import { GANG_MASK, type Gangs } from '../groups/gangs.ts';
import type { PlacedPods } from '../pods/placed-pods.ts';
import { podKey } from '../pods/pod-key.ts';
import { BUG_COUNTS_OWN_PODS, BUG_MISSES_LABELS, MARK_ASSUMED_ELSEWHERE } from '../points.ts';
import { nodeChanges } from '../queue/cluster-event.ts';
import { IN_UNSCHEDULABLE } from '../queue/queued-pod.ts';
import type { SchedulingQueue } from '../queue/scheduling-queue.ts';
import type { WakeUps } from '../queue/wake-ups.ts';

/** What the handlers keep up to date. */
export interface HandledState {
  readonly core: SchedulingCore;
  readonly queue: SchedulingQueue;
  readonly placed: PlacedPods;
  readonly wakeUps: WakeUps;
  /** `null` unless a profile enables GangScheduling. */
  readonly gangs: Gangs | null;
}

/** The handlers of one scheduler. */
export class EventHandlers {
  readonly #ctx: Context;
  readonly #core: SchedulingCore;
  readonly #queue: SchedulingQueue;
  readonly #placed: PlacedPods;
  readonly #wakeUps: WakeUps;
  readonly #gangs: Gangs | null;

  constructor(ctx: Context, { core, queue, placed, wakeUps, gangs }: HandledState) {
    this.#ctx = ctx;
    this.#core = core;
    this.#queue = queue;
    this.#placed = placed;
    this.#wakeUps = wakeUps;
    this.#gangs = gangs;
  }

  /** Listens to the informers; what they know already comes first, pods after what they are judged by. */
  register(pods: Informer<Pod>, nodes: Informer<Node>, namespaces: Informer<Namespace>): void {
    namespaces.addHandler({
      onAdd: (_id, namespace) => this.#namespaceSeen(namespace),
      onUpdate: (_id, _old, namespace) => this.#namespaceSeen(namespace),
      onDelete: (_id, namespace) => this.#core.putNamespace(namespace.metadata.name, undefined),
    });
    nodes.addHandler({
      onAdd: (_id, node) => this.#nodeSeen(null, node),
      onUpdate: (_id, old, node) => this.#nodeSeen(old, node),
      onDelete: (_id, node) => this.#nodeGone(node),
    });
    pods.addHandler({
      onAdd: (id, pod) => this.#podSeen(id, undefined, pod),
      onUpdate: (id, old, pod) => this.#podChanged(id, old, pod),
      onDelete: (id, pod) => this.#podGone(id, pod),
    });
  }

  /** A pod has no node any more (gone, ended, forgotten after a failed binding): others may find room. */
  release(id: number, pod: Pod): void {
    this.#placed.remove(id);
    if (this.#wakeUps.awaited('pod-gone')) {
      this.#wakeUps.happened({ kind: 'pod-gone', podClass: this.#core.classOf(pod), pod });
    }
  }

  /** A pod of another uid has taken the name: the old one's deletion was missed. */
  #podChanged(id: number, old: Pod, pod: Pod): void {
    const replaced = old.metadata.uid !== pod.metadata.uid;
    if (replaced) this.#podGone(id, old);
    this.#podSeen(id, replaced ? undefined : old, pod);
  }

  #podSeen(id: number, old: Pod | undefined, pod: Pod): void {
    if (this.#gangs !== null && !isPodTerminal(pod)) this.#gangSeen(this.#gangs, id, pod);
    if (isPodTerminal(pod)) this.#podGone(id, pod);
    else if (pod.spec.nodeName) this.#assignedSeen(id, old, pod);
    else this.#pendingSeen(id, old, pod);
  }

  /** A group that grew may be complete: its pods are tried. */
  #gangSeen(gangs: Gangs, id: number, pod: Pod): void {
    if (!gangs.seen(id, pod, (pod.spec.nodeName ?? '') !== '') || !gangs.admits(pod)) return;
    const key = gangs.keyOf(pod);
    this.#queue.move(GANG_MASK, this.#ctx.now(), (queued) => gangs.keyOf(queued.pod) === key);
  }

  #assignedSeen(id: number, old: Pod | undefined, pod: Pod): void {
    if (old !== undefined && !old.spec.nodeName) this.#nominationEnded(old);
    if (!this.#placed.has(id) && this.#ctx.bug(BUG_COUNTS_OWN_PODS)) return this.#queue.delete(id);
    const seen = this.#placed.see(id, pod, old);
    if (seen === 'same') return;
    if (seen === 'moved') this.#ctx.mark(MARK_ASSUMED_ELSEWHERE);
    if (seen !== 'changed') this.#queue.delete(id);
    const kind = seen === 'changed' ? 'pod-changed' : 'pod-assigned';
    if (!this.#wakeUps.awaited(kind)) return;
    const before = kind === 'pod-changed' && old !== undefined ? this.#core.classOf(old) : undefined;
    this.#wakeUps.happened({ kind, podClass: this.#core.classOf(pod), before });
  }

  #pendingSeen(id: number, old: Pod | undefined, pod: Pod): void {
    const profile = this.#core.profileOf(pod.spec.schedulerName ?? 'default-scheduler');
    if (profile < 0) return;
    // What it asks for is known before anything is judged by it.
    this.#core.classOf(pod);
    const nowUs = this.#ctx.now();
    if (this.#placed.has(id)) {
      if (this.#placed.isAssumed(id)) {
        this.#queue.update(id, pod, false, nowUs);
        return;
      }
      this.release(id, old ?? pod);
    }
    if (this.#queue.get(id) === undefined) this.#queue.add(id, pod, profile, nowUs);
    else this.#queue.update(id, pod, old === undefined || this.#mayFit(id, old, pod), nowUs);
    this.#nominationSeen(old, pod);
  }

  /** Whether a pending pod's new version deserves another try. */
  #mayFit(id: number, old: Pod, pod: Pod): boolean {
    const queued = this.#queue.get(id);
    return queued?.where === IN_UNSCHEDULABLE && this.#wakeUps.changeHelps(queued, old, pod);
  }

  /**
   * A pending pod's nomination as the API has it. A version without one does not end a nomination that was made here and has
   * not been written yet.
   */
  #nominationSeen(old: Pod | undefined, pod: Pod): void {
    const before = old?.status?.nominatedNodeName ?? '';
    const now = pod.status?.nominatedNodeName ?? '';
    if (before === now && now === '') return;
    this.#core.nominations.set(pod, now);
    if (before !== '' && before !== now) this.#roomLeft(old as Pod);
  }

  /** A pod that was pending is gone or has a node: nobody waits in its name any more. */
  #nominationEnded(pod: Pod): void {
    if (this.#core.nominations.size > 0) this.#core.nominations.delete(podKey(pod));
    if ((pod.status?.nominatedNodeName ?? '') !== '') this.#roomLeft(pod);
  }

  /** A nomination ended: pods that are no more important may find room now. */
  #roomLeft(pod: Pod): void {
    if (!this.#wakeUps.awaited('pod-gone')) return;
    const maxPriority = pod.spec.priority ?? 0;
    this.#wakeUps.happened({ kind: 'pod-gone', podClass: this.#core.classOf(pod), pod, maxPriority });
  }

  #podGone(id: number, pod: Pod): void {
    this.#queue.delete(id);
    this.#gangs?.gone(id);
    if (!pod.spec.nodeName) this.#nominationEnded(pod);
    if (this.#placed.has(id)) this.release(id, pod);
  }

  #nodeSeen(old: Node | null, node: Node): void {
    if (old?.spec === node.spec && old?.status === node.status && this.#ctx.bug(BUG_MISSES_LABELS)) return;
    const slot = this.#core.putNode(node);
    if (!this.#wakeUps.awaited('node')) return;
    const changes = nodeChanges(old, node);
    if (changes !== 0) this.#wakeUps.happened({ kind: 'node', old, node, slot, changes });
  }

  #nodeGone(node: Node): void {
    this.#core.removeNode(node.metadata.name);
    if (this.#wakeUps.awaited('node-gone')) this.#wakeUps.happened({ kind: 'node-gone', node });
  }

  #namespaceSeen(namespace: Namespace): void {
    this.#core.putNamespace(namespace.metadata.name, namespace.metadata.labels ?? {});
  }
}
