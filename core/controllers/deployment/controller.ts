/**
 * The Deployment controller: keeps ReplicaSets for the templates of a Deployment and moves pods from old to new ones.
 *
 * A sync costs the number of ReplicaSets, never the number of pods. Source: Kubernetes 1.34 pkg/controller/deployment
 * (deployment_controller.go, recreate.go, sync.go).
 */
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import type { Deployment } from '../../types/deployment.ts';
import { compileSelector, type Selector } from '../../types/label-selector.ts';
import { isTerminating, labelsOf, namespaceOf, uidOf } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { DEPLOYMENTS, PODS, REPLICASETS } from '../../types/resource-type.ts';
import type { StatusError } from '../../types/status-error.ts';
import { Adoption } from '../adoption.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { PodGroups } from '../pod-groups.ts';
import { ReplicaSetsByOwner } from '../replica-sets-by-owner.ts';
import { BUG_FORGETS_DEADLINE, BUG_IGNORES_PAUSE } from './bugs.ts';
import { DeploymentSync } from './deployment-sync.ts';
import { deploymentHandlers } from './handlers.ts';
import { findReplicaSets, findReplicaSetsAgain } from './new-replica-set.ts';
import { activeReplicaSets, isRollingUpdate, sizeOf, statusSum } from './replica-sets.ts';
import { rollOut } from './rolling-update.ts';
import { isScalingEvent, scaleReplicaSets } from './scaling.ts';
import {
  conditionOf,
  hasProgressDeadline,
  isComplete,
  PROGRESSING,
  progressCheckDelayUs,
  REASON_TIMED_OUT,
  rolloutStatus,
} from './status.ts';

const WORKERS = 5;
/** A failing key is given up after so many retries, until the next event. */
const RETRIES_MAX = 15;

/** The controller as the manager lists it. */
export const DEPLOYMENT_CONTROLLER: Controller = {
  name: 'deployment-controller',
  register: (scope) => {
    new DeploymentController(scope);
  },
};

/** State of the controller while its manager leads. */
export class DeploymentController {
  readonly scope: ControllerScope;
  readonly deployments: Informer<Deployment>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly byOwner: ReplicaSetsByOwner;
  readonly groups: PodGroups;
  readonly queue: WorkQueue;
  readonly #selectors = new WeakMap<object, Selector>();

  constructor(scope: ControllerScope) {
    this.scope = scope;
    this.byOwner = ReplicaSetsByOwner.of(scope.manager);
    this.groups = PodGroups.of(scope.manager);
    this.deployments = scope.informer<Deployment>(DEPLOYMENTS);
    this.replicaSets = scope.informer<ReplicaSet>(REPLICASETS);
    this.queue = scope.queue({
      name: 'deployment',
      type: DEPLOYMENTS,
      workers: WORKERS,
      reconcile: (id) => this.sync(id),
      onError: (id, error) => this.#onError(id, error),
    });
    deploymentHandlers(this, scope.informer(PODS));
  }

  /** The compiled selector of a Deployment. */
  selectorOf(deployment: Deployment): Selector {
    const { selector } = deployment.spec;
    let compiled = this.#selectors.get(selector);
    if (compiled === undefined) {
      compiled = compileSelector(selector);
      this.#selectors.set(selector, compiled);
    }
    return compiled;
  }

  /** The Deployment that an object's controller reference names, −1 when there is none with that uid. */
  ownerOf(object: ReplicaSet): number {
    const reference = controllerOf(object);
    if (reference === undefined || reference.kind !== 'Deployment') return -1;
    const id = this.deployments.keys.find(namespaceOf(object), reference.name);
    return id >= 0 && this.deployments.get(id)?.metadata.uid === reference.uid ? id : -1;
  }

  /** One sync of a Deployment. */
  *sync(id: number): Generator<Wait, void, unknown> {
    const deployment = this.deployments.get(id);
    if (deployment === undefined) return;
    const replicaSets = yield* this.#claim(deployment);
    const sync = new DeploymentSync(this.scope, deployment, replicaSets);
    if (isTerminating(deployment)) {
      yield* findReplicaSets(sync, false);
      yield* sync.syncStatus();
      return;
    }
    yield* this.#syncPaused(sync);
    yield* findReplicaSets(sync, false);
    const paused = deployment.spec.paused === true && !this.scope.ctx.bug(BUG_IGNORES_PAUSE);
    if (paused || isScalingEvent(sync)) {
      if (!paused) yield* findReplicaSetsAgain(sync, false);
      yield* scaleReplicaSets(sync);
      if (paused) yield* sync.cleanUp();
      yield* sync.syncStatus();
      return;
    }
    if (isRollingUpdate(deployment)) yield* this.#rollingUpdate(id, sync);
    else yield* this.#recreate(id, sync);
  }

