/**
 * What a run was made of besides the build: a digest over the scenario with its manifests, or a trial's manifests and cluster.
 *
 * Replay lines carry it, so that a line pasted after an edit says that it no longer shows the same case.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';

const DIGITS = 8;

/** Eight hex digits; equal for equal content, wherever it was read from. `content` is plain data. */
export function inputsDigest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, DIGITS);
}

/** {@link inputsDigest} of a plan. */
export function planDigest(plan: ScenarioPlan): string {
  return inputsDigest(placeless(plan));
}

/** The plan with the names of its modules alone: where they lie is of this machine. */
export function placeless(plan: ScenarioPlan): ScenarioPlan {
  const { operators } = plan.cluster;
  if (operators === undefined) return plan;
  const named = operators.map((operator) => ({ ...operator, module: path.basename(operator.module) }));
  return { ...plan, cluster: { ...plan.cluster, operators: named } };
}
