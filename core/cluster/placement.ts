/**
 * Placement alone: nodes, pods and one scheduling profile, without API server, queue or clock.
 *
 * What policy comparisons and published placement tables are run on. It drives the scheduler's own core (node table, cached
 * path, filters), so a policy decides here as it does in a simulated cluster. Node i of the list has slot i; pods are given
 * as kinds (one object for all that ask for the same). Cost: some µs a placement at a thousand nodes.
 */
import { SHARE_CLASS } from '../scheduler/gpu-demand.ts';
import type { PodRequest } from '../scheduler/plugin.ts';
import type { PodShape } from '../scheduler/pod-shape.ts';
import type { Profile } from '../scheduler/profile.ts';
import { PODS } from '../scheduler/resource-names.ts';
import { type PathChoice, SchedulingCore } from '../scheduler/scheduling-core.ts';
import type { Draws, Selection } from '../scheduler/selection.ts';
import type { Node } from '../types/node.ts';
import { fitsNodeAffinity } from '../types/node-affinity.ts';
import type { Pod } from '../types/pod.ts';
import type { PolicyModule } from './policy-module.ts';
import { PolicyNodes, UserScorePlugin, userPlace } from './user-policy.ts';

export { DEVICE_MILLI, GPU_COUNT, GPU_MILLI, GPU_MODEL_LABEL, GPU_WHOLE } from '../scheduler/gpu-demand.ts';
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
  /** A user's policy instead of the profile's scores; the profile's filters, order and tie rule stay. */
  readonly module?: { readonly name: string; readonly policy: PolicyModule } | undefined;
}

/** Classes of pods in reports. */
export const POD_CLASSES = ['cpu', 'gpu-share', 'one-gpu', 'many-gpus'] as const;
export type PodClassName = (typeof POD_CLASSES)[number];

/** What a pod asks for. */
export interface PodDemand {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** Thousandths of devices in all. */
  readonly gpuMilli: number;
  readonly class: PodClassName;
}

/** Nodes filling with pods. */
export class Placement {
  readonly core: SchedulingCore;
  readonly #requests: readonly PodRequest[];
  readonly #pods: readonly Pod[];
  readonly #demands: readonly PodDemand[];
  readonly #module: PlacementOptions['module'];
  readonly #views: PolicyNodes;
  readonly #selection: Selection = { slot: -1, feasible: 0, examined: 0 };

  constructor({ nodes, pods, profile, draws, path, module }: PlacementOptions) {
    this.core = new SchedulingCore([withModule(profile, module)], draws, path);
    this.#module = module;
    this.#views = new PolicyNodes(this.core.nodes);
    for (const node of nodes) this.core.putNode(node);
    this.#pods = pods;
    this.#requests = pods.map((pod) => ({ podClass: this.core.classOf(pod), nodeName: '' }));
    this.#demands = this.#requests.map(({ podClass }) => demandOf(podClass.shape));
  }

  /** Places a pod of a kind; returns its row, −1 when it fits nowhere. */
  place(kind: number): number {
    const request = this.#requests[kind] as PodRequest;
    const slot = this.#choose(request);
    return slot < 0 ? -1 : this.core.assume(slot, request.podClass);
  }

  #choose(request: PodRequest): number {
    const { name, policy } = this.#module ?? { name: '', policy: {} };
    if (policy.place !== undefined) {
      const fits = (slot: number): boolean => this.core.fits(request, 0, slot);
      return userPlace(name, policy.place, request, this.core.nodes, this.#views, fits);
    }
    this.core.choose(request, 0, this.#selection);
    return this.#selection.slot;
  }

  /** Nodes that were as good as the chosen one in the last placement, that one included; 1 without a choice. */
  get lastTies(): number {
    return this.#selection.ties ?? 1;
  }

  /** Puts a pod of a kind on a node without asking anybody, as one that was bound before; returns its row. */
  bind(kind: number, node: number): number {
    return this.core.assume(node, (this.#requests[kind] as PodRequest).podClass);
  }

  /** Whether a node has what a pod of a kind needs: resources, devices, node affinity. Taints and other pods aside. */
  hasRoom(kind: number, node: number): boolean {
    const { nodes } = this.core;
    const object = nodes.nodes[node];
    if (object === null || object === undefined) return false;
    const { shape } = (this.#requests[kind] as PodRequest).podClass;
    if (nodes.requestedOf(node, PODS) + 1 > nodes.allocatableOf(node, PODS)) return false;
    const { resources, amounts } = shape.vector;
    for (let i = 0; i < amounts.length; i++) {
      const id = resources[i] as number;
      if ((amounts[i] as number) > nodes.allocatableOf(node, id) - nodes.requestedOf(node, id)) return false;
    }
    if (shape.gpu !== null && !nodes.gpus.fits(node, shape.gpu)) return false;
    return fitsNodeAffinity((this.#pods[kind] as Pod).spec, object);
  }

  /** What a pod of a kind asks for. */
  demandOf(kind: number): PodDemand {
    return this.#demands[kind] as PodDemand;
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

function withModule(profile: Profile, module: PlacementOptions['module']): Profile {
  const score = module?.policy.score;
  if (module === undefined || score === undefined) return profile;
  const { name } = module;
  return {
    ...profile,
    policy: (table) => ({ score: new UserScorePlugin(name, score, new PolicyNodes(table)), chooser: null }),
  };
}

function demandOf({ vector, gpu }: PodShape): PodDemand {
  return {
    cpuMilli: vector.cpu,
    memoryBytes: vector.memory,
    gpuMilli: gpu?.totalMilli ?? 0,
    class: gpu === null ? 'cpu' : gpu.class === SHARE_CLASS ? 'gpu-share' : gpu.count === 1 ? 'one-gpu' : 'many-gpus',
  };
}
