/**
 * Fit and resource scores of one shape on many nodes in one loop: what NodeResourcesFit and NodeResourcesBalancedAllocation
 * compute for the default resources, without a pass per plugin.
 *
 * Equal to the plugins to the last bit: scores are first estimated in fixed point from the shares that the node table keeps;
 * an estimate too near to an integer, where rounding could matter, is replaced by the real formula. Cost: some ns a node.
 */
import { NO_INT32 } from '../../base/grow.ts';
import { configurationOf, type Profile, versionOf } from '../configuration/profile.ts';
import {
  CAPACITY,
  CAPACITY_CLASS,
  FREE_CPU_SHARE,
  FREE_MEMORY_SHARE,
  NON_ZERO_CPU,
  NON_ZERO_MEMORY,
  type NodeTable,
  ROW,
  SHARE_BITS,
  SHARES_SHIFT,
  toShare,
  USED_DIFFERENCE,
} from '../nodes/node-table.ts';
import { CPU, MEMORY, PODS } from '../nodes/resource-names.ts';
import type { ResourceVector } from '../nodes/resource-vector.ts';
import { resourceScore } from '../plugins/node-resources-fit-plugin.ts';
import type { PodRequest } from '../plugins/plugin.ts';
import type { PodShape } from '../pods/pod-shape.ts';
import type { RowEvaluator } from './row-evaluate.ts';

/** An estimate is off by at most 2 units; nearer to an integer than this it is not trusted. */
const DOUBT = 4;
/**
 * Free cpu, a whole number of thousandths of so few, is no nearer below a whole percentage than 2 × {@link DOUBT} units: with {@link DOUBT} added,
 * the estimate has its integer part. Nodes and pods ask for round amounts of cpu, so that whole percentages are frequent.
 */
const SURE_CPU = (1 << SHARE_BITS) / (2 * DOUBT);
const FRACTION = (1 << SHARE_BITS) - 1;
const HUNDRED = 100 << SHARE_BITS;
/** Numbers a capacity class in a shape's table: pod's shares for scoring cpu and memory, and real cpu over real memory. */
const POD_SHARES = 3;

/** Whether a profile's resource scores are ones that {@link ResourceKernel} computes. */
export function kernelCovers(profile: Profile): boolean {
  const fit = profile.strategyResources.map(({ name }) => name).join();
  if (fit !== 'cpu,memory' || profile.balancedResources.join() !== 'cpu,memory') return false;
  if (profile.strategy === 'RequestedToCapacityRatio' || versionOf(profile) !== '1.34') return false;
  const { plugins, args } = configurationOf(profile);
  const { ignoredResources, ignoredResourceGroups } = args.nodeResourcesFit;
  return plugins.filter.includes('NodeResourcesFit') && ignoredResources.length + ignoredResourceGroups.length === 0;
}

/** The kernel of one shape under one profile. */
export class ResourceKernel implements RowEvaluator {
  readonly #nodes: NodeTable;
  readonly #vector: ResourceVector;
  readonly #strategy: Profile['strategy'];
  readonly #fitWeight: number;
  readonly #balanceWeight: number;
  readonly #cpuWeight: number;
  readonly #memoryWeight: number;
  /**
   * Whether cpu, memory and a place are all that the pod asks for, and it scores by no less than it asks for: then a free share of at least 0 is
   * room enough, since nodes count pods by no less either. Otherwise only the formulas tell.
   */
  readonly #simple: boolean;
  /** By class of nodes: the pod's shares of the capacity, so much less that what is left is {@link DOUBT} above the estimate. */
  #table = NO_INT32;
  /** −1 when some class has more cpu than {@link SURE_CPU}, else 0. */
  #roughCpu: 0 | -1 = 0;

  constructor(nodes: NodeTable, { strategy, strategyResources, weights }: Profile, { vector }: PodShape) {
    this.#nodes = nodes;
    this.#vector = vector;
    this.#strategy = strategy;
    this.#fitWeight = weights.NodeResourcesFit;
    // A pod without requests is not scored for balance.
    this.#balanceWeight = vector.cpu > 0 || vector.memory > 0 ? weights.NodeResourcesBalancedAllocation : 0;
    this.#cpuWeight = strategyResources[0]?.weight ?? 0;
    this.#memoryWeight = strategyResources[1]?.weight ?? 0;
    const scoresAll = vector.scoreCpu >= vector.cpu && vector.scoreMemory >= vector.memory;
    this.#simple = vector.ephemeralStorage === 0 && !vector.hasExtended && scoresAll;
  }

