/**
 * Random: every node that fits is as good as any other. The baseline that a policy has to beat.
 *
 * The profile draws uniformly among equals; a share goes to a device drawn among those with enough left.
 */

import type { Draws } from '../choice/selection.ts';
import type { GpuColumns } from '../devices/gpu-columns.ts';
import { DEVICE_MILLI, type GpuDemand } from '../devices/gpu-demand.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import type { DeviceChooser } from './device-choice.ts';
import { idleDevices } from './device-choice.ts';

/** Scores 0 everywhere, and draws the device of a share. */
export class RandomPolicy implements ScorePlugin, DeviceChooser {
  readonly name = 'Random';
  readonly normalizer: Normalizer = 'none';
  readonly #gpus: GpuColumns;
  readonly #draws: Draws;

  constructor(gpus: GpuColumns, draws: Draws) {
    this.#gpus = gpus;
    this.#draws = draws;
  }

  prepare(): boolean {
    return true;
  }

  score(_request: PodRequest, _snapshot: Snapshot, _slots: Int32Array, count: number, out: Float64Array): void {
    out.fill(0, 0, count);
  }

  chooseDevices(slot: number, _freeCpu: number, _cpuMilli: number, demand: GpuDemand): readonly number[] {
    const gpus = this.#gpus;
    if (demand.milli === DEVICE_MILLI) return idleDevices(gpus, slot, demand.count);
    const first = slot * gpus.stride;
    const fitting: number[] = [];
    for (let d = 0; d < (gpus.devices[slot] as number); d++) {
      if ((gpus.free[first + d] as number) >= demand.milli) fitting.push(d);
    }
    return [fitting[this.#draws.below(fitting.length)] as number];
  }
}
