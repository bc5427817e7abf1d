/**
 * Placement alone: nodes, pods and one scheduling profile, without API server, queue or clock.
 *
 * What policy comparisons and published placement tables are run on. It drives the scheduler's own core (node table, cached
 * path, filters), so a policy decides here as it does in a simulated cluster. Node i of the list has slot i; pods are given
 * as kinds (one object for all that ask for the same). Cost: some µs a placement at a thousand nodes.
 */
import type { GpuColumns } from '../scheduler/gpu-columns.ts';
import type { PodRequest } from '../scheduler/plugin.ts';
import { Fragmentation } from '../scheduler/policies/fragmentation.ts';
import { freeCpuMilli } from '../scheduler/policies/node-scale.ts';
import type { TypicalPod } from '../scheduler/policies/typical-pods.ts';
import type { Profile } from '../scheduler/profile.ts';
import { type PathChoice, SchedulingCore } from '../scheduler/scheduling-core.ts';
import type { Draws, Selection } from '../scheduler/selection.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';

export { DEVICE_MILLI, GPU_COUNT, GPU_MILLI, GPU_MODEL_LABEL } from '../scheduler/gpu-demand.ts';
export { NAMED_POLICIES, namedProfile, type PolicyContext } from '../scheduler/policies/named-policies.ts';
export { type TypicalPod, typicalPods } from '../scheduler/policies/typical-pods.ts';
export type { Profile, TieRule } from '../scheduler/profile.ts';

export interface PlacementOptions {
  readonly nodes: readonly Node[];
  /** Kinds of pods. */
  readonly pods: readonly Pod[];
  readonly profile: Profile;
  /** Stream for ties and for what a policy draws. */
  readonly draws: Draws;
  /** `plain` = without cached totals, for tests; the placements are the same. */
  readonly path?: PathChoice | undefined;
}

/** Nodes filling with pods. */
export class Placement {
  readonly core: SchedulingCore;
  readonly #requests: readonly PodRequest[];
  readonly #selection: Selection = { slot: -1, feasible: 0, examined: 0 };

  constructor({ nodes, pods, profile, draws, path }: PlacementOptions) {
    this.core = new SchedulingCore([profile], draws, path);
    for (const node of nodes) this.core.putNode(node);
    this.#requests = pods.map((pod) => ({ podClass: this.core.classOf(pod), nodeName: '' }));
  }

  /** Places a pod of a kind; returns its row, −1 when it fits nowhere. */
  place(kind: number): number {
    const request = this.#requests[kind] as PodRequest;
    this.core.choose(request, 0, this.#selection);
    const { slot } = this.#selection;
    return slot < 0 ? -1 : this.core.assume(slot, request.podClass);
  }

  /** A placed pod goes. */
  remove(row: number): void {
    this.core.removePod(row);
  }

  /** Index of the node of a placed pod. */
  nodeOf(row: number): number {
    return this.core.pods.slotOf(row);
  }
}

/** GPU figures of a placement, brought up to date node by node. */
export class GpuMeter {
  readonly #placement: Placement;
  readonly #gpus: GpuColumns;
  readonly #fragmentation: Fragmentation;
  readonly #byNode: Float64Array;

  constructor(placement: Placement, typical: readonly TypicalPod[]) {
    this.#placement = placement;
    this.#gpus = placement.core.nodes.gpus;
    this.#fragmentation = new Fragmentation(this.#gpus, typical);
    this.#byNode = new Float64Array(placement.core.nodes.slotCount);
    for (let node = 0; node < this.#byNode.length; node++) this.update(node);
  }

  /** A pod came to a node or left it. */
  update(node: number): void {
    const { nodes } = this.#placement.core;
    this.#byNode[node] = this.#fragmentation.of(node, freeCpuMilli(nodes, node));
  }

  /** Fragmentation of all nodes, thousandths of a device; added in the order of the nodes. */
  fragmentMilli(): number {
    const byNode = this.#byNode;
    let sum = 0;
    for (let i = 0; i < byNode.length; i++) sum += byNode[i] as number;
    return sum;
  }

  /** Idle thousandths of all nodes. */
  idleMilli(): number {
    const free = this.#gpus.freeTotal;
    let sum = 0;
    for (let i = 0; i < this.#byNode.length; i++) sum += free[i] as number;
    return sum;
  }
}
