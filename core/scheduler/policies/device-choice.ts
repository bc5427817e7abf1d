/**
 * Which devices of the chosen node a pod gets.
 *
 * The rule of the FGD experiment for every policy without a choice of its own: a share goes to the device with the least
 * left that is enough, whole devices are the lowest-numbered idle ones; equal devices: the lowest number.
 */
import { assert } from '../../base/assert.ts';
import type { GpuColumns } from '../devices/gpu-columns.ts';
import { DEVICE_MILLI, type GpuDemand } from '../devices/gpu-demand.ts';

/** Chooses devices on a slot that fits the demand; cpu in millicores, free before the pod came and asked for by it. */
export interface DeviceChooser {
  chooseDevices(slot: number, freeCpu: number, cpuMilli: number, demand: GpuDemand): readonly number[];
}

/** Tightest device for a share, lowest idle ones for whole devices. */
export class TightestDevices implements DeviceChooser {
  readonly #gpus: GpuColumns;

  constructor(gpus: GpuColumns) {
    this.#gpus = gpus;
  }

  chooseDevices(slot: number, _freeCpu: number, _cpuMilli: number, demand: GpuDemand): readonly number[] {
    if (demand.milli === DEVICE_MILLI) return idleDevices(this.#gpus, slot, demand.count);
    const device = tightestDevice(this.#gpus, slot, demand.milli);
    assert(device >= 0, 'device choice: the node fits the share');
    return [device];
  }
}

/** The device with the least left that is enough, −1 when there is none. */
export function tightestDevice(gpus: GpuColumns, slot: number, milli: number): number {
  const first = slot * gpus.stride;
  const count = gpus.devices[slot] as number;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const free = gpus.free[first + i] as number;
    if (free >= milli && free < least) {
      best = i;
      least = free;
    }
  }
  return best;
}

/** The `count` lowest-numbered idle devices; fewer where there are not so many (a pod bound from outside). */
export function idleDevices(gpus: GpuColumns, slot: number, count: number): readonly number[] {
  const first = slot * gpus.stride;
  const devices: number[] = [];
  for (let i = 0; i < (gpus.devices[slot] as number) && devices.length < count; i++) {
    if (gpus.free[first + i] === DEVICE_MILLI) devices.push(i);
  }
  return devices;
}