  *#rollingUpdate(id: number, sync: DeploymentSync): Generator<Wait, void, unknown> {
    yield* findReplicaSetsAgain(sync, true);
    const changed = yield* rollOut(sync);
    if (!changed && isComplete(sync.deployment, sync.deployment.status)) yield* sync.cleanUp();
    yield* this.#syncRollout(id, sync);
  }

  *#recreate(id: number, sync: DeploymentSync): Generator<Wait, void, unknown> {
    yield* findReplicaSetsAgain(sync, false);
    const active = activeReplicaSets(sync.oldReplicaSets);
    for (const old of active) yield* sync.scale(old, 0, true);
    if (active.length === 0 && !this.#oldPodsRun(sync)) {
      if (sync.newReplicaSet === undefined) yield* findReplicaSets(sync, true);
      yield* sync.scale(sync.newReplicaSet as unknown as ReplicaSet, sizeOf(sync.deployment), true);
      if (isComplete(sync.deployment, sync.deployment.status)) yield* sync.cleanUp();
    }
    yield* this.#syncRollout(id, sync);
  }

  /** Whether pods of old ReplicaSets have not ended; terminating ones count. */
  #oldPodsRun(sync: DeploymentSync): boolean {
    if (statusSum(sync.oldReplicaSets, 'replicas') > 0) return true;
    return sync.oldReplicaSets.some((old) => (this.groups.find(uidOf(old))?.running ?? 0) > 0);
  }

  *#syncRollout(id: number, sync: DeploymentSync): Generator<Wait, void, unknown> {
    const status = rolloutStatus(sync.deployment, sync.all, sync.newReplicaSet, sync.wallUs);
    if (yield* sync.writeStatus(status)) return;
    const forgets = this.scope.ctx.bug(BUG_FORGETS_DEADLINE);
    const delayUs = forgets ? -1 : progressCheckDelayUs(sync.deployment, status, sync.wallUs);
    if (delayUs === 0) this.queue.addRateLimited(id);
    else if (delayUs > 0) this.queue.addAfter(id, delayUs);
  }

  /** The condition of a pause or of its end, so that the progress deadline does not run meanwhile. */
  *#syncPaused(sync: DeploymentSync): Generator<Wait, void, unknown> {
    const { deployment } = sync;
    if (!hasProgressDeadline(deployment)) return;
    const condition = findCondition(deployment.status?.conditions, PROGRESSING);
    if (condition?.reason === REASON_TIMED_OUT) return;
    const paused = deployment.spec.paused === true;
    const shown = condition?.reason === 'DeploymentPaused';
    if (paused === shown) return;
    const reason = paused ? 'DeploymentPaused' : 'DeploymentResumed';
    const message = paused ? 'Deployment is paused' : 'Deployment is resumed';
    sync.setCondition(conditionOf(PROGRESSING, 'Unknown', reason, message, sync.wallUs));
    yield* sync.writeDeployment();
  }

  /** Its ReplicaSets, after adopting orphans that match and releasing those that no longer do. */
  *#claim(deployment: Deployment): Generator<Wait, ReplicaSet[], unknown> {
    const selector = this.selectorOf(deployment);
    const adoption = new Adoption(this.scope.client, DEPLOYMENTS, deployment, REPLICASETS);
    const terminating = isTerminating(deployment);
    const claimed: ReplicaSet[] = [];
    const owned = [...this.byOwner.owned(uidOf(deployment))].map((id) => this.replicaSets.get(id) as ReplicaSet);
    for (const replicaSet of owned) {
      if (selector.matches(labelsOf(replicaSet))) claimed.push(replicaSet);
      else if (!terminating) yield* adoption.release(replicaSet);
    }
    if (terminating) return claimed;
    const orphans = [...this.byOwner.orphans(namespaceOf(deployment))].map((id) => this.replicaSets.get(id));
    for (const replicaSet of orphans) {
      if (replicaSet === undefined || isTerminating(replicaSet) || !selector.matches(labelsOf(replicaSet))) continue;
      if (yield* adoption.adopt(replicaSet)) claimed.push(replicaSet);
    }
    return claimed;
  }

  #onError(id: number, error: StatusError): void {
    if (error.isNamespaceTerminating) this.queue.forget(id);
    else if (this.queue.failures(id) < RETRIES_MAX) this.queue.addRateLimited(id);
    else this.queue.forget(id);
  }
}
