/**
 * FGD, fragmentation gradient descent: the node (and device) on which the pod adds least to the GPU fragmentation.
 *
 * Source: "Beware of Fragmentation" (USENIX ATC'23) and its artifact: score trunc(100 · sigmoid((F − F′) ÷ 1000)), F and F′
 * being the node's fragmentation without and with the pod; a share pod tries every device with enough left.
 * The exponential is cut to an integer at once, so that a last digit that differs between machines changes nothing but at
 * the very step; a test holds both sides of every step.
 */
import type { GpuColumns } from '../devices/gpu-columns.ts';
import { DEVICE_MILLI, type GpuDemand } from '../devices/gpu-demand.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import type { DeviceChooser } from './device-choice.ts';
import { idleDevices } from './device-choice.ts';
import { Fragmentation } from './fragmentation.ts';
import { freeCpuMilli } from './node-scale.ts';
import type { TypicalPod } from './typical-pods.ts';

/** The score for a fall of the fragmentation by `difference` thousandths of a device; 50 for no change. */
export function fgdScore(difference: number): number {
  return Math.trunc(100 * (1 / (1 + Math.exp(-difference / DEVICE_MILLI))));
}

/** Scores 0 … 100, and chooses the device of a share. */
export class FgdPolicy implements ScorePlugin, DeviceChooser {
  readonly name = 'FGD';
  readonly normalizer: Normalizer = 'none';
  readonly #gpus: GpuColumns;
  readonly #fragmentation: Fragmentation;

  constructor(gpus: GpuColumns, pods: readonly TypicalPod[]) {
    this.#gpus = gpus;
    this.#fragmentation = new Fragmentation(gpus, pods);
  }

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const { vector, gpu } = request.podClass.shape;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      out[i] = this.#scoreOf(slot, freeCpuMilli(nodes, slot), vector.cpu, gpu);
    }
  }

  chooseDevices(slot: number, freeCpu: number, cpuMilli: number, demand: GpuDemand): readonly number[] {
    if (demand.milli === DEVICE_MILLI) return idleDevices(this.#gpus, slot, demand.count);
    const before = this.#fragmentation.of(slot, freeCpu);
    return [this.#bestDevice(slot, freeCpu - cpuMilli, before, demand.milli).device];
  }

  #scoreOf(slot: number, freeCpu: number, cpuMilli: number, demand: GpuDemand | null): number {
    const fragmentation = this.#fragmentation;
    const before = fragmentation.of(slot, freeCpu);
    const left = freeCpu - cpuMilli;
    if (demand === null) return fgdScore(before - fragmentation.of(slot, left));
    if (demand.milli < DEVICE_MILLI) return this.#bestDevice(slot, left, before, demand.milli).score;
    return fgdScore(before - fragmentation.withWhole(slot, left, demand.count, DEVICE_MILLI));
  }

  /** The device with the best score, the lowest on ties; devices with as much left as an earlier one need no look. */
  #bestDevice(slot: number, cpuLeft: number, before: number, milli: number): { score: number; device: number } {
    const gpus = this.#gpus;
    const first = slot * gpus.stride;
    const best = BEST;
    best.score = -1;
    best.device = -1;
    for (let d = 0; d < (gpus.devices[slot] as number); d++) {
      const free = gpus.free[first + d] as number;
      if (free < milli || seenBefore(gpus.free, first, d, free)) continue;
      const score = fgdScore(before - this.#fragmentation.withShare(slot, cpuLeft, d, milli));
      if (score <= best.score) continue;
      best.score = score;
      best.device = d;
    }
    return best;
  }
}

/** Reused: read it before the next call. */
const BEST = { score: -1, device: -1 };

function seenBefore(free: Int32Array, first: number, device: number, amount: number): boolean {
  for (let i = 0; i < device; i++) if (free[first + i] === amount) return true;
  return false;
}
