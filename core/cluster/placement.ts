/**
 * Placement alone: nodes, pods and one scheduling profile, without API server, queue or clock.
 *
 * What policy comparisons and published placement tables are run on. It drives the scheduler's own core (node table, cached
 * path, filters), so a policy decides here as it does in a simulated cluster. Node i of the list has slot i; pods are given
 * as kinds (one object for all that ask for the same). Cost: some µs a placement at a thousand nodes.
 */

import { type PathChoice, SchedulingCore } from '../scheduler/choice/scheduling-core.ts';
import type { Draws, Selection } from '../scheduler/choice/selection.ts';
import { configurationOf, type Profile } from '../scheduler/configuration/profile.ts';
import { SHARE_CLASS } from '../scheduler/devices/gpu-demand.ts';
import { podInfoOf } from '../scheduler/framework/pod-info.ts';
import { confined } from '../scheduler/groups/group-placements.ts';
import { PODS } from '../scheduler/nodes/resource-names.ts';
import { firstUntolerated } from '../scheduler/nodes/tolerated.ts';
import type { PodRequest } from '../scheduler/plugins/plugin.ts';
import type { PodShape } from '../scheduler/pods/pod-shape.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { Node } from '../types/node.ts';
import { fitsNodeAffinity } from '../types/node-affinity.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import type { PodDisruptionBudget } from '../types/pod-disruption-budget.ts';
import { placeBatch } from './batch-placement.ts';
import { type GroupDemand, type GroupEviction, placeTogether, requiredDomain } from './gang-placement.ts';
import { mayClaim, PlacementClaims } from './placement-claims.ts';
import type { PolicyModule } from './policy-module.ts';
import { PolicyNodes, UserScorePlugin, userPlace } from './user-policy.ts';

export type { Profile, TieRule } from '../scheduler/configuration/profile.ts';
export { DEVICE_MILLI, GPU_COUNT, GPU_MILLI, GPU_MODEL_LABEL, GPU_WHOLE } from '../scheduler/devices/gpu-demand.ts';
export { GANG_MIN_LABEL, GANG_NAME_LABEL, isGangSize } from '../scheduler/groups/gangs.ts';
export { DATA_NODE_LABEL, DATA_ZONE_LABEL } from '../scheduler/policies/data-local.ts';
export { CPU_USAGE_LABEL } from '../scheduler/policies/load-aware.ts';
export { NAMED_POLICIES, namedProfile, type PolicyContext } from '../scheduler/policies/named-policies.ts';
export { type TypicalPod, typicalPods } from '../scheduler/policies/typical-pods.ts';
export type { GroupDemand } from './gang-placement.ts';

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
  readonly module?: NamedModule | undefined;
  /** A second policy that may take over, see {@link Placement.usePolicy}. */
  readonly other?: { readonly profile: Profile; readonly module?: NamedModule | undefined } | undefined;
  /** Services, owners and budgets: what spreading by default and preemption look up; claims, and what satisfies them. */
  readonly objects?: readonly KubeObject[] | undefined;
  /** Feature gates of devices that are on. */
  readonly deviceGates?: readonly DeviceGate[] | undefined;
  /** Whether pods that find no node may take the place of less important ones. */
  readonly preemption?: boolean | undefined;
}

/** A user's policy with the name it is shown by. */
export interface NamedModule {
  readonly name: string;
  readonly policy: PolicyModule;
  /** Hears when the module is asked about a pod of a kind, and when it has answered. */
  readonly watch?: { begin(pod: Pod): void; end(): void } | undefined;
}

/** Pods that would have to go for another, by row, and the budgets that this violates. */
export interface Eviction {
  readonly node: number;
  readonly rows: readonly number[];
  readonly pdbViolations: number;
}

