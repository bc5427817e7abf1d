/**
 * Waiting for pods: barriers and the end of createPods. Looks once a second and gives up after ten minutes, as the original
 * does; the reason names a pod and what the scheduler says of it. Source: Kubernetes 1.37, scheduler_perf executor.go.
 */
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import { type Load, type Steps, WorkloadFailure } from './load.ts';
import type { LabelSet, PodTally } from './pod-tally.ts';

const POLL_US = 1_000_000;
const TIMEOUT_US = 600_000_000;

export type Stage = 'Scheduled' | 'Attempted';

/** Waits until so many pods of a namespace have reached a stage. @throws WorkloadFailure */
export function* waitForPods(
  load: Load,
  tally: PodTally,
  namespace: string,
  labels: LabelSet,
  stage: Stage,
  wanted: number,
): Steps {
  const endUs = load.ctx.now() + TIMEOUT_US;
  for (;;) {
    const { scheduled, attempted } = tally.count(namespace, labels);
    const reached = stage === 'Scheduled' ? scheduled : scheduled + attempted;
    if (reached >= wanted) return;
    if (load.failure !== undefined) throw load.failure;
    if (load.ctx.now() >= endUs) {
      const how = stage === 'Scheduled' ? 'scheduled' : 'attempted';
      const found = `${reached} of ${wanted} pods ${how} in namespace ${namespace} after 10 minutes`;
      throw new WorkloadFailure(`${found}${example(tally.select(namespace, labels))}`);
    }
    yield* load.ctx.sleep(POLL_US);
  }
}

/** Why a steady state came to nothing. */
export function noneScheduled(tally: PodTally, namespace: string): string {
  return `no pod was scheduled in namespace ${namespace}${example(tally.select(namespace))}`;
}

/** One of those that wait, and why. */
function example(pods: readonly Pod[]): string {
  const waiting = pods.filter(({ spec }) => (spec.nodeName ?? '') === '');
  const condition = (pod: Pod) => findCondition(pod.status?.conditions, 'PodScheduled');
  const pod = waiting.find((each) => condition(each) !== undefined) ?? waiting[0];
  if (pod === undefined) return '';
  const { reason, message } = condition(pod) ?? {};
  const why = message ?? reason ?? 'no attempt was made';
  return `; ${pod.metadata.name}: ${why}`;
}
