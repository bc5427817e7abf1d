/**
 * How controllers make a pod go that nobody else will: marked, so that its owner knows why, then deleted. Source: Kubernetes 1.34
 * pkg/controller/tainteviction, devicetainteviction and podgc.
 */
import type { Wait } from '../sim/task.ts';
import type { Condition } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { conditionsPatch, disruptionTarget, setCondition } from '../types/pod-conditions.ts';
import { PODS } from '../types/resource-type.ts';
import type { RequestOptions } from '../types/wire.ts';
import type { ControllerScope } from './controller-scope.ts';

/** What the condition DisruptionTarget says. */
export interface Disruption {
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
}

/** What a pod is marked with. */
export interface PodMark {
  readonly phase?: 'Failed' | undefined;
  readonly disruption?: Disruption | undefined;
}

/** Marks a pod as the server has it, with what its status lacks, and deletes it. @throws StatusError */
export function* markAndDelete(
  { client, ctx }: ControllerScope,
  { metadata, status: before }: Pod,
  { phase, disruption }: PodMark,
  options: RequestOptions,
): Generator<Wait, void, unknown> {
  const { namespace = '', name, uid } = metadata;
  const conditions = disruption === undefined ? undefined : newConditions(before?.conditions, disruption, ctx.wallUs());
  if (phase !== undefined || conditions !== undefined) {
    const status = { phase, ...(conditions && conditionsPatch(before?.conditions, conditions)) };
    yield* client.patch(PODS, namespace, name, { metadata: { uid }, status }, 'strategic', 'status');
  }
  yield* client.delete(PODS, namespace, name, options);
}

/** The condition of a disruption, as a list; undefined where it is among the `known` ones. */
function newConditions(
  known: readonly Condition[] = [],
  { reason, message, observedGeneration }: Disruption,
  wallUs: number,
): readonly Condition[] | undefined {
  const condition = disruptionTarget(reason, message, wallUs, observedGeneration);
  const all = setCondition(known, condition);
  return all === known ? undefined : all.filter(({ type }) => type === condition.type);
}
