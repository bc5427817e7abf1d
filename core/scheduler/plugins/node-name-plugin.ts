/** NodeName (Kubernetes 1.34): a pod that names its node fits no other. */
import { type Diagnosis, UNRESOLVABLE } from '../choice/diagnosis.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';

const REASONS = ["node(s) didn't match the requested node name"];

/** Filter on `spec.nodeName`. */
export class NodeNamePlugin implements FilterPlugin {
  readonly name = 'NodeName';

  prepare(request: PodRequest): boolean {
    return request.nodeName !== '';
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const wanted = nodes.find(request.nodeName);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (slot === wanted) slots[kept++] = slot;
      else diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet(REASONS));
    }
    return kept;
  }
}
