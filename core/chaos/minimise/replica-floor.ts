/**
 * How few replicas a workload may have before the numbers beside it lose their meaning: a workload shrunk to its own min-ready breaks AV1 by any
 * fault at all, and a budget for more pods than there are never allows an eviction. Such a finding would be about a workload that nobody has.
 *
 * Only whole numbers count; shares shrink with the workload.
 */
import { GANG_MIN_LABEL } from '../../scheduler/groups/gangs.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { IntOrString, KubeObject, StringMap } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import { minCountOf, POD_GROUP_KIND, type PodGroup } from '../../types/pod-group.ts';
import { MIN_READY } from '../predicates/ready-floor-check.ts';

/** What is read of any workload. */
interface Workload extends KubeObject {
  readonly spec?: {
    readonly template?: { readonly metadata?: { readonly labels?: StringMap }; readonly spec?: Pod['spec'] };
    readonly strategy?: { readonly rollingUpdate?: { readonly maxUnavailable?: IntOrString } };
    readonly updateStrategy?: { readonly rollingUpdate?: { readonly maxUnavailable?: IntOrString } };
  };
}

/**
 * Fewest replicas with which everything in `objects` still says of `workload` what it says: one more than what has to stay or may be away, since
 * that leaves one pod to lose and one to keep; as many as start together. At least 1.
 */
export function fewestReplicas(workload: KubeObject, objects: readonly KubeObject[]): number {
  const { metadata, spec } = workload as Workload;
  const limits: unknown[] = [
    Number(metadata.annotations?.[MIN_READY] ?? 0),
    spec?.strategy?.rollingUpdate?.maxUnavailable,
    spec?.updateStrategy?.rollingUpdate?.maxUnavailable,
  ];
  const labels = spec?.template?.metadata?.labels ?? {};
  const groups: number[] = [Number(labels[GANG_MIN_LABEL] ?? 1)];
  for (const object of objects) {
    if ((object.metadata.namespace ?? 'default') !== (metadata.namespace ?? 'default')) continue;
    if (object.kind === 'PodDisruptionBudget') {
      const budget = (object as PodDisruptionBudget).spec;
      if (!compileSelector(budget?.selector).matches(labels)) continue;
      limits.push(budget?.minAvailable, budget?.maxUnavailable);
    } else if (object.kind === POD_GROUP_KIND) {
      if (object.metadata.name !== spec?.template?.spec?.schedulingGroup?.podGroupName) continue;
      groups.push(minCountOf(object as PodGroup));
    }
  }
  const lasting = limits.filter((limit) => typeof limit === 'number' && Number.isFinite(limit)) as number[];
  return Math.max(1, ...lasting.map((limit) => limit + 1), ...groups.filter(Number.isFinite));
}
