/**
 * What is found out once about the kinds of pods of a workload, before any run and whatever the policy.
 */
import { namedProfile, Placement, type Profile, type TypicalPod, typicalPods } from '../../core/cluster/placement.ts';
import { streamOf } from './arrivals.ts';
import type { CompareWorkload } from './workload.ts';

/** Facts by kind. */
export interface KindFacts {
  /** What FGD measures fragmentation by: every pod that is to be placed counts. */
  readonly typical: readonly TypicalPod[];
  /** 1 where some node could take a pod of the kind if nothing else was there, not even what is bound. */
  readonly hosted: Uint8Array;
}

/** The facts of a workload. */
export function kindFacts(workload: CompareWorkload): KindFacts {
  const { kinds, kindOf } = workload;
  const counts = new Int32Array(kinds.length);
  for (const kind of kindOf) counts[kind] = (counts[kind] as number) + 1;
  const typical = typicalPods(kinds, counts);
  return { typical, hosted: hostedKinds(workload, typical) };
}

function hostedKinds(
  { nodes, kinds, objects, deviceGates }: CompareWorkload,
  typical: readonly TypicalPod[],
): Uint8Array {
  const profile = namedProfile('kube-default', { typicalPods: typical }) as Profile;
  const draws = streamOf(0, 'hosted-kinds');
  const placement = new Placement({ nodes, pods: kinds, profile, draws, objects, deviceGates });
  const fits = (kind: number): boolean => {
    const row = placement.place(kind);
    if (row >= 0) placement.remove(row);
    return row >= 0;
  };
  const isHosted = (kind: number): boolean =>
    nodes.some((_, slot) => placement.couldHost(kind, slot)) && (!placement.isClaimant(kind) || fits(kind));
  return Uint8Array.from(kinds, (_, kind) => (isHosted(kind) ? 1 : 0));
}
