/**
 * Fit and resource scores of one shape on many nodes in one loop: what NodeResourcesFit and NodeResourcesBalancedAllocation
 * compute for the default resources, without a pass per plugin.
 *
 * Equal to the plugins to the last bit: scores are first estimated in fixed point from the shares that the node table keeps;
 * an estimate too near to an integer, where rounding could matter, is replaced by the real formula. Cost: some ns a node.
 */
import {
  CAPACITY,
  CAPACITY_CLASS,
  FREE_CPU_SHARE,
  FREE_MEMORY_SHARE,
  FREE_PODS,
  NON_ZERO_CPU,
  NON_ZERO_MEMORY,
  type NodeTable,
  ROW,
  SHARE_BITS,
  SHARES,
  toShare,
  USED_CPU_SHARE,
  USED_MEMORY_SHARE,
} from './node-table.ts';
import { resourceScore } from './plugins/node-resources-fit-plugin.ts';
import type { PodShape } from './pod-shape.ts';
import { configurationOf, type Profile, versionOf } from './profile.ts';
import { CPU, MEMORY, PODS } from './resource-names.ts';
import type { ResourceVector } from './resource-vector.ts';

/** An estimate is off by at most 2 units; nearer to an integer than this it is not trusted. */
const DOUBT = 4;
const FRACTION = (1 << SHARE_BITS) - 1;
const HUNDRED = 100 << SHARE_BITS;
/** Half of the capacity in shares of 50: below it the pod has room without a doubt. */
const ROOM = (50 << SHARE_BITS) - DOUBT;
/** Numbers a capacity class in a shape's table: pod's shares for scoring cpu and memory, and for real cpu and memory. */
const POD_SHARES = 4;

/** Whether a profile's resource scores are ones that {@link ResourceKernel} computes. */
export function kernelCovers(profile: Profile): boolean {
  const fit = profile.strategyResources.map(({ name }) => name).join();
  if (fit !== 'cpu,memory' || profile.balancedResources.join() !== 'cpu,memory') return false;
  if (profile.strategy === 'RequestedToCapacityRatio' || versionOf(profile) !== '1.34') return false;
  const { plugins, args } = configurationOf(profile);
  const { ignoredResources, ignoredResourceGroups } = args.nodeResourcesFit;
  return plugins.filter.includes('NodeResourcesFit') && ignoredResources.length + ignoredResourceGroups.length === 0;
}

/** The kernel of one profile. */
export class ResourceKernel {
  readonly #nodes: NodeTable;
  readonly #profile: Profile;
  readonly #tables: (Int32Array | undefined)[] = [];

  constructor(nodes: NodeTable, profile: Profile) {
    this.#nodes = nodes;
    this.#profile = profile;
  }

  /** Writes for each of the `count` slots from index `from` on `base` + the weighted resource scores, −1 where the pod does not fit. */
  evaluate(shape: PodShape, slots: Int32Array, from: number, count: number, base: number, out: Int32Array): void {
    const vector = shape.vector;
    const shares = this.#nodes.shares;
    const pod = this.#tableOf(shape);
    const simple = vector.ephemeralStorage === 0 && !vector.hasExtended ? 0 : -1;
    const fitWeight = this.#profile.weights.NodeResourcesFit;
    const balanceWeight = this.#balanceWeightOf(vector);
    const cpuWeight = this.#profile.strategyResources[0]?.weight ?? 0;
    const memoryWeight = this.#profile.strategyResources[1]?.weight ?? 0;
    const even = cpuWeight === memoryWeight;
    const least = this.#profile.strategy === 'LeastAllocated';
    for (let i = 0; i < count; i++) {
      const slot = slots[from + i] as number;
      const node = slot * SHARES;
      const table = (shares[node + CAPACITY_CLASS] as number) * POD_SHARES;
      const freeCpu = (shares[node + FREE_CPU_SHARE] as number) - (pod[table] as number);
      const freeMemory = (shares[node + FREE_MEMORY_SHARE] as number) - (pod[table + 1] as number);
      const usedCpu = (shares[node + USED_CPU_SHARE] as number) + (pod[table + 2] as number);
      const usedMemory = (shares[node + USED_MEMORY_SHARE] as number) + (pod[table + 3] as number);
      const difference = usedCpu - usedMemory;
      const balance = HUNDRED - ((difference ^ (difference >> 31)) - (difference >> 31));
      // The sign bit of any part set: overcommitted, full, or too near to an integer to tell. One branch for all.
      const doubtful =
        simple |
        freeCpu |
        freeMemory |
        (ROOM - usedCpu) |
        (ROOM - usedMemory) |
        ((shares[node + FREE_PODS] as number) - 1) |
        (((freeCpu + DOUBT) & FRACTION) - 2 * DOUBT) |
        (((freeMemory + DOUBT) & FRACTION) - 2 * DOUBT) |
        (((balance + DOUBT) & FRACTION) - 2 * DOUBT);
      if (doubtful < 0) out[i] = this.#exact(vector, slot, base);
      else {
        const cpuScore = (least ? freeCpu : HUNDRED - freeCpu) >> SHARE_BITS;
        const memoryScore = (least ? freeMemory : HUNDRED - freeMemory) >> SHARE_BITS;
        const fit = even
          ? (cpuScore + memoryScore) >> 1
          : ((cpuWeight * cpuScore + memoryWeight * memoryScore) / (cpuWeight + memoryWeight)) | 0;
        out[i] = base + fit * fitWeight + (balance >> SHARE_BITS) * balanceWeight;
      }
    }
  }

