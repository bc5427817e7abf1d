/**
 * The disruption controller: keeps the status of PodDisruptionBudgets, which is the lock that evictions take.
 *
 * A sync reads counts that pod events keep; it costs the controllers of the budget's pods and its recorded evictions. A recorded
 * eviction whose pod is not being deleted after two minutes is dropped. Scales count as they are when a pod event brings a sync, as in
 * the real controller. Source: Kubernetes 1.34 pkg/controller/disruption.
 */
import { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Deployment } from '../../types/deployment.ts';
import { jsonEqual } from '../../types/json-value.ts';
import { namespaceOf, type StringMap } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isPodReady, setCondition } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../types/pod-disruption-budget.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import {
  DEPLOYMENTS,
  NAMESPACES,
  PODDISRUPTIONBUDGETS,
  PODS,
  REPLICASETS,
  STATEFULSETS,
} from '../../types/resource-type.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { podsByNamespace } from '../pods-by-namespace.ts';
import { type BudgetMembers, Budgets } from './budget-members.ts';
import { countsScales, expectationOf, type ScaleSources } from './expected-pods.ts';
import { watchStaleTargets } from './stale-targets.ts';
import { unmanagedMessage } from './unmanaged-message.ts';

const BUG_NEVER_LOWERS = defineBug(
  'disruption-never-lowers',
  'the disruption controller never lowers disruptionsAllowed when pods become unhealthy',
);
const BUG_RENEWS_CONDITION = defineBug(
  'disruption-renews-condition',
  'the condition of a budget is made anew each time its status is written',
);
const BUG_NEVER_RAISES = defineBug(
  'disruption-never-raises',
  'the disruption controller never raises disruptionsAllowed when pods become healthy again',
);
const MARK_NOT_DELETED = defineMark(
  'disruption-not-deleted',
  'an eviction was recorded but its pod was not deleted in time',
);
const MARK_FAIL_SAFE = defineMark(
  'disruption-fail-safe',
  'a budget was closed because its status could not be computed',
);
const MARK_CONFLICT = defineMark('disruption-conflict', 'a budget status met a newer version, e.g. an eviction');

/** A recorded eviction counts for this long, µs. */
const EVICTION_TIMEOUT_US = 120_000_000;

const RECHECK_MARGIN_US = 1_000;

/** The disruption controller; no settings. */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  register: (scope) => {
    new Disruption(scope);
  },
};

