/**
 * GPUs of all nodes, device by device: the node table's columns for shares of a GPU.
 *
 * By slot of the node table, typed arrays; the devices of a slot lie side by side at slot × {@link GpuColumns.stride}. A
 * device has {@link DEVICE_MILLI} thousandths. What pods hold of a device outlives the node object: a node that comes back
 * finds it taken. Always: 0 ≤ free ≤ 1000, and the sums of a slot are those of its devices.
 * Cost: O(devices of one node) a pod added or removed; arrays are replaced when they grow, so read them afresh in each call.
 */
import { assert } from '../../base/assert.ts';
import { growInt32, NO_INT32 } from '../../base/grow.ts';
import type { Node } from '../../types/node.ts';
import { amountOf } from '../../types/quantity.ts';
import { StringIds } from '../nodes/string-ids.ts';
import { DEVICE_MILLI, GPU_COUNT, GPU_MODEL_LABEL, GPU_WHOLE, type GpuDemand } from './gpu-demand.ts';

/** Slots with room at first: V8 keeps columns of up to 64 bytes in its own heap, others cost a few times as much to make. */
const SLOTS_MIN = 16;
/** Most devices of one node that are told apart; further ones do not exist for share scheduling. */
const DEVICES_MAX = 256;
/** Classes of pods by number of devices: share, 1 … {@link CLASSES} − 1; larger ones count with the last. */
export const CLASSES = 18;

/** Columns of all nodes' devices. */
export class GpuColumns {
  /** Places for devices a slot, a power of two. */
  stride = 8;
  /** Free thousandths by slot × stride + device. */
  free = NO_INT32;
  /** Thousandths that pods hold, by slot × stride + device, also of devices that are not there now. */
  #used = NO_INT32;
  /** Number of devices by slot. */
  devices = new Int32Array(SLOTS_MIN);
  /** Sum of free thousandths by slot. */
  freeTotal = new Int32Array(SLOTS_MIN);
  /** Devices with all of their thousandths free by slot. */
  idle = new Int32Array(SLOTS_MIN);
  /** Id of the model by slot, see {@link models}; 0 = none is named. */
  model = new Int32Array(SLOTS_MIN);
  /** Pods of each class by slot × {@link CLASSES} + class. */
  classes = NO_INT32;
  /** Model names by id. */
  readonly models = new StringIds();
  /** Devices of all nodes. */
  deviceCount = 0;
  /** Most devices that one node ever had. */
  devicesMax = 0;
  #capacity = SLOTS_MIN;
  /** Devices of each pod with GPUs, by its row in the pod table. */
  readonly #taken = new Map<number, readonly number[]>();

  constructor() {
    this.models.intern('');
  }

  /** Takes over a node's description. What its pods hold stays held. */
  put(slot: number, node: Node): void {
    this.#reserve(slot + 1);
    const list = node.status?.allocatable ?? {};
    const shared = list[GPU_COUNT];
    const whole = list[GPU_WHOLE];
    const quantity = shared ?? whole;
    const count = quantity === undefined ? 0 : Math.min(DEVICES_MAX, amountOf(GPU_COUNT, quantity));
    this.model[slot] = this.models.intern(node.metadata.labels?.[GPU_MODEL_LABEL] ?? '');
    this.#setDevices(slot, count);
  }