  evaluate(_request: PodRequest, slots: Int32Array, from: number, count: number, out: Int32Array): void {
    if (this.#table.length !== this.#nodes.classCpu.length * POD_SHARES) this.#fillTable();
    if (this.#simple) this.#estimate(slots, from, count, out);
    else for (let i = 0; i < count; i++) out[i] = this.#exact(slots[from + i] as number);
  }

  /** Shifts, ors and whole products: sums of integers that may leave 32 bits cost a check each. */
  #estimate(slots: Int32Array, from: number, count: number, out: Int32Array): void {
    const shares = this.#nodes.shares;
    const pod = this.#table;
    const roughCpu = this.#roughCpu;
    const fitWeight = this.#fitWeight;
    const balanceWeight = this.#balanceWeight;
    const cpuWeight = this.#cpuWeight;
    const memoryWeight = this.#memoryWeight;
    const even = cpuWeight === memoryWeight;
    const least = this.#strategy === 'LeastAllocated';
    const oneClass = pod.length === POD_SHARES;
    let podCpu = pod[0] as number;
    let podMemory = pod[1] as number;
    let podDifference = pod[2] as number;
    for (let i = 0; i < count; i++) {
      const slot = slots[from + i] as number;
      const node = slot << SHARES_SHIFT;
      if (!oneClass) {
        const at = Math.imul(shares[node | CAPACITY_CLASS] as number, POD_SHARES);
        podCpu = pod[at] as number;
        podMemory = pod[at + 1] as number;
        podDifference = pod[at + 2] as number;
      }
      const freeCpu = ((shares[node | FREE_CPU_SHARE] as number) - podCpu) | 0;
      const freeMemory = ((shares[node | FREE_MEMORY_SHARE] as number) - podMemory) | 0;
      const difference = ((shares[node | USED_DIFFERENCE] as number) + podDifference) | 0;
      const balance = HUNDRED + DOUBT - ((difference ^ (difference >> 31)) - (difference >> 31));
      // The sign bit of any part set: overcommitted, full, or too near to an integer to tell. One branch for all.
      const doubtful =
        freeCpu |
        freeMemory |
        (((freeCpu & FRACTION) - 2 * DOUBT) & roughCpu) |
        ((freeMemory & FRACTION) - 2 * DOUBT) |
        ((balance & FRACTION) - 2 * DOUBT);
      if (doubtful < 0) out[i] = this.#exact(slot);
      else {
        const cpuScore = (least ? freeCpu : HUNDRED + 2 * DOUBT - freeCpu) >> SHARE_BITS;
        const memoryScore = (least ? freeMemory : HUNDRED + 2 * DOUBT - freeMemory) >> SHARE_BITS;
        const fit = even
          ? (cpuScore + memoryScore) >> 1
          : ((cpuWeight * cpuScore + memoryWeight * memoryScore) / (cpuWeight + memoryWeight)) | 0;
        out[i] = Math.imul(fit, fitWeight) + Math.imul(balance >> SHARE_BITS, balanceWeight);
      }
    }
  }

  #fillTable(): void {
    const { classCpu, classMemory } = this.#nodes;
    const vector = this.#vector;
    const one = 1 << SHARE_BITS;
    const table = new Int32Array(classCpu.length * POD_SHARES);
    for (let id = 0; id < classCpu.length; id++) {
      const cpu = classCpu[id] as number;
      const memory = classMemory[id] as number;
      const at = id * POD_SHARES;
      table[at] = (cpu === 0 ? 0 : toShare((vector.scoreCpu * 100 * one) / cpu)) - DOUBT;
      table[at + 1] = (memory === 0 ? 0 : toShare((vector.scoreMemory * 100 * one) / memory)) - DOUBT;
      const usedCpu = cpu === 0 ? 0 : toShare((vector.cpu * 50 * one) / cpu);
      const usedMemory = memory === 0 ? 0 : toShare((vector.memory * 50 * one) / memory);
      table[at + 2] = usedCpu - usedMemory;
    }
    this.#table = table;
    this.#roughCpu = classCpu.some((cpu) => cpu > SURE_CPU) ? -1 : 0;
  }

  /** The same for one node by the real formulas. */
  #exact(slot: number): number {
    if (!this.#fits(slot)) return -1;
    const at = slot * ROW;
    const vector = this.#vector;
    const strategy = this.#strategy;
    const rows = this.#nodes.rows;
    const cpuTotal = rows[at + CAPACITY + CPU] as number;
    const memoryTotal = rows[at + CAPACITY + MEMORY] as number;
    let sum = 0;
    let weightSum = 0;
    if (cpuTotal > 0) {
      const weight = this.#cpuWeight;
      sum += weight * resourceScore(strategy, (rows[at + NON_ZERO_CPU] as number) + vector.scoreCpu, cpuTotal);
      weightSum += weight;
    }
    if (memoryTotal > 0) {
      const weight = this.#memoryWeight;
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
    return fit * this.#fitWeight + balance * this.#balanceWeight;
  }

  #fits(slot: number): boolean {
    const nodes = this.#nodes;
    if (nodes.requestedOf(slot, PODS) >= nodes.allocatableOf(slot, PODS)) return false;
    const { resources, amounts } = this.#vector;
    for (let r = 0; r < amounts.length; r++) {
      const id = resources[r] as number;
      if (nodes.lacks(slot, id, amounts[r] as number)) return false;
    }
    return true;
  }
}
