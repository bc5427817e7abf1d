/** How the controllers of taints make a pod go: marked as disrupted, then deleted. Source: Kubernetes 1.34 pkg/controller/tainteviction and devicetainteviction. */
import type { Wait } from '../sim/task.ts';
import type { Pod } from '../types/pod.ts';
import { disruptionTarget, setCondition } from '../types/pod-conditions.ts';
import { PODS } from '../types/resource-type.ts';
import type { RequestOptions } from '../types/wire.ts';
import type { ControllerScope } from './controller-scope.ts';

/** What the condition DisruptionTarget says. */
export interface Disruption {
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
}

/** Marks a pod as the server has it, and deletes it. @throws StatusError */
export function* markAndDelete(
  { client, ctx }: ControllerScope,
  { metadata, status }: Pod,
  disruption: Disruption,
  options: RequestOptions,
): Generator<Wait, void, unknown> {
  const { namespace = '', name, uid } = metadata;
  const { reason, message, observedGeneration } = disruption;
  const condition = disruptionTarget(reason, message, ctx.wallUs(), observedGeneration);
  const before = status?.conditions ?? [];
  const after = setCondition(before, condition);
  if (after !== before) {
    const changed = after.find((c) => c.type === condition.type);
    yield* client.patch(
      PODS,
      namespace,
      name,
      { metadata: { uid }, status: { conditions: [changed] } },
      'strategic',
      'status',
    );
  }
  yield* client.delete(PODS, namespace, name, options);
}
