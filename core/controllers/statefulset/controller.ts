/**
 * The StatefulSet controller: pods with stable names, one at a time unless Parallel.
 *
 * It has no expectations: names make double creation impossible. A sync costs the number of its pods. Source: Kubernetes 1.34
 * pkg/controller/statefulset/stateful_set.go.
 */
import type { WorkQueue } from '../../client/work-queue.ts';
import { defineBug } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { ControllerRevision } from '../../types/controller-revision.ts';
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
import { isStatusCurrent, statusOf } from './pod-state.ts';
import { StatefulPods } from './stateful-pods.ts';
import { planUpdate, runUpdate } from './update.ts';

const WORKERS = 5;
/** client-go's retry.DefaultRetry, without its jitter. */
const STATUS_TRIES_MAX = 5;
const STATUS_RETRY_US = 10_000;

const BUG_FORGETS_AVAILABLE = defineBug(
  'statefulset-forgets-available',
  'the status of a StatefulSet goes on saying how many of its pods were available at first',
);

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
    const selector = this.#owners.selectorOf(set);
    yield* this.#revisions.adoptOrphans(set as Templated, selector);
    const ids = yield* this.#owners.claim(set, (pod) => ordinalOf(set, pod) >= 0);
    const pods = ids.map((pod) => this.#owners.pods.get(pod) as Pod);
    const known = this.#revisions.list(set, selector);
    const given = set.status?.collisionCount ?? 0;
    const { revision, collisionCount } = yield* this.#revisions.current(set as Templated, known, given);
    const current = known.find((other) => other.metadata.name === set.status?.currentRevision) ?? revision;
    const plan = planUpdate(this.#scope.ctx, this.#control, set, current, revision, pods);
    const { counts, error } = yield* runUpdate(plan);
    if (this.#scope.ctx.bug(BUG_FORGETS_AVAILABLE)) counts.available = set.status?.availableReplicas ?? 0;
    const status = statusOf(set, counts, current.metadata.name, revision.metadata.name, collisionCount);
    const refused = yield* this.#writeStatus(set, status);
    yield* this.#truncate(set, known, pods, [current, revision]);
    if (error !== null) throw error;
    if (refused !== null) throw refused;
    const minReady = set.spec.minReadySeconds ?? 0;
    if (minReady > 0 && status.availableReplicas !== (set.spec.replicas ?? 1))
      this.#queue.addAfter(id, minReady * 1_000_000);
  }

  /** Deletes revisions that neither a pod nor the set is of, the lowest first, down to the limit. */
  *#truncate(
    set: StatefulSet,
    known: readonly ControllerRevision[],
    pods: readonly Pod[],
    used: readonly ControllerRevision[],
  ): Generator<Wait, void, unknown> {
    const limit = set.spec.revisionHistoryLimit ?? 10;
    if (known.length <= limit) return;
    const live = new Set(pods.map(revisionOfPod));
    for (const { metadata } of used) live.add(metadata.name);
    const unused = known.filter(({ metadata }) => !live.has(metadata.name));
    yield* this.#revisions.deleteFirst(unused, unused.length - limit);
  }

  /**
   * Writes the status if it changed; a conflict is tried again from the informer's copy. (Upstream sends the same copy again, too, which
   * can only conflict: here that try is left out.) The answer is the failure, if any.
   */
  *#writeStatus(set: StatefulSet, status: StatefulSetStatus): Generator<Wait, StatusError | null, unknown> {
    if (isStatusCurrent(set, status)) return null;
    const { client, ctx } = this.#scope;
    let sent: StatefulSet | null = null;
    let refused: StatusError | null = null;
    for (let tries = 0; tries < STATUS_TRIES_MAX; tries++) {
      if (tries > 0) yield* ctx.sleep(STATUS_RETRY_US);
      const latest: StatefulSet =
        tries === 0 ? set : (this.#owners.owners.find(namespaceOf(set), set.metadata.name) ?? set);
      // Upstream does not look: what was counted of a set that has gone is none of the next one's of that name.
      if (uidOf(latest) !== uidOf(set)) return null;
      if (latest === sent) continue;
      sent = latest;
      try {
        yield* client.updateStatus<StatefulSet>(STATEFULSETS, { ...latest, status });
        return null;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (!error.isConflict) return error;
        refused = error;
      }
    }
    return refused;
  }
}
