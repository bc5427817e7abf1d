/**
 * What policies are compared on: nodes, kinds of pods, and rows of pods. Plain data, sent once to each worker thread.
 */
import { GPU_COUNT, GPU_WHOLE } from '../../core/cluster/placement.ts';
import type { DeviceGate, KubeObject, Node, Pod } from '../../core/cluster/vocabulary.ts';
import type { WorkloadFacts } from './compare-result.ts';

/** When a gang may run. */
export interface GangRule {
  /** How many of its pods must have a node, beside those that are bound; it may have fewer, and then never runs. */
  readonly needed: number;
  /** The label whose value their nodes share, where gangs get their nodes together; '' for none. */
  readonly topologyKey: string;
}

/** A comparison's nodes and pods. */
export interface CompareWorkload {
  readonly name: string;
  readonly source: string;
  readonly nodes: readonly Node[];
  /** Kinds of pods; the same object for all that ask for the same. */
  readonly kinds: readonly Pod[];
  /** Kind of each pod that is to be placed. */
  readonly kindOf: Int32Array;
  /** How many of these, the last ones, are pods of a dump that wait for a node beside manifests. */
  readonly waiting: number;
  /** Lifetime of each pod, s; NaN, or null for all = drawn. */
  readonly lifetimesS: Float64Array | null;
  /** Gang of each pod, −1 for none; null without gangs. Pods of one gang arrive together and start together. */
  readonly gangOf: Int32Array | null;
  /** What each gang needs, by number. */
  readonly gangRules: readonly GangRule[];
  /** Services, owners and budgets that spreading by default and preemption look up. */
  readonly objects: readonly KubeObject[];
  /** Feature gates of devices that are on. */
  readonly deviceGates: readonly DeviceGate[];
  /** Time that the pods were spread over, s. */
  readonly spanS: number;
  /** Pods that are bound already and stay: kind and node index, in pairs. */
  readonly bound: Int32Array;
  /** Nodes that cannot go, since pods are bound there that do not come and go with their node. */
  readonly keptNodes: readonly number[];
  /** Fixed arrivals by seed, as rows of {@link kindOf}; null = drawn. */
  readonly orders: ReadonlyMap<number, Int32Array> | null;
  /** Fixed search order of the nodes by seed: node indexes; null = drawn or by a rule. */
  readonly nodeOrders: ReadonlyMap<number, Int32Array> | null;
}

/** What the gang of a row needs; null where it is of none. */
export function gangRuleOf({ gangOf, gangRules }: CompareWorkload, row: number): GangRule | null {
  return gangRules[gangOf?.[row] ?? -1] ?? null;
}

/** Devices of all nodes, as their objects say. */
export function gpuCount({ nodes }: CompareWorkload): number {
  const count = (node: Node): number => {
    const list = node.status?.allocatable ?? {};
    return Number(list[GPU_COUNT] ?? list[GPU_WHOLE] ?? 0);
  };
  return nodes.reduce((sum, node) => sum + count(node), 0);
}

/** The facts that a report shows. */
export function workloadFacts(workload: CompareWorkload): WorkloadFacts {
  const gpus = gpuCount(workload);
  return {
    name: workload.name,
    source: workload.source,
    nodes: workload.nodes.length,
    gpus,
    pods: workload.kindOf.length,
    // Pods that stand on their nodes from the beginning are no pods to place: their kinds do not count either.
    kinds: new Set(workload.kindOf).size,
    demandIn: gpus > 0 ? 'gpu' : 'cpu',
  };
}
