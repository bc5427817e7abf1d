/**
 * Which pods on nodes hold their shares of GPUs. A pod may be known before its node is: it gets its devices when the node has
 * them, and holds none until then.
 */
import type { NodeTable } from '../nodes/node-table.ts';
import type { PodTable } from '../pods/pod-table.ts';
import type { DeviceChooser } from '../policies/device-choice.ts';
import { freeCpuMilli } from '../policies/node-scale.ts';

/** The shares of all pods of one table. */
export class GpuGrants {
  readonly #nodes: NodeTable;
  readonly #pods: PodTable;
  /** Rows of pods that ask for GPUs and hold none: their node is not known, or has not enough. */
  readonly #withoutDevices = new Set<number>();

  constructor(nodes: NodeTable, pods: PodTable) {
    this.#nodes = nodes;
    this.#pods = pods;
  }

  /** A node came or changed: pods on it that lack devices may get them now. */
  nodeSeen(slot: number, chooser: DeviceChooser): void {
    for (const row of this.#withoutDevices) if (this.#pods.slotOf(row) === slot) this.give(row, chooser);
  }

  /** Gives a pod that asks for GPUs its devices if they are there. */
  give(row: number, chooser: DeviceChooser): void {
    const { gpu, vector } = this.#pods.classOf(row).shape;
    const slot = this.#pods.slotOf(row);
    const { gpus } = this.#nodes;
    if (gpu === null) return;
    if (!gpus.fits(slot, gpu)) {
      this.#withoutDevices.add(row);
      return;
    }
    const freeBefore = freeCpuMilli(this.#nodes, slot) + vector.cpu;
    gpus.take(row, slot, gpu, chooser.chooseDevices(slot, freeBefore, vector.cpu, gpu));
    this.#withoutDevices.delete(row);
    this.#nodes.touch(slot);
  }

  /** Takes a pod's devices back before it leaves its node. */
  takeBack(row: number): void {
    const { gpu } = this.#pods.classOf(row).shape;
    if (gpu === null) return;
    this.#withoutDevices.delete(row);
    this.#nodes.gpus.giveBack(row, this.#pods.slotOf(row), gpu);
  }
}
