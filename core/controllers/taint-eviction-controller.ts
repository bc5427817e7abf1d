/**
 * The taint eviction controller: deletes pods from nodes whose NoExecute taints they do not tolerate, at once or when their
 * `tolerationSeconds` are over.
 *
 * Cost: a node event looks at the node's pods only when its NoExecute taints changed, a pod event only at pods that got a node or
 * other tolerations. A scheduled eviction keeps its time while a pod is tainted anew; taking the taints away cancels it. The
 * controller's own monotonic clock counts, so a new leader starts every toleration from the beginning.
 * Source: Kubernetes 1.34 pkg/controller/tainteviction. The recordings of 1.34.1 show no TaintManagerEviction events, so they are
 * written only where the setting `evictionEvents` asks for them.
 */
import type { Informer } from '../client/informer.ts';
import type { InformerIndex } from '../client/informer-index.ts';
import type { WorkQueue } from '../client/work-queue.ts';
import { defineBug, defineMark, definePoint } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { Node, Taint } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import { NODES, PODS } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { noExecuteSeconds } from '../types/tolerations.ts';
import type { Controller } from './controller.ts';
import type { ControllerScope } from './controller-scope.ts';
import { markAndDelete } from './pod-deletion.ts';
import { podsByNode } from './pods-by-node.ts';
import { flagSetting } from './settings.ts';

/** Subject: the Pod. */
const POINT_EVICT = definePoint('taint-eviction.evict', 'a pod is about to be evicted because of a taint');
const BUG_IGNORES_TOLERATION_SECONDS = defineBug(
  'taint-eviction-ignores-toleration-seconds',
  'pods that tolerate a NoExecute taint for a while are deleted at once',
);
const BUG_FORCES_DELETION = defineBug(
  'taint-eviction-forces-deletion',
  'an evicted pod is deleted without a grace period, so that nobody waits for its kubelet',
);
const BUG_MISSES_OLD_TAINTS = defineBug(
  'taint-eviction-misses-old-taints',
  'taints that a node has when the controller begins are not looked at',
);
const BUG_KEEPS_TIMERS = defineBug(
  'taint-eviction-keeps-timers',
  'an eviction that is scheduled goes ahead although the taint has gone',
);
const MARK_CANCELLED = defineMark('taint-eviction-cancelled', 'a scheduled eviction was cancelled');
const MARK_RETRIED = defineMark('taint-eviction-retried', 'marking or deleting a tainted pod needed another try');
const MARK_GAVE_UP = defineMark('taint-eviction-gave-up', 'deleting a tainted pod failed five times');

const TRIES = 5;
const RETRY_US = 10_000;
/** Evictions run at the same time; the real controller has no limit. */
const EVICTIONS_MAX = 1 << 20;
const NONE: readonly Taint[] = [];
const DISRUPTION = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' };

/** Nothing scheduled. */
const IDLE = 0;
const SCHEDULED = 1;
/** The eviction ran or runs: nothing is scheduled again before a cancel. */
const FIRED = 2;

/** The taint eviction controller. Setting (`taint-eviction-controller`): `evictionEvents` false. */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  register: (scope) => {
    new TaintEviction(scope);
  },
};

