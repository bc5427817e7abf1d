/**
 * GPU packing: devices already in use first, then idle devices of nodes in use, then idle nodes.
 *
 * Source: GpuPacking of the FGD paper's artifact, after "MLaaS in the Wild" (NSDI'22).
 */

import type { GpuColumns } from '../devices/gpu-columns.ts';
import { DEVICE_MILLI, type GpuDemand } from '../devices/gpu-demand.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import { tightestDevice } from './device-choice.ts';

/** Upper ends of the three bands: an idle node, idle devices of a node in use, devices in use. */
const IDLE_NODE = 33;
const IDLE_DEVICES = 50;
const USED_DEVICES = 100;

/** Scores 0 … 100. */
export class GpuPackingPolicy implements ScorePlugin {
  readonly name = 'GpuPacking';
  readonly normalizer: Normalizer = 'none';

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const { gpu } = request.podClass.shape;
    for (let i = 0; i < count; i++) out[i] = gpu === null ? 0 : scoreOf(nodes.gpus, slots[i] as number, gpu);
  }
}

function scoreOf(gpus: GpuColumns, slot: number, demand: GpuDemand): number {
  const devices = gpus.devices[slot] as number;
  const idle = gpus.idle[slot] as number;
  if (idle === devices) return Math.max(IDLE_NODE - idle, idle);
  // Whole devices are all idle ones; a share takes the tightest device, idle or not.
  const opened = demand.milli === DEVICE_MILLI ? demand.count : 0;
  if (opened > 0) return Math.max(IDLE_DEVICES - opened, IDLE_NODE);
  const device = tightestDevice(gpus, slot, demand.milli);
  const free = gpus.free[slot * gpus.stride + device] as number;
  if (free === DEVICE_MILLI) return Math.max(IDLE_DEVICES - 1, IDLE_NODE);
  return Math.max(USED_DEVICES - Math.trunc(Math.trunc(free / 10) / 10), IDLE_DEVICES);
}
