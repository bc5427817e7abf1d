/**
 * One sync of one Deployment: the working copy and the writes that the strategies share.
 *
 * As in the real controller the working copy keeps the resourceVersion it was read with: after one status write of a sync the next one
 * of the same sync conflicts and the key comes back after 5 ms. The ReplicaSets, too, stay as they were read: what a sync scales shows in
 * the status that the next one writes. Source: Kubernetes 1.34 pkg/controller/deployment/sync.go.
 */
import type { Wait } from '../../sim/task.ts';
import type { Deployment, DeploymentStatus } from '../../types/deployment.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { Condition } from '../../types/object.ts';
import { isTerminating, namespaceOf, uidOf } from '../../types/object.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { DEPLOYMENTS, REPLICASETS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { withSizes } from './annotations.ts';
import {
  BUG_KEEPS_OLD_REPLICASETS,
  BUG_WRITES_UNCHANGED_STATUS,
  type DeploymentScale,
  POINT_DEPLOYMENT_SCALE,
} from './bugs.ts';
import { byRevision, maxSurge, maxUnavailable, sizeOf, statusSum, totalSize } from './replica-sets.ts';
import { calculateStatus, withCondition } from './status.ts';

const MAX_INT32 = 2147483647;

export class DeploymentSync {
  readonly scope: ControllerScope;
  /** Working copy; replaced, never changed. */
  deployment: Deployment;
  /** All its ReplicaSets, as claimed at the start of the sync. */
  readonly replicaSets: readonly ReplicaSet[];
  /** The one of the present template, once looked up. */
  newReplicaSet: ReplicaSet | undefined;
  /** The others, oldest first. */
  oldReplicaSets: ReplicaSet[] = [];
  /** What this sync has scaled, for whoever observes. */
  readonly #scaled: ReplicaSet[] = [];

  constructor(scope: ControllerScope, deployment: Deployment, replicaSets: readonly ReplicaSet[]) {
    this.scope = scope;
    this.deployment = deployment;
    this.replicaSets = replicaSets;
  }

  /** Old and new ReplicaSets together. */
  get all(): readonly ReplicaSet[] {
    return this.newReplicaSet === undefined ? this.oldReplicaSets : [...this.oldReplicaSets, this.newReplicaSet];
  }

  get wallUs(): number {
    return this.scope.ctx.wallUs();
  }

  /** Puts a condition into the working copy. */
  setCondition(condition: Condition): void {
    const { deployment } = this;
    const conditions = withCondition(deployment.status?.conditions ?? [], condition);
    this.deployment = { ...deployment, status: { ...deployment.status, conditions } };
  }

  /** Writes the working copy's status (and annotations, which a status write carries). */
  *writeDeployment(): Generator<Wait, void, unknown> {
    yield* this.scope.client.updateStatus<Deployment>(DEPLOYMENTS, this.deployment);
  }

  /** Writes `status` unless it is what the working copy shows; true if it was written. */
  *writeStatus(status: DeploymentStatus): Generator<Wait, boolean, unknown> {
    const unchanged = jsonEqual(this.deployment.status ?? {}, status);
    if (unchanged && !this.scope.ctx.bug(BUG_WRITES_UNCHANGED_STATUS)) return false;
    this.deployment = { ...this.deployment, status };
    yield* this.writeDeployment();
    return true;
  }

  /** Status only: for Deployments that are being deleted or paused, and after a scaling. */
  *syncStatus(): Generator<Wait, void, unknown> {
    yield* this.writeStatus(calculateStatus(this.deployment, this.all, this.newReplicaSet, this.wallUs));
  }

  /**
   * Asks for `size` pods of a ReplicaSet and brings its size annotations up to date; the answer is the ReplicaSet as written, itself
   * when nothing was. With `sizeOnly` nothing is written while the size is right.
   */
  *scale(replicaSet: ReplicaSet, size: number, sizeOnly: boolean): Generator<Wait, ReplicaSet, unknown> {
    const { deployment } = this;
    const from = sizeOf(replicaSet);
    if (sizeOnly && from === size) return replicaSet;
    const surge = maxSurge(deployment);
    const replicas = sizeOf(deployment);
    const { metadata, spec } = replicaSet;
    const annotations = withSizes(metadata.annotations, replicas, replicas + surge);
    if (from === size && annotations === metadata.annotations) return replicaSet;
    if (from !== size) this.observeScale(replicaSet, from, size);
    const wanted: ReplicaSet = {
      ...replicaSet,
      metadata: { ...metadata, annotations },
      spec: { ...spec, replicas: size },
    };
    const written = yield* this.scope.client.update<ReplicaSet>(REPLICASETS, wanted);
    this.#scaled.push(written);
    if (from === size) return written;
    const direction = from < size ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${metadata.name} from ${from} to ${size}`;
    this.scope.recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message);
    return written;
  }

  /** Deletes old ReplicaSets beyond `revisionHistoryLimit`, lowest revision first, that have no pods. */
  *cleanUp(): Generator<Wait, void, unknown> {
    const limit = this.deployment.spec.revisionHistoryLimit;
    if (limit === undefined || limit === MAX_INT32 || this.scope.ctx.bug(BUG_KEEPS_OLD_REPLICASETS)) return;
    const candidates = this.oldReplicaSets.filter((replicaSet) => !isTerminating(replicaSet));
    const excess = candidates.length - limit;
    if (excess <= 0) return;
    for (const replicaSet of byRevision(candidates).slice(0, excess)) {
      const { metadata, status } = replicaSet;
      if ((status?.replicas ?? 0) !== 0 || sizeOf(replicaSet) !== 0) continue;
      if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) continue;
      try {
        yield* this.scope.client.delete(REPLICASETS, namespaceOf(replicaSet), metadata.name);
      } catch (error) {
        if (!(error instanceof StatusError) || !error.isNotFound) throw error;
      }
    }
  }

  /** Shows a change of size to whoever listens; `from` is 0 for one that is about to be created. */
  observeScale(replicaSet: ReplicaSet, from: number, to: number): void {
    const { ctx } = this.scope;
    if (!ctx.sim.observation.isObserved(POINT_DEPLOYMENT_SCALE)) return;
    const { deployment } = this;
    const latest = (one: ReplicaSet): ReplicaSet =>
      this.#scaled.findLast((written) => uidOf(written) === uidOf(one)) ?? one;
    const all = this.all.map(latest);
    let kept = 0;
    for (const other of all) kept += Math.min(sizeOf(other), other.status?.availableReplicas ?? 0);
    const view: DeploymentScale = {
      deployment,
      replicaSet,
      isNew:
        this.newReplicaSet === undefined ? uidOf(replicaSet) === '' : uidOf(this.newReplicaSet) === uidOf(replicaSet),
      from,
      to,
      replicas: sizeOf(deployment),
      maxSurge: maxSurge(deployment),
      maxUnavailable: maxUnavailable(deployment),
      total: totalSize(all),
      available: statusSum(all, 'availableReplicas'),
      kept,
      all,
    };
    ctx.observe(POINT_DEPLOYMENT_SCALE, view);
  }
}
