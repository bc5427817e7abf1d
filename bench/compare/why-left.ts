/**
 * Why a pod found no node: its name, and for each cause on how many nodes it holds. Asked right after the placement that failed.
 */
import { freeOf, packingResourceName, packingResources, requestOf } from '../../core/cluster/placement-packing.ts';
import type { PreparedRun } from './experiment-input.ts';

/** `demo/web finds no node: 3 of 4 lack cpu, on 1 it is held back by its other rules`. `row` is the workload's. */
export function whyLeft({ placement, workload }: PreparedRun, row: number): string {
  const kind = workload.kindOf[row] as number;
  const { namespace = 'default', name } = (workload.kinds[kind] as (typeof workload.kinds)[number]).metadata;
  const resources = packingResources(placement, workload.kinds.length);
  const wanted = requestOf(placement, kind, resources);
  const lacking = resources.map(() => 0);
  let others = 0;
  for (const [slot] of workload.nodes.entries()) {
    const free = freeOf(placement, slot, resources);
    const lacks = resources.map((_, r) => (wanted[r] as number) > (free[r] as number));
    if (!lacks.includes(true)) others++;
    lacks.forEach((lack, r) => {
      if (lack) (lacking[r] as number)++;
    });
  }
  const causes = resources.flatMap((resource, r) =>
    lacking[r] === 0 ? [] : [`${lacking[r]} lack ${packingResourceName(placement, resource)}`],
  );
  // Selectors, taints, spreading, affinity, volumes, a device in one piece: the filters other than resources.
  if (others > 0) causes.push(`${others} have room and its other rules forbid them`);
  return `${namespace}/${name} finds none of ${workload.nodes.length} nodes: ${causes.join(', ')}`;
}
