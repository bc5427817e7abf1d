/**
 * Eviction: a delete of a pod that its disruption budget has to allow.
 *
 * The write that takes one off `status.disruptionsAllowed` is the lock between evictions: it goes through optimistic
 * concurrency, so two drains can never both take the last one. Three writes: the budget, the pod's condition
 * DisruptionTarget, the deletion mark. Source: Kubernetes 1.34, registry/core/pod/storage/eviction.go; recording pdb-
 * eviction.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Eviction, Pod } from '../../types/pod.ts';
import { disruptionTarget, isPodReady, isPodTerminal, setCondition } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../types/pod-disruption-budget.ts';
import { PODDISRUPTIONBUDGETS, PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import { freshMeta } from '../../types/version-meta.ts';
import { ApiRequest, type ApiResponse, NO_OPTIONS, type RequestOptions } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { BUG_EVICTION_KEEPS_BUDGET, MARK_EVICTION_REFUSED } from '../declarations.ts';
import { DISRUPTED_PODS_MAX } from '../limits.ts';
import { withParts } from '../metadata.ts';
import { type Mutation, Operation } from '../operation.ts';
import { checkPreconditions } from '../registry/deletion.ts';
import { mutate, mutateNamed } from '../storage/guaranteed-update.ts';
import { remove } from '../verbs/delete.ts';
import { aboutPod } from '../verbs/given-object.ts';
import { checkDeleteOptions } from '../verbs/request-options.ts';
import { CREATED_STATUS } from './success.ts';

const EVICTION_KIND = { ...PODS, kind: 'Eviction', group: 'policy', apiVersion: 'policy/v1' };

/** What an eviction knows of its pod, kept in the operation's memo. */
interface Target {
  readonly pod: Pod;
  /** Delete only if the pod is still at this version (it was judged by its readiness). */
  readonly resourceVersion: string | undefined;
  /** The budget that was charged; null when none asked to be. */
  readonly budget: KubeObject | null;
}

/** First step: read the pod and find out whether a budget has a say. Changes nothing. */
const JUDGE: Mutation = {
  next(_core, op, existing) {
    op.memo = existing;
    return existing;
  },
  done(core, op) {
    core.guarded(op, judge);
  },
};

function judge(core: ApiCore, op: Operation): void {
  const pod = op.memo as Pod;
  const eviction = op.request.object as Eviction;
  checkPreconditions(PODS, pod, { uid: eviction.deleteOptions?.preconditions?.uid });
  const ignoresBudget =
    isPodTerminal(pod) || pod.status?.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
  if (ignoresBudget) {
    op.memo = { pod, resourceVersion: undefined, budget: null } satisfies Target;
    deletePod(core, op);
    return;
  }
  const budgets = budgetsOf(core, pod);
  if (budgets.length > 1) {
    throw new StatusError(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const budget = budgets[0];
  if (budget === undefined) {
    op.memo = { pod, resourceVersion: undefined, budget: null } satisfies Target;
    deletePod(core, op);
    return;
  }
  if (!isPodReady(pod) && toleratesUnready(budget)) {
    op.memo = { pod, resourceVersion: pod.metadata.resourceVersion, budget: null } satisfies Target;
    deletePod(core, op);
    return;
  }
  op.memo = { pod, resourceVersion: undefined, budget } satisfies Target;
  const cache = core.cacheOf(PODDISRUPTIONBUDGETS);
  mutate(core, op, cache, cache.keys.find(budget.metadata.namespace as string, budget.metadata.name), CHARGE);
}

/** The budgets of the pod's namespace that select it. */
function budgetsOf(core: ApiCore, pod: Pod): PodDisruptionBudget[] {
  const found: PodDisruptionBudget[] = [];
  core.cacheOf(PODDISRUPTIONBUDGETS).forEach((object) => {
    const budget = object as PodDisruptionBudget;
    if (budget.metadata.namespace !== pod.metadata.namespace) return;
    if (compileSelector(budget.spec?.selector).matches(pod.metadata.labels)) found.push(budget);
  });
  return found;
}

/** Whether pods that are not Ready may go without charge: the budget is met without them, or says AlwaysAllow. */
function toleratesUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  if (status === undefined) return false;
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy;
}

function refuseFor(core: ApiCore, retryAfterSeconds: number, message: string): never {
  core.ctx.mark(MARK_EVICTION_REFUSED);
  throw StatusError.tooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    retryAfterSeconds,
    [{ reason: 'DisruptionBudget', message }],
  );
}

