/** NodeUnschedulable (Kubernetes 1.34): a cordoned node takes only pods that tolerate the matching taint. */

import { isTolerated } from '../../types/tolerations.ts';
import { type Diagnosis, UNRESOLVABLE } from '../choice/diagnosis.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';

const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;
const REASONS = ['node(s) were unschedulable'];

/** Filter on `spec.unschedulable`. */
export class NodeUnschedulablePlugin implements FilterPlugin {
  readonly name = 'NodeUnschedulable';

  prepare(request: PodRequest): boolean {
    return !isTolerated(request.podClass.shape.tolerations, TAINT);
  }

  filter(
    _request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const unschedulable = nodes.unschedulable;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (unschedulable[slot] === 0) slots[kept++] = slot;
      else diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet(REASONS));
    }
    return kept;
  }
}
