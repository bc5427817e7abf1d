/**
 * Fragmentation of a node's GPUs: idle thousandths that the typical pods cannot use.
 *
 * Source: "Beware of Fragmentation" (USENIX ATC'23) and its artifact. With R the idle thousandths of a node, a typical pod
 * of weight p counts p·R as fragment when it needs no GPU, may not use the node's model, or does not fit; when it fits, only
 * the devices with less left than it asks for are fragment. Memory plays no part. Always: the seven sums of the artifact are
 * kept apart and added in its order, since the last bit decides whether a difference that should be 0 is above or below it.
 * Cost: O(typical pods + devices × different shares) a state of a node; states seen before are remembered.
 */
import type { GpuColumns } from '../devices/gpu-columns.ts';
import { StateMemory } from './state-memory.ts';
import type { TypicalPod } from './typical-pods.ts';

/** Numbers of a node's state before its devices: model, rank of the free cpu. */
const HEAD = 2;

/** Measures the fragmentation of nodes against a list of typical pods. */
export class Fragmentation {
  readonly #gpus: GpuColumns;
  /** Different shares that typical pods ask for, ascending. */
  readonly #shares: Int32Array;
  /** Different cpu requests of typical pods, ascending. */
  readonly #cpus: Int32Array;
  /** By typical pod: weight, devices, index of the share (−1 without GPU), rank of the cpu request, allowed model ids. */
  readonly #weights: Float64Array;
  readonly #counts: Int32Array;
  readonly #shareOf: Int32Array;
  readonly #cpuRanks: Int32Array;
  readonly #models: readonly (readonly number[])[];
  /** Scratch by share: devices with enough left, and the sum of what the others have left. */
  readonly #enough: Int32Array;
  readonly #below: Int32Array;
  #state: Int32Array;
  #memory: StateMemory;

  constructor(gpus: GpuColumns, pods: readonly TypicalPod[]) {
    this.#gpus = gpus;
    this.#shares = ascending(pods.map(({ gpuMilli }) => gpuMilli).filter((milli) => milli > 0));
    this.#cpus = ascending(pods.map(({ cpuMilli }) => cpuMilli));
    this.#weights = Float64Array.from(pods, ({ weight }) => weight);
    this.#counts = Int32Array.from(pods, ({ gpuCount }) => gpuCount);
    this.#shareOf = Int32Array.from(pods, ({ gpuMilli }) => this.#shares.indexOf(gpuMilli));
    this.#cpuRanks = Int32Array.from(pods, ({ cpuMilli }) => this.#cpus.indexOf(cpuMilli));
    this.#models = pods.map(({ models }) => models.map((model) => gpus.models.intern(model)));
    this.#enough = new Int32Array(this.#shares.length);
    this.#below = new Int32Array(this.#shares.length);
    this.#state = new Int32Array(HEAD + gpus.stride);
    this.#memory = new StateMemory(HEAD + gpus.stride);
  }

  /** Fragmentation of a slot with `cpuMilli` free, in thousandths of a device. */
  of(slot: number, cpuMilli: number): number {
    const gpus = this.#gpus;
    if ((gpus.freeTotal[slot] as number) === 0) return 0;
    this.#load(slot, cpuMilli);
    return this.#known();
  }

  /** The same if `milli` of one device were taken. */
  withShare(slot: number, cpuMilli: number, device: number, milli: number): number {
    const state = this.#load(slot, cpuMilli);
    state[HEAD + device] = (state[HEAD + device] as number) - milli;
    return this.#known();
  }

  /** The same if the first `count` idle devices were taken whole. */
  withWhole(slot: number, cpuMilli: number, count: number, wholeMilli: number): number {
    const state = this.#load(slot, cpuMilli);
    let left = count;
    for (let i = HEAD; left > 0 && i < state.length; i++) {
      if (state[i] !== wholeMilli) continue;
      state[i] = 0;
      left--;
    }
    return this.#known();
  }

  /** Puts a node's state into the scratch: model, rank of the free cpu among the typical requests, devices. */
  #load(slot: number, cpuMilli: number): Int32Array {
    const gpus = this.#gpus;
    const stride = gpus.stride;
    if (this.#state.length !== HEAD + stride) {
      this.#state = new Int32Array(HEAD + stride);
      this.#memory = new StateMemory(HEAD + stride);
    }
    const state = this.#state;
    state[0] = gpus.model[slot] as number;
    state[1] = this.#rankOf(cpuMilli);
    const first = slot * stride;
    for (let i = 0; i < stride; i++) state[HEAD + i] = gpus.free[first + i] as number;
    return state;
  }

  /** How many of the typical cpu requests fit: pods of a smaller rank do. */
  #rankOf(cpuMilli: number): number {
    const cpus = this.#cpus;
    let low = 0;
    let high = cpus.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cpus[middle] as number) <= cpuMilli) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #known(): number {
    sortDevices(this.#state);
    const memory = this.#memory;
    const at = memory.find(this.#state);
    if (memory.isNew) memory.values[at] = this.#measure(this.#state);
    return memory.values[at] as number;
  }

  /** Places for devices that a node does not have hold 0, which adds nothing to any sum. */
  #measure(state: Int32Array): number {
    const total = this.#countShares(state);
    const model = state[0] as number;
    const cpuRank = state[1] as number;
    let lacksBoth = 0;
    let lacksGpu = 0;
    let lacksCpu = 0;
    let fitsWithoutGpu = 0;
    let lacksCpuWithoutGpu = 0;
    let noAccess = 0;
    for (let i = 0; i < this.#weights.length; i++) {
      const weight = this.#weights[i] as number;
      const share = this.#shareOf[i] as number;
      const cpuFits = (this.#cpuRanks[i] as number) < cpuRank;
      const models = this.#models[i] as readonly number[];
      if (share < 0) {
        if (cpuFits) fitsWithoutGpu += weight * total;
        else lacksCpuWithoutGpu += weight * total;
      } else if (models.length > 0 && !models.includes(model)) noAccess += weight * total;
      else if ((this.#enough[share] as number) >= (this.#counts[i] as number)) {
        if (cpuFits) lacksGpu += weight * (this.#below[share] as number);
        else lacksCpu += weight * total;
      } else if (cpuFits) lacksGpu += weight * total;
      else lacksBoth += weight * total;
    }
    return lacksBoth + lacksGpu + lacksCpu + fitsWithoutGpu + lacksCpuWithoutGpu + noAccess;
  }

  /** Fills the scratch by share; returns the idle thousandths. */
  #countShares(state: Int32Array): number {
    const shares = this.#shares;
    let total = 0;
    for (let d = HEAD; d < state.length; d++) total += state[d] as number;
    for (let s = 0; s < shares.length; s++) {
      const share = shares[s] as number;
      let enough = 0;
      let below = 0;
      for (let d = HEAD; d < state.length; d++) {
        const free = state[d] as number;
        if (free >= share) enough++;
        else below += free;
      }
      this.#enough[s] = enough;
      this.#below[s] = below;
    }
    return total;
  }
}

function ascending(values: readonly number[]): Int32Array {
  return Int32Array.from(new Set(values)).sort();
}

/** Insertion sort of the devices: few, and mostly sorted but for one. Equal states then have equal keys. */
function sortDevices(state: Int32Array): void {
  for (let i = HEAD + 1; i < state.length; i++) {
    const value = state[i] as number;
    let j = i - 1;
    for (; j >= HEAD && (state[j] as number) > value; j--) state[j + 1] = state[j] as number;
    state[j + 1] = value;
  }
}
