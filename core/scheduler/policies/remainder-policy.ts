/**
 * Policies that judge a node by what it would have left: cpu, and GPU (or memory), each as a share of the largest node's.
 *
 * One loop for all of them; a policy is the function that joins the two shares.
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import { freeCpuMilli, NodeScale } from './node-scale.ts';

export abstract class RemainderPolicy implements ScorePlugin {
  abstract readonly name: string;
  readonly normalizer: Normalizer = 'none';
  readonly #scale = new NodeScale();

  prepare(_request: PodRequest, { nodes }: Snapshot): boolean {
    this.#scale.update(nodes);
    return true;
  }

  /** Score before truncation, at most 100, of a node that keeps these shares (0 … 1, below 0 where the pod does not fit). */
  protected abstract scoreOf(cpuLeft: number, otherLeft: number): number;

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const scale = this.#scale;
    const { shape } = request.podClass;
    const { cpuMax, otherMax } = scale;
    const cpu = shape.vector.cpu;
    const other = scale.otherOf(shape);
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const cpuLeft = (freeCpuMilli(nodes, slot) - cpu) / cpuMax;
      const otherLeft = (scale.otherFree(nodes, slot) - other) / otherMax;
      out[i] = Math.max(0, Math.trunc(this.scoreOf(cpuLeft, otherLeft)));
    }
  }
}
