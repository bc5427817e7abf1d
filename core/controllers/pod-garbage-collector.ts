/**
 * The pod garbage collector: deletes pods that no kubelet will ever delete.
 *
 * Every 20 s: ended pods above a threshold, terminating pods on nodes declared out of service, pods of nodes that do not exist (after
 * 40 s of quarantine and a live read), terminating pods that never got a node. Handlers keep the sets, so a pass costs the nodes with pods
 * and the pods concerned, not all pods. Source: Kubernetes 1.34 pkg/controller/podgc.
 */
import type { Informer } from '../client/informer.ts';
import type { InformerIndex } from '../client/informer-index.ts';
import { runParallel } from '../client/slow-start.ts';
import { defineBug, defineMark } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { Node } from '../types/node.ts';
import { isTerminating } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { isConditionTrue, isPodTerminal } from '../types/pod-conditions.ts';
import { NODES, PODS } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { Controller } from './controller.ts';
import type { ControllerScope } from './controller-scope.ts';
import { type Disruption, markAndDelete, type PodMark } from './pod-deletion.ts';
import { podsByNode } from './pods-by-node.ts';
import { numberSetting } from './settings.ts';

const BUG_NO_QUARANTINE = defineBug(
  'pod-gc-no-quarantine',
  'pods of a node that does not exist are deleted at the first pass that misses it',
);
const MARK_ORPHANED = defineMark('pod-gc-orphaned', 'a pod was deleted because its node no longer exists');
const MARK_NODE_CAME_BACK = defineMark(
  'pod-gc-node-came-back',
  'a missing node existed after all when it was read live',
);
const MARK_OUT_OF_SERVICE = defineMark(
  'pod-gc-out-of-service',
  'a terminating pod on an out-of-service node was deleted',
);
const MARK_TERMINATED = defineMark('pod-gc-terminated', 'ended pods above the threshold were deleted');

const S = 1_000_000;
const NODE_GONE = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
const AT_ONCE = { gracePeriodSeconds: 0 };
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/**
 * The pod garbage collector. Settings (`pod-garbage-collector-controller`): `periodS` 20, `quarantineS` 40, `terminatedPods` 12500
 * (0 = ended pods stay).
 */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector-controller',
  register: (scope) => {
    new PodGarbageCollector(scope);
  },
};

class PodGarbageCollector {
  readonly #scope: ControllerScope;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #byNode: InformerIndex<Pod>;
  readonly #quarantineUs: number;
  readonly #terminatedMax: number;
  /** Ended pods, and pods with a deletionTimestamp. */
  readonly #ended = new Set<number>();
  readonly #terminating = new Set<number>();
  /** Missing node → when its quarantine ends, µs. */
  readonly #quarantine = new Map<number, number>();

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#quarantineUs = numberSetting(scope, 'quarantineS', 40) * S;
    this.#terminatedMax = numberSetting(scope, 'terminatedPods', 12_500);
    this.#byNode = podsByNode(scope.manager);
    this.#pods = scope.informer<Pod>(PODS);
    this.#nodes = scope.informer<Node>(NODES);
    this.#pods.addHandler({
      onAdd: (id, pod) => this.#sort(id, pod),
      onUpdate: (id, _old, pod) => this.#sort(id, pod),
      onDelete: (id) => {
        this.#ended.delete(id);
        this.#terminating.delete(id);
      },
    });
    scope.every('pod-gc', numberSetting(scope, 'periodS', 20) * S, () => this.#pass());
  }

  #sort(id: number, pod: Pod): void {
    if (isPodTerminal(pod)) this.#ended.add(id);
    else if (this.#ended.size > 0) this.#ended.delete(id);
    if (isTerminating(pod)) this.#terminating.add(id);
    else if (this.#terminating.size > 0) this.#terminating.delete(id);
  }

  *#pass(): Generator<Wait, void, unknown> {
    if (this.#terminatedMax > 0 && this.#ended.size > this.#terminatedMax) yield* this.#deleteEnded();
    yield* this.#deleteOutOfService();
    yield* this.#deleteOrphans();
    for (const pod of this.#podsOf(this.#terminating)) {
      if ((pod.spec.nodeName ?? '') === '') yield* this.#failAndDelete(pod);
    }
  }

  #podsOf(ids: Iterable<number>): Pod[] {
    return [...ids].map((id) => this.#pods.get(id)).filter((pod) => pod !== undefined);
  }

  *#deleteEnded(): Generator<Wait, void, unknown> {
    const pods = this.#podsOf(this.#ended).sort(byEvictionAndAge);
    const count = pods.length - this.#terminatedMax;
    this.#scope.ctx.mark(MARK_TERMINATED);
    yield* runParallel(this.#scope.ctx, 0, count, (i) => this.#failAndDelete(pods[i] as Pod));
  }

  *#deleteOutOfService(): Generator<Wait, void, unknown> {
    const pods = this.#podsOf(this.#terminating).filter((pod) => {
      const node = pod.spec.nodeName === undefined ? undefined : this.#nodes.find('', pod.spec.nodeName);
      if (node === undefined || isConditionTrue(node.status?.conditions, 'Ready')) return false;
      return node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false;
    });
    if (pods.length === 0) return;
    this.#scope.ctx.mark(MARK_OUT_OF_SERVICE);
    yield* runParallel(this.#scope.ctx, 0, pods.length, (i) => this.#failAndDelete(pods[i] as Pod));
  }

  *#deleteOrphans(): Generator<Wait, void, unknown> {
    const nowUs = this.#scope.ctx.now();
    for (const node of this.#byNode.keys()) {
      if (this.#byNode.count(node) === 0 || this.#nodes.get(node) !== undefined || this.#quarantine.has(node)) continue;
      this.#quarantine.set(node, nowUs + this.#quarantineUs);
    }
    for (const [node, dueUs] of [...this.#quarantine]) {
      if (dueUs > nowUs && !this.#scope.ctx.bug(BUG_NO_QUARANTINE)) continue;
      this.#quarantine.delete(node);
      if (this.#nodes.get(node) !== undefined || !(yield* this.#isGone(node))) continue;
      for (const pod of this.#podsOf(this.#byNode.ids(node))) {
        this.#scope.ctx.mark(MARK_ORPHANED);
        yield* this.#failAndDelete(pod, { ...NODE_GONE, observedGeneration: pod.metadata.generation });
      }
    }
  }

  *#isGone(node: number): Generator<Wait, boolean, unknown> {
    try {
      yield* this.#scope.client.get(NODES, '', this.#scope.keys(NODES).nameOf(node));
      this.#scope.ctx.mark(MARK_NODE_CAME_BACK);
      return false;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return error.isNotFound;
    }
  }

  /** Has a pod fail that has not ended, and deletes it; a refusal is left to the next pass. */
  *#failAndDelete(pod: Pod, disruption?: Disruption): Generator<Wait, void, unknown> {
    const mark: PodMark = isPodTerminal(pod) ? {} : { phase: 'Failed', disruption };
    try {
      yield* markAndDelete(this.#scope, pod, mark, AT_ONCE);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

/** Evicted pods first, then the oldest, then by name. */
function byEvictionAndAge(a: Pod, b: Pod): number {
  const evictedA = a.status?.reason === 'Evicted' ? 0 : 1;
  const evictedB = b.status?.reason === 'Evicted' ? 0 : 1;
  if (evictedA !== evictedB) return evictedA - evictedB;
  const ageA = a.metadata.creationTimestamp ?? '';
  const ageB = b.metadata.creationTimestamp ?? '';
  if (ageA !== ageB) return ageA < ageB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
