/**
 * What a pod asks of single GPU devices.
 *
 * Two spellings. Whole devices: `nvidia.com/gpu: 2` (device plugin). Shares: `alibabacloud.com/gpu-count: 1` with
 * `alibabacloud.com/gpu-milli: 500`, thousandths of each device (names of Alibaba's gpushare and of its GPU trace of 2023).
 * A share is a part of one device, so its amounts are never summed over a node: the GPU columns hold them device by device.
 */
import type { PodSpec } from '../../types/pod.ts';
import { amountOf } from '../../types/quantity.ts';

/** Thousandths in a whole device. */
export const DEVICE_MILLI = 1000;
export const GPU_COUNT = 'alibabacloud.com/gpu-count';
export const GPU_MILLI = 'alibabacloud.com/gpu-milli';
export const GPU_WHOLE = 'nvidia.com/gpu';
/** Label of a node's GPU model, and key of the node affinity by which a pod is bound to models. */
export const GPU_MODEL_LABEL = 'alibabacloud.com/gpu-card-model';

/** The class of a share pod in GPU clustering; whole pods have their number of devices as class. */
export const SHARE_CLASS = 0;

/** Devices and the part of each that a pod needs. */
export interface GpuDemand {
  /** Number of devices, at least 1. */
  readonly count: number;
  /** Of each device, 1 … 1000; below 1000 only with one device. */
  readonly milli: number;
  /** `count` × `milli`. */
  readonly totalMilli: number;
  /** {@link SHARE_CLASS} or the number of devices. */
  readonly class: number;
}

/** Whether a resource is counted by device instead of as a sum over the node. */
export function isGpuShare(resource: string): boolean {
  return resource === GPU_COUNT || resource === GPU_MILLI;
}

/**
 * The demand of a pod: the sum over its containers, where shares are of one device; `null` without GPU. A share with more
 * than one device, or more than a whole one, asks for whole devices.
 */
export function gpuDemandOf(spec: PodSpec): GpuDemand | null {
  let count = 0;
  let milli = 0;
  for (const container of spec.containers) {
    const requests = container.resources?.requests ?? {};
    const whole = amount(requests, GPU_WHOLE);
    const devices = amount(requests, GPU_COUNT);
    const share = requests[GPU_MILLI] === undefined ? DEVICE_MILLI : amount(requests, GPU_MILLI);
    count += whole + devices;
    milli += (whole + devices) * (whole > 0 ? DEVICE_MILLI : share);
  }
  if (count <= 0 || milli <= 0) return null;
  if (count === 1 && milli < DEVICE_MILLI) return { count, milli, totalMilli: milli, class: SHARE_CLASS };
  return { count, milli: DEVICE_MILLI, totalMilli: count * DEVICE_MILLI, class: count };
}

/** GPU models that a pod's required node affinity allows, as written; empty = any. Reads one term with `In`, as the trace has it. */
export function gpuModelsOf(spec: PodSpec): readonly string[] {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchExpressions } of terms) {
    for (const { key, operator, values } of matchExpressions ?? []) {
      if (key === GPU_MODEL_LABEL && operator === 'In') return values ?? [];
    }
  }
  const selected = spec.nodeSelector?.[GPU_MODEL_LABEL];
  return selected === undefined ? [] : [selected];
}

function amount(list: Readonly<Record<string, string | number>>, name: string): number {
  const quantity = list[name];
  return quantity === undefined ? 0 : amountOf(name, quantity);
}
