/**
 * Fit of GPU devices, one by one: a share needs one device with enough left, whole devices must be idle.
 *
 * Not one of kube-scheduler's default plugins: what Alibaba's gpushare adds (the filter of the FGD experiment). It has
 * nothing to do for pods without GPU; for whole devices counted by a device plugin it says what NodeResourcesFit says.
 */
import { type Diagnosis, UNSCHEDULABLE } from '../choice/diagnosis.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';

const REASON = 'Insufficient free GPU devices';

/** Filter on devices. */
export class GpuSharePlugin implements FilterPlugin {
  readonly name = 'GpuShare';

  prepare(request: PodRequest): boolean {
    return request.podClass.shape.gpu !== null;
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const { gpu } = request.podClass.shape;
    if (gpu === null) return count;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (nodes.gpus.fits(slot, gpu)) slots[kept++] = slot;
      else if (!diagnosis.silent) diagnosis.reject(slot, index, UNSCHEDULABLE, diagnosis.reasonSet([REASON]));
    }
    return kept;
  }
}
