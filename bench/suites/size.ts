/**
 * Sizes of a scenario: more or fewer nodes, more or fewer replicas.
 */
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import type { SizeFile } from './suite-schema.ts';

/** Workloads whose `spec.replicas` a factor multiplies. */
const SCALED_KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet']);

/** The size's name in names of cases: its own, or `n30`, `x4`, `n30-x4`; '' for the scenario as it is. */
export function sizeName({ name, nodes, replicas }: SizeFile): string {
  const parts = [nodes === undefined ? '' : `n${nodes}`, replicas === undefined ? '' : `x${replicas}`];
  return name ?? parts.filter((part) => part !== '').join('-');
}

/** What the size changes in the scenario's file, as a JSON merge patch; null for nothing. */
export function sizePatch({ nodes }: SizeFile): unknown {
  return nodes === undefined ? null : { cluster: { nodes: { count: nodes } } };
}

/** The plan with the replicas of its workloads multiplied, rounded up. */
export function withReplicas(plan: ScenarioPlan, factor: number | undefined): ScenarioPlan {
  if (factor === undefined || factor === 1) return plan;
  return { ...plan, workload: plan.workload.map((object) => scaled(object, factor)) };
}

function scaled(object: KubeObject, factor: number): KubeObject {
  if (!SCALED_KINDS.has(object.kind)) return object;
  const spec = (object.spec ?? {}) as { readonly replicas?: number };
  return { ...object, spec: { ...spec, replicas: Math.ceil((spec.replicas ?? 1) * factor) } };
}
