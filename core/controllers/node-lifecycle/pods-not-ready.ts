/**
 * Marks the pods of a node not ready when the node is, so that they leave endpoints although their kubelet is silent.
 * Source: Kubernetes 1.34 pkg/controller/util/node MarkPodsNotReady.
 */
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Wait } from '../../sim/task.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, setCondition } from '../../types/pod-conditions.ts';
import { PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';

/** Sets Ready=False on each pod that has it True; false when a write failed (a pod that is gone is no failure). */
export function* markPodsNotReady(
  client: Client,
  recorder: EventRecorder,
  pods: readonly Pod[],
  nodeName: string,
): Generator<Wait, boolean, unknown> {
  let complete = true;
  for (const pod of pods) {
    const ready = findCondition(pod.status?.conditions, 'Ready');
    if (pod.spec.nodeName !== nodeName || ready === undefined || ready.status === 'False') continue;
    const lastTransitionTime = formatTime(client.ctx.wallUs());
    const conditions = setCondition(pod.status?.conditions, { ...ready, status: 'False', lastTransitionTime });
    try {
      yield* client.updateStatus(PODS, { ...pod, status: { ...pod.status, conditions } });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (!error.isNotFound) complete = false;
      continue;
    }
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
  }
  return complete;
}
