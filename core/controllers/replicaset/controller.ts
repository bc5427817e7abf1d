/**
 * The ReplicaSet controller: keeps as many active pods as `spec.replicas` says.
 *
 * A sync reads the counts of the owner's pod group; only deletions and orphans look at single pods. Creations go out in batches of
 * 1, 2, 4 … and at most 500 a sync; the next sync acts once the informer has shown them. Source: Kubernetes 1.34
 * pkg/controller/replicaset/replica_set.go.
 */

import { TrackedExpectations } from '../../client/expectations.ts';
import type { Informer } from '../../client/informer.ts';
import { runParallel, slowStart } from '../../client/slow-start.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import { compileSelector, type Selector } from '../../types/label-selector.ts';
import { isTerminating, labelsOf, namespaceOf, uidOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../types/replica-set.ts';
import { PODS, REPLICASETS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { Adoption } from '../adoption.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { PodControl } from '../pod-control.ts';
import { type PodGroup, PodGroups } from '../pod-groups.ts';
import type { RankedPod } from '../pod-ranking.ts';
import {
  BUG_IGNORES_EXPECTATIONS,
  BUG_NEVER_RELEASES,
  BUG_WRITES_UNCHANGED_STATUS,
  POINT_REPLICASET_SYNC,
  type ReplicaSetSync,
} from './bugs.ts';
import { choosePods } from './choose-pods.ts';
import { activeIds, addUnseenClaims, type Claims, NO_CLAIMS } from './claims.ts';
import { replicaSetHandlers } from './handlers.ts';
import { isStatusCurrent, nextStatus } from './status.ts';

/** Most creations or deletions of one sync. */
const BURST_REPLICAS = 500;
const WORKERS = 5;

/** The controller as the manager lists it. */
export const REPLICASET_CONTROLLER: Controller = {
  name: 'replicaset-controller',
  register: (scope) => {
    new ReplicaSetController(scope);
  },
};

/** State of the controller while its manager leads. */
export class ReplicaSetController {
  readonly scope: ControllerScope;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
  readonly groups: PodGroups;
  readonly queue: WorkQueue;
  readonly expectations: TrackedExpectations;
  readonly control: PodControl;
  readonly #selectors = new WeakMap<object, Selector>();

  constructor(scope: ControllerScope) {
    this.scope = scope;
    this.groups = PodGroups.of(scope.manager);
    this.replicaSets = scope.informer<ReplicaSet>(REPLICASETS);
    this.pods = scope.informer<Pod>(PODS);
    this.expectations = new TrackedExpectations(scope.ctx);
    this.control = new PodControl(scope);
    this.queue = scope.queue({
      name: 'replicaset',
      type: REPLICASETS,
      workers: WORKERS,
      reconcile: (id) => this.sync(id),
    });
    replicaSetHandlers(this);
  }

  /** The compiled selector of a ReplicaSet; compiled once, since versions share it. */
  selectorOf(replicaSet: ReplicaSet): Selector {
    const { selector } = replicaSet.spec;
    let compiled = this.#selectors.get(selector);
    if (compiled === undefined) {
      compiled = compileSelector(selector);
      this.#selectors.set(selector, compiled);
    }
    return compiled;
  }

  /** The ReplicaSet that a pod's controller reference names, −1 when there is none with that uid. */
  ownerOf(pod: Pod): number {
    const reference = controllerOf(pod);
    if (reference === undefined || reference.kind !== 'ReplicaSet') return -1;
    const id = this.replicaSets.keys.find(pod.metadata.namespace ?? '', reference.name);
    return id >= 0 && this.replicaSets.get(id)?.metadata.uid === reference.uid ? id : -1;
  }

  /** One sync of a ReplicaSet. */
  *sync(id: number): Generator<Wait, void, unknown> {
    const replicaSet = this.replicaSets.get(id);
    if (replicaSet === undefined) {
      this.expectations.delete(id);
      return;
    }
    const { ctx } = this.scope;
    const satisfied = this.expectations.satisfied(id) || ctx.bug(BUG_IGNORES_EXPECTATIONS);
    const group = this.groups.group(uidOf(replicaSet));
    const selector = this.selectorOf(replicaSet);
    group.check(replicaSet.spec.template?.metadata?.labels, selector);
    let claims = NO_CLAIMS;
    if (group.mismatched.length > 0 || this.groups.orphans(namespaceOf(replicaSet))?.size) {
      claims = yield* this.#claim(replicaSet, group, selector);
    }
    const minReadyUs = (replicaSet.spec.minReadySeconds ?? 0) * 1_000_000;
    const counts = {
      replicas: group.active,
      fullyLabeled: group.fullyLabeled,
      ready: group.ready,
      available: group.availableAt(minReadyUs, ctx.wallUs()),
    };
    if (claims !== NO_CLAIMS) addUnseenClaims(this, replicaSet, group, claims, counts);
    let error: StatusError | null = null;
    if (satisfied && !isTerminating(replicaSet)) {
      error = yield* this.#manage(id, replicaSet, group, claims, counts.replicas);
    }
    const status = nextStatus(replicaSet, counts, error, ctx.wallUs());
    const written = yield* this.#writeStatus(replicaSet, status);
    if (error !== null) throw error;
    if (minReadyUs > 0 && (written.readyReplicas ?? 0) !== (written.availableReplicas ?? 0)) {
      const leftUs = group.nextAvailableUs() - ctx.wallUs();
      this.queue.addAfter(id, Number.isFinite(leftUs) ? Math.max(0, leftUs) : minReadyUs);
    }
  }

  /** Releases pods that no longer match and adopts orphans that do. */
  *#claim(replicaSet: ReplicaSet, group: PodGroup, selector: Selector): Generator<Wait, Claims, unknown> {
    // One that goes lets go of nothing, but no longer counts what does not match.
    if (isTerminating(replicaSet)) return { adopted: [], released: [...group.mismatched] };
    const adoption = new Adoption(this.scope.client, REPLICASETS, replicaSet, PODS);
    const wanted: number[] = [];
    for (const id of this.groups.orphans(namespaceOf(replicaSet)) ?? []) {
      if (this.groups.isActive(id) && selector.matches(labelsOf(this.pods.get(id) as Pod))) wanted.push(id);
    }
    const released = [...group.mismatched];
    if (wanted.length + released.length === 0) return NO_CLAIMS;
    const adopted: number[] = [];
    for (const id of released) {
      const pod = this.pods.get(id);
      if (pod !== undefined && !this.scope.ctx.bug(BUG_NEVER_RELEASES)) yield* adoption.release(pod);
    }
    for (const id of wanted) {
      const pod = this.pods.get(id);
      if (pod !== undefined && (yield* adoption.adopt(pod))) adopted.push(id);
    }
    return { adopted, released };
  }

  /** Creates or deletes pods; the answer is the first failure. */
  *#manage(
    id: number,
    replicaSet: ReplicaSet,
    group: PodGroup,
    claims: Claims,
    replicas: number,
  ): Generator<Wait, StatusError | null, unknown> {
    const { ctx } = this.scope;
    const missing = (replicaSet.spec.replicas ?? 1) - replicas;
    if (ctx.sim.observation.isObserved(POINT_REPLICASET_SYNC)) {
      const change = Math.max(-BURST_REPLICAS, Math.min(BURST_REPLICAS, missing));
      const view: ReplicaSetSync = { replicaSet, activePods: replicas, change };
      ctx.observe(POINT_REPLICASET_SYNC, view);
    }
    if (missing > 0) return yield* this.#create(id, replicaSet, Math.min(missing, BURST_REPLICAS));
    if (missing === 0) return null;
    const chosen = choosePods(this, replicaSet, activeIds(this, group, claims), Math.min(-missing, BURST_REPLICAS));
    return yield* this.#delete(id, replicaSet, chosen);
  }

  *#create(id: number, replicaSet: ReplicaSet, count: number): Generator<Wait, StatusError | null, unknown> {
    const { template } = replicaSet.spec;
    if (template === undefined) return null;
    this.expectations.expectCreations(id, count);
    const { successes, error } = yield* slowStart(this.scope.ctx, count, () => this.#createOne(replicaSet));
    if (successes < count) this.expectations.creationObserved(id, count - successes);
    return error;
  }

  *#createOne(replicaSet: ReplicaSet): Generator<Wait, void, unknown> {
    try {
      yield* this.control.create(replicaSet, replicaSet.spec.template as NonNullable<ReplicaSet['spec']['template']>);
    } catch (error) {
      // A namespace that goes away takes no pods: not worth a retry.
      if (error instanceof StatusError && error.isNamespaceTerminating) return;
      throw error;
    }
  }

  *#delete(
    id: number,
    replicaSet: ReplicaSet,
    chosen: readonly RankedPod[],
  ): Generator<Wait, StatusError | null, unknown> {
    const ids = chosen.map((ranked) => ranked.id);
    this.expectations.expectDeletionsOf(id, ids);
    const { error } = yield* runParallel(this.scope.ctx, 0, chosen.length, (index) =>
      this.#deleteOne(id, replicaSet, ids[index] as number, (chosen[index] as RankedPod).pod),
    );
    return error;
  }

  *#deleteOne(id: number, replicaSet: ReplicaSet, podId: number, pod: Pod): Generator<Wait, void, unknown> {
    try {
      yield* this.control.delete(replicaSet, pod);
    } catch (error) {
      this.expectations.deletionObservedOf(id, podId);
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
    }
  }

  /** Writes the status if it changed, once more from a fresh copy after a failure; the answer is the status as it is. */
  *#writeStatus(replicaSet: ReplicaSet, status: ReplicaSetStatus): Generator<Wait, ReplicaSetStatus, unknown> {
    const { client, ctx } = this.scope;
    if (isStatusCurrent(replicaSet, status) && !ctx.bug(BUG_WRITES_UNCHANGED_STATUS)) return status;
    let current = replicaSet;
    for (let tries = 0; ; tries++) {
      try {
        const written = yield* client.updateStatus<ReplicaSet>(REPLICASETS, { ...current, status });
        return written.status ?? status;
      } catch (error) {
        if (!(error instanceof StatusError) || tries >= 1) throw error;
      }
      current = yield* client.get<ReplicaSet>(REPLICASETS, namespaceOf(replicaSet), replicaSet.metadata.name);
      // Upstream does not look: what was counted of a set that has gone is none of the next one's of that name.
      if (uidOf(current) !== uidOf(replicaSet)) return status;
    }
  }

  /** Whether the pod turned ready between two versions and its owner waits before it counts. */
  becameReady(old: Pod, pod: Pod, replicaSet: ReplicaSet): boolean {
    return (replicaSet.spec.minReadySeconds ?? 0) > 0 && !isPodReady(old) && isPodReady(pod);
  }
}
