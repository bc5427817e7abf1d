/**
 * Takes back the condition DisruptionTarget of pods that were to be disrupted and still live two minutes later.
 * Source: Kubernetes 1.34 pkg/controller/disruption (syncStalePodDisruption).
 */
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Context } from '../../sim/context.ts';
import { defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Pod, PodStatus } from '../../types/pod.ts';
import { findCondition, isPodTerminal, setCondition } from '../../types/pod-conditions.ts';
import { PODS } from '../../types/resource-type.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import type { ControllerScope } from '../controller-scope.ts';

const MARK_STALE_TARGET = defineMark('disruption-stale-target', 'a DisruptionTarget condition was taken back');

/** After this long a condition without a deletion is stale, µs. */
const STALE_TARGET_US = 120_000_000;

function* nothing(): Generator<Wait, void, unknown> {}

/** µs until the pod's condition is stale; −1 when it has none that can be. */
function waitOf(ctx: Context, pod: Pod): number {
  const conditions = pod.status?.conditions;
  if (conditions === undefined || pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return -1;
  const target = findCondition(conditions, 'DisruptionTarget');
  if (target?.status !== 'True' || target.reason === 'TerminationByKubelet') return -1;
  const sinceUs = parseTime(target.lastTransitionTime ?? '');
  return Number.isNaN(sinceUs) ? 0 : Math.max(0, sinceUs + STALE_TARGET_US - ctx.wallUs());
}

function* takeBack(client: Client, pod: Pod): Generator<Wait, void, unknown> {
  const { ctx } = client;
  ctx.mark(MARK_STALE_TARGET);
  const { status, metadata } = pod;
  const conditions = setCondition(status?.conditions, {
    type: 'DisruptionTarget',
    status: 'False',
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    lastTransitionTime: formatTime(ctx.wallUs()),
  });
  yield* client.updateStatus<Pod>(PODS, { ...pod, status: { ...status, conditions } as PodStatus });
}

/** Hooks the check into a controller's scope. */
export function watchStaleTargets(scope: ControllerScope, pods: Informer<Pod>): void {
  const { client, ctx } = scope;

  const sync = (id: number) => {
    const pod = pods.get(id);
    const waitUs = pod === undefined ? -1 : waitOf(ctx, pod);
    if (waitUs > 0) queue.addAfter(id, waitUs);
    return pod === undefined || waitUs !== 0 ? nothing() : takeBack(client, pod);
  };

  const queue: WorkQueue = scope.queue({ name: 'stale-disruption', type: PODS, workers: 1, reconcile: sync });
  const check = (id: number, pod: Pod): void => {
    const waitUs = waitOf(ctx, pod);
    if (waitUs >= 0) queue.addAfter(id, waitUs);
  };
  pods.addHandler({
    onAdd: check,
    onUpdate: (id, old, pod) => {
      if (old.status?.conditions !== pod.status?.conditions) check(id, pod);
    },
  });
}