/** Throws unless the budget allows one more disruption. */
function checkBudget(core: ApiCore, budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): void {
  const { name, generation = 0 } = budget.metadata;
  if ((status.observedGeneration ?? 0) < generation) {
    refuseFor(core, 10, `The disruption budget ${name} is still being processed by the server.`);
  }
  if (status.disruptionsAllowed < 0) {
    throw StatusError.forbidden(PODDISRUPTIONBUDGETS, name, 'pdb disruptions allowed is negative');
  }
  if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX) {
    throw StatusError.forbidden(
      PODDISRUPTIONBUDGETS,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (status.disruptionsAllowed > 0) return;
  const condition = `The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`;
  refuseFor(core, 0, condition);
}

/** Second step: take one off the budget and note the pod in it. */
const CHARGE: Mutation = {
  next(core, op, existing) {
    const budget = existing as PodDisruptionBudget;
    const { pod } = op.memo as Target;
    const status = budget.status ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    checkBudget(core, budget, status);
    const allowed = core.ctx.bug(BUG_EVICTION_KEEPS_BUDGET) ? status.disruptionsAllowed : status.disruptionsAllowed - 1;
    const wallUs = core.ctx.wallUs();
    const conditions =
      allowed > 0
        ? status.conditions
        : setCondition(status.conditions, {
            type: 'DisruptionAllowed',
            status: 'False',
            observedGeneration: status.observedGeneration,
            lastTransitionTime: formatTime(wallUs),
            reason: 'InsufficientPods',
            message: '',
          });
    const next: PodDisruptionBudgetStatus = {
      ...status,
      disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: formatTime(wallUs) },
      disruptionsAllowed: allowed,
      conditions,
    };
    return withParts(budget, freshMeta(budget.metadata), budget.spec, next);
  },
  done(core, op) {
    deletePod(core, op);
  },
};

/** Third step: say why the pod goes. */
const CONDITION: Mutation = {
  next(core, op, existing) {
    const pod = existing as Pod;
    checkPreconditions(PODS, pod, { resourceVersion: wantedVersion(op) });
    const target = disruptionTarget('EvictionByEvictionAPI', 'Eviction API: evicting', core.ctx.wallUs());
    const conditions = setCondition(pod.status?.conditions, target);
    if (conditions === pod.status?.conditions) return existing;
    return withParts(pod, freshMeta(pod.metadata), pod.spec, { ...pod.status, conditions });
  },
  done(core, op, object) {
    startDelete(core, op, object as Pod);
  },
};

/** The version that the pod must still have: what the client says, else the one that was judged; undefined = any. */
function wantedVersion(op: Operation): string | undefined {
  const given = (op.request.object as Eviction).deleteOptions?.preconditions?.resourceVersion ?? '';
  return given === '' ? (op.memo as Target).resourceVersion : given;
}

function deletePod(core: ApiCore, op: Operation): void {
  const { pod } = op.memo as Target;
  const cache = core.cacheOf(PODS);
  mutate(core, op, cache, cache.keys.find(pod.metadata.namespace as string, pod.metadata.name), CONDITION);
}

/** Last step: an ordinary delete, whose answer becomes the eviction's. */
function startDelete(core: ApiCore, op: Operation, pod: Pod): void {
  const given = (op.request.object as Eviction).deleteOptions;
  const uid = given?.preconditions?.uid;
  // The pod was at the wanted version before its condition was written.
  const resourceVersion = wantedVersion(op) === undefined ? undefined : pod.metadata.resourceVersion;
  const options: RequestOptions = {
    gracePeriodSeconds: given?.gracePeriodSeconds,
    propagationPolicy: given?.propagationPolicy,
    preconditions: resourceVersion === undefined && uid === undefined ? undefined : { uid, resourceVersion },
    dryRun: op.request.options.dryRun,
  };
  const { namespace, name, user } = op.request;
  const request = ApiRequest.ofDelete(PODS, namespace, name, options, user);
  core.guarded(new Operation(request, -1, op.deadlineUs, op), remove);
}

/** The delete has ended. */
export function evictionChildDone(core: ApiCore, parent: Operation, response: ApiResponse): void {
  if (response.error !== null) core.fail(parent, response.error);
  else core.answer(parent, 201, CREATED_STATUS);
}

/** Starts an eviction. Throws StatusError. */
export function evict(core: ApiCore, op: Operation): void {
  const { object } = op.request;
  // Both versions that the API has had are read.
  const given = object?.apiVersion === 'policy/v1beta1' ? { ...object, apiVersion: 'policy/v1' } : object;
  const eviction = aboutPod(core, op, EVICTION_KIND, given) as Eviction;
  checkDeleteOptions(eviction.deleteOptions ?? NO_OPTIONS);
  mutateNamed(core, op, core.cacheOf(PODS), JUDGE);
}