  /** The pod's shares of the capacity of each class of nodes. */
  #tableOf(shape: PodShape): Int32Array {
    const known = this.#tables[shape.id];
    const { classCpu, classMemory } = this.#nodes;
    if (known !== undefined && known.length === classCpu.length * POD_SHARES) return known;
    const { vector } = shape;
    const one = 1 << SHARE_BITS;
    const table = new Int32Array(classCpu.length * POD_SHARES);
    for (let id = 0; id < classCpu.length; id++) {
      const cpu = classCpu[id] as number;
      const memory = classMemory[id] as number;
      const at = id * POD_SHARES;
      table[at] = cpu === 0 ? 0 : toShare((vector.scoreCpu * 100 * one) / cpu);
      table[at + 1] = memory === 0 ? 0 : toShare((vector.scoreMemory * 100 * one) / memory);
      table[at + 2] = cpu === 0 ? 0 : toShare((vector.cpu * 50 * one) / cpu);
      table[at + 3] = memory === 0 ? 0 : toShare((vector.memory * 50 * one) / memory);
    }
    this.#tables[shape.id] = table;
    return table;
  }

  /** A pod without requests is not scored for balance. */
  #balanceWeightOf(vector: ResourceVector): number {
    return vector.cpu > 0 || vector.memory > 0 ? this.#profile.weights.NodeResourcesBalancedAllocation : 0;
  }

  /** The same for one node by the real formulas. */
  #exact(vector: ResourceVector, slot: number, base: number): number {
    if (!this.#fits(vector, slot)) return -1;
    const at = slot * ROW;
    const { strategy, strategyResources, weights } = this.#profile;
    const rows = this.#nodes.rows;
    const cpuTotal = rows[at + CAPACITY + CPU] as number;
    const memoryTotal = rows[at + CAPACITY + MEMORY] as number;
    let sum = 0;
    let weightSum = 0;
    if (cpuTotal > 0) {
      const weight = strategyResources[0]?.weight ?? 0;
      sum += weight * resourceScore(strategy, (rows[at + NON_ZERO_CPU] as number) + vector.scoreCpu, cpuTotal);
      weightSum += weight;
    }
    if (memoryTotal > 0) {
      const weight = strategyResources[1]?.weight ?? 0;
      sum += weight * resourceScore(strategy, (rows[at + NON_ZERO_MEMORY] as number) + vector.scoreMemory, memoryTotal);
      weightSum += weight;
    }
    const fit = weightSum === 0 ? 0 : Math.floor(sum / weightSum);
    let balance = 100;
    if (cpuTotal > 0 && memoryTotal > 0) {
      const cpuFraction = Math.min(1, ((rows[at + CPU] as number) + vector.cpu) / cpuTotal);
      const memoryFraction = Math.min(1, ((rows[at + MEMORY] as number) + vector.memory) / memoryTotal);
      balance = Math.trunc((1 - Math.abs((cpuFraction - memoryFraction) / 2)) * 100);
    }
    return base + fit * weights.NodeResourcesFit + balance * this.#balanceWeightOf(vector);
  }

  #fits(vector: ResourceVector, slot: number): boolean {
    const nodes = this.#nodes;
    if (nodes.requestedOf(slot, PODS) >= nodes.allocatableOf(slot, PODS)) return false;
    const { resources, amounts } = vector;
    for (let r = 0; r < amounts.length; r++) {
      const id = resources[r] as number;
      if ((amounts[r] as number) > nodes.allocatableOf(slot, id) - nodes.requestedOf(slot, id)) return false;
    }
    return true;
  }
}