/** A node's weighted score under one policy. */
export interface ScoredNode {
  readonly node: number;
  readonly score: number;
}

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

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
  readonly #requests: PodRequest[];
  readonly #pods: Pod[];
  readonly #demands: readonly PodDemand[];
  readonly #podOf = new Map<PodRequest, Pod>();
  readonly #policies: readonly { readonly profile: Profile; readonly module?: NamedModule | undefined }[];
  readonly #draws: Draws;
  readonly #preemption: boolean;
  /** Whether decisions look at more of a pod than its class. */
  readonly #keepsPods: boolean;
  readonly #views: PolicyNodes;
  /** null where no pod claims anything. */
  readonly #claims: PlacementClaims | null;
  /** Requests of kinds that claim devices or volumes. */
  readonly #claimants = new Set<PodRequest>();
  /** Kinds that may only go to nodes with one value of a label, by label and value, then by the kind that they are like. */
  readonly #confined = new Map<string, Map<number, number>>();
  /** Pods with claims by row. */
  readonly #claiming = new Map<number, Pod>();
  readonly #selection: Selection = { slot: -1, feasible: 0, examined: 0 };
  /** Index of the policy that decides. */
  #active = 0;
  #serial = 0;

  constructor(options: PlacementOptions) {
    const { nodes, pods, profile, draws, path, module, other, objects = [], preemption, deviceGates = [] } = options;
    const first = withModule(profile, module);
    const profiles: [Profile, ...Profile[]] =
      other === undefined
        ? [first]
        : [first, { ...withModule(other.profile, other.module), nodeOrder: profile.nodeOrder }];
    const volumes = mayClaim(pods, objects, deviceGates);
    this.core = new SchedulingCore(profiles, draws, { choice: path, volumes, deviceGates });
    this.#claims = volumes ? new PlacementClaims(this.core) : null;
    this.#policies = other === undefined ? [{ profile, module }] : [{ profile, module }, other];
    this.#draws = draws;
    this.#preemption = preemption === true;
    this.#views = new PolicyNodes(this.core.nodes);
    for (const object of objects) this.core.putObject(object);
    for (const node of nodes) this.core.putNode(node);
    this.#pods = [...pods];
    this.#keepsPods = objects.length > 0 || this.#preemption;
    this.#requests = pods.map((pod) => this.#requestFor(pod));
    this.#demands = this.#requests.map(({ podClass }) => demandOf(podClass.shape));
  }

  #requestFor(pod: Pod): PodRequest {
    const request = { podClass: this.core.classOf(pod), nodeName: '', ...(this.#keepsPods ? { pod } : {}) };
    this.#podOf.set(request, pod);
    if (this.#claims?.concern(pod)) this.#claimants.add(request);
    return request;
  }

  /** Whether pods of a kind claim devices or volumes. */
  isClaimant(kind: number): boolean {
    return this.#claimants.has(this.#requests[kind] as PodRequest);
  }

  /** Lets the first (0) or the other (1) policy decide from now on. */
  usePolicy(index: 0 | 1): void {
    this.#active = index;
  }

  /** Whether pods may take the place of less important ones. */
  get preempts(): boolean {
    return this.#preemption;
  }

  /** Whether the policy that decides takes pods in batches. */
  get takesBatches(): boolean {
    return this.#policies[this.#active]?.profile.batch !== undefined;
  }

  /** Whether any of the policies takes pods in batches. */
  get batches(): boolean {
    return this.#policies.some(({ profile }) => profile.batch !== undefined);
  }

  /** Places a pod of a kind; returns its row, −1 when it fits nowhere. */
  place(kind: number): number {
    return this.#placeRequest(this.#requests[kind] as PodRequest);
  }

  /** Places pods together, given by kind; returns the row of each, −1 for none. */
  placeBatch(kinds: readonly number[]): Int32Array {
    const requests = kinds.map((kind) => this.#requests[kind] as PodRequest);
    const isAlone = (request: PodRequest) => request.podClass.shape.dependsOnPods || this.#claimants.has(request);
    const rows = placeBatch(this.core, this.#active, requests, isAlone, (request) => this.#placeRequest(request));
    rows.forEach((row, i) => {
      if (row >= 0 && !isAlone(requests[i] as PodRequest)) this.#know(row, requests[i] as PodRequest);
    });
    return rows;
  }

  /** Places pods of a group: as many as possible, or none where fewer than wanted find a node (`null`); the row of each, −1 for none. */
  placeGroup(demand: GroupDemand): readonly number[] | null {
    return demand.wanted > demand.kinds.length ? null : placeTogether(this, demand, this.#active);
  }

  /** For each kind that of pods like it that may only go to nodes with a value of a label; −1 where they ask for another. */
  confinedKinds(kinds: readonly number[], key: string, value: string): number[] {
    const label = `${key}=${value}`;
    const known = this.#confined.get(label) ?? new Map<number, number>();
    this.#confined.set(label, known);
    return kinds.map((kind) => {
      const own = known.get(kind) ?? this.#confine(kind, key, value);
      known.set(kind, own);
      return own;
    });
  }

  #confine(kind: number, key: string, value: string): number {
    const pod = confined(this.#pods[kind] as Pod, key, value);
    const own = pod === null ? -1 : this.#pods.push(pod) - 1;
    if (pod !== null) this.#requests.push(this.#requestFor(pod));
    return own;
  }

  #placeRequest(request: PodRequest): number {
    if (this.#claimants.has(request)) return this.#withClaims(request, (own) => this.#choose(own));
    const slot = this.#choose(request);
    return slot < 0 ? -1 : this.#assume(slot, request);
  }

  /** Puts a pod with its own claims on the slot that `choose` finds; returns its row, −1 for none. */
  #withClaims(request: PodRequest, choose: (own: PodRequest) => number): number {
    const claims = this.#claims as PlacementClaims;
    const kind = this.#podOf.get(request) as Pod;
    const pod = claims.pod(kind);
    const slot = choose({ ...request, pod });
    if (slot < 0) {
      claims.release(pod);
      return -1;
    }
    const row = this.core.assume(slot, request.podClass, this.#active);
    this.core.pods.setObject(row, pod);
    claims.satisfy(pod, slot);
    this.#claiming.set(row, pod);
    return row;
  }

  #assume(slot: number, request: PodRequest): number {
    const row = this.core.assume(slot, request.podClass, this.#active);
    this.#know(row, request);
    return row;
  }

  /** Preemption tells pods apart and reads priorities, which no class holds. */
  #know(row: number, { pod }: PodRequest): void {
    if (!this.#preemption || pod === undefined) return;
    const metadata = { ...pod.metadata, name: `${pod.metadata.name}-${this.#serial++}` };
    this.core.pods.setObject(row, { ...pod, metadata });
  }

  #choose(request: PodRequest): number {
    const { module } = this.#policies[this.#active] ?? {};
    if (module !== undefined) return this.#watched(request, module, () => this.#askModule(request, module));
    this.core.choose(request, this.#active, this.#selection);
    return this.#selection.slot;
  }

  #askModule(request: PodRequest, { name, policy }: NamedModule): number {
    if (policy.place !== undefined) {
      const fits = (slot: number): boolean => this.core.fits(request, this.#active, slot);
      return userPlace(name, policy.place, request, this.core.nodes, this.#views, fits);
    }
    this.core.choose(request, this.#active, this.#selection);
    return this.#selection.slot;
  }

  /** What may call a user's module, with the module's watch told. */
  #watched<T>(request: PodRequest, module: NamedModule | undefined, work: () => T): T {
    if (module?.watch === undefined) return work();
    module.watch.begin(request.pod ?? (this.#podOf.get(request) as Pod));
    try {
      return work();
    } finally {
      module.watch.end();
    }
  }

  /** Which pods would have to go for a pod of a kind that found no node; null when preemption does not help. */
  victimsFor(kind: number): Eviction | null {
    const request = this.#requests[kind] as PodRequest;
    return this.#preemption ? this.#asked(request, (own) => this.#victimsOf(own)) : null;
  }

  /** Why no node will do for a pod of a kind now, as kube-scheduler says it; '' where one would. */
  refusalOf(kind: number): string {
    return this.#asked(this.#requests[kind] as PodRequest, (own) => {
      const { module } = this.#policies[this.#active] ?? {};
      this.#watched(own, module, () => this.core.select(own, this.#active, this.#selection));
      return this.#selection.slot >= 0 ? '' : this.core.diagnosis.message();
    });
  }

  /** What is found out about a pod, with the claims that would be made for it there meanwhile. */
  #asked<T>(request: PodRequest, question: (own: PodRequest) => T): T {
    if (!this.#claimants.has(request)) return question(request);
    const claims = this.#claims as PlacementClaims;
    const pod = claims.pod(this.#podOf.get(request) as Pod);
    const answer = question({ ...request, pod });
    claims.release(pod);
    return answer;
  }

  /** Which pods would have to go for a group that found too few nodes; null when preemption does not help. */
  victimsForGroup(demand: GroupDemand): GroupEviction | null {
    if (!this.#preemption || !this.core.postFilterNames(this.#active).includes('DefaultPreemption')) return null;
    if (demand.wanted > demand.kinds.length) return null;
    const kinds = demand.kinds.map((kind) => this.#pods[kind] as Pod);
    const claims = this.#claims;
    const pods = kinds.map((kind, i) => {
      if (claims?.concern(kind)) return claims.pod(kind);
      return { ...kind, metadata: { ...kind.metadata, name: `${kind.metadata.name}-waiting-${i}` } };
    });
    const group = {
      priority: Math.min(...kinds.map(({ spec }) => spec.priority ?? 0)),
      members: pods.map((pod) => podInfoOf(pod)),
      wanted: demand.wanted,
      topologyKey: demand.topologyKey,
      required: requiredDomain(this, demand),
    };
    const found = this.core.preemptForGroup(group, this.#active);
    if (claims !== null) for (const pod of pods) claims.release(pod);
    if (typeof found === 'string') return null;
    const victims = new Set(found.victims.map(({ pod }) => pod));
    const rows: number[] = [];
    for (let node = 0; rows.length < victims.size && node < this.core.nodes.slotCount; node++) {
      for (const row of this.rowsOn(node)) {
        const pod = this.core.pods.objectOf(row);
        if (pod !== undefined && victims.has(pod)) rows.push(row);
      }
    }
    const nodes = group.members.map(({ key }) => {
      const name = found.nodeOf.get(key);
      return name === undefined ? -1 : this.core.nodes.find(name);
    });
    return { rows, nodes, pdbViolations: found.pdbViolations };
  }

  #victimsOf(request: PodRequest): Eviction | null {
    const { module } = this.#policies[this.#active] ?? {};
    this.#watched(request, module, () => this.core.select(request, this.#active, this.#selection));
    if (this.#selection.slot >= 0) return null;
    const best = this.core.preempt(request, this.#active, this.#draws)?.candidate ?? null;
    if (best === null) return null;
    const node = this.core.nodes.find(best.nodeName);
    const victims = new Set(best.victims.map(({ pod }) => pod));
    const rows = this.rowsOn(node).filter((row) => {
      const pod = this.core.pods.objectOf(row);
      return pod !== undefined && victims.has(pod);
    });
    return { node, rows, pdbViolations: best.pdbViolations };
  }

  /**
   * What a policy (0 or 1) thinks of the nodes that fit a pod of a kind now; best first, then in search order; nothing of a policy that
   * gives no scores. Nothing is placed.
   */
  scoresOf(kind: number, policy: 0 | 1): ScoredNode[] {
    const { module } = this.#policies[policy] ?? {};
    if (module?.policy.place !== undefined) return [];
    const totals = new Map<number, number>();
    const request = this.#requests[kind] as PodRequest;
    if (this.#claimants.has(request)) return this.#scoresWithClaims(request, policy);
    const add = (_plugin: string, slot: number, weighted: number): void => {
      totals.set(slot, (totals.get(slot) ?? 0) + weighted);
    };
    this.#watched(request, module, () => this.core.explain(request, policy, add));
    return [...totals].map(([node, score]) => ({ node, score })).sort((a, b) => b.score - a.score);
  }

  #scoresWithClaims(request: PodRequest, policy: 0 | 1): ScoredNode[] {
    const { nodes } = this.core;
    const { feasible, totals } = this.#asked(request, (own) =>
      this.core.decide(own.pod as Pod, policy, configurationOf(this.core.profile(policy))),
    );
    const scored = feasible.map(({ name }, i) => ({ node: nodes.find(name), score: totals[i] ?? 0 }));
    return scored.sort((a, b) => b.score - a.score);
  }

  /** Nodes that were as good as the chosen one in the last placement, that one included; 1 without a choice. */
  get lastTies(): number {
    return Math.max(1, this.#selection.ties ?? 1);
  }

  /** Puts a pod of a kind on a node without asking anybody, as one that was bound before; returns its row. */
  bind(kind: number, node: number): number {
    const request = this.#requests[kind] as PodRequest;
    return this.#claimants.has(request) ? this.#withClaims(request, () => node) : this.#assume(node, request);
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
      if (nodes.lacks(node, resources[i] as number, amounts[i] as number)) return false;
    }
    if (shape.gpu !== null && !nodes.gpus.fits(node, shape.gpu)) return false;
    return fitsNodeAffinity((this.#pods[kind] as Pod).spec, object);
  }

  /** Whether a pod of a kind may run on a node whatever else is placed: room, node affinity, taints. */
  couldHost(kind: number, node: number): boolean {
    const { nodes } = this.core;
    if (!this.hasRoom(kind, node)) return false;
    const { spec } = this.#pods[kind] as Pod;
    const taints = nodes.nodes[node]?.spec?.taints ?? [];
    const cordoned = nodes.unschedulable[node] === 1 ? [CORDON] : [];
    return firstUntolerated(spec.tolerations ?? [], [...taints, ...cordoned]) === null;
  }

  /** What pods of a kind are to the scheduler. */
  shapeOf(kind: number): PodShape {
    return (this.#requests[kind] as PodRequest).podClass.shape;
  }

  /** What a pod of a kind asks for. */
  demandOf(kind: number): PodDemand {
    return this.#demands[kind] as PodDemand;
  }

  /** A node (by its object) is lost, or back. Lost, it takes no pods; those that are on it are the caller's to remove. */
  setLost(node: Node, lost: boolean): void {
    const allocatable = { ...node.status?.allocatable, pods: '0' };
    this.core.putNode(lost ? ({ ...node, status: { ...node.status, allocatable } } as Node) : node);
  }

  /** How many evictions a budget allows from now on. */
  setBudget(budget: PodDisruptionBudget, disruptionsAllowed: number): void {
    this.core.putObject({ ...budget, status: { ...budget.status, disruptionsAllowed } } as PodDisruptionBudget);
  }

  /** Rows of the pods on a node, oldest first. */
  rowsOn(node: number): number[] {
    const { pods, nodes } = this.core;
    const rows: number[] = [];
    for (let row = nodes.firstPod[node] as number; row >= 0; row = pods.nextOf(row)) rows.push(row);
    return rows.reverse();
  }

  /** A placed pod goes, and the claims that were made for it. */
  remove(row: number): void {
    this.core.removePod(row);
    const pod = this.#claiming.get(row);
    if (pod === undefined) return;
    this.#claiming.delete(row);
    this.#claims?.release(pod);
  }

  /** Index of the node of a placed pod. */
  nodeOf(row: number): number {
    return this.core.pods.slotOf(row);
  }
}

function withModule(profile: Profile, module: NamedModule | undefined): Profile {
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