class TaintEviction {
  readonly #scope: ControllerScope;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #byNode: InformerIndex<Pod>;
  readonly #queue: WorkQueue;
  readonly #events: boolean;
  /** NoExecute taints by node id; absent = none. */
  readonly #taints = new Map<number, readonly Taint[]>();
  /** By pod id. */
  readonly #state: number[] = [];
  readonly #dueUs: number[] = [];
  readonly #createdUs: number[] = [];

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#events = flagSetting(scope, 'evictionEvents', false);
    this.#byNode = podsByNode(scope.manager);
    this.#nodes = scope.informer<Node>(NODES);
    this.#pods = scope.informer<Pod>(PODS);
    this.#queue = scope.queue({
      name: 'taint-eviction',
      type: PODS,
      workers: EVICTIONS_MAX,
      reconcile: (id) => this.#fire(id),
    });
    this.#nodes.addHandler({
      onAdd: (id, node) => {
        if (!this.#scope.ctx.bug(BUG_MISSES_OLD_TAINTS)) this.#nodeChanged(id, undefined, node);
      },
      onUpdate: (id, old, node) => this.#nodeChanged(id, old, node),
      onDelete: (id) => {
        this.#taints.delete(id);
      },
    });
    this.#pods.addHandler({
      onAdd: (id, pod) => this.#podChanged(id, pod),
      onUpdate: (id, old, pod) => {
        if (old.metadata.uid !== pod.metadata.uid) this.#cancel(id, old);
        else if (old.spec.tolerations === pod.spec.tolerations && old.spec.nodeName === pod.spec.nodeName) return;
        this.#podChanged(id, pod);
      },
      onDelete: (id, pod) => this.#cancel(id, pod),
    });
  }

  #nodeChanged(id: number, old: Node | undefined, node: Node): void {
    if (old !== undefined && old.spec?.taints === node.spec?.taints) return;
    const taints = noExecuteTaints(node);
    const before = this.#taints.get(id) ?? NONE;
    if (sameTaints(before, taints)) return;
    if (taints.length === 0) this.#taints.delete(id);
    else this.#taints.set(id, taints);
    const pods = this.#byNode.ids(id);
    for (let i = 0; i < pods.length; i++) {
      const pod = pods[i] as number;
      this.#judge(pod, this.#pods.get(pod) as Pod, taints);
    }
  }

  #podChanged(id: number, pod: Pod): void {
    const node = this.#byNode.keyOf(id);
    const taints = node < 0 ? undefined : this.#taints.get(node);
    if (taints !== undefined) this.#judge(id, pod, taints);
  }

  /** Schedules, keeps or cancels the eviction of a pod on a node with these NoExecute taints. */
  #judge(id: number, pod: Pod, taints: readonly Taint[]): void {
    if (taints.length === 0) {
      if (!this.#scope.ctx.bug(BUG_KEEPS_TIMERS)) this.#cancel(id, pod);
      return;
    }
    let seconds = noExecuteSeconds(taints, pod.spec.tolerations);
    if (seconds > 0 && this.#scope.ctx.bug(BUG_IGNORES_TOLERATION_SECONDS)) seconds = 0;
    if (seconds < 0) {
      this.#cancel(id, pod);
      return;
    }
    const nowUs = this.#scope.ctx.now();
    let createdUs = nowUs;
    if (seconds > 0 && this.#state[id] === SCHEDULED) {
      createdUs = this.#createdUs[id] as number;
      if (createdUs < nowUs) return;
    }
    this.#cancel(id, pod);
    this.#schedule(id, createdUs, seconds * 1_000_000);
  }

  #schedule(id: number, createdUs: number, delayUs: number): void {
    this.#state[id] = SCHEDULED;
    this.#createdUs[id] = createdUs;
    this.#dueUs[id] = createdUs + delayUs;
    this.#queue.addAfter(id, createdUs + delayUs - this.#scope.ctx.now());
  }

  #cancel(id: number, pod: Pod): void {
    const state = this.#state[id] ?? IDLE;
    if (state === IDLE) return;
    this.#state[id] = IDLE;
    if (state !== SCHEDULED) return;
    this.#scope.ctx.mark(MARK_CANCELLED);
    this.#report(pod, 'Cancelling deletion of');
  }

  #report(pod: Pod, what: string): void {
    if (!this.#events) return;
    const { namespace = '', name } = pod.metadata;
    this.#scope.recorder.event(pod, 'Normal', 'TaintManagerEviction', `${what} Pod ${namespace}/${name}`);
  }

  *#fire(id: number): Generator<Wait, void, unknown> {
    const pod = this.#pods.get(id);
    if (pod === undefined || this.#state[id] !== SCHEDULED) return;
    const { ctx } = this.#scope;
    const leftUs = (this.#dueUs[id] as number) - ctx.now();
    if (leftUs > 0) {
      this.#queue.addAfter(id, leftUs);
      return;
    }
    this.#state[id] = FIRED;
    ctx.observe(POINT_EVICT, pod);
    this.#report(pod, 'Marking for deletion');
    for (let tries = 1; ; tries++) {
      try {
        yield* this.#evict(pod);
        return;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
      if (tries === TRIES) break;
      ctx.mark(MARK_RETRIED);
      yield* ctx.sleep(RETRY_US);
    }
    ctx.mark(MARK_GAVE_UP);
    if (this.#state[id] === FIRED) this.#state[id] = IDLE;
  }

  *#evict({ metadata: { namespace = '', name } }: Pod): Generator<Wait, void, unknown> {
    const { client, ctx } = this.#scope;
    const pod = yield* client.get<Pod>(PODS, namespace, name);
    const disruption = { ...DISRUPTION, observedGeneration: pod.metadata.generation };
    yield* markAndDelete(
      this.#scope,
      pod,
      { disruption },
      ctx.bug(BUG_FORCES_DELETION) ? { gracePeriodSeconds: 0 } : {},
    );
  }
}

function noExecuteTaints(node: Node): readonly Taint[] {
  const taints = node.spec?.taints;
  if (taints === undefined || !taints.some((taint) => taint.effect === 'NoExecute')) return NONE;
  return taints.filter((taint) => taint.effect === 'NoExecute');
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  return (
    a.length === b.length &&
    a.every((x, i) => {
      const y = b[i] as Taint;
      return x.key === y.key && x.value === y.value && x.timeAdded === y.timeAdded;
    })
  );
}
