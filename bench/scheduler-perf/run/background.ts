/**
 * Operations that go on while others run: churn and deletion of pods.
 *
 * Source: Kubernetes 1.37, scheduler_perf executor.go (runChurnOp, runDeletePodsOp).
 */
import type { Wait } from '../../../core/sim/task.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import type { Churn, DeletePods } from '../config/operation.ts';
import { type Load, type Steps, WorkloadFailure } from './load.ts';
import type { PodTally } from './pod-tally.ts';

const US_PER_SECOND = 1_000_000;

/** Objects that come (and go) at intervals, until `stopped` says so. */
export function* churn(load: Load, operation: Churn, stopped: () => boolean): Steps {
  const { ctx } = load;
  const { mode, number, intervalUs, templates } = operation;
  const objects = templates.map((template) => template.at(0));
  /** Names of living objects by template and place; '' where the next turn creates one. */
  const living: string[][] = objects.map(() => Array.from({ length: number }, () => ''));
  const turns = mode === 'create' && number > 0 ? number : Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn++) {
    yield* ctx.sleep(intervalUs);
    if (stopped()) return;
    for (const [index, object] of objects.entries()) {
      if (mode === 'create') yield* tryCreate(load, operation.namespace, object);
      else {
        const names = living[index] as string[];
        const place = turn % number;
        names[place] = yield* recreate(load, operation.namespace, object, names[place] as string);
      }
    }
  }
}

/** Deletes the living object, or creates one; the answer is the new name. */
function* recreate(load: Load, namespace: string, object: KubeObject, name: string): Generator<Wait, string, unknown> {
  if (name === '') return yield* tryCreate(load, namespace, object);
  const type = load.typeOf(object);
  yield* load.delete(type, type.namespaced ? namespace : '', name, {});
  return '';
}

/** The name of the new object, '' when the server refused it: the next turn tries again. */
function* tryCreate(load: Load, namespace: string, object: KubeObject): Generator<Wait, string, unknown> {
  const type = load.typeOf(object);
  try {
    return (yield* load.create(type, type.namespaced ? namespace : '', object)).metadata.name;
  } catch (error) {
    if (error instanceof WorkloadFailure) return '';
    throw error;
  }
}

/** Deletes the pods that are there now, so many a second or all at once. */
export function* deletePods(load: Load, operation: DeletePods, tally: PodTally): Steps {
  const { namespace, labelSelector, perSecond } = operation;
  const pods = tally.select(namespace, labelSelector);
  if (perSecond === 0) {
    const selector = Object.entries(labelSelector).map(([name, value]) => `${name}=${value}`);
    const options = selector.length === 0 ? {} : { labelSelector: selector.join(',') };
    yield* load.client.deleteCollection(PODS, namespace, options);
    return;
  }
  for (const { metadata } of pods) {
    yield* load.ctx.sleep(US_PER_SECOND / perSecond);
    yield* load.delete(PODS, namespace, metadata.name, {});
  }
}