  /** The node object is gone. */
  clear(slot: number): void {
    if (slot < this.#capacity) this.#setDevices(slot, 0);
  }

  /** Whether a slot has enough devices with enough left. */
  fits(slot: number, { count, milli }: GpuDemand): boolean {
    if (slot >= this.#capacity) return false;
    if (milli === DEVICE_MILLI) return (this.idle[slot] as number) >= count;
    const free = this.free;
    const first = slot * this.stride;
    const end = first + (this.devices[slot] as number);
    for (let i = first; i < end; i++) if ((free[i] as number) >= milli) return true;
    return false;
  }

  /** Gives devices of a slot to the pod of a row. The list belongs to the columns from here on. */
  take(row: number, slot: number, demand: GpuDemand, devices: readonly number[]): void {
    assert(!this.#taken.has(row), 'gpu columns: a row takes devices once');
    this.#reserve(slot + 1);
    if (this.#used.length === 0) this.#reserveDevices();
    this.#taken.set(row, devices);
    this.#change(slot, demand, devices, -1);
  }

  /** Takes back what the pod of a row holds on a slot; a row without devices is ignored. */
  giveBack(row: number, slot: number, demand: GpuDemand): void {
    const devices = this.#taken.get(row);
    if (devices === undefined) return;
    this.#taken.delete(row);
    this.#change(slot, demand, devices, 1);
  }

  /** Devices of the pod of a row, none when it has no GPU. */
  devicesOf(row: number): readonly number[] {
    return this.#taken.get(row) ?? [];
  }

  #change(slot: number, demand: GpuDemand, devices: readonly number[], sign: 1 | -1): void {
    const first = slot * this.stride;
    const count = this.devices[slot] as number;
    const free = this.free;
    for (const device of devices) {
      this.#used[first + device] = (this.#used[first + device] as number) - sign * demand.milli;
      if (device >= count) continue;
      const before = free[first + device] as number;
      const after = before + sign * demand.milli;
      assert(after >= 0 && after <= DEVICE_MILLI, 'gpu columns: a device holds what was put on it');
      free[first + device] = after;
      this.freeTotal[slot] = (this.freeTotal[slot] as number) + sign * demand.milli;
      if (before === DEVICE_MILLI) this.idle[slot] = (this.idle[slot] as number) - 1;
      else if (after === DEVICE_MILLI) this.idle[slot] = (this.idle[slot] as number) + 1;
    }
    const at = slot * CLASSES + Math.min(demand.class, CLASSES - 1);
    this.classes[at] = (this.classes[at] as number) - sign;
  }

  /** Devices come with what pods hold of them; those that go have nothing free. */
  #setDevices(slot: number, count: number): void {
    const before = this.devices[slot] as number;
    if (count > 0 && this.#used.length === 0) this.#reserveDevices();
    if (count > this.stride) this.#widen(count);
    const first = slot * this.stride;
    for (let i = before; i < count; i++) this.free[first + i] = DEVICE_MILLI - (this.#used[first + i] as number);
    for (let i = count; i < before; i++) this.free[first + i] = 0;
    this.devices[slot] = count;
    this.deviceCount += count - before;
    this.devicesMax = Math.max(this.devicesMax, count);
    let total = 0;
    let idle = 0;
    for (let i = first; i < first + count; i++) {
      total += this.free[i] as number;
      if (this.free[i] === DEVICE_MILLI) idle++;
    }
    this.freeTotal[slot] = total;
    this.idle[slot] = idle;
  }

  #widen(count: number): void {
    let stride = this.stride;
    while (stride < count) stride *= 2;
    this.free = widened(this.free, this.#capacity, this.stride, stride);
    this.#used = widened(this.#used, this.#capacity, this.stride, stride);
    this.stride = stride;
  }

  #reserve(slots: number): void {
    if (slots <= this.#capacity) return;
    const capacity = Math.max(slots, this.#capacity * 2);
    this.devices = growInt32(this.devices, capacity);
    this.freeTotal = growInt32(this.freeTotal, capacity);
    this.idle = growInt32(this.idle, capacity);
    this.model = growInt32(this.model, capacity);
    this.#capacity = capacity;
    if (this.#used.length > 0) this.#reserveDevices();
  }

  /** The columns by device and class take most of the room: a cluster without GPUs has none. */
  #reserveDevices(): void {
    this.free = growInt32(this.free, this.#capacity * this.stride);
    this.#used = growInt32(this.#used, this.#capacity * this.stride);
    this.classes = growInt32(this.classes, this.#capacity * CLASSES);
  }
}

/** A column by device with more places a slot. */
function widened(column: Int32Array, slots: number, stride: number, wider: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(slots * wider);
  for (let slot = 0; slot < slots; slot++) wide.set(column.subarray(slot * stride, (slot + 1) * stride), slot * wider);
  return wide;
}
