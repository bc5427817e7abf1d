/**
 * One pass over a StatefulSet's pods: create what is missing, wait in order, delete what is too much, replace what is old.
 * With OrderedReady at most one step is taken a pass. Source: Kubernetes 1.34 stateful_set_control.go (updateStatefulSet).
 */
import { slowStart } from '../../client/slow-start.ts';
import type { Context } from '../../sim/context.ts';
import { defineBug, definePoint } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { ControllerRevision } from '../../types/controller-revision.ts';
import { isTerminating } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { StatusError } from '../../types/status-error.ts';
import { templateOf } from '../controller-revisions.ts';
import { ordinalOf, revisionOfPod, startOrdinal } from './identity.ts';
import { isRunningAndReady, isUnavailable, type ReplicaTally, tally } from './pod-state.ts';
import type { StatefulPods } from './stateful-pods.ts';

const BUG_IGNORES_ORDER = defineBug(
  'statefulset-ignores-order',
  'pods are created and deleted at once, whatever the policy says',
);

const BUG_IGNORES_PARTITION = defineBug(
  'statefulset-ignores-partition',
  'a pod that is made anew has the newest revision, whatever the partition says',
);

/** Subject: {@link StatefulDeletion}; observed before the deletion. */
const POINT_STATEFULSET_DELETE = definePoint(
  'statefulset.delete',
  'the StatefulSet controller is about to delete a pod',
);

/** What the controller saw when it decided to delete a pod; all as in its own copies. */
interface StatefulDeletion {
  readonly set: StatefulSet;
  readonly pod: Pod;
  /** All pods of the set, by no order. */
  readonly pods: readonly Pod[];
  /** Name of the revision that a rollout leads to. */
  readonly updateRevision: string;
}

/** What one pass works on. */
export interface StatefulUpdate {
  readonly ctx: Context;
  readonly control: StatefulPods;
  readonly set: StatefulSet;
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  /** Pods by ordinal − start; undefined = missing. */
  readonly replicas: (Pod | undefined)[];
  /** Pods outside the range, highest ordinal first. */
  readonly condemned: readonly Pod[];
  readonly ordered: boolean;
  /** Why a pod is not made yet though nothing failed. (Upstream comes back at the set's next event, here it is tried again.) */
  waits: StatusError | null;
}

/** Sorts the pods into places. */
export function planUpdate(
  ctx: Context,
  control: StatefulPods,
  set: StatefulSet,
  current: ControllerRevision,
  update: ControllerRevision,
  pods: readonly Pod[],
): StatefulUpdate {
  const start = startOrdinal(set);
  const replicas = new Array<Pod | undefined>(set.spec.replicas ?? 1).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal >= start && ordinal < start + replicas.length) replicas[ordinal - start] = pod;
    else if (ordinal >= 0) condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  const ordered = set.spec.podManagementPolicy !== 'Parallel' && !ctx.bug(BUG_IGNORES_ORDER);
  return { ctx, control, set, current, update, replicas, condemned, ordered, waits: null };
}

/** Takes the next step or steps; the counts are those after it. A failure is in `error`, with the counts reached. */
export function* runUpdate(
  plan: StatefulUpdate,
): Generator<Wait, { readonly counts: ReplicaTally; readonly error: StatusError | null }, unknown> {
  let error: StatusError | null = null;
  let replaced = 0;
  try {
    replaced = yield* steps(plan);
  } catch (thrown) {
    if (!(thrown instanceof StatusError)) throw thrown;
    error = thrown;
  }
  const { replicas, condemned, current, update, set, ctx } = plan;
  const minReady = set.spec.minReadySeconds ?? 0;
  const counts = tally(
    [...replicas, ...condemned],
    current.metadata.name,
    update.metadata.name,
    minReady,
    ctx.wallUs(),
  );
  counts.current -= replaced;
  return { counts, error: error ?? plan.waits };
}

/** The answer is how many pods were deleted to be replaced. */
function* steps(plan: StatefulUpdate): Generator<Wait, number, unknown> {
  const { replicas, condemned, set } = plan;
  if (isTerminating(set)) return 0;
  const firstUnavailable = firstUnavailableOf(plan);
  if (yield* forAll(plan, replicas.length, (index) => processReplica(plan, index))) return 0;
  yield* forAll(plan, condemned.length, (index) => settleCondemned(plan, index));
  if (yield* forAll(plan, condemned.length, (index) => processCondemned(plan, index, firstUnavailable))) return 0;
  if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'OnDelete') return 0;
  return yield* replaceOne(plan);
}