class Disruption {
  readonly #scope: ControllerScope;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #members: Budgets;
  readonly #sources: ScaleSources;
  readonly #recorder: EventRecorder;
  readonly #queue: WorkQueue;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    const events = { component: 'controllermanager', enabled: scope.manager.options.events ?? true };
    this.#recorder = new EventRecorder(scope.client.connection, events, scope.manager.library);
    const byNamespace = podsByNamespace(scope.manager);
    const namespaceKeys = scope.keys(NAMESPACES);
    this.#pods = scope.informer<Pod>(PODS);
    this.#budgets = scope.informer<PodDisruptionBudget>(PODDISRUPTIONBUDGETS);
    this.#members = new Budgets(this.#pods, (namespace) => byNamespace.ids(namespaceKeys.intern('', namespace)));
    this.#sources = {
      replicaSets: scope.informer<ReplicaSet>(REPLICASETS),
      deployments: scope.informer<Deployment>(DEPLOYMENTS),
      statefulSets: scope.informer<StatefulSet>(STATEFULSETS),
      podName: (id) => scope.keys(PODS).nameOf(id),
    };
    this.#queue = scope.queue({
      name: 'disruption',
      type: PODDISRUPTIONBUDGETS,
      workers: 1,
      reconcile: (id) => this.#sync(id),
    });
    this.#addHandlers();
    watchStaleTargets(scope, this.#pods);
  }

  #addHandlers(): void {
    this.#budgets.addHandler({
      onAdd: (id, budget) => {
        this.#members.set(id, budget);
        this.#queue.add(id);
      },
      onUpdate: (id, old, budget) => {
        if (!jsonEqual(old.spec?.selector, budget.spec?.selector)) this.#members.set(id, budget);
        this.#queue.add(id);
      },
      onDelete: (id, budget) => this.#members.delete(id, namespaceOf(budget)),
    });
    const enqueue = (id: number): void => this.#queue.add(id);
    const changed = (id: number, pod: Pod, isGone: boolean): void => {
      const first = this.#members.podChanged(id, namespaceOf(pod), isGone ? undefined : pod, enqueue);
      if (first >= 0) this.#tellOfSeveral(pod, first);
    };
    this.#pods.addHandler({
      onAdd: (id, pod) => changed(id, pod, false),
      onUpdate: (id, _old, pod) => changed(id, pod, false),
      onDelete: (id, pod) => changed(id, pod, true),
    });
  }

  /** With each change of a pod that several budgets match. Source: disruption.go getPdbForPod. */
  #tellOfSeveral(pod: Pod, first: number): void {
    const budget = this.#scope.keys(PODDISRUPTIONBUDGETS).nameOf(first);
    const message = `Pod "${namespaceOf(pod)}"/"${pod.metadata.name}" matches multiple PodDisruptionBudgets.  Chose "${budget}" arbitrarily.`;
    this.#recorder.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', message);
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const budget = this.#budgets.get(id);
    if (budget === undefined) return;
    const members = this.#members.of(id, namespaceOf(budget)) as BudgetMembers;
    members.isStale = false;
    if (members.count === 0) this.#recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const expectation = expectationOf(budget, members, this.#sources);
    if (typeof expectation === 'string') {
      const message = `Failed to calculate the number of expected pods: ${expectation}`;
      this.#recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      yield* this.#failSafe(budget, expectation);
      return;
    }
    if (members.unmanaged > 0 && countsScales(budget)) {
      this.#recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedMessage(budget.spec?.selector));
    }
    const wallUs = this.#scope.ctx.wallUs();
    const disrupted = this.#disruptedOf(budget, members, wallUs);
    const currentHealthy = members.healthy - disrupted.healthy;
    const allowed = currentHealthy - expectation.desiredHealthy;
    const status: PodDisruptionBudgetStatus = {
      observedGeneration: budget.metadata.generation,
      disruptedPods: disrupted.pods,
      disruptionsAllowed: expectation.expectedPods <= 0 || allowed <= 0 ? 0 : allowed,
      currentHealthy,
      desiredHealthy: expectation.desiredHealthy,
      expectedPods: expectation.expectedPods,
      conditions: budget.status?.conditions,
    };
    yield* this.#writeStatus(budget, status, wallUs);
    if (disrupted.recheckUs === Number.POSITIVE_INFINITY) return;
    // A millisecond past the instant: exactly at it the record still counts, and the sync would ask for itself for ever.
    this.#queue.addAfter(id, disrupted.recheckUs - wallUs + RECHECK_MARGIN_US);
  }

  /** Recorded evictions that still count, how many healthy pods they take away, and when to look again (wall µs). */
  #disruptedOf(
    budget: PodDisruptionBudget,
    members: BudgetMembers,
    wallUs: number,
  ): { readonly pods: StringMap | undefined; readonly healthy: number; readonly recheckUs: number } {
    const recorded = budget.status?.disruptedPods;
    let healthy = 0;
    let recheckUs = Number.POSITIVE_INFINITY;
    let pods: Record<string, string> | undefined;
    if (recorded === undefined) return { pods, healthy, recheckUs };
    const namespace = namespaceOf(budget);
    for (const name of Object.keys(recorded)) {
      const id = this.#scope.keys(PODS).find(namespace, name);
      const pod = id < 0 ? undefined : this.#pods.get(id);
      if (pod === undefined || !members.has(id) || pod.metadata.deletionTimestamp !== undefined) continue;
      const time = recorded[name] as string;
      const expectedUs = parseTime(time) + EVICTION_TIMEOUT_US;
      if (!(expectedUs >= wallUs)) {
        this.#scope.ctx.mark(MARK_NOT_DELETED);
        const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
        this.#recorder.event(pod, 'Warning', 'NotDeleted', message);
        continue;
      }
      pods ??= {};
      pods[name] = time;
      recheckUs = Math.min(recheckUs, expectedUs);
      if (isPodReady(pod)) healthy++;
    }
    return { pods, healthy, recheckUs };
  }

  *#writeStatus(
    budget: PodDisruptionBudget,
    status: PodDisruptionBudgetStatus,
    wallUs: number,
  ): Generator<Wait, void, unknown> {
    const old = budget.status;
    let { disruptionsAllowed } = status;
    if (this.#scope.ctx.bug(BUG_NEVER_LOWERS))
      disruptionsAllowed = Math.max(disruptionsAllowed, old?.disruptionsAllowed ?? 0);
    if (old?.observedGeneration !== undefined && this.#scope.ctx.bug(BUG_NEVER_RAISES))
      disruptionsAllowed = Math.min(disruptionsAllowed, old.disruptionsAllowed);
    const conditions = setCondition(this.#scope.ctx.bug(BUG_RENEWS_CONDITION) ? [] : old?.conditions, {
      type: 'DisruptionAllowed',
      status: disruptionsAllowed > 0 ? 'True' : 'False',
      observedGeneration: status.observedGeneration,
      lastTransitionTime: formatTime(wallUs),
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    });
    const next = { ...status, disruptionsAllowed, conditions };
    if (old !== undefined && sameStatus(old, next)) return;
    try {
      yield* this.#scope.client.updateStatus(PODDISRUPTIONBUDGETS, { ...budget, status: next });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.isNotFound) return;
      if (error.isConflict) this.#scope.ctx.mark(MARK_CONFLICT);
      throw error;
    }
  }

  /** The budget allows nothing until its status can be computed again. */
  *#failSafe(budget: PodDisruptionBudget, why: string): Generator<Wait, void, unknown> {
    this.#scope.ctx.mark(MARK_FAIL_SAFE);
    const old = budget.status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 };
    const conditions = setCondition(old.conditions, {
      type: 'DisruptionAllowed',
      status: 'False',
      observedGeneration: old.observedGeneration,
      lastTransitionTime: formatTime(this.#scope.ctx.wallUs()),
      reason: 'SyncFailed',
      message: why,
    });
    const known = findCondition(old.conditions, 'DisruptionAllowed');
    if (old.disruptionsAllowed === 0 && known?.reason === 'SyncFailed' && known.message === why) return;
    const status = { ...old, disruptionsAllowed: 0, conditions };
    yield* this.#scope.client.updateStatus(PODDISRUPTIONBUDGETS, { ...budget, status });
  }
}

function sameStatus(a: PodDisruptionBudgetStatus, b: PodDisruptionBudgetStatus): boolean {
  return (
    a.observedGeneration === b.observedGeneration &&
    a.disruptionsAllowed === b.disruptionsAllowed &&
    a.currentHealthy === b.currentHealthy &&
    a.desiredHealthy === b.desiredHealthy &&
    a.expectedPods === b.expectedPods &&
    jsonEqual(a.disruptedPods ?? {}, b.disruptedPods ?? {}) &&
    isConditionUpToDate(a)
  );
}

/** Only status and reason count. Source: Kubernetes 1.34, component-helpers apps/poddisruptionbudget, ConditionsAreUpToDate. */
function isConditionUpToDate({ conditions, disruptionsAllowed }: PodDisruptionBudgetStatus): boolean {
  const known = findCondition(conditions, 'DisruptionAllowed');
  const [status, reason] = disruptionsAllowed > 0 ? ['True', 'SufficientPods'] : ['False', 'InsufficientPods'];
  return known?.status === status && known?.reason === reason;
}
