/**
 * The StatefulSet controller: pods with stable names, one at a time unless Parallel.
 *
 * It has no expectations: names make double creation impossible. A sync costs the number of its pods. Source: Kubernetes 1.34
 * pkg/controller/statefulset/stateful_set.go.
 */
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import type { ControllerRevision } from '../../types/controller-revision.ts';
import { jsonEqual } from '../../types/json-value.ts';
import { namespaceOf, type StringMap, uidOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import { contentNameHash } from '../../types/pod-template-hash.ts';
import { STATEFULSETS } from '../../types/resource-type.ts';
import type { StatefulSet, StatefulSetStatus } from '../../types/stateful-set.ts';
import { StatusError } from '../../types/status-error.ts';
import type { Controller } from '../controller.ts';
import { ControllerRevisions, type Templated } from '../controller-revisions.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { PodOwners } from '../pod-owners.ts';
import { ordinalOf, revisionOfPod } from './identity.ts';
import { statusOf } from './pod-state.ts';
import { StatefulPods } from './stateful-pods.ts';
import { planUpdate, runUpdate } from './update.ts';

const WORKERS = 5;

/** The controller as the manager lists it. */
export const STATEFULSET_CONTROLLER: Controller = {
  name: 'statefulset-controller',
  register: (scope) => {
    new StatefulSetController(scope);
  },
};

class StatefulSetController {
  readonly #scope: ControllerScope;
  readonly #owners: PodOwners<StatefulSet>;
  readonly #revisions: ControllerRevisions;
  readonly #control: StatefulPods;
  readonly #queue: WorkQueue;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#owners = new PodOwners<StatefulSet>(scope, STATEFULSETS);
    this.#revisions = new ControllerRevisions(scope, STATEFULSETS, {
      hashOf: (template, collisionCount) => contentNameHash(template, collisionCount),
      hashLabel: 'controller.kubernetes.io/hash',
      annotations: (owner): StringMap | undefined => owner.metadata.annotations,
    });
    this.#control = new StatefulPods(scope);
    this.#queue = scope.queue({
      name: 'statefulset',
      type: STATEFULSETS,
      workers: WORKERS,
      reconcile: (id) => this.#sync(id),
    });
    this.#watch();
  }

  #watch(): void {
    const queue = this.#queue;
    const wake = (owner: number): void => queue.add(owner);
    this.#owners.owners.addHandler({ onAdd: wake, onUpdate: wake, onDelete: wake });
    this.#owners.watch({
      added: wake,
      removed: wake,
      orphan: wake,
      updated: (owner, _id, old, pod) => {
        queue.add(owner);
        const minReady = this.#owners.owners.get(owner)?.spec.minReadySeconds ?? 0;
        if (minReady > 0 && !isPodReady(old) && isPodReady(pod)) queue.addAfter(owner, (minReady + 1) * 1_000_000);
      },
    });
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const set = this.#owners.owners.get(id);
    if (set === undefined) return;
    yield* this.#revisions.adoptOrphans(set as Templated);
    const ids = yield* this.#owners.claim(set, (pod) => ordinalOf(set, pod) >= 0);
    const pods = ids.map((pod) => this.#owners.pods.get(pod) as Pod);
    const known = this.#revisions.list(set);
    const given = set.status?.collisionCount ?? 0;
    const { revision, collisionCount } = yield* this.#revisions.current(set as Templated, known, given);
    const current = known.find((other) => other.metadata.name === set.status?.currentRevision) ?? revision;
    const plan = planUpdate(this.#scope.ctx, this.#control, set, current, revision, pods);
    const { counts, error } = yield* runUpdate(plan);
    const status = statusOf(set, counts, current.metadata.name, revision.metadata.name, collisionCount);
    yield* this.#writeStatus(set, status);
    if (error !== null) throw error;
    yield* this.#truncate(set, [...known, revision], pods, status);
    const minReady = set.spec.minReadySeconds ?? 0;
    if (minReady > 0 && status.availableReplicas !== (set.spec.replicas ?? 1))
      this.#queue.addAfter(id, minReady * 1_000_000);
  }

  *#truncate(
    set: StatefulSet,
    revisions: readonly ControllerRevision[],
    pods: readonly Pod[],
    status: StatefulSetStatus,
  ): Generator<Wait, void, unknown> {
    const limit = set.spec.revisionHistoryLimit ?? 10;
    if (revisions.length <= limit) return;
    const live = new Set(pods.map(revisionOfPod));
    live.add(status.currentRevision ?? '');
    live.add(status.updateRevision ?? '');
    yield* this.#revisions.truncate([...new Set(revisions)], live, limit);
  }

  /** Writes the status if it changed; a conflict is tried again from a fresh copy once. */
  *#writeStatus(set: StatefulSet, status: StatefulSetStatus): Generator<Wait, void, unknown> {
    if (jsonEqual(set.status ?? {}, status)) return;
    const { client } = this.#scope;
    try {
      yield* client.updateStatus<StatefulSet>(STATEFULSETS, { ...set, status });
      return;
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isConflict) throw error;
    }
    const fresh = yield* client.get<StatefulSet>(STATEFULSETS, namespaceOf(set), set.metadata.name);
    // Upstream does not look: what was counted of a set that has gone is none of the next one's of that name.
    if (uidOf(fresh) !== uidOf(set)) return;
    yield* client.updateStatus<StatefulSet>(STATEFULSETS, { ...fresh, status });
  }
}