/** In order until one says stop, or all at once in batches; true = the pass ends here. */
function* forAll(
  plan: StatefulUpdate,
  count: number,
  step: (index: number) => Generator<Wait, boolean, unknown>,
): Generator<Wait, boolean, unknown> {
  if (plan.ordered) {
    for (let index = 0; index < count; index++) if (yield* step(index)) return true;
    return false;
  }
  const { error } = yield* slowStart(plan.ctx, count, step);
  if (error !== null) throw error;
  return false;
}

function isUnavailableNow({ ctx, set }: StatefulUpdate, pod: Pod): boolean {
  return isUnavailable(pod, set.spec.minReadySeconds ?? 0, ctx.wallUs());
}

function firstUnavailableOf(plan: StatefulUpdate): Pod | undefined {
  for (const pod of plan.replicas) if (pod === undefined || isUnavailableNow(plan, pod)) return pod;
  return plan.condemned.findLast((pod) => isUnavailableNow(plan, pod));
}

function* processReplica(plan: StatefulUpdate, index: number): Generator<Wait, boolean, unknown> {
  const { control, ordered, replicas, set } = plan;
  const pod = replicas[index];
  if (pod === undefined) {
    const ordinal = startOrdinal(set) + index;
    const revision = revisionFor(plan, ordinal);
    const template = revision === plan.update ? set.spec.template : templateOf(revision);
    const earlier = yield* control.claims.earlierClaim(set, ordinal);
    if (earlier !== null) {
      plan.waits = earlier;
      return true;
    }
    yield* control.create(set, template, revision.metadata.name, ordinal);
    return ordered;
  }
  if (isPodTerminal(pod)) {
    // Its successor comes when it is gone.
    if (!isTerminating(pod)) yield* deletePod(plan, pod);
    return true;
  }
  if (pod.status?.phase === 'Pending') yield* control.createClaims(set, pod);
  if (ordered && (!isRunningAndReady(pod) || isUnavailableNow(plan, pod))) return true;
  yield* control.settle(set, pod);
  return false;
}

function* settleCondemned(
  { condemned, control, set }: StatefulUpdate,
  index: number,
): Generator<Wait, boolean, unknown> {
  yield* control.claims.settle(set, condemned[index] as Pod);
  return false;
}

/** Below the partition pods keep the current revision. */
function revisionFor(plan: StatefulUpdate, ordinal: number): ControllerRevision {
  const { set, current, update } = plan;
  const strategy = set.spec.updateStrategy;
  if ((strategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return update;
  const start = startOrdinal(set);
  const kept =
    strategy?.rollingUpdate === undefined
      ? (set.status?.currentReplicas ?? 0)
      : (strategy.rollingUpdate.partition ?? 0);
  return ordinal < start + kept && !plan.ctx.bug(BUG_IGNORES_PARTITION) ? current : update;
}

function* processCondemned(
  plan: StatefulUpdate,
  index: number,
  firstUnavailable: Pod | undefined,
): Generator<Wait, boolean, unknown> {
  const { condemned, ordered } = plan;
  const pod = condemned[index] as Pod;
  if (isTerminating(pod)) return ordered;
  const waits = !isRunningAndReady(pod) || isUnavailableNow(plan, pod);
  if (ordered && pod !== firstUnavailable && waits) return true;
  yield* deletePod(plan, pod);
  return true;
}

/** Deletes the highest pod of an old revision, unless a higher one is not available yet. The partition counts from the first ordinal. */
function* replaceOne(plan: StatefulUpdate): Generator<Wait, number, unknown> {
  const { replicas, set, update } = plan;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let target = replicas.length - 1; target >= partition; target--) {
    const pod = replicas[target];
    // Created in this pass: not there yet.
    if (pod === undefined) return 0;
    if (revisionOfPod(pod) !== update.metadata.name && !isTerminating(pod)) {
      yield* deleteIfThere(plan, pod);
      return 1;
    }
    if (isUnavailableNow(plan, pod)) return 0;
  }
  return 0;
}

function* deleteIfThere(plan: StatefulUpdate, pod: Pod): Generator<Wait, void, unknown> {
  try {
    yield* deletePod(plan, pod);
  } catch (error) {
    if (!(error instanceof StatusError) || !error.isNotFound) throw error;
  }
}

function* deletePod(plan: StatefulUpdate, pod: Pod): Generator<Wait, void, unknown> {
  const { condemned, control, ctx, replicas, set, update } = plan;
  if (ctx.sim.observation.isObserved(POINT_STATEFULSET_DELETE)) {
    const pods = [...replicas, ...condemned].filter((each) => each !== undefined);
    const view: StatefulDeletion = { set, pod, pods, updateRevision: update.metadata.name };
    ctx.observe(POINT_STATEFULSET_DELETE, view);
  }
  yield* control.delete(set, pod);
}
