/**
 * What policies are compared on: nodes, kinds of pods, and rows of pods. Plain data, sent once to each worker thread.
 */
import type { Node, Pod } from '../../core/cluster/vocabulary.ts';
import type { WorkloadFacts } from './compare-result.ts';

/** A comparison's nodes and pods. */
export interface CompareWorkload {
  readonly name: string;
  readonly source: string;
  readonly nodes: readonly Node[];
  /** Kinds of pods; the same object for all that ask for the same. */
  readonly kinds: readonly Pod[];
  /** Kind of each pod that is to be placed. */
  readonly kindOf: Int32Array;
  /** Lifetime of each pod, s; null = drawn. */
  readonly lifetimesS: Float64Array | null;
  /** Time that the pods were spread over, s. */
  readonly spanS: number;
  /** Pods that are bound already and stay: kind and node index, in pairs. */
  readonly bound: Int32Array;
  /** Fixed arrivals by seed, as rows of {@link kindOf}; null = drawn. */
  readonly orders: ReadonlyMap<number, Int32Array> | null;
  /** Fixed search order of the nodes by seed: node indexes; null = drawn or by a rule. */
  readonly nodeOrders: ReadonlyMap<number, Int32Array> | null;
}

/** The facts that a report shows. */
export function workloadFacts(workload: CompareWorkload, gpus: number): WorkloadFacts {
  return {
    name: workload.name,
    source: workload.source,
    nodes: workload.nodes.length,
    gpus,
    pods: workload.kindOf.length,
    kinds: workload.kinds.length,
    demandIn: gpus > 0 ? 'gpu' : 'cpu',
  };
}
